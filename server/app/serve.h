// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/commandline.h"

namespace keymux {

/// Runs the gateway until it is told to stop. Gives the exit code: 0 after a drain, 1 when it could not start.
int serve(const ServeOptions &options);

} // namespace keymux
