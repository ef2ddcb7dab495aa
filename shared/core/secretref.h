// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keymux {

/// Where a secret is to be found; the grammar of `api_key` and of every other reference in a config. It lives in core
/// because the config reader must tell a reference from a literal secret; resolving one is the business of secrets/.
struct SecretRef {
    enum class Kind : std::uint8_t { Placeholder, Env, File, Store, Keychain, Infisical, Vault };
    Kind kind = Kind::Placeholder;
    std::string name;  ///< NAME, PATH
    std::string field; ///< of `vault:PATH#FIELD`
    bool isSet() const { return name.find('*') != std::string::npos || field.find('*') != std::string::npos; }

    bool operator==(const SecretRef &) const = default;
};

/// Absent when the text is no reference: then it must be taken for a literal secret and never be repeated in a message.
std::optional<SecretRef> parseSecretRef(std::string_view text);

} // namespace keymux
