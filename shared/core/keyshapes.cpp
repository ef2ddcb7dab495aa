// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keyshapes.h"

#include <array>
#include <cctype>

namespace keymux {

namespace {

/// How keys of known providers begin.
constexpr std::array prefixes{std::string_view("AIza"),    std::string_view("AQ."),  std::string_view("sk-"),
                              std::string_view("gsk_"),    std::string_view("xai-"), std::string_view("Bearer "),
                              std::string_view("bearer "), std::string_view("key="), std::string_view("ya29.")};

bool isKeyByte(char c)
{
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.' || c == '*' || c == '~' ||
           c == '+' || c == '/';
}

} // namespace

std::string withoutKeyShapes(std::string_view text)
{
    std::string result;
    std::size_t from = 0;
    for (std::size_t at = 0; at < text.size(); ++at) {
        for (const std::string_view prefix : prefixes) {
            if (!text.substr(at).starts_with(prefix))
                continue;
            const std::size_t begin = at + prefix.size();
            std::size_t end = begin;
            while (end < text.size() && isKeyByte(text[end]))
                ++end;
            // A short tail is a word, not a key.
            if (end - begin < 6)
                continue;
            result.append(text.substr(from, begin - from)).append("***");
            from = end;
            at = end - 1;
            break;
        }
    }
    return result.append(text.substr(from));
}

} // namespace keymux
