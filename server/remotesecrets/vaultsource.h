// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "remotesecrets/sourceclient.h"
#include "remotesecrets/tokenkeeper.h"
#include "remotesecrets/vaultpath.h"
#include "secrets/secretsource.h"

#include <map>

namespace keymux {

/// Key-value secrets (version 2) of a Vault server, with a token or as an AppRole. One call reads all fields of a path;
/// they serve for a moment, half of `refresh_s` at most. API: developer.hashicorp.com/vault/api-docs.
class VaultSource : public SecretSource, private TokenIssuer {
public:
    VaultSource(VaultOptions options, CredentialLookup lookup, const Now &now);

    std::string_view name() const override { return "vault"; }
    /// `name` is the path.
    Result<Secret> read(const std::string &name, const std::string &field) override;
    /// With `*` in the last part of a path: the paths beside each other that match. With `PATH#` before it: the fields
    /// of that path that match.
    Result<std::vector<std::string>> list(const std::string &glob) override;
    Millis refreshEvery() const override { return m_options.refresh; }
    void stop() override { m_client.stop(); }

private:
    using Fields = std::map<std::string, Secret>; ///< empty values are no texts
    using FieldsPtr = std::shared_ptr<const Fields>;
    struct Slot {
        std::mutex mutex; ///< held across a fetch: whoever waits for it needs its answer
        Result<FieldsPtr> last;
        TimePoint freshUntil{};
    };

    Result<TokenGrant> login(const std::vector<Secret> &credentials) override;
    Result<TokenGrant> renew(const std::shared_ptr<const Secret> &token) override;
    Result<TokenGrant> adopt(const Secret &token);
    Result<TokenGrant> grantOf(const Result<SourceAnswer> &answer, std::string_view used) const;

    std::shared_ptr<Slot> slotOf(const std::string &path);
    Result<FieldsPtr> fieldsOf(const std::string &path);
    Result<FieldsPtr> fetch(const std::string &path);
    Result<std::vector<std::string>> listPaths(const std::string &glob);
    Result<SourceAnswer> get(const std::string &below);
    Result<SourceAnswer> call(const std::string &method, const std::string &below,
                              std::shared_ptr<const Secret> credential, Secret body = {});
    bool isTokenTrouble(const SourceAnswer &answer, const std::shared_ptr<const Secret> &token);

    const VaultOptions m_options;
    SourceClient m_client;
    TokenKeeper m_tokens;
    std::mutex m_mutex;
    std::map<std::string, std::shared_ptr<Slot>> m_slots;
    std::weak_ptr<const Secret> m_goodToken; ///< found good after a refusal, until then
    TimePoint m_goodUntil{};
};

} // namespace keymux
