// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "remotesecrets/sourceclient.h"
#include "remotesecrets/tokenkeeper.h"
#include "secrets/secretsource.h"

#include <atomic>
#include <map>

namespace keymux {

/// One folder of an Infisical project, read as a machine identity with universal auth. One call lists all its secrets,
/// with references expanded and imports included; the answer serves every name for a moment, half of `refresh_s` at
/// most. API: infisical.com/docs/api-reference, `/api/v4/secrets`, and `/api/v3/secrets/raw` of older servers.
class InfisicalSource : public SecretSource, private TokenIssuer {
public:
    InfisicalSource(InfisicalOptions options, CredentialLookup lookup, const Now &now);

    std::string_view name() const override { return "infisical"; }
    Result<Secret> read(const std::string &name, const std::string &field) override;
    Result<std::vector<std::string>> list(const std::string &glob) override;
    Millis refreshEvery() const override { return m_options.refresh; }
    void stop() override { m_client.stop(); }

private:
    struct Entry {
        Secret value;
        bool hidden = false; ///< the identity may see that it is there, not what it is
    };
    using Listing = std::map<std::string, Entry>;
    using ListingPtr = std::shared_ptr<const Listing>;

    Result<TokenGrant> login(const std::vector<Secret> &credentials) override;
    Result<TokenGrant> renew(const std::shared_ptr<const Secret> &token) override;
    Result<TokenGrant> grantOf(const Result<SourceAnswer> &answer, std::string_view used) const;

    Result<ListingPtr> listing();
    Result<ListingPtr> fetch();
    Result<SourceAnswer> ask();
    Error problem(const SourceAnswer &answer) const;
    std::string place() const;

    const InfisicalOptions m_options;
    SourceClient m_client;
    TokenKeeper m_tokens;
    std::atomic<bool> m_old = false; ///< the server does not know the present API
    std::mutex m_mutex;              ///< held across a fetch: whoever waits for it needs its answer
    Result<ListingPtr> m_last;
    TimePoint m_freshUntil{};
};

} // namespace keymux
