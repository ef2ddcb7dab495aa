// SPDX-License-Identifier: GPL-3.0-or-later
#include "remotesecrets/vaultsource.h"

#include "core/matching.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::json;

constexpr std::size_t maxSlots = 2 * maxListedSecrets;

/// A member by its way down; null when there is none.
Json at(const Json &json, std::initializer_list<const char *> way)
{
    const Json *here = &json;
    for (const char *name : way) {
        if (!here->is_object())
            return {};
        const auto found = here->find(name);
        if (found == here->end())
            return {};
        here = &*found;
    }
    return *here;
}

std::string text(const Json &json)
{
    return json.is_string() ? json.get<std::string>() : std::string();
}

Millis seconds(const Json &json)
{
    return json.is_number() ? Millis(std::int64_t(std::clamp(json.get<double>(), 0.0, 3e8) * 1000)) : Millis(0);
}

bool isRefusal(const SourceAnswer &answer)
{
    return answer.status == 400 || answer.status == 401 || answer.status == 403;
}

std::string said(const SourceAnswer &answer)
{
    const std::string words = textOf(answer);
    return words.empty() ? std::string() : " (" + words + ')';
}

/// A version that was deleted or destroyed comes as 404 with its metadata.
Error missing(const std::string &path, const SourceAnswer &answer)
{
    const Json metadata = at(jsonOf(answer), {"data", "metadata"});
    const std::string begin = "Vault's " + path;
    if (at(metadata, {"destroyed"}) == Json(true))
        return {"secret_missing", begin + ": its newest version was destroyed; write a new one"};
    if (!text(at(metadata, {"deletion_time"})).empty())
        return {"secret_missing", begin + ": its newest version was deleted; undelete it or write a new one"};
    return {"secret_missing", begin + " is not there" + said(answer) +
                                  "; check the path (its first part is the mount, which must be a key-value engine of "
                                  "version 2)"};
}

} // namespace

VaultSource::VaultSource(VaultOptions options, CredentialLookup lookup, const Now &now)
    : m_options(std::move(options)), m_client("Vault", m_options.caFile, m_options.refresh, now),
      m_tokens(*this,
               m_options.token.empty() ? std::vector<std::string>{m_options.roleId, m_options.secretId}
                                       : std::vector<std::string>{m_options.token},
               std::move(lookup), now)
{
}

Result<Secret> VaultSource::read(const std::string &name, const std::string &field)
{
    const auto fields = fieldsOf(name);
    if (!fields)
        return tl::unexpected(fields.error());
    const auto found = (*fields)->find(field);
    if (found == (*fields)->end())
        return failure("secret_missing", "Vault's " + name + " has no field " + field + "; add it there");
    if (found->second.empty())
        return failure("secret_bad", "Vault's " + name + "#" + field + " is empty or no text");
    return secretFrom(std::string(found->second.reveal()), "Vault's " + name + "#" + field);
}

Result<std::vector<std::string>> VaultSource::list(const std::string &glob)
{
    const std::size_t hash = glob.rfind('#');
    if (hash == std::string::npos)
        return listPaths(glob);
    const auto fields = fieldsOf(glob.substr(0, hash));
    if (!fields)
        return tl::unexpected(fields.error());
    std::vector<std::string> names;
    for (const auto &[name, value] : **fields) {
        if (globMatches(std::string_view(glob).substr(hash + 1), name))
            names.push_back(name);
    }
    sortSecretNames(names);
    return names;
}

Result<std::vector<std::string>> VaultSource::listPaths(const std::string &glob)
{
    const std::size_t cut = glob.rfind('/') + 1;
    const std::string folder = glob.substr(0, cut);
    const std::string_view pattern = std::string_view(glob).substr(cut);
    // With a name below it every folder is a path, also the mount itself.
    const auto place = VaultPath::parse(folder + "x");
    if (!place || isGlob(folder))
        return failure("secret_bad", "vault:" + glob +
                                         " is no set; `*` may stand in the last part of a path, as in "
                                         "vault:secret/llm/KEY_*#value");
    std::string below = place->metadataUrl();
    below.pop_back();
    auto answer = get(below + "?list=true");
    if (!answer)
        return tl::unexpected(std::move(answer.error()));
    std::vector<std::string> names;
    if (answer->status == 404) // an empty folder is none
        return names;
    if (answer->status != 200)
        return failure("secret_denied", "Vault does not let this token list " + folder + said(*answer) +
                                            "; its policy needs `list` on " + place->mount + "/metadata/…");
    const Json keys = at(jsonOf(*answer), {"data", "keys"});
    for (const Json &key : keys) {
        const std::string name = text(key);
        if (!name.empty() && !name.ends_with('/') && globMatches(pattern, name))
            names.push_back(folder + name);
    }
    sortSecretNames(names);
    return names;
}

std::shared_ptr<VaultSource::Slot> VaultSource::slotOf(const std::string &path)
{
    const std::lock_guard lock(m_mutex);
    if (m_slots.size() > maxSlots)
        m_slots.clear();
    auto &slot = m_slots[path];
    if (!slot)
        slot = std::make_shared<Slot>();
    return slot;
}

Result<VaultSource::FieldsPtr> VaultSource::fieldsOf(const std::string &path)
{
    const auto slot = slotOf(path);
    const std::lock_guard lock(slot->mutex);
    if (m_client.now() >= slot->freshUntil) {
        slot->last = fetch(path);
        slot->freshUntil = m_client.now() + std::min(m_options.refresh / 2, Millis(5000));
        // A source that is down keeps its own time; what it said is not kept beside that.
        if (!slot->last && slot->last.error().code == "secret_unreachable")
            slot->freshUntil = {};
    }
    return slot->last;
}

Result<VaultSource::FieldsPtr> VaultSource::fetch(const std::string &path)
{
    const auto place = VaultPath::parse(path);
    if (!place)
        return failure("secret_bad", "vault:" + path +
                                         " is no path of a secret; write MOUNT/PATH#FIELD, for instance "
                                         "vault:secret/llm#gemini");
    auto answer = get(place->dataUrl());
    if (!answer)
        return tl::unexpected(std::move(answer.error()));
    if (answer->status == 404)
        return tl::unexpected(missing(path, *answer));
    if (answer->status == 403)
        return failure("secret_denied", "Vault does not let this token read " + path + said(*answer) +
                                            "; its policy needs `read` on " + place->mount + "/data/" + place->path);
    if (answer->status != 200)
        return failure("secret_bad", "Vault refused to read " + path + " with status " +
                                         std::to_string(answer->status) + said(*answer));
    Json json = jsonOf(*answer);
    const auto data = json.is_object() ? json.find("data") : json.end();
    if (!json.is_object() || data == json.end() || !data->is_object() || !data->contains("data") ||
        !(*data)["data"].is_object()) {
        wipeJson(json);
        return failure("secret_bad", "Vault's " + path + " is no secret of a key-value engine of version 2");
    }
    auto fields = std::make_shared<Fields>();
    for (const auto &[name, value] : (*data)["data"].items())
        fields->emplace(name, Secret(text(value)));
    wipeJson(json);
    return fields;
}

Result<SourceAnswer> VaultSource::get(const std::string &below)
{
    for (bool again = true;; again = false) {
        auto token = m_tokens.token();
        if (!token)
            return tl::unexpected(std::move(token.error()));
        auto answer = call("GET", below, *token);
        if (!answer || !again || !isTokenTrouble(*answer, *token))
            return answer;
        m_tokens.refused(*token);
    }
}

Result<SourceAnswer> VaultSource::call(const std::string &method, const std::string &below,
                                       std::shared_ptr<const Secret> credential, Secret body)
{
    SourceRequest request;
    request.method = method;
    request.url = m_options.url + "/v1/" + below;
    request.headers.emplace_back("X-Vault-Request", "true");
    if (!m_options.nameSpace.empty())
        request.headers.emplace_back("X-Vault-Namespace", m_options.nameSpace);
    request.credentialHeader = "X-Vault-Token: ";
    request.credential = std::move(credential);
    request.body = std::move(body);
    return m_client.send(request);
}

/// Vault says 403 to a token it does not know and to one that may not; newer servers tell which, others are asked.
bool VaultSource::isTokenTrouble(const SourceAnswer &answer, const std::shared_ptr<const Secret> &token)
{
    if (answer.status != 403)
        return false;
    const std::string words = textOf(answer);
    if (words.find("invalid token") != std::string::npos || words.find("bad token") != std::string::npos)
        return true;
    {
        const std::lock_guard lock(m_mutex);
        if (m_goodToken.lock() == token && m_client.now() < m_goodUntil)
            return false;
    }
    const auto known = call("GET", "auth/token/lookup-self", token);
    if (known && known->status == 403)
        return true;
    const std::lock_guard lock(m_mutex);
    m_goodToken = token;
    m_goodUntil = m_client.now() + m_options.refresh / 2;
    return false;
}

Result<TokenGrant> VaultSource::login(const std::vector<Secret> &credentials)
{
    if (!m_options.token.empty())
        return adopt(credentials[0]);
    return grantOf(call("POST", "auth/approle/login", {},
                        bodyOf({{"role_id", std::string(credentials[0].reveal())},
                                {"secret_id", std::string(credentials[1].reveal())}})),
                   credentials[1].reveal());
}

/// A token that was given to us: how long it lives is asked for, so that it is renewed in time.
Result<TokenGrant> VaultSource::adopt(const Secret &token)
{
    const auto shared = std::make_shared<const Secret>(std::string(token.reveal()));
    const auto answer = call("GET", "auth/token/lookup-self", shared);
    if (!answer)
        return tl::unexpected(answer.error());
    if (isRefusal(*answer))
        return failure("secret_denied", "Vault does not accept the token (it is expired, revoked or of another "
                                        "namespace, or its policy lacks `default`)" +
                                            said(*answer) + "; put a new one in its place");
    TokenGrant grant;
    grant.token = Secret(std::string(token.reveal()));
    const Json json = jsonOf(*answer);
    grant.lifetime = seconds(at(json, {"data", "ttl"}));
    grant.renewable = at(json, {"data", "renewable"}) == Json(true);
    return grant;
}

Result<TokenGrant> VaultSource::renew(const std::shared_ptr<const Secret> &token)
{
    return grantOf(call("POST", "auth/token/renew-self", token, bodyOf(Json::object())), token->reveal());
}

Result<TokenGrant> VaultSource::grantOf(const Result<SourceAnswer> &answer, std::string_view used) const
{
    if (!answer)
        return tl::unexpected(answer.error());
    if (answer->status != 200) {
        const std::string words = textOf(*answer, used);
        return failure("secret_denied", "Vault does not accept the login (status " + std::to_string(answer->status) +
                                            (words.empty() ? "" : ": " + words) +
                                            "); check role id and secret id, their uses and their expiry");
    }
    Json json = jsonOf(*answer);
    TokenGrant grant;
    grant.token = Secret(text(at(json, {"auth", "client_token"})));
    grant.lifetime = seconds(at(json, {"auth", "lease_duration"}));
    grant.renewable = at(json, {"auth", "renewable"}) == Json(true);
    wipeJson(json);
    if (grant.token.empty())
        return failure("secret_unreachable", "Vault answered the login with no token; check `url`");
    return grant;
}

} // namespace keymux
