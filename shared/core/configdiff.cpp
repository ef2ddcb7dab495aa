// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/configdiff.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace keymux {

namespace {

constexpr std::size_t namedAtMost = 3;

std::string counted(std::size_t count, const char *what)
{
    return std::to_string(count) + ' ' + what + (count == 1 ? "" : "s");
}

/// Names in document order that `other` has not.
template <typename Map>
std::vector<std::string> missingIn(const Map &map, const Map &other)
{
    std::vector<std::string> names;
    for (const auto &[name, value] : map) {
        if (other.find(name) == other.end())
            names.push_back(name);
    }
    return names;
}

struct KeyAt {
    const Provider *provider = nullptr;
    const KeyEntry *key = nullptr;
};

struct Index {
    std::map<std::string, const Provider *> providers;
    std::map<std::string, KeyAt> keys;
    std::map<std::string, int> models;

    explicit Index(const PoolConfig &config)
    {
        for (const Provider &provider : config.providers) {
            providers[provider.name] = &provider;
            for (const KeyEntry &key : provider.keys) {
                keys[key.keyId] = {&provider, &key};
                for (const ModelEntry &model : key.models)
                    ++models[model.model];
            }
        }
    }
};

std::vector<std::string> modelNames(const KeyEntry &key)
{
    std::vector<std::string> names;
    for (const ModelEntry &model : key.models)
        names.push_back(model.model);
    return names;
}

bool sameLimits(const KeyEntry &a, const KeyEntry &b)
{
    if (a.limits != b.limits || a.limitsScope != b.limitsScope)
        return false;
    const std::size_t count = std::min(a.models.size(), b.models.size());
    for (std::size_t i = 0; i < count; ++i) {
        if (a.models[i].limits != b.models[i].limits)
            return false;
    }
    return true;
}

/// What differs between two entries of the same key, in a few words.
std::string changeOf(const KeyAt &a, const KeyAt &b)
{
    std::vector<std::string> what;
    if (a.provider->name != b.provider->name)
        what.emplace_back("provider");
    if (a.key->apiKey != b.key->apiKey)
        what.emplace_back("secret reference");
    if (a.key->enabled != b.key->enabled)
        what.emplace_back(b.key->enabled ? "enabled" : "disabled");
    if (modelNames(*a.key) != modelNames(*b.key))
        what.emplace_back("models");
    if (!sameLimits(*a.key, *b.key))
        what.emplace_back("limits");
    if (what.empty())
        what.emplace_back("settings");
    std::string text;
    for (const std::string &one : what)
        text += (text.empty() ? "" : ", ") + one;
    return text;
}

/// Everything of a provider but its keys and what they inherit.
bool sameSettings(Provider a, Provider b)
{
    a.keys.clear();
    b.keys.clear();
    return a == b;
}

/// `key a added`, `keys a, b changed`, `keys a, b, c and 7 more added`.
std::string named(const char *what, const ConfigChange &change, const char *verb)
{
    std::string text = std::string(what) + (change.names.size() == 1 ? " " : "s ");
    for (std::size_t i = 0; i < std::min(change.names.size(), namedAtMost); ++i) {
        text += (i ? ", " : "") + change.names[i];
        if (i < change.details.size())
            text += " (" + change.details[i] + ')';
    }
    if (change.names.size() > namedAtMost)
        text += " and " + std::to_string(change.names.size() - namedAtMost) + " more";
    return text + ' ' + verb;
}

std::string sentenceOf(const ConfigChange &change)
{
    using What = ConfigChange::What;
    switch (change.what) {
    case What::ProvidersAdded:
        return named("provider", change, "added");
    case What::ProvidersRemoved:
        return named("provider", change, "removed");
    case What::KeysAdded:
        return named("key", change, "added");
    case What::KeysRemoved:
        return named("key", change, "removed");
    case What::ModelsAdded:
        return named("model", change, "added");
    case What::ModelsRemoved:
        return named("model", change, "removed");
    case What::KeysChanged:
        return named("key", change, "changed");
    case What::ProvidersChanged:
        return named("provider", change, "changed");
    case What::Routing:
        return "routing changed";
    case What::SecretSources:
        return "secret sources changed";
    case What::ServerOptions:
        return "server options changed";
    case What::Order:
        return "order changed";
    case What::LayoutOnly:
        break;
    }
    return "comments or layout only";
}

} // namespace

std::string summarizeFirst(const PoolConfig &config)
{
    const Index index(config);
    return counted(index.providers.size(), "provider") + ", " + counted(index.keys.size(), "key") + ", " +
           counted(index.models.size(), "model");
}

std::vector<ConfigChange> changesBetween(const PoolConfig &before, const PoolConfig &after)
{
    using What = ConfigChange::What;
    const Index from(before), to(after);
    std::vector<ConfigChange> changes;
    const auto tell = [&](What what, std::vector<std::string> names, std::vector<std::string> details = {}) {
        if (!names.empty())
            changes.push_back({what, std::move(names), std::move(details)});
    };
    tell(What::ProvidersAdded, missingIn(to.providers, from.providers));
    tell(What::ProvidersRemoved, missingIn(from.providers, to.providers));
    tell(What::KeysAdded, missingIn(to.keys, from.keys));
    tell(What::KeysRemoved, missingIn(from.keys, to.keys));
    tell(What::ModelsAdded, missingIn(to.models, from.models));
    tell(What::ModelsRemoved, missingIn(from.models, to.models));
    std::vector<std::string> names, details;
    for (const auto &[name, at] : to.keys) {
        const auto was = from.keys.find(name);
        if (was == from.keys.end() || (*was->second.key == *at.key && was->second.provider->name == at.provider->name))
            continue;
        names.push_back(name);
        details.push_back(changeOf(was->second, at));
    }
    tell(What::KeysChanged, std::move(names), std::move(details));
    names.clear();
    for (const auto &[name, provider] : to.providers) {
        const auto was = from.providers.find(name);
        if (was != from.providers.end() && !sameSettings(*was->second, *provider))
            names.push_back(name);
    }
    tell(What::ProvidersChanged, std::move(names));
    if (before.routing != after.routing)
        changes.push_back({What::Routing, {}, {}});
    if (before.secrets != after.secrets)
        changes.push_back({What::SecretSources, {}, {}});
    if (before.server != after.server)
        changes.push_back({What::ServerOptions, {}, {}});
    if (changes.empty())
        changes.push_back({before == after ? What::LayoutOnly : What::Order, {}, {}});
    return changes;
}

std::string summarizeChange(const PoolConfig &before, const PoolConfig &after)
{
    std::string text;
    for (const ConfigChange &change : changesBetween(before, after))
        text += (text.empty() ? "" : "; ") + sentenceOf(change);
    return text;
}

} // namespace keymux
