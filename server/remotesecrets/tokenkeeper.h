// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"
#include "core/result.h"
#include "remotesecrets/sourcepatience.h"
#include "secrets/secret.h"

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace keymux {

/// Finds a credential of a source by its reference, on this machine.
using CredentialLookup = std::function<Result<Secret>(const std::string &reference)>;

/// What a login or a renewal gave.
struct TokenGrant {
    Secret token;
    Millis lifetime{0}; ///< 0: it does not end
    Millis longest{0};  ///< from the login on, renewals included; 0: no such bound
    bool renewable = false;
};

/// How a source gives out tokens. Errors: `secret_denied` when the credentials are not accepted, `secret_unreachable`
/// when there was no answer.
class TokenIssuer {
public:
    virtual ~TokenIssuer() = default;
    /// `credentials` in the order of the references the keeper was made with.
    virtual Result<TokenGrant> login(const std::vector<Secret> &credentials) = 0;
    virtual Result<TokenGrant> renew(const std::shared_ptr<const Secret> &token) = 0;
};

/// Keeps the one token a source is read with: logs in once however many ask, renews it when half of its life is over,
/// logs in anew when that does not work. Credentials are looked up for each login, so a rotated one is used. Those that
/// were refused are not tried again for a minute, because servers lock out who tries too often. Thread-safe.
class TokenKeeper {
public:
    TokenKeeper(TokenIssuer &issuer, std::vector<std::string> references, CredentialLookup lookup, Now now);

    /// A token that is good now. Blocks while another thread gets one.
    Result<std::shared_ptr<const Secret>> token();
    /// The source did not accept this token; unless there is another by now, the next call logs in.
    void refused(const std::shared_ptr<const Secret> &token);

private:
    Result<void> logIn();
    void take(TokenGrant grant, TimePoint now);

    TokenIssuer &m_issuer;
    const std::vector<std::string> m_references;
    const CredentialLookup m_lookup;
    const Now m_now;
    std::mutex m_mutex; ///< held across a login: whoever waits for it needs its token
    std::shared_ptr<const Secret> m_token;
    bool m_renewable = false;
    TimePoint m_renewAt{}, m_endsAt{}, m_lastEnd{};
    std::uint64_t m_refusedCredentials = 0;
    TimePoint m_refusedUntil{};
    Error m_refusal;
};

} // namespace keymux
