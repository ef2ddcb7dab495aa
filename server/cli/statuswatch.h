// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/poolcommands.h"

#include <iosfwd>
#include <string>

namespace keymux {

/// Shows the pool again and again: on a terminal in place, else one block an interval; with `json` one document a line.
/// A server that does not answer is said and asked again. Gives the exit code: 0 when somebody ended it.
int watchStatus(const StatusOptions &options, const std::string &stateDir, std::ostream &out);

} // namespace keymux
