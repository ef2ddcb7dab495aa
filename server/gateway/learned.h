// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace keymux {

/// What providers taught this worker by refusing: fields a model does not know, and which credential header a key
/// wants. Kept per worker, so that it needs no lock; each worker learns a fact once.
class Learned {
public:
    /// Top-level request fields that this provider's model refused as unknown.
    const std::vector<std::string> &unknownFields(const std::string &provider, const std::string &model) const;
    void rememberUnknownField(const std::string &provider, const std::string &model, std::string field);

    /// The header for this key: the provider's own, or the other one after Google refused it.
    AuthStyle authFor(const Provider &provider, std::string_view keyId, std::uint64_t secretFingerprint) const;
    /// True while the other header has not been tried for this key and secret, and the provider is one that has two.
    bool canSwitchAuth(const Provider &provider, std::string_view keyId, std::uint64_t secretFingerprint) const;
    void switchAuth(std::string_view keyId, std::uint64_t secretFingerprint);

private:
    static std::string keyName(std::string_view keyId, std::uint64_t fingerprint);

    std::map<std::pair<std::string, std::string>, std::vector<std::string>> m_unknownFields;
    std::unordered_map<std::string, bool> m_switched;
};

} // namespace keymux
