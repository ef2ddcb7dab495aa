// SPDX-License-Identifier: GPL-3.0-or-later
#include "theme/theme.h"
#include "window/mainwindow.h"

#include <QApplication>
#include <QCommandLineParser>
#include <QLibraryInfo>
#include <QLocale>
#include <QSettings>
#include <QStandardPaths>
#include <QTranslator>
#include <csignal>

using namespace Qt::StringLiterals;

namespace {

/// The person's language, or the one they chose; Qt's own dialogs follow.
void translate(QApplication &application)
{
    const QString chosen = QSettings().value(u"language"_s).toString();
    const QLocale locale = chosen.isEmpty() ? QLocale() : QLocale(chosen);
    QLocale::setDefault(locale);
    auto *own = new QTranslator(&application), *qt = new QTranslator(&application);
    if (qt->load(locale, u"qtbase"_s, u"_"_s, QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QApplication::installTranslator(qt);
    if (own->load(locale, u"keymux"_s, u"_"_s, u":/keymux/translations"_s))
        QApplication::installTranslator(own);
}

} // namespace

int main(int argc, char **argv)
{
    QApplication application(argc, argv);
    QApplication::setOrganizationName(u"keymux"_s);
    QApplication::setApplicationName(u"keymux-admin"_s);
    QApplication::setApplicationVersion(QLatin1StringView(KEYMUX_VERSION));
    QGuiApplication::setDesktopFileName(u"keymux-admin"_s);
    QSettings::setDefaultFormat(QSettings::IniFormat);
    translate(application);
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
