// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace keymux {

/// Appends a code point, which must be no surrogate.
void appendUtf8(std::string &out, std::uint32_t code);

/// The bytes of the character that the text begins with; 0 when it begins with none (RFC 3629).
std::size_t utf8Length(std::string_view text);

/// What a hexadecimal digit stands for; -1 when it is none.
int hexDigit(char c);

} // namespace keymux
