// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jsontext.h"

#include "core/utf8.h"

#include <cstdlib>

namespace keymux {

namespace {

constexpr int maxDepth = 64;
constexpr std::size_t maxSize = 16 << 20;

class Reader {
public:
    explicit Reader(std::string_view text) : m_text(text) {}

    JsonReading read()
    {
        JsonReading result;
        if (m_text.size() > maxSize) {
            result.error = {1, 1, "the document is larger than 16 MiB"};
            return result;
        }
        if (m_text.starts_with("\xef\xbb\xbf"))
            m_at = 3;
        JsonText root;
        if (space() && value(root, 0) && space() && !m_error && m_at < m_text.size())
            fail("there is more text after the document's end");
        if (m_error)
            result.error = m_error;
        else
            result.value = std::move(root);
        return result;
    }

private:
    bool fail(std::string message)
    {
        if (!m_error)
            m_error = JsonSyntaxError{m_line, m_column, std::move(message)};
        return false;
    }

    bool atEnd() const { return m_at >= m_text.size(); }
    char peek() const { return atEnd() ? '\0' : m_text[m_at]; }

    void advance(std::size_t count = 1)
    {
        for (; count > 0 && !atEnd(); --count, ++m_at) {
            if (m_text[m_at] == '\n') {
                ++m_line;
                m_column = 1;
            } else if ((static_cast<unsigned char>(m_text[m_at]) & 0xc0) != 0x80) {
                ++m_column; // a character's first byte; the others of it do not count
            }
        }
    }

    /// Space and comments.
    bool space()
    {
        for (;;) {
            while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')
                advance();
            if (m_text.substr(m_at, 2) == "//") {
                while (!atEnd() && peek() != '\n')
                    advance();
            } else if (m_text.substr(m_at, 2) == "/*") {
                const std::size_t end = m_text.find("*/", m_at + 2);
                if (end == std::string_view::npos)
                    return fail("this comment is not closed with */");
                advance(end + 2 - m_at);
            } else {
                return true;
            }
        }
    }

    bool value(JsonText &out, int depth)
    {
        out.line = m_line;
        out.column = m_column;
        if (atEnd())
            return fail("the document ends where a value is expected");
        if (depth > maxDepth)
            return fail("the document is nested more than 64 deep");
        switch (peek()) {
        case '{':
            return object(out, depth);
        case '[':
            return array(out, depth);
        case '"':
            out.kind = JsonText::Kind::String;
            return string(out.text);
        default:
            return literal(out);
        }
    }

    bool object(JsonText &out, int depth)
    {
        out.kind = JsonText::Kind::Object;
        advance();
        for (;;) {
            if (!space())
                return false;
            if (peek() == '}') {
                advance();
                return true;
            }
            JsonText::Member member;
            member.line = m_line;
            member.column = m_column;
            if (peek() != '"')
                return fail(atEnd() ? "this object is not closed with }"
                                    : "a name in double quotes, or }, is expected here");
            if (!string(member.name) || !space())
                return false;
            if (peek() != ':')
                return fail("a colon is expected after the name");
            advance();
            if (!space() || !value(member.value, depth + 1) || !space())
                return false;
            out.members.push_back(std::move(member));
            if (peek() == ',')
                advance();
            else if (peek() != '}')
                return fail(atEnd() ? "this object is not closed with }" : "a comma or } is expected here");
        }
    }

    bool array(JsonText &out, int depth)
    {
        out.kind = JsonText::Kind::Array;
        advance();
        for (;;) {
            if (!space())
                return false;
            if (peek() == ']') {
                advance();
                return true;
            }
            out.items.emplace_back();
            if (!value(out.items.back(), depth + 1) || !space())
                return false;
            if (peek() == ',')
                advance();
            else if (peek() != ']')
                return fail(atEnd() ? "this list is not closed with ]" : "a comma or ] is expected here");
        }
    }

    bool literal(JsonText &out)
    {
        std::size_t length = 0;
        while (m_at + length < m_text.size() &&
               std::string_view(" \t\r\n,:]}[{\"/").find(m_text[m_at + length]) == std::string_view::npos)
            ++length;
        const std::string_view word = m_text.substr(m_at, length);
        if (word == "true" || word == "false") {
            out.kind = JsonText::Kind::Bool;
            out.boolean = word == "true";
        } else if (word == "null") {
            out.kind = JsonText::Kind::Null;
        } else if (isNumber(word)) {
            out.kind = JsonText::Kind::Number;
            out.text = word;
        } else {
            return fail("a value is expected here: a string in double quotes, a number, true, false, null, { or [");
        }
        advance(length);
        return true;
    }

    static bool isNumber(std::string_view word)
    {
        std::size_t i = 0;
        const auto digits = [&] {
            const std::size_t begin = i;
            while (i < word.size() && word[i] >= '0' && word[i] <= '9')
                ++i;
            return i > begin;
        };
        if (word.starts_with('-'))
            ++i;
        if (i < word.size() && word[i] == '0')
            ++i;
        else if (!digits())
            return false;
        if (i < word.size() && word[i] == '.') {
            ++i;
            if (!digits())
                return false;
        }
        if (i < word.size() && (word[i] == 'e' || word[i] == 'E')) {
            ++i;
            if (i < word.size() && (word[i] == '+' || word[i] == '-'))
                ++i;
            if (!digits())
                return false;
        }
        return i == word.size();
    }

    bool string(std::string &out)
    {
        advance();
        for (;;) {
            if (atEnd() || peek() == '\n')
                return fail("this string is not closed with a double quote");
            const char c = peek();
            if (c == '"') {
                advance();
                return true;
            }
            if (static_cast<unsigned char>(c) < 0x20)
                return fail("a control character in a string must be escaped");
            if (c == '\\') {
                if (!escape(out))
                    return false;
                continue;
            }
            const std::size_t length = utf8Length(m_text.substr(m_at, 4));
            if (length == 0)
                return fail("this is not UTF-8");
            out += m_text.substr(m_at, length);
            advance(length);
        }
    }

    bool escape(std::string &out)
    {
        constexpr std::string_view from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
        const char kind = m_at + 1 < m_text.size() ? m_text[m_at + 1] : '\0';
        if (const std::size_t at = from.find(kind); kind != '\0' && at != std::string_view::npos) {
            out += to[at];
            advance(2);
            return true;
        }
        std::uint32_t code = 0;
        if (kind != 'u' || !hex4(m_at + 2, code))
            return fail("there is no such escape; use \\\\ for a backslash");
        advance(6);
        std::uint32_t low = 0;
        if (code >= 0xd800 && code < 0xdc00 && m_text.substr(m_at, 2) == "\\u" && hex4(m_at + 2, low) &&
            low >= 0xdc00 && low < 0xe000) {
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
            advance(6);
        }
        if (code >= 0xd800 && code < 0xe000)
            return fail("half of a surrogate pair is no character");
        appendUtf8(out, code);
        return true;
    }

    bool hex4(std::size_t at, std::uint32_t &code) const
    {
        if (at + 4 > m_text.size())
            return false;
        code = 0;
        for (char c : m_text.substr(at, 4)) {
            const int digit = hexDigit(c);
            if (digit < 0)
                return false;
            code = code << 4 | std::uint32_t(digit);
        }
        return true;
    }

    std::string_view m_text;
    std::size_t m_at = 0;
    int m_line = 1, m_column = 1;
    std::optional<JsonSyntaxError> m_error;
};

} // namespace

const JsonText *JsonText::find(std::string_view name) const
{
    for (const Member &member : members) {
        if (member.name == name)
            return &member.value;
    }
    return nullptr;
}

std::string_view JsonText::kindName() const
{
    switch (kind) {
    case Kind::Null:
        return "null";
    case Kind::Bool:
        return "a boolean";
    case Kind::Number:
        return "a number";
    case Kind::String:
        return "a string";
    case Kind::Array:
        return "a list";
    case Kind::Object:
        return "an object";
    }
    return "null";
}

JsonReading readJsonText(std::string_view text)
{
    return Reader(text).read();
}

} // namespace keymux
