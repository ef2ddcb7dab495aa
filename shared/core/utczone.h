// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTimeZone>

namespace keymux {

/// UTC as QDateTime wants to be told of it: since Qt 6.5 by a time zone, before it by a constant of its own.
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
inline constexpr auto utcZone = QTimeZone::UTC;
#else
inline constexpr auto utcZone = Qt::UTC;
#endif

} // namespace keymux
