// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// A JSON value that remembers where it stood. Ours because the libraries at hand give no positions, and an error in a
/// config must say its line and column.
struct JsonText {
    enum class Kind : std::uint8_t { Null, Bool, Number, String, Array, Object };
    struct Member;

    Kind kind = Kind::Null;
    int line = 1, column = 1; ///< of its first byte, counted from 1; columns count characters
    bool boolean = false;
    std::string text; ///< a string's value, or a number as it is written
    std::vector<JsonText> items;
    std::vector<Member> members; ///< in document order; names may repeat

    const JsonText *find(std::string_view name) const;
    /// `a string`, `an object`, … for messages.
    std::string_view kindName() const;
};

struct JsonText::Member {
    std::string name;
    int line = 1, column = 1;
    JsonText value;
};

struct JsonSyntaxError {
    int line = 1, column = 1;
    std::string message;
};

struct JsonReading {
    std::optional<JsonText> value;
    std::optional<JsonSyntaxError> error;
};

/// Reads JSON with `//` and `/* */` comments, trailing commas and a byte order mark. Nesting is bounded at 64, size at
/// 16 MiB.
JsonReading readJsonText(std::string_view text);

} // namespace keymux
