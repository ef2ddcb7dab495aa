// SPDX-License-Identifier: GPL-3.0-or-later
#include "remotesecrets/tokenkeeper.h"

#include <algorithm>

namespace keymux {

namespace {

constexpr Millis refusedFor(60000);

} // namespace

TokenKeeper::TokenKeeper(TokenIssuer &issuer, std::vector<std::string> references, CredentialLookup lookup, Now now)
    : m_issuer(issuer), m_references(std::move(references)), m_lookup(std::move(lookup)), m_now(std::move(now))
{
}

Result<std::shared_ptr<const Secret>> TokenKeeper::token()
{
    const std::lock_guard lock(m_mutex);
    const TimePoint now = m_now();
    if (m_token && now < m_renewAt)
        return m_token;
    if (m_token && now < m_endsAt && m_renewable) {
        auto grant = m_issuer.renew(m_token);
        if (grant) {
            take(std::move(*grant), now);
            return m_token;
        }
        if (grant.error().code == "secret_unreachable")
            return m_token; // good for a while; whoever asks next tries again
    }
    if (auto in = logIn(); !in) {
        // A token that could not be renewed in time still opens the source while it lives.
        if (m_token && now < m_endsAt)
            return m_token;
        m_token.reset();
        return tl::unexpected(std::move(in.error()));
    }
    return m_token;
}

void TokenKeeper::refused(const std::shared_ptr<const Secret> &token)
{
    const std::lock_guard lock(m_mutex);
    if (m_token == token)
        m_token.reset();
}

Result<void> TokenKeeper::logIn()
{
    std::vector<Secret> credentials;
    std::uint64_t fingerprint = 1;
    for (const std::string &reference : m_references) {
        auto credential = m_lookup(reference);
        if (!credential)
            return failure(credential.error().code == "secret_missing" ? "secret_denied" : credential.error().code,
                           "its credential cannot be found: " + credential.error().message);
        fingerprint = fingerprint * 1099511628211U + credential->fingerprint();
        credentials.push_back(std::move(*credential));
    }
    const TimePoint now = m_now();
    if (fingerprint == m_refusedCredentials && now < m_refusedUntil)
        return tl::unexpected(m_refusal);
    auto grant = m_issuer.login(credentials);
    if (!grant) {
        if (grant.error().code == "secret_denied") {
            m_refusedCredentials = fingerprint;
            m_refusedUntil = now + refusedFor;
            m_refusal = grant.error();
        }
        return tl::unexpected(std::move(grant.error()));
    }
    m_lastEnd = grant->longest > Millis(0) ? now + grant->longest : TimePoint::max();
    take(std::move(*grant), now);
    return {};
}

void TokenKeeper::take(TokenGrant grant, TimePoint now)
{
    m_token = std::make_shared<const Secret>(std::move(grant.token));
    m_renewable = grant.renewable;
    m_endsAt = grant.lifetime > Millis(0) ? std::min(now + grant.lifetime, m_lastEnd) : m_lastEnd;
    m_renewAt = m_endsAt == TimePoint::max() ? m_endsAt : now + (m_endsAt - now) / 2;
}

} // namespace keymux
