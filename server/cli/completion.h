// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>
#include <string_view>

namespace CLI {
class App;
}

namespace keymux {

enum class Shell { Bash, Zsh, Fish };

/// Writes a completion script for every command and flag of the program. Made from the command line itself, so it never
/// lags behind it.
void writeCompletion(const CLI::App &app, Shell shell, std::ostream &out);

} // namespace keymux
