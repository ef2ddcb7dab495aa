// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/sourceserver.h"

#include <set>

namespace keymux::testing {

/// Vault as its API documentation describes it: tokens with a life that is renewed, AppRole, one key-value engine of
/// version 2 at `secret` and one at `team/kv`, deleted and destroyed versions, namespaces, a seal, and its errors.
class VaultServer : public SourceServer {
public:
    VaultServer() = default;
    ~VaultServer() override { stop(); }

    /// `path` below the mount `secret`, unless it begins with `team/kv/`.
    void set(const std::string &path, const nlohmann::json &fields);
    void remove(const std::string &path); ///< with all its versions
    void deleteNewest(const std::string &path);
    void destroyNewest(const std::string &path);
    /// The token's policy does not have this path.
    void deny(const std::string &path);
    void setNamespace(const std::string &name);
    void setSecretId(const std::string &secretId);
    /// `lifetime` 0: does not end.
    void addToken(const std::string &token, Ms lifetime, bool renewable);
    void setTimes(Ms lifetime);
    void revokeTokens();
    void setSealed(bool sealed);
    /// Says nothing but "permission denied" to an unknown token, as servers before 1.16 do.
    void setTaciturn(bool taciturn);

    static constexpr const char *roleId = "planted-role-id-0001";

private:
    struct Token {
        Ms lifetime, expires;
        bool renewable;
    };
    struct Entry {
        nlohmann::json fields;
        std::string deletedAt;
        bool destroyed = false;
    };

    SourceReply answer(const SourceCall &call) override;
    SourceReply login(const SourceCall &call);
    SourceReply lookUp(const Token &token) const;
    SourceReply renew(const std::string &token);
    SourceReply read(const std::string &path) const;
    SourceReply list(const std::string &folder) const;
    SourceReply grant(const std::string &token) const;
    static SourceReply errors(int status, std::vector<std::string> texts);

    std::map<std::string, Entry> m_entries; ///< by mount and path
    std::set<std::string> m_denied;
    std::map<std::string, Token> m_tokens;
    std::string m_namespace, m_secretId = "planted-secret-id-0001";
    Ms m_lifetime{3600000};
    int m_serial = 0;
    bool m_sealed = false, m_taciturn = false;
};

} // namespace keymux::testing
