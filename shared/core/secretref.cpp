// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/secretref.h"

#include <algorithm>
#include <utility>

namespace keymux {

namespace {

bool isName(std::string_view text)
{
    return !text.empty() && text.size() <= 256 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
               c == '.' || c == '*';
    });
}

bool isPath(std::string_view text)
{
    return !text.empty() && text.size() <= 4096 && std::none_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
}

std::optional<SecretRef> vaultRef(std::string_view rest)
{
    const std::size_t hash = rest.rfind('#');
    if (hash == std::string_view::npos || !isPath(rest.substr(0, hash)) || !isName(rest.substr(hash + 1)))
        return std::nullopt;
    return SecretRef{SecretRef::Kind::Vault, std::string(rest.substr(0, hash)), std::string(rest.substr(hash + 1))};
}

} // namespace

std::optional<SecretRef> parseSecretRef(std::string_view text)
{
    using Kind = SecretRef::Kind;
    static constexpr std::pair<std::string_view, Kind> prefixes[] = {
        {"env:", Kind::Env},           {"file:", Kind::File},           {"store:", Kind::Store},
        {"keychain:", Kind::Keychain}, {"infisical:", Kind::Infisical}, {"vault:", Kind::Vault}};
    for (const auto &[prefix, kind] : prefixes) {
        if (!text.starts_with(prefix))
            continue;
        const std::string_view rest = text.substr(prefix.size());
        if (kind == Kind::Vault)
            return vaultRef(rest);
        if (kind == Kind::File ? !isPath(rest) : !isName(rest))
            return std::nullopt;
        return SecretRef{kind, std::string(rest), {}};
    }
    constexpr std::string_view suffix = "_PLACEHOLDER";
    if (!text.ends_with(suffix))
        return std::nullopt;
    const std::string_view name = text.substr(0, text.size() - suffix.size());
    const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (name.empty() || name.size() > 256 || !plain)
        return std::nullopt;
    return SecretRef{Kind::Placeholder, std::string(name), {}};
}

} // namespace keymux
