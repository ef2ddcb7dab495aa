// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace keymux {

/// Tells the service manager that started us what we are doing: `READY=1`, `STOPPING=1`, `STATUS=…`, lines apart. Does
/// nothing when there is none ($NOTIFY_SOCKET, see sd_notify(3)). Never blocks, never fails the caller.
void tellServiceManager(std::string_view state);

/// `RELOADING=1` with the time that goes with it; `READY=1` must follow.
void tellServiceManagerOfReload();

} // namespace keymux
