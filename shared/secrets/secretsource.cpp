// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/secretsource.h"

#include <algorithm>

namespace keymux {

namespace {

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

/// The digits at the end of a name, without leading zeros.
std::string_view numberOf(std::string_view name, std::string_view &stem)
{
    std::size_t at = name.size();
    while (at > 0 && isDigit(name[at - 1]))
        --at;
    stem = name.substr(0, at);
    std::string_view digits = name.substr(at);
    while (digits.size() > 1 && digits.front() == '0')
        digits.remove_prefix(1);
    return digits;
}

bool comesBefore(const std::string &a, const std::string &b)
{
    std::string_view stemA, stemB;
    const std::string_view numberA = numberOf(a, stemA), numberB = numberOf(b, stemB);
    if (stemA != stemB)
        return stemA < stemB;
    if (numberA.size() != numberB.size())
        return numberA.size() < numberB.size();
    return numberA != numberB ? numberA < numberB : a < b;
}

} // namespace

Result<Secret> secretFrom(std::string value, const std::string &where)
{
    while (value.ends_with('\n') || value.ends_with('\r'))
        value.pop_back();
    if (value.empty())
        return failure("secret_bad", where + " is empty");
    const bool printable = std::all_of(value.begin(), value.end(),
                                       [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
    if (!printable) {
        wipe(value);
        return failure("secret_bad",
                       where + " holds spaces, line breaks or control characters; a key is one word on one line");
    }
    Secret secret(value);
    wipe(value);
    return secret;
}

void sortSecretNames(std::vector<std::string> &names)
{
    std::sort(names.begin(), names.end(), comesBefore);
    names.erase(std::unique(names.begin(), names.end()), names.end());
    if (names.size() > maxListedSecrets)
        names.resize(maxListedSecrets);
}

} // namespace keymux
