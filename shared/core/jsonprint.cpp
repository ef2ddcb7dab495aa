// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/jsonprint.h"

namespace keymux {

namespace {

void print(const JsonText &value, int depth, std::string &out);

/// Both kinds of lists; `one` prints the entry with that index.
template <typename One>
void printList(char open, char close, std::size_t count, int depth, std::string &out, One one)
{
    out += open;
    for (std::size_t i = 0; i < count; ++i) {
        out += i ? ",\n" : "\n";
        out.append(std::size_t(depth + 1) * 2, ' ');
        one(i);
    }
    if (count) {
        out += '\n';
        out.append(std::size_t(depth) * 2, ' ');
    }
    out += close;
}

void print(const JsonText &value, int depth, std::string &out)
{
    switch (value.kind) {
    case JsonText::Kind::Null:
        out += "null";
        return;
    case JsonText::Kind::Bool:
        out += value.boolean ? "true" : "false";
        return;
    case JsonText::Kind::Number:
        out += value.text;
        return;
    case JsonText::Kind::String:
        out += jsonString(value.text);
        return;
    case JsonText::Kind::Array:
        printList('[', ']', value.items.size(), depth, out,
                  [&](std::size_t i) { print(value.items[i], depth + 1, out); });
        return;
    case JsonText::Kind::Object:
        printList('{', '}', value.members.size(), depth, out, [&](std::size_t i) {
            out += jsonString(value.members[i].name) + ": ";
            print(value.members[i].value, depth + 1, out);
        });
        return;
    }
}

} // namespace

std::string jsonString(std::string_view text)
{
    constexpr char digits[] = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            (out += '\\') += c;
        else if (c == '\n')
            out += "\\n";
        else if (byte < 0x20 || byte == 0x7f)
            ((out += "\\u00") += digits[byte >> 4]) += digits[byte & 15];
        else
            out += c;
    }
    return out + '"';
}

std::string printJson(const JsonText &value)
{
    std::string out;
    print(value, 0, out);
    return out + '\n';
}

} // namespace keymux
