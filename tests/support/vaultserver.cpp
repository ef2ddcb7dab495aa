// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/vaultserver.h"

namespace keymux::testing {

using Json = nlohmann::json;

namespace {

std::string placed(const std::string &path)
{
    return path.starts_with("team/kv/") ? path : "secret/" + path;
}

} // namespace

void VaultServer::set(const std::string &path, const Json &fields)
{
    const std::lock_guard lock(m_mutex);
    m_entries[placed(path)] = {fields, {}, false};
}

void VaultServer::remove(const std::string &path)
{
    const std::lock_guard lock(m_mutex);
    m_entries.erase(placed(path));
}

void VaultServer::deleteNewest(const std::string &path)
{
    const std::lock_guard lock(m_mutex);
    m_entries[placed(path)].deletedAt = "2026-03-01T10:00:00.000000000Z";
}

void VaultServer::destroyNewest(const std::string &path)
{
    const std::lock_guard lock(m_mutex);
    m_entries[placed(path)].destroyed = true;
}

void VaultServer::deny(const std::string &path)
{
    const std::lock_guard lock(m_mutex);
    m_denied.insert(placed(path));
}

void VaultServer::setNamespace(const std::string &name)
{
    const std::lock_guard lock(m_mutex);
    m_namespace = name;
}

void VaultServer::setSecretId(const std::string &secretId)
{
    const std::lock_guard lock(m_mutex);
    m_secretId = secretId;
}

void VaultServer::addToken(const std::string &token, Ms lifetime, bool renewable)
{
    const std::lock_guard lock(m_mutex);
    m_tokens[token] = {lifetime, now() + lifetime, renewable};
}

void VaultServer::setTimes(Ms lifetime)
{
    const std::lock_guard lock(m_mutex);
    m_lifetime = lifetime;
}

void VaultServer::revokeTokens()
{
    const std::lock_guard lock(m_mutex);
    m_tokens.clear();
}

void VaultServer::setSealed(bool sealed)
{
    const std::lock_guard lock(m_mutex);
    m_sealed = sealed;
}

void VaultServer::setTaciturn(bool taciturn)
{
    const std::lock_guard lock(m_mutex);
    m_taciturn = taciturn;
}

SourceReply VaultServer::errors(int status, std::vector<std::string> texts)
{
    return {status, {{"errors", std::move(texts)}}};
}

SourceReply VaultServer::answer(const SourceCall &call)
{
    // As with `require_request_header`.
    if (call.header("x-vault-request") != "true")
        return errors(412, {"missing 'X-Vault-Request' header"});
    if (m_sealed)
        return errors(503, {"Vault is sealed"});
    if (call.header("x-vault-namespace") != m_namespace)
        return errors(403, {"permission denied"});
    if (call.method == "POST" && call.path == "/v1/auth/approle/login")
        return login(call);
    const std::string token = call.header("x-vault-token");
    const auto known = m_tokens.find(token);
    if (known == m_tokens.end() || (known->second.lifetime > Ms(0) && known->second.expires <= now())) {
        if (m_taciturn)
            return errors(403, {"permission denied"});
        return errors(403, {"2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n"});
    }
    if (call.method == "GET" && call.path == "/v1/auth/token/lookup-self")
        return lookUp(known->second);
    if (call.method == "POST" && call.path == "/v1/auth/token/renew-self")
        return renew(token);
    for (const std::string mount : {"secret", "team/kv"}) {
        const std::string data = "/v1/" + mount + "/data/", metadata = "/v1/" + mount + "/metadata/";
        if (call.method == "GET" && call.path.starts_with(data))
            return read(mount + '/' + call.path.substr(data.size()));
        const auto asked = call.query.find("list");
        const bool isList = call.method == "LIST" || (asked != call.query.end() && asked->second == "true");
        if (isList && call.path.starts_with(metadata))
            return list(mount + '/' + call.path.substr(metadata.size()));
    }
    return errors(404, {"no handler for route \"" + call.path.substr(4) + "\". route entry not found."});
}

SourceReply VaultServer::grant(const std::string &token) const
{
    const Token &known = m_tokens.at(token);
    return {200,
            {{"request_id", "r"},
             {"data", nullptr},
             {"auth",
              {{"client_token", token},
               {"accessor", "a"},
               {"policies", {"default", "keymux"}},
               {"lease_duration", known.lifetime.count() / 1000},
               {"renewable", known.renewable}}}}};
}

SourceReply VaultServer::login(const SourceCall &call)
{
    const Json body = call.json();
    if (!body.is_object() || body.value("role_id", "") != roleId || body.value("secret_id", "") != m_secretId)
        return errors(400, {"invalid role or secret ID"});
    const std::string token = "hvs.planted-token-" + std::to_string(++m_serial);
    m_tokens[token] = {m_lifetime, now() + m_lifetime, true};
    return grant(token);
}

SourceReply VaultServer::lookUp(const Token &token) const
{
    const Ms left = token.lifetime > Ms(0) ? token.expires - now() : Ms(0);
    return {200, {{"data", {{"id", "x"}, {"ttl", left.count() / 1000}, {"renewable", token.renewable}}}}};
}

SourceReply VaultServer::renew(const std::string &token)
{
    Token &known = m_tokens.at(token);
    if (!known.renewable)
        return errors(400, {"lease is not renewable"});
    known.expires = now() + known.lifetime;
    return grant(token);
}

SourceReply VaultServer::read(const std::string &path) const
{
    if (m_denied.contains(path))
        return errors(403, {"1 error occurred:\n\t* permission denied\n\n"});
    const auto found = m_entries.find(path);
    if (found == m_entries.end())
        return {404, {{"errors", Json::array()}}};
    const auto &[fields, deletedAt, destroyed] = found->second;
    const bool gone = destroyed || !deletedAt.empty();
    return {gone ? 404 : 200,
            {{"request_id", "r"},
             {"data",
              {{"data", gone ? Json() : fields},
               {"metadata",
                {{"created_time", "2026-02-01T10:00:00Z"},
                 {"custom_metadata", nullptr},
                 {"deletion_time", deletedAt},
                 {"destroyed", destroyed},
                 {"version", 2}}}}}}};
}

SourceReply VaultServer::list(const std::string &folder) const
{
    const std::string begin = folder.ends_with('/') ? folder : folder + '/';
    if (m_denied.contains(begin))
        return errors(403, {"1 error occurred:\n\t* permission denied\n\n"});
    std::set<std::string> keys;
    for (const auto &[path, entry] : m_entries) {
        if (!path.starts_with(begin))
            continue;
        const std::string rest = path.substr(begin.size());
        const std::size_t slash = rest.find('/');
        keys.insert(slash == std::string::npos ? rest : rest.substr(0, slash + 1));
    }
    if (keys.empty())
        return {404, {{"errors", Json::array()}}};
    return {200, {{"data", {{"keys", keys}}}}};
}

} // namespace keymux::testing
