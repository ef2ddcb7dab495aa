// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "log/log.h"

#include <QtGlobal>
#include <string>
#include <string_view>

namespace keymux {

/// One line of the log with its line feed. Control characters in the message are escaped, so that nothing from outside
/// can forge a line.
std::string logLine(LogFormat format, TimePoint at, QtMsgType type, std::string_view category,
                    std::string_view message);

} // namespace keymux
