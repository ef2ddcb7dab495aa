// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/litellmmodels.h"

#include "core/configfields.h"
#include "core/keyimport_names.h"
#include "core/matching.h"
#include "core/secretref.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace keymux {

namespace {

using Kind = ImportNote::Kind;

constexpr std::string_view environment = "os.environ/";

template <typename T>
bool readNumber(std::string_view text, T min, T &out)
{
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < min)
        return false;
    out = value;
    return true;
}

/// Parameters that become something, or need nothing.
constexpr std::array handled{std::string_view("model"),
                             std::string_view("api_key"),
                             std::string_view("api_base"),
                             std::string_view("base_url"),
                             std::string_view("rpm"),
                             std::string_view("tpm"),
                             std::string_view("weight"),
                             std::string_view("order"),
                             std::string_view("max_parallel_requests"),
                             std::string_view("litellm_credential_name"),
                             std::string_view("drop_params"),
                             std::string_view("custom_llm_provider"),
                             std::string_view("input_cost_per_token"),
                             std::string_view("output_cost_per_token")};

/// What people write where a server wants no key.
bool isNoKey(std::string_view key)
{
    constexpr std::array words{std::string_view("none"),     std::string_view("None"),
                               std::string_view("EMPTY"),    std::string_view("empty"),
                               std::string_view("dummy"),    std::string_view("fake-key"),
                               std::string_view("anything"), std::string_view("not-needed")};
    return std::find(words.begin(), words.end(), key) != words.end();
}

} // namespace

std::string textAt(const JsonText &node, std::string_view name)
{
    const JsonText *value = node.find(name);
    if (!value)
        return {};
    if (value->kind == JsonText::Kind::Bool)
        return value->boolean ? "true" : "false";
    return value->kind == JsonText::Kind::String || value->kind == JsonText::Kind::Number ? value->text : std::string();
}

struct LiteLlmModels::Entry {
    std::string name;  ///< what clients ask for
    std::string model; ///< with LiteLLM's prefix
    std::string key, base;
    const JsonText *parameters = nullptr, *info = nullptr;
    int line = 0;
    std::string shown() const { return "model " + shownName(name); }
};

LiteLlmModels::LiteLlmModels(const JsonText &document, const ImportOptions &options, PoolImport &import)
    : m_document(document), m_options(options), m_import(import), m_names(options, import)
{
}

LiteLlmGroups LiteLlmModels::read()
{
    takeVariables(m_document);
    if (const JsonText *list = m_document.find("model_list")) {
        for (std::size_t i = 0; i < list->items.size(); ++i)
            readEntry(list->items[i], i);
    }
    LiteLlmGroups groups;
    for (auto &[name, members] : m_groups) {
        std::stable_sort(members.begin(), members.end(),
                         [](const Member &a, const Member &b) { return a.priority < b.priority; });
        std::vector<std::string> targets;
        for (const Member &member : members)
            targets.push_back(member.target);
        groups.emplace_back(name, std::move(targets));
    }
    return groups;
}

void LiteLlmModels::takeVariables(const JsonText &node)
{
    if (node.kind == JsonText::Kind::String && node.text.starts_with(environment))
        m_names.take(node.text.substr(environment.size()));
    for (const JsonText &item : node.items)
        takeVariables(item);
    for (const JsonText::Member &member : node.members)
        takeVariables(member.value);
}

void LiteLlmModels::readEntry(const JsonText &node, std::size_t index)
{
    Entry entry;
    entry.line = node.line;
    entry.name = textAt(node, "model_name");
    entry.parameters = node.find("litellm_params");
    entry.info = node.find("model_info");
    const std::string place = "model_list[" + std::to_string(index) + "]";
    if (!entry.parameters || (entry.model = textAt(*entry.parameters, "model")).empty()) {
        m_import.note(Kind::NotMapped, node.line, place, "it has no litellm_params.model");
        return;
    }
    if (const std::string given = textAt(*entry.parameters, "custom_llm_provider");
        !given.empty() && !entry.model.starts_with(given + '/'))
        entry.model.insert(0, given + '/');
    if (entry.name.empty())
        entry.name = entry.model;
    entry.key = textAt(*entry.parameters, "api_key");
    entry.base = textAt(*entry.parameters, "api_base");
    if (entry.base.empty())
        entry.base = textAt(*entry.parameters, "base_url");
    if (const std::string credential = textAt(*entry.parameters, "litellm_credential_name"); !credential.empty()) {
        const JsonText *list = m_document.find("credential_list");
        for (std::size_t i = 0; list && i < list->items.size(); ++i) {
            const JsonText *values = list->items[i].find("credential_values");
            if (!values || textAt(list->items[i], "credential_name") != credential)
                continue;
            entry.key = entry.key.empty() ? textAt(*values, "api_key") : entry.key;
            entry.base = entry.base.empty() ? textAt(*values, "api_base") : entry.base;
        }
    }
    reportParameters(*entry.parameters);
    readDeployment(entry);
}

void LiteLlmModels::readDeployment(Entry &entry)
{
    auto target = liteLlmTarget(entry.model, entry.base);
    if (!target) {
        m_import.note(Kind::NotMapped, entry.line, entry.shown(), target.error().message);
        return;
    }
    ModelEntry model{.model = target->model, .limits = {}, .contextWindow = {}, .endpoints = {}};
    if (target->completions)
        model.endpoints.insert(Endpoint::Completions);
    if (!readMode(entry, model))
        return;
    readLimits(entry, model);
    std::vector<std::string> names{target->model};
    if (isGlob(target->model)) {
        if (m_options.models.empty()) {
            m_import.note(Kind::NotMapped, entry.line, entry.shown(),
                          "it stands for every model of " + target->provider +
                              ", and a pool names each; say which with --models a,b");
            return;
        }
        names = m_options.models;
    }
    const std::string reference = referenceOf(entry, *target);
    for (const std::string &name : names) {
        model.model = name;
        target->model = name;
        addModel(entry, *target, model, reference);
        joinGroup(isGlob(entry.name) && names.size() > 1 ? name : entry.name, target->provider + '/' + name,
                  model.priority);
    }
}

bool LiteLlmModels::readMode(const Entry &entry, ModelEntry &model)
{
    const std::string mode = entry.info ? textAt(*entry.info, "mode") : std::string();
    if (mode == "embedding") {
        model.endpoints.insert(Endpoint::Embeddings);
    } else if (mode == "completion") {
        model.endpoints.insert(Endpoint::Completions);
    } else if (!mode.empty() && mode != "chat" && mode != "responses") {
        m_import.note(Kind::NotMapped, entry.line, entry.shown(),
                      "requests of the kind `" + shownName(mode) + "` are not served");
        return false;
    }
    std::int64_t window = 0;
    if (entry.info && readNumber<std::int64_t>(textAt(*entry.info, "max_input_tokens"), 1, window))
        model.contextWindow = window;
    return true;
}

void LiteLlmModels::readLimits(const Entry &entry, ModelEntry &model)
{
    const std::pair<std::string_view, std::optional<std::int64_t> *> limits[] = {
        {"rpm", &model.limits.rpm}, {"tpm", &model.limits.tpm}, {"max_parallel_requests", &model.limits.maxParallel}};
    const auto unusable = [&](std::string_view name) {
        m_import.note(Kind::NotMapped, entry.line, entry.shown(), std::string(name) + " is no number that can be used");
    };
    for (const auto &[name, limit] : limits) {
        const std::string text = textAt(*entry.parameters, name);
        std::int64_t value = 0;
        if (text.empty())
            continue;
        if (readNumber<std::int64_t>(text, 1, value) && value <= 1'000'000'000'000 &&
            (limit != &model.limits.maxParallel || value <= 1'000'000))
            *limit = value;
        else
            unusable(name);
    }
    const std::string weight = textAt(*entry.parameters, "weight"), order = textAt(*entry.parameters, "order");
    if (!weight.empty() && (!readNumber(weight, 0.0, model.weight) || model.weight > 1e9)) {
        model.weight = 1;
        unusable("weight");
    }
    if (!order.empty() && (!readNumber(order, 1, model.priority) || model.priority > 1'000'000)) {
        model.priority = 1;
        unusable("order");
    }
}

std::string LiteLlmModels::referenceOf(const Entry &entry, LiteLlmTarget &target)
{
    if (entry.key.starts_with(environment)) {
        std::string reference = "env:" + entry.key.substr(environment.size());
        if (parseSecretRef(reference))
            return reference;
    }
    if (entry.key.empty() ? target.variable.empty() : target.ownAddress && isNoKey(entry.key)) {
        target.auth = AuthStyle::None;
        return {};
    }
    if (entry.key.empty()) {
        if (m_told.insert("key of " + target.provider).second)
            m_import.note(Kind::Check, entry.line, entry.shown(),
                          "no api_key is named: taken from " + target.variable + ", as LiteLLM does");
        return "env:" + target.variable;
    }
    if (!isOneWord(entry.key)) {
        m_import.note(Kind::NotMapped, entry.line, entry.shown(), "its api_key holds spaces or control characters");
        return "env:" + variableOf(target.provider + "_KEY");
    }
    return m_names.referenceFor(entry.key, target.provider + "_KEY_" + std::to_string(m_import.secrets.size() + 1),
                                entry.line);
}

ImportedKey &LiteLlmModels::keyOf(ImportedProvider &provider, const Entry &entry, const LiteLlmTarget &target,
                                  const std::string &reference)
{
    const auto [place, fresh] = m_keyAt.emplace(std::pair(target.provider, reference), provider.keys.size());
    if (!fresh)
        return provider.keys[place->second];
    ImportedKey key;
    key.line = entry.line;
    key.reference = reference;
    std::string_view name = reference;
    if (name.starts_with("env:"))
        name.remove_prefix(4);
    else if (const std::size_t slash = name.rfind('/'); slash != std::string_view::npos)
        name.remove_prefix(slash + 1);
    else if (name.ends_with("_PLACEHOLDER"))
        name.remove_suffix(12);
    const std::string wished = name.empty() ? target.provider : keyIdOf(name);
    key.keyId = wished;
    for (int n = 2; !m_ids.insert(key.keyId).second; ++n)
        key.keyId = wished.substr(0, 58) + '-' + std::to_string(n);
    provider.keys.push_back(std::move(key));
    return provider.keys.back();
}

void LiteLlmModels::addModel(const Entry &entry, const LiteLlmTarget &target, ModelEntry model,
                             const std::string &reference)
{
    ImportedProvider &provider = providerOf(m_import, target.provider, target.baseUrl);
    if (target.auth)
        provider.auth = target.auth;
    ImportedKey &key = keyOf(provider, entry, target, reference);
    const auto known =
        std::find_if(key.models.begin(), key.models.end(), [&](const ModelEntry &m) { return m.model == model.model; });
    const std::string place = "key " + key.keyId + ", model " + shownName(model.model);
    if (known == key.models.end()) {
        m_import.note(Kind::Mapped, entry.line, entry.shown(), place);
        key.models.push_back(std::move(model));
    } else if (!(*known == model)) {
        m_import.note(Kind::NotMapped, entry.line, entry.shown(),
                      place + " is there already with other limits, weight or order; the first entry's are kept");
    } else {
        m_import.note(Kind::Mapped, entry.line, entry.shown(), place + ", which is there already");
    }
}

void LiteLlmModels::reportParameters(const JsonText &parameters)
{
    for (const JsonText::Member &member : parameters.members) {
        const bool known = std::find(handled.begin(), handled.end(), member.name) != handled.end();
        if (known || !m_told.insert("parameter " + member.name).second)
            continue;
        const bool time = member.name == "timeout" || member.name == "stream_timeout";
        m_import.note(Kind::NotMapped, member.line, "litellm_params." + shownName(member.name),
                      time ? "set `timeouts` of the provider: connect_ms, first_byte_ms, idle_ms"
                           : "a pool sets nothing of the request; clients send it themselves");
    }
}

void LiteLlmModels::joinGroup(const std::string &name, const std::string &target, int priority)
{
    const auto [place, fresh] = m_groupAt.emplace(name, m_groups.size());
    if (fresh)
        m_groups.emplace_back(name, std::vector<Member>());
    std::vector<Member> &members = m_groups[place->second].second;
    if (std::none_of(members.begin(), members.end(), [&](const Member &m) { return m.target == target; }))
        members.push_back({target, priority});
}

} // namespace keymux
