// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jsonsplice.h"

#include <algorithm>

namespace keymux {

namespace {

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::size_t endOfString(std::string_view text, std::size_t begin)
{
    std::size_t at = begin + 1;
    while (at < text.size() && text[at] != '"')
        at += text[at] == '\\' ? 2 : 1;
    return std::min(at + 1, text.size());
}

std::size_t endOfComment(std::string_view text, std::size_t begin)
{
    const bool line = text.substr(begin, 2) == "//";
    const std::size_t end = text.find(line ? "\n" : "*/", begin + 2);
    return end == std::string_view::npos ? text.size() : line ? end : end + 2;
}

/// A list or an object of a document that is known to be well formed.
struct Extent {
    std::size_t open = 0;
    std::size_t close = 0;   ///< its closing bracket
    std::size_t lastEnd = 0; ///< behind the last thing in it that is no comment; behind `open` when it is empty
    bool comma = false;      ///< and that is a comma
    std::size_t first = 0;   ///< where the first entry begins; 0: there is none
};

Extent extentOf(std::string_view text, std::size_t open)
{
    Extent extent{.open = open, .close = text.size(), .lastEnd = open + 1};
    int depth = 0;
    for (std::size_t at = open; at < text.size();) {
        const char c = text[at];
        if (isSpace(c)) {
            ++at;
            continue;
        }
        if (c == '/') {
            at = endOfComment(text, at);
            continue;
        }
        if (c == ']' || c == '}') {
            if (--depth == 0) {
                extent.close = at;
                return extent;
            }
        } else if (c == '[' || c == '{') {
            ++depth;
        }
        if (at > open && extent.first == 0)
            extent.first = at;
        const std::size_t end = c == '"' ? endOfString(text, at) : at + 1;
        if (at > open) {
            extent.lastEnd = end;
            extent.comma = c == ',' && depth == 1;
        }
        at = end;
    }
    return extent;
}

std::string indented(const std::string &entry, const std::string &indent)
{
    std::string out = indent;
    for (const char c : entry) {
        out += c;
        if (c == '\n')
            out += indent;
    }
    return out;
}

} // namespace

JsonSplice::JsonSplice(std::string_view text) : m_text(text), m_lines{0}
{
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\n')
            m_lines.push_back(i + 1);
    }
    if (text.starts_with("\xef\xbb\xbf"))
        m_lines[0] = 3;
}

std::size_t JsonSplice::offsetOf(const JsonText &node) const
{
    std::size_t at = m_lines.at(std::size_t(node.line) - 1);
    for (int column = 1; column < node.column; ++column) {
        ++at;
        while (at < m_text.size() && (static_cast<unsigned char>(m_text[at]) & 0xc0) == 0x80)
            ++at;
    }
    return at;
}

/// The white space that the line of this offset begins with.
std::string JsonSplice::indentAt(std::size_t offset) const
{
    const std::size_t begin = *std::prev(std::upper_bound(m_lines.begin(), m_lines.end(), offset));
    std::size_t end = begin;
    while (end < m_text.size() && (m_text[end] == ' ' || m_text[end] == '\t'))
        ++end;
    return std::string(m_text.substr(begin, end - begin));
}

void JsonSplice::insert(std::size_t offset, std::string text)
{
    m_insertions.emplace_back(offset, std::move(text));
}

void JsonSplice::append(const JsonText &container, const std::vector<std::string> &entries)
{
    if (entries.empty())
        return;
    const Extent extent = extentOf(m_text, offsetOf(container));
    const std::string outer = indentAt(extent.open);
    const bool ownLine =
        extent.first && m_text.substr(extent.open, extent.first - extent.open).find('\n') != std::string_view::npos;
    const std::string indent = ownLine ? indentAt(extent.first) : outer + "  ";
    if (extent.first && !extent.comma)
        insert(extent.lastEnd, ",");
    std::string text;
    for (std::size_t i = 0; i < entries.size(); ++i)
        text += (i ? ",\n" : "\n") + indented(entries[i], indent);
    // Behind a comment that may follow the last entry, before the line of the closing bracket.
    std::size_t end = extent.close;
    while (end > extent.open && isSpace(m_text[end - 1]))
        --end;
    if (m_text.substr(end, extent.close - end).find('\n') == std::string_view::npos)
        text += '\n' + outer;
    insert(end, std::move(text));
}

void JsonSplice::insertBefore(const JsonText &item, const std::vector<std::string> &entries)
{
    const std::size_t at = offsetOf(item);
    const std::string indent = indentAt(at);
    std::string text;
    for (const std::string &entry : entries)
        text += indented(entry, indent).substr(indent.size()) + ",\n" + indent;
    insert(at, std::move(text));
}

std::string JsonSplice::apply()
{
    std::stable_sort(m_insertions.begin(), m_insertions.end(),
                     [](const auto &a, const auto &b) { return a.first < b.first; });
    std::string out;
    std::size_t copied = 0;
    for (const auto &[offset, text] : m_insertions) {
        out.append(m_text.substr(copied, offset - copied)).append(text);
        copied = offset;
    }
    return out.append(m_text.substr(copied));
}

} // namespace keymux
