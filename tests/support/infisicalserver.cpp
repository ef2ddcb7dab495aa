// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/infisicalserver.h"

namespace keymux::testing {

using Json = nlohmann::json;

void InfisicalServer::set(const std::string &name, const std::string &value, const std::string &folder)
{
    const std::lock_guard lock(m_mutex);
    m_folders[folder][name] = value;
}

void InfisicalServer::remove(const std::string &name, const std::string &folder)
{
    const std::lock_guard lock(m_mutex);
    m_folders[folder].erase(name);
}

void InfisicalServer::hide(const std::string &name)
{
    const std::lock_guard lock(m_mutex);
    m_hidden.insert(name);
}

void InfisicalServer::import(const std::string &folder, const std::string &name, const std::string &value)
{
    const std::lock_guard lock(m_mutex);
    if (m_imports.empty() || m_imports.back().first != folder)
        m_imports.emplace_back(folder, std::map<std::string, std::string>());
    m_imports.back().second[name] = value;
}

void InfisicalServer::setClientSecret(const std::string &secret)
{
    const std::lock_guard lock(m_mutex);
    m_clientSecret = secret;
}

void InfisicalServer::setTimes(Ms lifetime, Ms longest)
{
    const std::lock_guard lock(m_mutex);
    m_lifetime = lifetime;
    m_longest = longest;
}

void InfisicalServer::revokeTokens()
{
    const std::lock_guard lock(m_mutex);
    m_tokens.clear();
}

void InfisicalServer::setForbidden(bool forbidden)
{
    const std::lock_guard lock(m_mutex);
    m_forbidden = forbidden;
}

void InfisicalServer::setOld(bool old)
{
    const std::lock_guard lock(m_mutex);
    m_old = old;
}

SourceReply InfisicalServer::error(int status, const std::string &name, const std::string &message)
{
    return {status, {{"reqId", "req-1"}, {"statusCode", status}, {"message", message}, {"error", name}}};
}

SourceReply InfisicalServer::answer(const SourceCall &call)
{
    const bool isPost = call.method == "POST";
    if (isPost && call.header("content-type") != "application/json")
        return error(415, "FST_ERR_CTP_INVALID_MEDIA_TYPE", "Unsupported Media Type");
    if (isPost && call.path == "/api/v1/auth/universal-auth/login")
        return login(call);
    if (isPost && call.path == "/api/v1/auth/token/renew")
        return renew(call);
    if (call.method == "GET" && call.path == "/api/v4/secrets" && !m_old)
        return list(call, "projectId");
    if (call.method == "GET" && call.path == "/api/v3/secrets/raw")
        return list(call, "workspaceId");
    return {404,
            {{"message", "Route " + call.method + ":" + call.path + " not found"},
             {"error", "Not Found"},
             {"statusCode", 404}}};
}

SourceReply InfisicalServer::grant(const std::string &token, Ms lifetime) const
{
    return {200,
            {{"accessToken", token},
             {"expiresIn", lifetime.count() / 1000.0},
             {"accessTokenMaxTTL", m_longest.count() / 1000.0},
             {"tokenType", "Bearer"}}};
}

SourceReply InfisicalServer::login(const SourceCall &call)
{
    const Json body = call.json();
    if (!body.is_object() || !body.contains("clientId") || !body.contains("clientSecret"))
        return {422, {{"statusCode", 422}, {"error", "ValidationFailure"}, {"message", Json::array()}}};
    if (m_failures >= 3)
        return error(401, "UnauthorizedError",
                     "This identity auth method is temporarily locked, please try again later");
    if (body["clientId"] != clientId || body["clientSecret"] != m_clientSecret) {
        ++m_failures;
        // A careless server: what it was sent comes back.
        return error(401, "UnauthorizedError",
                     "Invalid credentials\n(" + body["clientSecret"].get<std::string>() + ")");
    }
    m_failures = 0;
    const std::string token = "planted-access-token-" + std::to_string(++m_serial);
    m_tokens[token] = {now() + m_lifetime, now() + m_longest};
    return grant(token, m_lifetime);
}

SourceReply InfisicalServer::renew(const SourceCall &call)
{
    const Json body = call.json();
    const std::string token = body.value("accessToken", "");
    const auto found = m_tokens.find(token);
    if (found == m_tokens.end() || found->second.expires <= now())
        return error(401, "UnauthorizedError", "Failed to renew access token: it is expired or revoked");
    if (now() + m_lifetime > found->second.last)
        return error(401, "UnauthorizedError", "Failed to renew access token due to Max TTL expiration");
    found->second.expires = now() + m_lifetime;
    return grant(token, m_lifetime);
}

std::optional<SourceReply> InfisicalServer::unauthorized(const SourceCall &call) const
{
    const std::string header = call.header("authorization");
    if (!header.starts_with("Bearer "))
        return error(401, "UnauthorizedError", "Token missing");
    const auto found = m_tokens.find(header.substr(7));
    if (found == m_tokens.end())
        return error(401, "UnauthorizedError", "No identity access token found");
    if (found->second.expires <= now())
        return error(403, "TokenError", "Your token has expired. Please re-authenticate.");
    return std::nullopt;
}

SourceReply InfisicalServer::list(const SourceCall &call, const std::string &projectField)
{
    if (auto refusal = unauthorized(call))
        return *refusal;
    const auto value = [&](const char *name) {
        const auto found = call.query.find(name);
        return found == call.query.end() ? std::string() : found->second;
    };
    if (m_forbidden)
        return error(403, "PermissionDenied", "You are not allowed to read on secrets");
    if (value(projectField.c_str()) != project)
        return error(404, "NotFound", "Project with ID '" + value(projectField.c_str()) + "' not found");
    const auto folder = m_folders.find(value("secretPath"));
    if (value("environment") != environment || folder == m_folders.end())
        return error(404, "NotFound",
                     "Folder with path '" + value("secretPath") + "' in environment with slug '" +
                         value("environment") + "' not found");
    const bool expand = value("expandSecretReferences") == "true";
    Json answer{{"secrets", Json::array()}};
    for (const auto &[name, text] : folder->second)
        answer["secrets"].push_back(secret(folder->first, name, text, expand));
    if (value("include_imports") == "true") {
        answer["imports"] = Json::array();
        for (const auto &[path, secrets] : m_imports) {
            Json import{{"secretPath", path}, {"environment", environment}, {"secrets", Json::array()}};
            for (const auto &[name, text] : secrets)
                import["secrets"].push_back(secret(path, name, text, expand));
            answer["imports"].push_back(import);
        }
    }
    return {200, answer};
}

Json InfisicalServer::secret(const std::string &folder, const std::string &name, std::string value, bool expand) const
{
    // `${NAME}` of the same folder.
    if (expand && value.starts_with("${") && value.ends_with("}")) {
        const auto &beside = m_folders.at(folder);
        const auto found = beside.find(value.substr(2, value.size() - 3));
        if (found != beside.end())
            value = found->second;
    }
    const bool hidden = m_hidden.contains(name);
    return {{"id", "id-" + name},
            {"workspace", project},
            {"environment", environment},
            {"version", 1},
            {"type", "shared"},
            {"secretKey", name},
            {"secretValue", hidden ? "<hidden-by-infisical>" : value},
            {"secretValueHidden", hidden},
            {"secretComment", ""},
            {"secretPath", folder}};
}

} // namespace keymux::testing
