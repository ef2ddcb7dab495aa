// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keyshapes.h"
#include "dialects/errorbody.h"

#include <algorithm>

namespace keymux {

namespace {

constexpr std::string_view stars = "***";
constexpr std::size_t tellingBytes = 8; ///< a shorter piece of a secret tells nothing

/// The text with every run that the secret begins with replaced. Each byte is looked at a bounded number of times.
std::string withoutBeginnings(std::string_view text, std::string_view secret, std::size_t least)
{
    const std::string_view head = secret.substr(0, least);
    std::string result;
    std::size_t from = 0;
    for (std::size_t at = text.find(head); at != std::string_view::npos; at = text.find(head, from)) {
        const std::string_view rest = text.substr(at);
        const std::size_t most = std::min(rest.size(), secret.size());
        const auto same =
            std::mismatch(rest.begin(), rest.begin() + std::ptrdiff_t(most), secret.begin()).first - rest.begin();
        result.append(text.substr(from, at - from)).append(stars);
        from = at + std::size_t(same);
    }
    return result.append(text.substr(from));
}

/// The same for runs that the secret ends with.
std::string withoutEnds(std::string_view text, std::string_view secret, std::size_t least)
{
    const std::string_view tail = secret.substr(secret.size() - least);
    std::string result;
    std::size_t from = 0;
    for (std::size_t at = text.find(tail); at != std::string_view::npos; at = text.find(tail, from)) {
        std::size_t length = least;
        while (length < secret.size() && at + least > from + length &&
               text[at + least - length - 1] == secret[secret.size() - length - 1])
            ++length;
        result.append(text.substr(from, at + least - length - from)).append(stars);
        from = at + least;
    }
    return result.append(text.substr(from));
}

} // namespace

std::string redacted(std::string_view text, std::string_view secret)
{
    if (secret.size() < 4)
        return withoutKeyShapes(text);
    // Providers echo the beginning or the end of a key.
    const std::size_t least = std::min(tellingBytes, secret.size());
    return withoutKeyShapes(withoutEnds(withoutBeginnings(text, secret, least), secret, least));
}

} // namespace keymux
