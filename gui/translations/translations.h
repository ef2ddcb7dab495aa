// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QLocale>

class QCoreApplication;

namespace keymux::gui {

/// Makes the program speak that language from now on, where it knows it, and Qt's own dialogs with it; else English.
void translate(QCoreApplication &application, const QLocale &locale);

} // namespace keymux::gui
