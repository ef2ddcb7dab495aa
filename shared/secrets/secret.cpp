// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/secret.h"

#include <cstring>
#include <sodium.h>
#include <utility>

namespace keymux {

void wipe(std::string &text)
{
    // The whole capacity: what was longer once may still stand behind the end.
    text.resize(text.capacity());
    sodium_memzero(text.data(), text.size());
    text.clear();
}

Secret::Secret(std::string clear) : m_clear(clear)
{
    wipe(clear);
}

Secret::~Secret()
{
    wipe(m_clear);
}

Secret::Secret(Secret &&other) noexcept
{
    *this = std::move(other);
}

Secret &Secret::operator=(Secret &&other) noexcept
{
    if (this != &other) {
        wipe(m_clear);
        // Copied and wiped: a moved short string would leave its bytes behind.
        m_clear = other.m_clear;
        wipe(other.m_clear);
    }
    return *this;
}

std::string Secret::masked() const
{
    if (m_clear.size() < 12)
        return "••••";
    return "••••" + m_clear.substr(m_clear.size() - 4);
}

std::uint64_t Secret::fingerprint() const
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, reinterpret_cast<const unsigned char *>(m_clear.data()), m_clear.size());
    std::uint64_t first = 0;
    std::memcpy(&first, digest, sizeof first);
    return first;
}

bool Secret::equals(std::string_view other) const
{
    return !m_clear.empty() && m_clear.size() == other.size() &&
           sodium_memcmp(m_clear.data(), other.data(), other.size()) == 0;
}

} // namespace keymux
