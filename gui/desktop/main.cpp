// SPDX-License-Identifier: GPL-3.0-or-later
#include "theme/theme.h"
#include "translations/translations.h"
#include "window/mainwindow.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QLocale>
#include <QSettings>
#include <QStandardPaths>
#include <sys/resource.h>

using namespace Qt::StringLiterals;

int main(int argc, char **argv)
{
    // Secrets that are shown or copied are in this process' memory: it leaves no core file.
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    QApplication application(argc, argv);
    QApplication::setOrganizationName(u"keymux"_s);
    QApplication::setApplicationName(u"keymux-admin"_s);
    QApplication::setApplicationVersion(QLatin1StringView(KEYMUX_VERSION));
    QGuiApplication::setDesktopFileName(u"keymux-admin"_s);
    QSettings::setDefaultFormat(QSettings::IniFormat);
    const QString language = QSettings().value(u"language"_s).toString();
    keymux::gui::translate(application, language.isEmpty() ? QLocale() : QLocale(language));
    QCommandLineParser parser;
    parser.setApplicationDescription(QApplication::translate("main",
                                                             "The desktop of Keymux: edits the pool of a gateway, "
                                                             "keeps its secrets in the keychain, mints virtual "
                                                             "keys and shows what happens."));
    parser.addHelpOption();
    parser.addVersionOption();
    parser.process(application);
    keymux::gui::Theme theme(application);
    keymux::gui::MainWindow window(theme, QStandardPaths::writableLocation(QStandardPaths::AppDataLocation));
    window.show();
    window.begin();
    return QApplication::exec();
}
