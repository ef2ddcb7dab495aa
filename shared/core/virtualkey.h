// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"
#include "core/result.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace keymux {

/// SHA-256 of a virtual key: the only form in which one is stored.
using KeyDigest = std::array<std::uint8_t, 32>;

KeyDigest digestOf(std::string_view clearKey);

/// A virtual key from 32 random bytes (the caller draws them): `sk-` and 43 characters of URL-safe base64.
std::string virtualKeyFrom(std::span<const std::uint8_t, 32> random);

/// What is stored of a virtual key.
struct VirtualKey {
    std::string id; ///< `vk_…`, safe to show
    std::string name;
    KeyDigest digest{};
    std::string hint;                ///< the last four characters, to tell keys apart in lists
    std::vector<std::string> models; ///< globs matched against the name asked for; empty: all
    bool exposeRoute = false;
    std::optional<TimePoint> expiresAt;
    TimePoint createdAt{};
    std::optional<TimePoint> revokedAt;

    bool operator==(const VirtualKey &) const = default;
};

/// May this virtual key ask for that model name?
bool mayAskFor(const VirtualKey &key, std::string_view model);

/// All virtual keys at one moment: immutable, found by digest, swapped whole.
class VirtualKeyTable {
public:
    VirtualKeyTable() = default;
    explicit VirtualKeyTable(std::vector<VirtualKey> keys);

    /// The key a client presented, or null when it is unknown, revoked or expired. The digest is found by hash and then
    /// compared in constant time.
    const VirtualKey *find(std::string_view clearKey, TimePoint now) const;

    const std::vector<VirtualKey> &keys() const { return m_keys; }

private:
    struct DigestHash {
        std::size_t operator()(const KeyDigest &d) const;
    };
    std::vector<VirtualKey> m_keys;
    std::unordered_map<KeyDigest, std::size_t, DigestHash> m_byDigest;
};

} // namespace keymux
