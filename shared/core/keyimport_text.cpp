// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keyimport_text.h"

#include "core/jsonprint.h"

#include <array>
#include <charconv>

namespace keymux {

namespace {

std::string numberText(double value)
{
    std::array<char, 32> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return error == std::errc() ? std::string(buffer.data(), end) : "1";
}

using Members = std::vector<std::string>;

void add(Members &members, std::string_view name, const std::string &value)
{
    members.push_back(jsonString(name) + ": " + value);
}

void addText(Members &members, std::string_view name, const std::string &text)
{
    if (!text.empty())
        add(members, name, jsonString(text));
}

void addLimits(Members &members, const Limits &limits)
{
    const auto limit = [&](std::string_view name, const std::optional<std::int64_t> &value) {
        if (value)
            add(members, name, std::to_string(*value));
    };
    limit("rpm_limit", limits.rpm);
    limit("tpm_limit", limits.tpm);
    limit("rpd_limit", limits.rpd);
    limit("max_parallel", limits.maxParallel);
}

std::string joined(const Members &members, const std::string &between)
{
    std::string text;
    for (std::size_t i = 0; i < members.size(); ++i)
        text += (i ? between : std::string()) + members[i];
    return text;
}

std::string onOneLine(const Members &members)
{
    return '{' + joined(members, ", ") + '}';
}

std::string block(char open, const Members &members, char close)
{
    std::string text(1, open);
    for (const char c : '\n' + joined(members, ",\n")) {
        text += c;
        if (c == '\n')
            text += "  ";
    }
    return text + '\n' + close;
}

std::string modelsText(const std::vector<ModelEntry> &models)
{
    Members items;
    for (const ModelEntry &model : models)
        items.push_back(modelText(model));
    return items.size() == 1 ? '[' + items.front() + ']' : block('[', items, ']');
}

std::string_view authName(AuthStyle auth)
{
    constexpr std::array<std::string_view, 5> names{"bearer", "x-goog-api-key", "x-api-key", "api-key", "none"};
    return names.at(std::size_t(auth));
}

} // namespace

std::string modelText(const ModelEntry &model)
{
    Members members;
    addText(members, "model", model.model);
    if (model.weight != 1)
        add(members, "weight", numberText(model.weight));
    if (model.priority != 1)
        add(members, "priority", std::to_string(model.priority));
    addLimits(members, model.limits);
    if (model.contextWindow)
        add(members, "context_window", std::to_string(*model.contextWindow));
    std::vector<std::string> endpoints;
    for (int i = 0; i < endpointCount; ++i) {
        if (model.endpoints.contains(Endpoint(i)))
            endpoints.emplace_back(endpointName(Endpoint(i)));
    }
    if (!endpoints.empty())
        add(members, "endpoints", listText(endpoints));
    return onOneLine(members);
}

std::string keyText(const ImportedKey &key)
{
    Members members;
    addText(members, "key_id", key.keyId);
    addText(members, "api_key", key.reference);
    if (!key.enabled)
        add(members, "enabled", "false");
    addLimits(members, key.limits);
    addText(members, "quota_group", key.quotaGroup);
    if (!key.tags.empty())
        add(members, "tags", listText(key.tags));
    if (key.models.empty())
        return onOneLine(members);
    add(members, "priority_models", modelsText(key.models));
    return block('{', members, '}');
}

std::string providerText(const ImportedProvider &provider)
{
    Members members;
    if (provider.name == "anthropic" && !provider.baseUrl.empty())
        add(members, "api", "\"openai\"");
    addText(members, "base_url", provider.baseUrl);
    if (provider.auth)
        addText(members, "auth", std::string(authName(*provider.auth)));
    Members headers;
    for (const auto &[name, value] : provider.headers)
        addText(headers, name, value);
    if (!headers.empty())
        add(members, "headers", onOneLine(headers));
    Members limits;
    addLimits(limits, provider.limits);
    if (!limits.empty())
        add(members, "limits", onOneLine(limits));
    if (!provider.models.empty())
        add(members, "models", modelsText(provider.models));
    Members keys;
    for (const ImportedKey &key : provider.keys)
        keys.push_back(keyText(key));
    add(members, "keys", keys.empty() ? "[]" : block('[', keys, ']'));
    return jsonString(provider.name) + ": " + block('{', members, '}');
}

std::string ruleText(const ModelRule &rule)
{
    Members members;
    addText(members, "match", rule.match);
    add(members, "models", listText(rule.models));
    return onOneLine(members);
}

std::string listText(const std::vector<std::string> &items)
{
    Members quoted;
    for (const std::string &item : items)
        quoted.push_back(jsonString(item));
    return '[' + joined(quoted, ", ") + ']';
}

} // namespace keymux
