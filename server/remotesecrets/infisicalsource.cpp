// SPDX-License-Identifier: GPL-3.0-or-later
#include "remotesecrets/infisicalsource.h"

#include "core/matching.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::json;

std::string stringAt(const Json &json, const char *name)
{
    const auto found = json.is_object() ? json.find(name) : json.end();
    return json.is_object() && found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Millis secondsAt(const Json &json, const char *name)
{
    const auto found = json.find(name);
    if (found == json.end() || !found->is_number())
        return Millis(0);
    return Millis(std::int64_t(std::clamp(found->get<double>(), 0.0, 3e8) * 1000));
}

/// An access token that is expired, or not one: both come as 403 with this name, a revoked one as 401.
bool isTokenTrouble(const SourceAnswer &answer)
{
    if (answer.status == 401)
        return true;
    return answer.status == 403 && stringAt(jsonOf(answer), "error") == "TokenError";
}

/// A path the server has no handler for, unlike a folder that is not there.
bool isUnknownRoute(const SourceAnswer &answer)
{
    if (answer.status != 404)
        return false;
    const Json json = jsonOf(answer);
    return !json.is_object() || stringAt(json, "message").starts_with("Route ");
}

} // namespace

InfisicalSource::InfisicalSource(InfisicalOptions options, CredentialLookup lookup, const Now &now)
    : m_options(std::move(options)), m_client("Infisical", m_options.caFile, m_options.refresh, now),
      m_tokens(*this, {m_options.clientId, m_options.clientSecret}, std::move(lookup), now)
{
}

Result<Secret> InfisicalSource::read(const std::string &name, const std::string & /*field*/)
{
    const auto all = listing();
    if (!all)
        return tl::unexpected(all.error());
    const auto found = (*all)->find(name);
    if (found == (*all)->end())
        return failure("secret_missing", "Infisical has no secret " + name + " in " + place() +
                                             ", or the machine identity may not see it; add it there");
    if (found->second.hidden)
        return failure("secret_denied", "Infisical hides the value of " + name + " in " + place() +
                                            "; allow the machine identity to read secret values");
    return secretFrom(std::string(found->second.value.reveal()), "Infisical's " + name);
}

Result<std::vector<std::string>> InfisicalSource::list(const std::string &glob)
{
    const auto all = listing();
    if (!all)
        return tl::unexpected(all.error());
    std::vector<std::string> names;
    for (const auto &[name, entry] : **all) {
        if (globMatches(glob, name))
            names.push_back(name);
    }
    sortSecretNames(names);
    return names;
}

Result<InfisicalSource::ListingPtr> InfisicalSource::listing()
{
    const std::lock_guard lock(m_mutex);
    if (m_client.now() >= m_freshUntil) {
        m_last = fetch();
        m_freshUntil = m_client.now() + std::min(m_options.refresh / 2, Millis(5000));
        // A source that is down keeps its own time; what it said is not kept beside that.
        if (!m_last && m_last.error().code == "secret_unreachable")
            m_freshUntil = {};
    }
    return m_last;
}

Result<InfisicalSource::ListingPtr> InfisicalSource::fetch()
{
    auto answer = ask();
    if (!answer)
        return tl::unexpected(std::move(answer.error()));
    if (answer->status != 200)
        return tl::unexpected(problem(*answer));
    Json json = jsonOf(*answer);
    if (!json.is_object() || !json.contains("secrets") || !json["secrets"].is_array()) {
        wipeJson(json);
        return failure("secret_unreachable", "Infisical answered something else than a list of secrets; check `url`");
    }
    auto all = std::make_shared<Listing>();
    // What comes first wins: the folder's own secrets, then its imports, of which the last one counts most.
    const auto add = [&](const Json &secrets) {
        if (!secrets.is_array())
            return;
        for (const Json &secret : secrets) {
            const std::string name = stringAt(secret, "secretKey");
            if (name.empty() || all->contains(name))
                continue;
            const bool hidden = secret.value("secretValueHidden", Json(false)) == Json(true);
            all->emplace(name, Entry{Secret(stringAt(secret, "secretValue")), hidden});
        }
    };
    add(json["secrets"]);
    if (json.contains("imports") && json["imports"].is_array()) {
        for (auto import = json["imports"].rbegin(); import != json["imports"].rend(); ++import) {
            if (import->is_object())
                add(import->value("secrets", Json()));
        }
    }
    wipeJson(json);
    return all;
}

Result<SourceAnswer> InfisicalSource::ask()
{
    for (bool again = true;;) {
        auto token = m_tokens.token();
        if (!token) {
            Error error = std::move(token.error());
            if (!error.message.starts_with("Infisical"))
                error.message.insert(0, "Infisical: ");
            return tl::unexpected(std::move(error));
        }
        const bool old = m_old;
        SourceRequest request;
        request.url = m_options.url + (old ? "/api/v3/secrets/raw?workspaceId=" : "/api/v4/secrets?projectId=") +
                      urlEscaped(m_options.projectId) + "&environment=" + urlEscaped(m_options.environment) +
                      "&secretPath=" + urlEscaped(m_options.path) + "&expandSecretReferences=true&include_imports=true";
        request.credentialHeader = "Authorization: Bearer ";
        request.credential = *token;
        auto answer = m_client.send(request);
        if (!answer)
            return answer;
        if (!old && isUnknownRoute(*answer)) {
            m_old = true;
            continue;
        }
        if (!again || !isTokenTrouble(*answer))
            return answer;
        again = false;
        m_tokens.refused(*token);
    }
}

Error InfisicalSource::problem(const SourceAnswer &answer) const
{
    std::string said = textOf(answer);
    if (!said.empty())
        said = " (" + said + ')';
    switch (answer.status) {
    case 401:
    case 403:
        return {"secret_denied", "Infisical does not let this machine identity read " + place() + said +
                                     "; give it a role in the project that may read secrets there"};
    case 404:
        return {"secret_missing", "Infisical has no " + place() + said + "; check project, environment and path"};
    default:
        return {"secret_bad", "Infisical refused the request for " + place() + " with status " +
                                  std::to_string(answer.status) + said + "; check project, environment and path"};
    }
}

Result<TokenGrant> InfisicalSource::login(const std::vector<Secret> &credentials)
{
    SourceRequest request;
    request.method = "POST";
    request.url = m_options.url + "/api/v1/auth/universal-auth/login";
    request.body = bodyOf(
        {{"clientId", std::string(credentials[0].reveal())}, {"clientSecret", std::string(credentials[1].reveal())}});
    return grantOf(m_client.send(request), credentials[1].reveal());
}

Result<TokenGrant> InfisicalSource::renew(const std::shared_ptr<const Secret> &token)
{
    SourceRequest request;
    request.method = "POST";
    request.url = m_options.url + "/api/v1/auth/token/renew";
    request.body = bodyOf({{"accessToken", std::string(token->reveal())}});
    return grantOf(m_client.send(request), token->reveal());
}

Result<TokenGrant> InfisicalSource::grantOf(const Result<SourceAnswer> &answer, std::string_view used) const
{
    if (!answer)
        return tl::unexpected(answer.error());
    if (answer->status != 200) {
        const std::string said = textOf(*answer, used);
        return failure("secret_denied", "Infisical does not accept client id and client secret (status " +
                                            std::to_string(answer->status) + (said.empty() ? "" : ": " + said) +
                                            "); check them, their expiry and the addresses they may be used from");
    }
    Json json = jsonOf(*answer);
    TokenGrant grant;
    if (json.is_object()) {
        grant.token = Secret(stringAt(json, "accessToken"));
        grant.lifetime = secondsAt(json, "expiresIn");
        grant.longest = secondsAt(json, "accessTokenMaxTTL");
        grant.renewable = true;
    }
    wipeJson(json);
    if (grant.token.empty())
        return failure("secret_unreachable", "Infisical answered the login with no access token; check `url`");
    return grant;
}

std::string InfisicalSource::place() const
{
    return "folder " + m_options.path + " of environment `" + m_options.environment + "` in project " +
           m_options.projectId;
}

} // namespace keymux
