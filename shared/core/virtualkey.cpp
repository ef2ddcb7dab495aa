// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/virtualkey.h"

#include "core/matching.h"

#include <algorithm>
#include <cstring>
#include <sodium.h>

namespace keymux {

KeyDigest digestOf(std::string_view clearKey)
{
    KeyDigest digest{};
    crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char *>(clearKey.data()), clearKey.size());
    return digest;
}

std::string virtualKeyFrom(std::span<const std::uint8_t, 32> random)
{
    char text[sodium_base64_ENCODED_LEN(32, sodium_base64_VARIANT_URLSAFE_NO_PADDING)];
    sodium_bin2base64(text, sizeof text, random.data(), random.size(), sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    std::string key = "sk-";
    key += text;
    sodium_memzero(text, sizeof text);
    return key;
}

VirtualKeyStatus statusOf(const VirtualKey &key, TimePoint now)
{
    if (key.revokedAt)
        return VirtualKeyStatus::Revoked;
    if (key.expiresAt && now >= *key.expiresAt)
        return VirtualKeyStatus::Expired;
    return key.blocked ? VirtualKeyStatus::Blocked : VirtualKeyStatus::Active;
}

std::string_view statusName(VirtualKeyStatus status)
{
    switch (status) {
    case VirtualKeyStatus::Active:
        return "active";
    case VirtualKeyStatus::Blocked:
        return "blocked";
    case VirtualKeyStatus::Expired:
        return "expired";
    case VirtualKeyStatus::Revoked:
        break;
    }
    return "revoked";
}

bool mayAskFor(const VirtualKey &key, std::string_view model)
{
    return key.models.empty() || std::any_of(key.models.begin(), key.models.end(),
                                             [&](const std::string &glob) { return globMatches(glob, model); });
}

std::size_t VirtualKeyTable::DigestHash::operator()(const KeyDigest &d) const
{
    // A digest is as random as a hash can be: its first bytes will do.
    std::size_t hash = 0;
    std::memcpy(&hash, d.data(), sizeof hash);
    return hash;
}

VirtualKeyTable::VirtualKeyTable(std::vector<VirtualKey> keys) : m_keys(std::move(keys))
{
    m_byDigest.reserve(m_keys.size());
    m_byId.reserve(m_keys.size());
    for (std::size_t i = 0; i < m_keys.size(); ++i) {
        m_byDigest.emplace(m_keys[i].digest, i);
        m_byId.emplace(m_keys[i].id, i);
    }
    // After all present ones, so that an old digest never hides a key of today.
    for (std::size_t i = 0; i < m_keys.size(); ++i) {
        if (m_keys[i].oldDigest)
            m_byDigest.emplace(*m_keys[i].oldDigest, i);
    }
}

const VirtualKey *VirtualKeyTable::find(std::string_view clearKey, TimePoint now) const
{
    if (clearKey.empty() || clearKey.size() > 512)
        return nullptr;
    const KeyDigest digest = digestOf(clearKey);
    const auto it = m_byDigest.find(digest);
    if (it == m_byDigest.end())
        return nullptr;
    const VirtualKey &key = m_keys[it->second];
    if (sodium_memcmp(key.digest.data(), digest.data(), digest.size()) != 0) {
        const bool replaced = key.oldDigest && sodium_memcmp(key.oldDigest->data(), digest.data(), digest.size()) == 0;
        if (!replaced || !key.oldUntil || now >= *key.oldUntil)
            return nullptr;
    }
    return statusOf(key, now) == VirtualKeyStatus::Active ? &key : nullptr;
}

const VirtualKey *VirtualKeyTable::byId(std::string_view id) const
{
    const auto it = m_byId.find(id);
    return it == m_byId.end() ? nullptr : &m_keys[it->second];
}

} // namespace keymux
