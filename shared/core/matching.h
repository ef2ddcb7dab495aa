// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace keymux {

/// Does the name hold a `*`? Nothing else is special: brackets, dots and plus signs are themselves.
bool isGlob(std::string_view pattern);

/// Matches the whole name; `*` stands for any run of bytes, also none. Linear in the name's length for each `*`.
bool globMatches(std::string_view pattern, std::string_view name);

} // namespace keymux
