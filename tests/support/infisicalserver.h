// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/sourceserver.h"

#include <set>

namespace keymux::testing {

/// Infisical as its API reference describes it: universal auth with a lockout, access tokens that expire, are renewed
/// and have a longest life, the listing of a folder with references and imports, and its errors' bodies.
class InfisicalServer : public SourceServer {
public:
    InfisicalServer() = default;
    ~InfisicalServer() override { stop(); }

    static constexpr const char *project = "6f0c1f2e-project";
    static constexpr const char *environment = "prod";

    void set(const std::string &name, const std::string &value, const std::string &folder = "/");
    void remove(const std::string &name, const std::string &folder = "/");
    /// The identity may see that it is there, but not its value.
    void hide(const std::string &name);
    /// Of several imports the last one counts most.
    void import(const std::string &folder, const std::string &name, const std::string &value);
    void setClientSecret(const std::string &secret);
    void setTimes(Ms lifetime, Ms longest);
    void revokeTokens();
    /// The identity has no role in the project.
    void setForbidden(bool forbidden);
    /// Knows only /api/v3/secrets/raw.
    void setOld(bool old);

    static constexpr const char *clientId = "planted-client-id-0001";

private:
    struct Token {
        Ms expires, last;
    };

    SourceReply answer(const SourceCall &call) override;
    SourceReply login(const SourceCall &call);
    SourceReply renew(const SourceCall &call);
    SourceReply list(const SourceCall &call, const std::string &projectField);
    SourceReply grant(const std::string &token, Ms lifetime) const;
    std::optional<SourceReply> unauthorized(const SourceCall &call) const;
    nlohmann::json secret(const std::string &folder, const std::string &name, std::string value, bool expand) const;
    static SourceReply error(int status, const std::string &name, const std::string &message);

    std::map<std::string, std::map<std::string, std::string>> m_folders{{"/", {}}};
    std::vector<std::pair<std::string, std::map<std::string, std::string>>> m_imports;
    std::set<std::string> m_hidden;
    std::string m_clientSecret = "planted-client-secret-0001";
    std::map<std::string, Token> m_tokens;
    Ms m_lifetime{7200000}, m_longest{86400000};
    int m_failures = 0, m_serial = 0;
    bool m_forbidden = false, m_old = false;
};

} // namespace keymux::testing
