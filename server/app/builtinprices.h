// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace keymux {

/// The text of resources/prices.json as it was when the program was built.
std::string_view builtinPrices();

} // namespace keymux
