// SPDX-License-Identifier: GPL-3.0-or-later
#include "translations/translations.h"

#include <QCoreApplication>
#include <QLibraryInfo>
#include <QTranslator>

using namespace Qt::StringLiterals;

namespace keymux::gui {

void translate(QCoreApplication &application, const QLocale &locale)
{
    QLocale::setDefault(locale);
    auto *own = new QTranslator(&application), *qt = new QTranslator(&application);
    if (qt->load(locale, u"qtbase"_s, u"_"_s, QLibraryInfo::path(QLibraryInfo::TranslationsPath)))
        QCoreApplication::installTranslator(qt);
    const QString folder = u":/keymux/translations"_s;
    if (own->load(locale, u"keymux"_s, u"_"_s, folder) || own->load(u"keymux_en"_s, folder))
        QCoreApplication::installTranslator(own);
}

} // namespace keymux::gui
