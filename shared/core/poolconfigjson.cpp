// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/poolconfigjson.h"

#include "core/matching.h"
#include "core/poolconfigreader.h"
#include "core/secretref.h"

#include <algorithm>

namespace keymux {

PoolConfigReading readPoolConfig(std::string_view text, const PoolConfigOptions &options)
{
    PoolConfigReading result;
    const JsonReading json = readJsonText(text);
    if (json.error) {
        result.problems.push_back({json.error->line, json.error->column, "document", json.error->message});
        return result;
    }
    ProblemList problems;
    ConfigReading reading{result.config, problems, options};
    ConfigFields document(*json.value, "", problems);
    // First, because references to them are checked where they stand.
    if (const JsonText *secrets = document.get("secrets"))
        readSecretSources(*secrets, reading);
    const JsonText *providers = document.get("providers");
    if (providers)
        readProviders(*providers, reading);
    else if (json.value->kind == JsonText::Kind::Object)
        problems.add(*json.value, "providers", "`providers` is missing: name at least one provider with its keys");
    if (const JsonText *server = document.get("server"))
        readServerOptions(*server, reading);
    if (const JsonText *routing = document.get("routing")) {
        readRouting(*routing, reading);
        checkModelNames(*routing, reading);
    }
    document.get("$schema");
    document.reportUnknown();
    result.problems = problems.take();
    return result;
}

std::string toString(const Problem &problem, std::string_view file)
{
    return std::string(file) + ':' + std::to_string(problem.line) + ':' + std::to_string(problem.column) + ": " +
           problem.path + ": " + problem.message;
}

namespace {

/// A `*` stands only where secrets can be listed, and where one entry may become many.
void checkSet(ConfigFields &fields, std::string_view name, const JsonText &value, const SecretRef &ref)
{
    using Kind = SecretRef::Kind;
    const std::size_t slash = ref.name.rfind('/');
    if (name != "api_key")
        fields.problem(value, name, "one secret is needed here; a set (`*`) can only be the `api_key` of keys");
    else if (ref.kind == Kind::Keychain)
        fields.problem(value, name,
                       "a keychain cannot be searched with `*`; write one key for each secret, or use `env:`, `file:`, "
                       "`store:`, `infisical:` or `vault:`");
    else if ((ref.kind == Kind::File || ref.kind == Kind::Vault) && slash != std::string::npos &&
             ref.name.find('*') < slash)
        fields.problem(value, name, "the `*` of a set stands in the last part of the path");
    else if (ref.name.find('*') != std::string::npos && ref.field.find('*') != std::string::npos)
        fields.problem(value, name, "the `*` of a set stands in the path or in the field, not in both");
}

} // namespace

void readReference(ConfigFields &fields, std::string_view name, std::string &out, const ConfigReading &reading)
{
    fields.string(name, out);
    const JsonText *value = fields.node().find(name);
    if (!value || value->kind != JsonText::Kind::String)
        return;
    const auto ref = parseSecretRef(out);
    if (!ref) {
        if (reading.options.allowLiteralKeys && !out.empty())
            return;
        fields.problem(*value, name,
                       "this looks like a literal secret, which must not stand in a config; put it into an environment "
                       "variable or a "
                       "file and write `env:NAME`, `file:PATH` or `NAME_PLACEHOLDER` here");
        out.clear();
        return;
    }
    using Kind = SecretRef::Kind;
    const SecretSources &sources = reading.config.secrets;
    if (ref->kind == Kind::Infisical && !sources.infisical)
        fields.problem(*value, name, "`infisical:` needs `secrets.infisical`, which says where Infisical is");
    else if (ref->kind == Kind::Vault && !sources.vault)
        fields.problem(*value, name, "`vault:` needs `secrets.vault`, which says where Vault is");
    else if (ref->isSet())
        checkSet(fields, name, *value, *ref);
}

namespace {

/// The models of the pool, as names and as `provider/model`.
std::vector<std::string> namesOf(const PoolConfig &config)
{
    std::vector<std::string> names;
    for (const Provider &provider : config.providers) {
        for (const KeyEntry &key : provider.keys) {
            for (const ModelEntry &entry : key.models) {
                names.push_back(entry.model);
                names.push_back(provider.name + '/' + entry.model);
            }
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

class NameChecker {
public:
    explicit NameChecker(ConfigReading &reading) : m_reading(reading), m_names(namesOf(reading.config)) {}

    void check(const JsonText &value, const std::string &path)
    {
        if (value.kind != JsonText::Kind::String || value.text == "*")
            return;
        if (isGlob(value.text)) {
            if (std::none_of(m_names.begin(), m_names.end(),
                             [&](const auto &name) { return globMatches(value.text, name); }))
                m_reading.problems.add(value, path, "no model of the pool matches this");
            return;
        }
        if (std::binary_search(m_names.begin(), m_names.end(), value.text))
            return;
        std::string message = "no key of the pool has this model";
        const auto near = ++m_unknown <= maxSuggestions ? nearestName(value.text, m_names) : std::nullopt;
        if (near)
            message += "; did you mean `" + *near + "`?";
        m_reading.problems.add(value, path, std::move(message));
    }

    void checkList(const JsonText *list, const std::string &path)
    {
        if (!list)
            return;
        for (std::size_t i = 0; i < list->items.size(); ++i)
            check(list->items[i], path + '[' + std::to_string(i) + ']');
    }

    bool empty() const { return m_names.empty(); }

private:
    static constexpr int maxSuggestions = 100; ///< each looks at every name
    ConfigReading &m_reading;
    std::vector<std::string> m_names;
    int m_unknown = 0;
};

} // namespace

void checkModelNames(const JsonText &routing, ConfigReading &reading)
{
    NameChecker checker(reading);
    if (checker.empty())
        return; // a pool without keys yet
    if (const JsonText *rules = routing.find("model_map")) {
        for (std::size_t i = 0; i < rules->items.size(); ++i)
            checker.checkList(rules->items[i].find("models"), "routing.model_map[" + std::to_string(i) + "].models");
    }
    if (const JsonText *fallbacks = routing.find("fallbacks")) {
        for (const auto &member : fallbacks->members) {
            JsonText name;
            name.kind = JsonText::Kind::String;
            name.text = member.name;
            name.line = member.line;
            name.column = member.column;
            const std::string path = "routing.fallbacks." + shownName(member.name);
            checker.check(name, path);
            checker.checkList(&member.value, path);
        }
    }
}

} // namespace keymux
