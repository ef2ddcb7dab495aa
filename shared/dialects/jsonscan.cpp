// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/jsonscan.h"

#include "core/utf8.h"

#include <array>
#include <cstring>

namespace keymux {

namespace {

/// Bytes that go through a string unchanged and need no second look: printable ASCII but quote and backslash.
constexpr std::array<bool, 256> makePlain()
{
    std::array<bool, 256> plain{};
    for (int c = 0x20; c < 0x80; ++c)
        plain[std::size_t(c)] = c != '"' && c != '\\';
    return plain;
}
constexpr std::array<bool, 256> plainByte = makePlain();

/// True when all eight bytes are plain: long strings (pictures in base64) are walked over eight bytes at a time.
bool allPlain(const char *bytes)
{
    std::uint64_t word;
    std::memcpy(&word, bytes, 8);
    constexpr std::uint64_t ones = 0x0101010101010101ULL, highs = 0x8080808080808080ULL;
    const auto hasZero = [](std::uint64_t w) { return (w - ones) & ~w & highs; };
    const std::uint64_t control = (word - ones * 0x20) & ~word & highs;
    return !((word & highs) | control | hasZero(word ^ (ones * '"')) | hasZero(word ^ (ones * '\\')));
}

std::uint32_t hex4(std::string_view text, std::size_t at)
{
    std::uint32_t code = 0;
    for (std::size_t i = at; i < at + 4; ++i)
        code = code << 4 | std::uint32_t(hexDigit(text[i]));
    return code;
}

} // namespace

bool JsonScanner::fail(const char *what)
{
    if (!m_problem)
        m_problem = what;
    return false;
}

std::string JsonScanner::problem() const
{
    return std::string(m_problem ? m_problem : "it ends too early") + " at byte " + std::to_string(m_at);
}

void JsonScanner::skipSpace()
{
    while (m_at < m_text.size() &&
           (m_text[m_at] == ' ' || m_text[m_at] == '\n' || m_text[m_at] == '\r' || m_text[m_at] == '\t'))
        ++m_at;
}

bool JsonScanner::object(const OnMember &onMember, const CountText &countText)
{
    ++m_at;
    skipSpace();
    if (!atEnd() && peek() == '}') {
        ++m_at;
        return true;
    }
    for (;;) {
        skipSpace();
        if (atEnd() || peek() != '"')
            return fail("a member's name in quotes is missing");
        const std::size_t nameBegin = m_at;
        if (!string())
            return false;
        const ByteSpan nameSpan{nameBegin, m_at};
        const std::string_view name = m_text.substr(nameBegin, m_at - nameBegin);
        skipSpace();
        if (atEnd() || peek() != ':')
            return fail("a colon is missing");
        ++m_at;
        skipSpace();
        const std::size_t begin = m_at;
        m_textBytes = countText ? countText(name) : nullptr;
        const bool good = value(1);
        m_textBytes = nullptr;
        if (!good)
            return false;
        onMember(name, nameSpan, {begin, m_at});
        skipSpace();
        if (atEnd())
            return fail("the object is not closed");
        const char next = m_text[m_at++];
        if (next == '}')
            return true;
        if (next != ',') {
            --m_at;
            return fail("a comma or a closing brace is missing");
        }
    }
}

bool JsonScanner::wholeValue()
{
    skipSpace();
    if (!value(0))
        return false;
    skipSpace();
    return atEnd() || fail("there is more text after the value");
}

bool JsonScanner::value(int depth)
{
    if (atEnd())
        return fail("a value is missing");
    switch (peek()) {
    case '{':
    case '[':
        return depth < maxDepth ? container(depth) : fail("it is nested too deeply");
    case '"': {
        const std::size_t begin = m_at;
        if (!string())
            return false;
        countString(begin);
        return true;
    }
    case 't':
        return literal("true");
    case 'f':
        return literal("false");
    case 'n':
        return literal("null");
    default:
        return number();
    }
}

/// An object or an array inside a value; recursion is bounded by maxDepth.
bool JsonScanner::container(int depth)
{
    const bool isObject = peek() == '{';
    const char close = isObject ? '}' : ']';
    ++m_at;
    skipSpace();
    if (!atEnd() && peek() == close) {
        ++m_at;
        return true;
    }
    for (;;) {
        skipSpace();
        bool audioData = false;
        if (isObject) {
            if (atEnd() || peek() != '"')
                return fail("a member's name in quotes is missing");
            const std::size_t name = m_at;
            if (!string())
                return false;
            audioData = m_text.substr(name, m_at - name) == "\"data\"";
            skipSpace();
            if (atEnd() || peek() != ':')
                return fail("a colon is missing");
            ++m_at;
            skipSpace();
        }
        if (audioData && !atEnd() && peek() == '"') {
            if (!string())
                return false;
        } else if (!value(depth + 1)) {
            return false;
        }
        skipSpace();
        if (atEnd())
            return fail(isObject ? "the object is not closed" : "the array is not closed");
        const char next = m_text[m_at++];
        if (next == close)
            return true;
        if (next != ',') {
            --m_at;
            return fail("a comma or a closing bracket is missing");
        }
    }
}

/// Counts a string as text unless it is a data: URI, which is a picture or a sound.
void JsonScanner::countString(std::size_t begin)
{
    if (!m_textBytes)
        return;
    const std::string_view text = m_text.substr(begin + 1, m_at - begin - 2);
    if (!text.starts_with("data:"))
        *m_textBytes += std::int64_t(text.size());
}

bool JsonScanner::string()
{
    ++m_at;
    for (;;) {
        while (m_at + 8 <= m_text.size() && allPlain(m_text.data() + m_at))
            m_at += 8;
        while (m_at < m_text.size() && plainByte[static_cast<unsigned char>(m_text[m_at])])
            ++m_at;
        if (atEnd())
            return fail("a string is not closed");
        const auto c = static_cast<unsigned char>(m_text[m_at]);
        if (c == '"') {
            ++m_at;
            return true;
        }
        if (c < 0x20)
            return fail("a control character in a string is not escaped");
        if (c == '\\' ? !escape() : !utf8())
            return false;
    }
}

bool JsonScanner::escape()
{
    if (m_at + 1 >= m_text.size())
        return fail("a string is not closed");
    const char kind = m_text[m_at + 1];
    if (std::string_view("\"\\/bfnrt").find(kind) != std::string_view::npos) {
        m_at += 2;
        return true;
    }
    if (kind != 'u')
        return fail("there is no such escape");
    if (m_at + 6 > m_text.size())
        return fail("a string is not closed");
    for (std::size_t i = m_at + 2; i < m_at + 6; ++i) {
        if (hexDigit(m_text[i]) < 0)
            return fail("\\u needs four hexadecimal digits");
    }
    m_at += 6;
    return true;
}

bool JsonScanner::utf8()
{
    const std::size_t length = utf8Length(m_text.substr(m_at, 4));
    if (length == 0)
        return fail("a string is not UTF-8");
    m_at += length;
    return true;
}

bool JsonScanner::number()
{
    const auto digits = [this] {
        const std::size_t begin = m_at;
        while (!atEnd() && peek() >= '0' && peek() <= '9')
            ++m_at;
        return m_at > begin;
    };
    if (!atEnd() && peek() == '-')
        ++m_at;
    if (!atEnd() && peek() == '0')
        ++m_at;
    else if (!digits())
        return fail("a value is missing");
    if (!atEnd() && peek() == '.') {
        ++m_at;
        if (!digits())
            return fail("a number is not complete");
    }
    if (!atEnd() && (peek() == 'e' || peek() == 'E')) {
        ++m_at;
        if (!atEnd() && (peek() == '+' || peek() == '-'))
            ++m_at;
        if (!digits())
            return fail("a number is not complete");
    }
    return true;
}

bool JsonScanner::literal(std::string_view word)
{
    if (m_text.substr(m_at, word.size()) != word)
        return fail("a value is missing");
    m_at += word.size();
    return true;
}

std::string unescapedJsonString(std::string_view quoted)
{
    const std::string_view text = quoted.substr(1, quoted.size() - 2);
    if (text.find('\\') == std::string_view::npos)
        return std::string(text);
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        const char kind = text[++i];
        constexpr std::string_view from = "bfnrt", to = "\b\f\n\r\t";
        if (const std::size_t at = from.find(kind); at != std::string_view::npos) {
            out += to[at];
        } else if (kind != 'u') {
            out += kind;
        } else {
            std::uint32_t code = hex4(text, i + 1);
            i += 4;
            const bool high = code >= 0xd800 && code < 0xdc00;
            if (high && i + 6 < text.size() && text.substr(i + 1, 2) == "\\u") {
                const std::uint32_t low = hex4(text, i + 3);
                if (low >= 0xdc00 && low < 0xe000) {
                    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                    i += 6;
                }
            }
            appendUtf8(out, code >= 0xd800 && code < 0xe000 ? 0xfffd : code); // half a pair has no meaning
        }
    }
    return out;
}

std::string quotedJsonString(std::string_view text)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string out = "\"";
    for (char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (byte < 0x20) {
            out += "\\u00";
            out += digits[byte >> 4];
            out += digits[byte & 15];
        } else {
            out += c;
        }
    }
    return out + '"';
}

} // namespace keymux
