// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/litellmkeys.h"

#include "admin/litellmfields.h"

#include <algorithm>
#include <charconv>
#include <sodium.h>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

/// LiteLLM's envelope: `code` is the status as a string.
JsonReply refused(int status, std::string_view type, std::string_view message, const char *param = nullptr)
{
    return {.status = status,
            .body = {{"error",
                      {{"message", message},
                       {"type", type},
                       {"param", param ? Json(param) : Json(nullptr)},
                       {"code", std::to_string(status)}}}}};
}

JsonReply refused(const Error &error)
{
    if (error.code == "not_found")
        return refused(404, "not_found_error", error.message, "key");
    if (error.code == "already_there" || error.code == "bad_virtual_key" || error.code == "invalid_virtual_key")
        return refused(400, "bad_request_error", error.message);
    return refused(500, "internal_server_error", error.message);
}

std::string hexOf(const KeyDigest &digest)
{
    char text[2 * sizeof(KeyDigest) + 1];
    sodium_bin2hex(text, sizeof text, digest.data(), digest.size());
    return text;
}

std::string keyIn(const Json &request)
{
    return request.contains("key") && request["key"].is_string() ? request["key"].get<std::string>() : std::string();
}

int numberIn(std::string_view query, std::string_view name, int otherwise)
{
    const auto text = queryValue(query, name);
    int number = otherwise;
    if (!text)
        return number;
    const auto [rest, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    return error == std::errc{} && rest == text->data() + text->size() && number > 0 ? number : otherwise;
}

std::vector<std::string> textsIn(const Json &request, const char *name)
{
    std::vector<std::string> texts;
    if (!request.contains(name) || !request[name].is_array())
        return texts;
    for (const Json &text : request[name]) {
        if (text.is_string())
            texts.push_back(text.get<std::string>());
    }
    return texts;
}

} // namespace

LiteLlmKeys::LiteLlmKeys(VirtualKeyStore &store, SharedKeys &keys, std::function<void()> changed)
    : m_store(store), m_keys(keys), m_changed(std::move(changed))
{
}

std::optional<JsonReply> LiteLlmKeys::handle(std::string_view method, std::string_view path, std::string_view query,
                                             std::string_view body, TimePoint now)
{
    const bool reads = path == "/key/info" || path == "/key/list";
    const bool writes = path == "/key/generate" || path == "/key/update" || path == "/key/delete" ||
                        path == "/key/block" || path == "/key/unblock";
    if (!reads && !writes)
        return std::nullopt;
    if (method != (reads ? "GET" : "POST"))
        return refused(405, "bad_request_error", reads ? "This path takes GET." : "This path takes POST.");
    if (reads)
        return path == "/key/info" ? info(query, now) : list(query, now);
    const Json request = body.empty() ? Json::object() : Json::parse(body.begin(), body.end(), nullptr, false);
    if (!request.is_object())
        return refused(400, "bad_request_error", "The body must be a JSON object.");
    if (path == "/key/generate")
        return generate(request, now);
    if (path == "/key/update")
        return update(request, now);
    if (path == "/key/delete")
        return remove(request, now);
    return setBlocked(request, path == "/key/block", now);
}

Result<VirtualKey> LiteLlmKeys::find(const std::string &keyTokenOrId) const
{
    // Whatever was sent is not repeated: it may be a key.
    const auto unknown = failure("not_found", "There is no such key. It is named by its text, its token or its id.");
    KeyDigest digest = digestOf(keyTokenOrId);
    auto key = m_store.findDigest(digest);
    if (!key && keyTokenOrId.size() == 2 * digest.size()) {
        std::size_t size = 0;
        if (sodium_hex2bin(digest.data(), digest.size(), keyTokenOrId.data(), keyTokenOrId.size(), nullptr, &size,
                           nullptr) == 0 &&
            size == digest.size())
            key = m_store.findDigest(digest);
    }
    if (!key && keyTokenOrId.starts_with("vk_"))
        key = m_store.find(keyTokenOrId);
    if (!key)
        return key.error().code == "not_found" ? Result<VirtualKey>(unknown) : key;
    return key->revokedAt ? Result<VirtualKey>(unknown) : key;
}

Result<std::vector<VirtualKey>> LiteLlmKeys::named(const std::string &alias) const
{
    auto keys = m_store.all();
    if (keys)
        std::erase_if(*keys, [&](const VirtualKey &key) { return key.revokedAt || key.name != alias; });
    return keys;
}

Json LiteLlmKeys::record(const VirtualKey &key, TimePoint now)
{
    const auto usage = m_keys.with([&](const VirtualKeyRoom &room) { return room.usage(key, now); });
    return liteLlmRecord(key, usage, hexOf(key.digest), now);
}

JsonReply LiteLlmKeys::generate(const Json &request, TimePoint now)
{
    VirtualKey draft;
    draft.name = "key";
    if (auto read = readLiteLlmFields(request, draft, now); !read)
        return refused(read.error());
    if (request.contains("key_alias") && request["key_alias"].is_string()) {
        const auto others = named(draft.name);
        if (!others)
            return refused(others.error());
        if (!others->empty())
            return refused(400, "bad_request_error",
                           "Unique key aliases are required: there is a key with this key_alias.", "key_alias");
    }
    MintOptions options = mintOptionsFrom(draft);
    if (const std::string given = keyIn(request); !given.empty()) {
        if (!given.starts_with("sk-"))
            return refused(400, "bad_request_error", "A given key must begin with `sk-`.", "key");
        options.given = given;
    }
    const auto minted = mintVirtualKey(m_store, options, now);
    if (!minted)
        return refused(minted.error());
    m_changed();
    Json answer{{"key", minted->clear}};
    answer.update(record(minted->key, now));
    answer["token_id"] = answer["token"];
    return {.status = 200, .body = std::move(answer)};
}

JsonReply LiteLlmKeys::info(std::string_view query, TimePoint now)
{
    const auto key = find(queryValue(query, "key").value_or(std::string()));
    if (!key)
        return refused(key.error());
    Json answer{{"key", hexOf(key->digest)}, {"info", record(*key, now)}};
    answer["info"].erase("token");
    return {.status = 200, .body = std::move(answer)};
}

JsonReply LiteLlmKeys::update(const Json &request, TimePoint now)
{
    const std::string given = keyIn(request);
    const auto key = find(given);
    if (!key)
        return refused(key.error());
    const auto changed = m_store.change(key->id, [&](VirtualKey &k) { return readLiteLlmFields(request, k, now); });
    if (!changed)
        return refused(changed.error());
    m_changed();
    Json answer{{"key", given}};
    answer.update(record(*changed, now));
    return {.status = 200, .body = std::move(answer)};
}

JsonReply LiteLlmKeys::remove(const Json &request, TimePoint now)
{
    std::vector<std::string> ids;
    Json deleted = Json::array();
    for (const std::string &text : textsIn(request, "keys")) {
        const auto key = find(text);
        if (!key)
            return refused(key.error());
        ids.push_back(key->id);
        deleted.push_back(text);
    }
    for (const std::string &alias : textsIn(request, "key_aliases")) {
        const auto keys = named(alias);
        if (!keys)
            return refused(keys.error());
        if (keys->empty())
            return refused(404, "not_found_error", "There is no key with one of these key_aliases.", "key_aliases");
        for (const VirtualKey &key : *keys) {
            ids.push_back(key.id);
            deleted.push_back(hexOf(key.digest));
        }
    }
    if (ids.empty())
        return refused(400, "bad_request_error", "`keys` or `key_aliases` must name at least one key.", "keys");
    for (const std::string &id : ids) {
        if (auto revoked = m_store.revoke(id, now); !revoked)
            return refused(revoked.error());
    }
    m_changed();
    return {.status = 200, .body = {{"deleted_keys", std::move(deleted)}}};
}

JsonReply LiteLlmKeys::list(std::string_view query, TimePoint now)
{
    auto keys = m_store.all();
    if (!keys)
        return refused(keys.error());
    const auto alias = queryValue(query, "key_alias");
    std::erase_if(*keys, [&](const VirtualKey &key) { return key.revokedAt || (alias && key.name != *alias); });
    std::reverse(keys->begin(), keys->end());
    const auto size = std::size_t(std::min(numberIn(query, "size", 10), 100));
    const auto page = std::size_t(numberIn(query, "page", 1));
    const bool whole = queryValue(query, "return_full_object").value_or("") == "true";
    Json items = Json::array();
    for (std::size_t i = (page - 1) * size; i < std::min(keys->size(), page * size); ++i)
        items.push_back(whole ? record((*keys)[i], now) : Json(hexOf((*keys)[i].digest)));
    return {.status = 200,
            .body = {{"keys", std::move(items)},
                     {"total_count", keys->size()},
                     {"current_page", page},
                     {"total_pages", (keys->size() + size - 1) / size}}};
}

JsonReply LiteLlmKeys::setBlocked(const Json &request, bool blocked, TimePoint now)
{
    const auto key = find(keyIn(request));
    if (!key)
        return refused(key.error());
    const auto changed = m_store.change(key->id, [&](VirtualKey &k) -> Result<void> {
        k.blocked = blocked;
        return {};
    });
    if (!changed)
        return refused(changed.error());
    m_changed();
    return {.status = 200, .body = record(*changed, now)};
}

} // namespace keymux
