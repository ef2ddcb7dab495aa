// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/budget.h"
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

/// What a virtual key may use; what is absent is not limited.
struct VirtualKeyLimits {
    std::optional<std::int64_t> rpm, tpm; ///< requests and tokens in any minute
    std::optional<std::int64_t> maxParallel;
    std::optional<Budget> budget;

    bool operator==(const VirtualKeyLimits &) const = default;
};

/// What is stored of a virtual key.
struct VirtualKey {
    std::string id; ///< `vk_…`, safe to show
    std::string name;
    KeyDigest digest{};
    std::string hint;                ///< the last four characters, to tell keys apart in lists
    std::vector<std::string> models; ///< globs matched against the name asked for; empty: all
    bool exposeRoute = false;
    VirtualKeyLimits limits;
    std::string metadata; ///< a JSON object of the operator's own, or empty
    bool blocked = false; ///< refused until it is unblocked
    std::optional<TimePoint> expiresAt;
    TimePoint createdAt{};
    std::optional<TimePoint> revokedAt;
    std::optional<KeyDigest> oldDigest; ///< of the key this one replaced, which works until `oldUntil`
    std::optional<TimePoint> oldUntil;

    bool operator==(const VirtualKey &) const = default;
};

enum class VirtualKeyStatus { Active, Blocked, Expired, Revoked };
VirtualKeyStatus statusOf(const VirtualKey &key, TimePoint now);
/// `active`, `blocked`, `expired`, `revoked`.
std::string_view statusName(VirtualKeyStatus status);

/// May this virtual key ask for that model name?
bool mayAskFor(const VirtualKey &key, std::string_view model);

/// All virtual keys at one moment: immutable, found by digest, swapped whole.
class VirtualKeyTable {
public:
    VirtualKeyTable() = default;
    VirtualKeyTable(const VirtualKeyTable &) = delete; // its index points into itself
    VirtualKeyTable &operator=(const VirtualKeyTable &) = delete;
    explicit VirtualKeyTable(std::vector<VirtualKey> keys);

    /// The key a client presented, or null when it is unknown, revoked, blocked or expired, or was replaced and its
    /// time is over. The digest is found by hash and then compared in constant time.
    const VirtualKey *find(std::string_view clearKey, TimePoint now) const;
    /// Null when there is none.
    const VirtualKey *byId(std::string_view id) const;

    const std::vector<VirtualKey> &keys() const { return m_keys; }

private:
    struct DigestHash {
        std::size_t operator()(const KeyDigest &d) const;
    };
    std::vector<VirtualKey> m_keys;
    std::unordered_map<KeyDigest, std::size_t, DigestHash> m_byDigest; ///< new and old digests
    std::unordered_map<std::string_view, std::size_t> m_byId;
};

} // namespace keymux
