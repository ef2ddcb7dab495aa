// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "dialects/requesthead.h"

#include <charconv>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace keymux {

/// Walks over JSON text, checking it strictly (RFC 8259, UTF-8) without building anything. Our own, because a request
/// must be changed in place: parsers that know where a member stands in the text need a padded copy of it, and those
/// that build a tree lose the bytes.
class JsonScanner {
public:
    static constexpr int maxDepth = 512;

    explicit JsonScanner(std::string_view text) : m_text(text) {}

    /// Called for each member: the name with its quotes, its place, and the place of the value.
    using OnMember = std::function<void(std::string_view name, ByteSpan nameSpan, ByteSpan value)>;
    /// Gives where the text bytes of a member's value are to be counted, or null.
    using CountText = std::function<std::int64_t *(std::string_view name)>;

    /// Reads one object, the position being at its brace. False when it is not well-formed; then problem() says why.
    bool object(const OnMember &onMember, const CountText &countText = {});
    /// True when the text from here on is one value and nothing else but space.
    bool wholeValue();

    void skipSpace();
    bool atEnd() const { return m_at >= m_text.size(); }
    char peek() const { return m_text[m_at]; }
    std::size_t position() const { return m_at; }
    /// What is wrong and at which byte.
    std::string problem() const;

private:
    bool value(int depth);
    bool container(int depth);
    bool string();
    bool escape();
    bool utf8();
    bool number();
    bool literal(std::string_view word);
    bool fail(const char *what);
    void countString(std::size_t begin);

    std::string_view m_text;
    std::size_t m_at = 0;
    const char *m_problem = nullptr;
    std::int64_t *m_textBytes = nullptr;
};

/// The text of a well-formed JSON string, given with its quotes.
std::string unescapedJsonString(std::string_view quoted);

/// As a JSON string with its quotes.
std::string quotedJsonString(std::string_view text);

} // namespace keymux
