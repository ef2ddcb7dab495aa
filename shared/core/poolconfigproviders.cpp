// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dayzone.h"
#include "core/keysets.h"
#include "core/knownproviders.h"
#include "core/matching.h"
#include "core/poolconfigreader.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <unordered_set>

namespace keymux {

namespace {

constexpr std::int64_t maxLimit = 1'000'000'000'000;

std::string indexed(const std::string &path, std::size_t i)
{
    return path + '[' + std::to_string(i) + ']';
}

void readLimits(ConfigFields &fields, Limits &limits)
{
    limits.rpm = fields.integer("rpm_limit", 1, maxLimit);
    limits.tpm = fields.integer("tpm_limit", 1, maxLimit);
    limits.rpd = fields.integer("rpd_limit", 1, maxLimit);
    limits.maxParallel = fields.integer("max_parallel", 1, 1'000'000);
}

EndpointSet defaultEndpoints(std::string_view model)
{
    return model.find("embed") != std::string_view::npos ? EndpointSet{Endpoint::Embeddings}
                                                         : EndpointSet{Endpoint::Chat, Endpoint::Completions};
}

void readEndpoints(ConfigFields &fields, ModelEntry &entry)
{
    static const std::vector<std::string> words{"chat", "completions", "embeddings"};
    std::vector<std::string> names;
    fields.strings("endpoints", names);
    const JsonText *list = fields.node().find("endpoints");
    for (std::size_t i = 0; !names.empty() && i < list->items.size(); ++i) {
        const JsonText &item = list->items[i];
        const auto it = std::find(words.begin(), words.end(), item.text);
        if (it != words.end()) {
            entry.endpoints.insert(Endpoint(it - words.begin()));
        } else if (!item.text.empty()) {
            const auto near = nearestName(item.text, words);
            fields.problem(item, indexed("endpoints", i),
                           "one of `chat`, `completions`, `embeddings` is expected" +
                               (near ? "; did you mean `" + *near + "`?" : std::string()));
        }
    }
    if (entry.endpoints.empty())
        entry.endpoints = defaultEndpoints(entry.model);
}

bool isModelName(std::string_view name)
{
    return !name.empty() && name.size() <= 256 && std::none_of(name.begin(), name.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    });
}

std::vector<ModelEntry> readModels(const JsonText &list, const std::string &path, ConfigReading &reading)
{
    std::vector<ModelEntry> models;
    std::unordered_set<std::string> seen;
    if (list.kind != JsonText::Kind::Array) {
        reading.problems.add(list, path, "a list of models is expected, not " + std::string(list.kindName()));
        return models;
    }
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        ConfigFields fields(list.items[i], indexed(path, i), reading.problems);
        ModelEntry entry;
        fields.string("model", entry.model);
        if (const auto weight = fields.number("weight", 0))
            entry.weight = *weight;
        fields.integer("priority", 1, 1'000'000, entry.priority);
        readLimits(fields, entry.limits);
        entry.contextWindow = fields.integer("context_window", 1, maxLimit);
        readEndpoints(fields, entry);
        fields.reportUnknown();
        const JsonText *name = fields.node().find("model");
        if (list.items[i].kind != JsonText::Kind::Object)
            continue; // said already
        if (!name)
            fields.problem(list.items[i], "model", "`model` is missing: the provider's name of the model");
        else if (isGlob(entry.model))
            fields.problem(*name, "model", "a model is named in full; `*` belongs into routing.model_map");
        else if (!isModelName(entry.model))
            fields.problem(*name, "model", "a name of 1 to 256 bytes is expected");
        else if (!seen.insert(entry.model).second)
            fields.problem(*name, "model", "this model is there twice; keep one entry");
        models.push_back(std::move(entry));
    }
    return models;
}

bool isKeyId(std::string_view id)
{
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
               c == '-';
    });
}

/// The id of a set's keys, with a `*` for what tells them apart.
bool isSetId(std::string id)
{
    const bool hasStar = id.find('*') != std::string::npos;
    std::replace(id.begin(), id.end(), '*', 'x');
    return hasStar && isKeyId(id);
}

/// Header names and values as they may stand in a request.
bool isHeaderName(std::string_view name)
{
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
}

std::string lower(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return result;
}

/// What a config may not say in a header: the credential, and what belongs to the connection.
bool isReservedHeader(const std::string &name)
{
    static constexpr std::array reserved{"authorization",  "x-api-key",
                                         "x-goog-api-key", "api-key",
                                         "cookie",         "proxy-authorization",
                                         "host",           "connection",
                                         "content-length", "transfer-encoding",
                                         "keep-alive",     "te",
                                         "trailer",        "upgrade",
                                         "content-type",   "expect",
                                         "accept-encoding"};
    return std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

/// Reads one provider; its keys take what it says as their defaults.
class ProviderReader {
public:
    ProviderReader(const JsonText::Member &member, ConfigReading &reading, std::set<std::string> &keyIds)
        : m_member(member), m_reading(reading), m_keyIds(keyIds),
          m_fields(member.value, "providers." + shownName(member.name), reading.problems)
    {
        m_provider.name = member.name;
    }

    Provider read()
    {
        if (!isKeyId(m_provider.name))
            m_reading.problems.add(m_member.line, m_member.column, m_fields.pathOf("").substr(0, 100),
                                   "a provider's name has 1 to 64 of A-Z a-z 0-9 . _ -");
        readApi();
        readBaseUrl();
        readAuth();
        readHeaders();
        m_fields.strings("drop_params", m_provider.dropParams);
        m_fields.stringMap("rename_params", m_provider.renameParams);
        readTimeouts();
        if (const JsonText *limits = m_fields.get("limits")) {
            ConfigFields fields(*limits, m_fields.pathOf("limits"), m_reading.problems);
            readLimits(fields, m_provider.limits);
            fields.reportUnknown();
        }
        if (const JsonText *models = m_fields.get("models"))
            m_provider.models = readModels(*models, m_fields.pathOf("models"), m_reading);
        readZone();
        m_provider.streamUsage = knownProvider(m_provider.name) != nullptr;
        m_fields.boolean("stream_usage", m_provider.streamUsage);
        m_fields.string("proxy", m_provider.proxy);
        m_fields.string("ca_file", m_provider.caFile);
        readKeys();
        m_fields.reportUnknown();
        return std::move(m_provider);
    }

private:
    void readApi()
    {
        const auto api = m_fields.oneOf("api", {"openai", "gemini", "anthropic"});
        const JsonText *value = m_fields.node().find("api");
        if (api)
            m_provider.api = Api(*api);
        else if (m_provider.name == "anthropic" && !value)
            m_provider.api = Api::Anthropic;
        if (m_provider.api == Api::OpenAi)
            return;
        const std::string_view name = m_provider.api == Api::Gemini ? "gemini" : "anthropic";
        const std::string hint = m_provider.api == Api::Gemini
                                     ? "leave `api` out to speak to Google's OpenAI-compatible path"
                                     : "set `api` to `openai` and `base_url` to https://api.anthropic.com/v1 to use "
                                       "its OpenAI-compatible path";
        const std::string message =
            "the native `" + std::string(name) + "` dialect is " + std::string(notSupported) + "; " + hint;
        if (value)
            m_fields.problem(*value, "api", message);
        else
            m_reading.problems.add(m_member.line, m_member.column, m_fields.pathOf("api"), message);
    }

    void readBaseUrl()
    {
        if (const KnownProvider *known = knownProvider(m_provider.name))
            m_provider.baseUrl = known->baseUrl;
        m_fields.string("base_url", m_provider.baseUrl);
        const JsonText *value = m_fields.node().find("base_url");
        if (!value) {
            if (m_provider.baseUrl.empty())
                m_reading.problems.add(m_member.line, m_member.column, m_fields.pathOf("base_url"),
                                       "`base_url` is missing: only well-known providers have a default");
        } else if (!isBaseUrl(m_provider.baseUrl)) {
            m_fields.problem(*value, "base_url",
                             "an http or https URL without credentials, query or fragment is expected, "
                             "for instance https://api.openai.com/v1");
        }
        while (m_provider.baseUrl.ends_with('/'))
            m_provider.baseUrl.pop_back();
        m_provider.google = m_provider.name == "gemini" || m_provider.api == Api::Gemini ||
                            m_provider.baseUrl.find("://generativelanguage.googleapis.com") != std::string::npos;
    }

    void readAuth()
    {
        if (const auto auth = m_fields.oneOf("auth", {"bearer", "x-goog-api-key", "x-api-key", "api-key", "none"}))
            m_provider.auth = AuthStyle(*auth);
    }

    void readHeaders()
    {
        m_fields.stringMap("headers", m_provider.headers);
        for (const auto &[name, value] : m_provider.headers) {
            const JsonText *at = m_fields.node().find("headers");
            const std::string path = "headers." + name;
            if (!isHeaderName(name) || value.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
                m_fields.problem(
                    *at, path,
                    "this is no header: a name of letters, digits and dashes, and a value on one line are expected");
            else if (isReservedHeader(lower(name)))
                m_fields.problem(*at, path, "this header is set by the gateway itself; use `auth` for the credential");
        }
        m_fields.strings("forward_headers", m_provider.forwardHeaders);
        for (std::string &name : m_provider.forwardHeaders) {
            name = lower(name);
            const JsonText *at = m_fields.node().find("forward_headers");
            if (!isHeaderName(name))
                m_fields.problem(*at, "forward_headers", "a header's name is expected");
            else if (isReservedHeader(name))
                m_fields.problem(*at, "forward_headers", "a client's `" + name + "` is never passed on");
        }
    }

    void readTimeouts()
    {
        const JsonText *value = m_fields.get("timeouts");
        if (!value)
            return;
        ConfigFields fields(*value, m_fields.pathOf("timeouts"), m_reading.problems);
        fields.millis("connect_ms", 1, m_provider.timeouts.connect);
        fields.millis("first_byte_ms", 1, m_provider.timeouts.firstByte);
        fields.millis("idle_ms", 1, m_provider.timeouts.idle);
        fields.reportUnknown();
    }

    void readZone()
    {
        if (m_provider.google)
            m_provider.rpdResetZone = "America/Los_Angeles";
        m_fields.string("rpd_reset_zone", m_provider.rpdResetZone);
        const JsonText *value = m_fields.node().find("rpd_reset_zone");
        if (value && value->kind == JsonText::Kind::String && !DayZone::named(m_provider.rpdResetZone, TimePoint{}))
            m_fields.problem(*value, "rpd_reset_zone",
                             "a time zone's IANA name is expected, for instance America/Los_Angeles or UTC");
    }

    void readKeys()
    {
        const JsonText *keys = m_fields.get("keys");
        if (!keys)
            return;
        if (keys->kind != JsonText::Kind::Array) {
            m_fields.problem(*keys, "keys", "a list of keys is expected, not " + std::string(keys->kindName()));
            return;
        }
        for (std::size_t i = 0; i < keys->items.size(); ++i)
            readKey(keys->items[i], indexed(m_fields.pathOf("keys"), i));
    }

    void readKey(const JsonText &node, const std::string &path)
    {
        ConfigFields fields(node, path, m_reading.problems);
        KeyEntry key;
        readReference(fields, "api_key", key.apiKey, m_reading);
        if (!node.find("api_key") && m_provider.auth != AuthStyle::None && node.kind == JsonText::Kind::Object)
            fields.problem(node, "api_key", "`api_key` is missing: a reference such as `env:NAME`");
        fields.string("key_id", key.keyId);
        const JsonText *id = node.find("key_id");
        if (node.kind != JsonText::Kind::Object) {
            return;
        } else if (isKeySet(key)) {
            if (id && !isSetId(key.keyId))
                fields.problem(*id, "key_id",
                               "the keys of a set need different ids: leave `key_id` out, or write a `*` into it, such "
                               "as `gemini-*`");
            else if (id && !m_keyIds.insert(key.keyId).second)
                fields.problem(*id, "key_id", "another set of this document has this id; ids are unique");
        } else if (!id) {
            fields.problem(node, "key_id", "`key_id` is missing: a name for this key, such as `gemini-key-1`");
        } else if (!isKeyId(key.keyId)) {
            fields.problem(*id, "key_id", "a name of 1 to 64 of A-Z a-z 0-9 . _ - is expected");
        } else if (!m_keyIds.insert(key.keyId).second) {
            // Without the id: /health shows this sentence to everybody.
            fields.problem(*id, "key_id", "another key of this document has this id; ids are unique");
        }
        fields.boolean("enabled", key.enabled);
        readLimits(fields, key.limits);
        if (const auto scope = fields.oneOf("limits_scope", {"model", "key"}))
            key.limitsScope = LimitsScope(*scope);
        fields.string("quota_group", key.quotaGroup);
        fields.strings("tags", key.tags);
        const JsonText *models = fields.get("priority_models");
        key.models = models ? readModels(*models, fields.pathOf("priority_models"), m_reading) : m_provider.models;
        if (key.models.empty() && (!models || models->kind == JsonText::Kind::Array))
            fields.problem(models ? *models : node, "priority_models",
                           "a key needs at least one model, its own or its provider's `models`");
        fields.reportUnknown();
        m_provider.keys.push_back(std::move(key));
    }

    const JsonText::Member &m_member;
    ConfigReading &m_reading;
    std::set<std::string> &m_keyIds;
    ConfigFields m_fields;
    Provider m_provider;
};

} // namespace

void readProviders(const JsonText &node, ConfigReading &reading)
{
    ConfigFields fields(node, "providers", reading.problems);
    std::set<std::string> keyIds;
    for (const auto &member : node.members)
        reading.config.providers.push_back(ProviderReader(member, reading, keyIds).read());
}

} // namespace keymux
