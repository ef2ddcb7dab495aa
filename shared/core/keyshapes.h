// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string>
#include <string_view>

namespace keymux {

/// The text with `***` in place of whatever is shaped like a provider's key. Only for hiding: nobody judges a key by
/// its shape.
std::string withoutKeyShapes(std::string_view text);

} // namespace keymux
