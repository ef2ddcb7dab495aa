// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/configfields.h"
#include "core/jsonprint.h"
#include "core/jsonsplice.h"
#include "core/keyimport.h"
#include "core/keyimport_names.h"
#include "core/keyimport_text.h"
#include "core/knownproviders.h"
#include "core/poolconfigjson.h"

#include <algorithm>
#include <set>

namespace keymux {

namespace {

using Kind = ImportNote::Kind;

const JsonText *container(const JsonText &parent, std::string_view name)
{
    const JsonText *node = parent.find(name);
    return node && (node->kind == JsonText::Kind::Object || node->kind == JsonText::Kind::Array) ? node : nullptr;
}

std::string effectiveUrl(const ImportedProvider &provider)
{
    if (!provider.baseUrl.empty())
        return provider.baseUrl;
    const KnownProvider *known = knownProvider(provider.name);
    return known ? std::string(known->baseUrl) : std::string();
}

/// A document with the providers and keys of an import.
class KeyMerger {
public:
    KeyMerger(std::string_view document, const JsonText &root, const PoolConfig &config, PoolImport &import)
        : m_root(root), m_config(config), m_import(import), m_splice(document)
    {
        for (const Provider &provider : config.providers) {
            for (const KeyEntry &key : provider.keys) {
                m_ids.insert(key.keyId);
                if (!key.apiKey.empty())
                    m_references.emplace(provider.baseUrl + '\n' + key.apiKey, key.keyId);
            }
        }
    }

    Result<MergedImport> merge()
    {
        const JsonText *providers = container(m_root, "providers");
        std::vector<std::string> fresh;
        for (ImportedProvider &provider : m_import.providers) {
            const Provider *there = place(provider);
            dropKnownKeys(provider, there);
            if (auto usable = giveModels(provider, there); !usable)
                return tl::unexpected(usable.error());
            if (provider.keys.empty())
                continue;
            m_merged.keysAdded += int(provider.keys.size());
            if (!there) {
                fresh.push_back(providerText(provider));
                ++m_merged.providersAdded;
            } else if (auto added = extend(*providers->find(there->name), provider); !added) {
                return tl::unexpected(added.error());
            }
        }
        if (providers)
            m_splice.append(*providers, fresh);
        m_merged.text = m_splice.apply();
        return m_merged;
    }

private:
    /// The provider of the document that is meant. One of the same name at another address is not: then the new one
    /// gets a name of its own.
    const Provider *place(ImportedProvider &provider)
    {
        const std::string wished = provider.name, url = effectiveUrl(provider);
        for (int n = 2;; ++n) {
            const auto same = std::find_if(m_config.providers.begin(), m_config.providers.end(),
                                           [&](const Provider &p) { return p.name == provider.name; });
            if (same == m_config.providers.end())
                break;
            if (url.empty() || same->baseUrl == url) {
                rename(wished, provider.name);
                return &*same;
            }
            provider.baseUrl = url;
            provider.name = wished + '-' + std::to_string(n);
        }
        rename(wished, provider.name);
        return nullptr;
    }

    void rename(const std::string &from, const std::string &to)
    {
        if (from == to)
            return;
        const auto renamed = [&](std::vector<std::string> &models) {
            for (std::string &model : models) {
                if (model.starts_with(from + '/'))
                    model.replace(0, from.size(), to);
            }
        };
        for (ModelRule &rule : m_import.modelMap)
            renamed(rule.models);
        for (auto &[name, models] : m_import.fallbacks)
            renamed(models);
        m_import.note(Kind::Check, 0, "provider " + from,
                      "named " + to + ", because the config has another address under that name");
    }

    void dropKnownKeys(ImportedProvider &provider, const Provider *there)
    {
        const std::string url = there ? there->baseUrl : effectiveUrl(provider);
        std::vector<ImportedKey> kept;
        for (ImportedKey &key : provider.keys) {
            const auto known = m_references.find(url + '\n' + key.reference);
            if (!key.reference.empty() && known != m_references.end()) {
                m_import.note(Kind::Skipped, key.line, key.keyId,
                              "the config has this reference already, as " + known->second +
                                  (isLiteral(key) ? "; if it is another key, give it a name of its own" : ""));
            } else if (!m_ids.insert(key.keyId).second) {
                m_import.note(Kind::Skipped, key.line, key.keyId,
                              "the config has another key with this id; give it another name to add it");
            } else {
                m_references.emplace(url + '\n' + key.reference, key.keyId);
                kept.push_back(std::move(key));
            }
        }
        provider.keys = std::move(kept);
    }

    bool isLiteral(const ImportedKey &key) const
    {
        return std::any_of(m_import.secrets.begin(), m_import.secrets.end(),
                           [&](const FoundSecret &secret) { return secret.reference == key.reference; });
    }

    /// Says where the models of keys without any come from.
    Result<void> giveModels(ImportedProvider &provider, const Provider *there)
    {
        const bool needed = std::any_of(provider.keys.begin(), provider.keys.end(),
                                        [](const ImportedKey &key) { return key.models.empty(); });
        const bool has = there && !there->models.empty();
        if (needed && has && (provider.modelsAssumed || provider.models.empty())) {
            provider.models.clear();
            return {};
        }
        if (needed && provider.models.empty())
            return failure("import_invalid", "which models do the keys of " + shownName(provider.name) +
                                                 " have? Name them with --models a,b");
        if (needed && provider.modelsAssumed)
            m_import.note(Kind::Check, 0, "provider " + provider.name,
                          "its model " + provider.models.front().model + " was assumed; name yours with --models a,b");
        if (!there)
            return {};
        for (ImportedKey &key : provider.keys) {
            if (key.models.empty())
                key.models = provider.models;
            if (key.limits == Limits{})
                key.limits = provider.limits;
        }
        return {};
    }

    Result<void> extend(const JsonText &node, const ImportedProvider &provider)
    {
        std::vector<std::string> keys;
        for (const ImportedKey &key : provider.keys)
            keys.push_back(keyText(key));
        if (const JsonText *list = container(node, "keys")) {
            m_splice.append(*list, keys);
        } else if (node.find("keys")) {
            return failure("import_invalid",
                           "providers." + shownName(provider.name) + ".keys is null in the config; write [] there");
        } else {
            std::string text = "\"keys\": [";
            for (std::size_t i = 0; i < keys.size(); ++i)
                text += (i ? ",\n" : "\n") + keys[i];
            m_splice.append(node, {text + "\n]"});
        }
        return {};
    }

    const JsonText &m_root;
    const PoolConfig &m_config;
    PoolImport &m_import;
    JsonSplice m_splice;
    MergedImport m_merged;
    std::set<std::string> m_ids;
    std::map<std::string, std::string> m_references; ///< address and reference → key_id
};

/// A document with the routing of an import; the keys are in it.
class RoutingMerger {
public:
    RoutingMerger(std::string_view document, const JsonText &root, const PoolConfig &config, PoolImport &import)
        : m_root(root), m_config(config), m_import(import), m_splice(document)
    {
        for (const Provider &provider : config.providers)
            for (const KeyEntry &key : provider.keys)
                for (const ModelEntry &model : key.models) {
                    m_models.insert(model.model);
                    m_models.insert(provider.name + '/' + model.model);
                }
    }

    MergedImport merge(MergedImport merged)
    {
        const JsonText *routing = container(m_root, "routing");
        const JsonText empty;
        const JsonText &node = routing ? *routing : empty;
        addRules(node);
        addFallbacks(node);
        addSettings(node);
        if (routing)
            m_splice.append(*routing, m_members);
        else if (!m_members.empty())
            m_splice.append(m_root, {"\"routing\": " + block(m_members)});
        merged.rulesAdded = m_rules;
        merged.text = m_splice.apply();
        return merged;
    }

private:
    static std::string block(const std::vector<std::string> &members, char open = '{', char close = '}')
    {
        std::string text(1, open);
        for (std::size_t i = 0; i < members.size(); ++i) {
            text += i ? ",\n  " : "\n  ";
            for (const char c : members[i])
                text += c == '\n' ? std::string("\n  ") : std::string(1, c);
        }
        return text + '\n' + close;
    }

    std::vector<std::string> present(const std::vector<std::string> &models) const
    {
        std::vector<std::string> kept;
        std::copy_if(models.begin(), models.end(), std::back_inserter(kept),
                     [&](const std::string &model) { return model == "*" || m_models.contains(model); });
        return kept;
    }

    void addRules(const JsonText &routing)
    {
        const JsonText *map = container(routing, "model_map");
        std::vector<std::string> fresh;
        for (const ModelRule &rule : m_import.modelMap) {
            const auto &there = m_config.routing.modelMap;
            const bool known = map && std::any_of(there.begin(), there.end(),
                                                  [&](const ModelRule &r) { return r.match == rule.match; });
            const ModelRule kept{rule.match, present(rule.models)};
            if (known)
                m_import.note(Kind::Skipped, 0, "name " + shownName(rule.match), "the config has a rule for it");
            else if (!kept.models.empty())
                fresh.push_back(ruleText(kept));
        }
        if (fresh.empty())
            return;
        m_rules = int(fresh.size());
        if (!map) {
            // The default goes when there is a map; names nobody knows are served as before.
            if (std::none_of(m_import.modelMap.begin(), m_import.modelMap.end(),
                             [](const ModelRule &rule) { return rule.match == "*"; })) {
                fresh.push_back(ruleText({"*", {"*"}}));
                m_import.note(Kind::Check, 0, "other names",
                              "served by the whole pool; take the rule `*` of routing.model_map away to refuse them");
            }
            m_members.push_back("\"model_map\": " + block(fresh, '[', ']'));
            return;
        }
        // First match wins: behind a rule for everything nothing would be reached.
        const auto all = std::find_if(map->items.begin(), map->items.end(), [](const JsonText &item) {
            const JsonText *match = item.find("match");
            return match && match->text == "*";
        });
        if (all == map->items.end())
            m_splice.append(*map, fresh);
        else
            m_splice.insertBefore(*all, fresh);
    }

    void addFallbacks(const JsonText &routing)
    {
        const JsonText *there = container(routing, "fallbacks");
        std::vector<std::string> fresh;
        for (const auto &[name, models] : m_import.fallbacks) {
            const std::vector<std::string> kept = present(models);
            if (there && there->find(name))
                m_import.note(Kind::Skipped, 0, "fallbacks of " + shownName(name), "the config has some");
            else if (m_models.contains(name) && !kept.empty())
                fresh.push_back(jsonString(name) + ": " + listText(kept));
        }
        if (there)
            m_splice.append(*there, fresh);
        else if (!fresh.empty())
            m_members.push_back("\"fallbacks\": " + block(fresh));
    }

    void addSettings(const JsonText &routing)
    {
        const JsonText *cooldown = container(routing, "cooldown");
        std::vector<std::string> rests;
        for (const auto &[name, value] : m_import.settings) {
            constexpr std::string_view prefix = "cooldown.";
            const bool rest = name.starts_with(prefix);
            const std::string own = rest ? name.substr(prefix.size()) : name;
            if (rest ? cooldown && cooldown->find(own) : routing.find(own) != nullptr)
                m_import.note(Kind::Skipped, 0, "routing." + name, "the config says something else already");
            else
                (rest ? rests : m_members).push_back(jsonString(own) + ": " + value);
        }
        if (cooldown)
            m_splice.append(*cooldown, rests);
        else if (!rests.empty())
            m_members.push_back("\"cooldown\": " + block(rests));
    }

    const JsonText &m_root;
    const PoolConfig &m_config;
    PoolImport &m_import;
    JsonSplice m_splice;
    std::set<std::string> m_models;
    std::vector<std::string> m_members; ///< of `routing`
    int m_rules = 0;
};

tl::unexpected<Error> invalid(std::string code, const std::vector<Problem> &problems)
{
    std::string text;
    for (std::size_t i = 0; i < problems.size() && i < 5; ++i)
        text += (i ? "; " : "") + problems[i].path + ": " + problems[i].message;
    return failure(std::move(code), std::move(text));
}

} // namespace

Result<MergedImport> mergeImport(std::string_view document, PoolImport &import, bool allowLiteralKeys)
{
    const PoolConfigOptions options{.allowLiteralKeys = allowLiteralKeys};
    const PoolConfigReading before = readPoolConfig(document, options);
    if (!before.valid())
        return invalid("config_invalid", before.problems);
    const JsonReading root = readJsonText(document);
    auto merged = KeyMerger(document, *root.value, before.config, import).merge();
    if (!merged)
        return merged;
    const PoolConfigReading withKeys = readPoolConfig(merged->text, options);
    if (!withKeys.valid())
        return invalid("import_invalid", withKeys.problems);
    const JsonReading keysRoot = readJsonText(merged->text);
    const MergedImport first = *merged;
    *merged = RoutingMerger(first.text, *keysRoot.value, withKeys.config, import).merge(first);
    const PoolConfigReading after = readPoolConfig(merged->text, options);
    if (!after.valid())
        return invalid("import_invalid", after.problems);
    std::set<std::string> used;
    for (const ImportedProvider &provider : import.providers)
        for (const ImportedKey &key : provider.keys)
            used.insert(key.reference);
    std::erase_if(import.secrets, [&](const FoundSecret &secret) { return !used.contains(secret.reference); });
    return merged;
}

} // namespace keymux
