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

/// `key a added`, `keys a, b added`, `keys a, b, c and 7 more added`.
void tell(std::vector<std::string> &parts, const char *what, const std::vector<std::string> &names, const char *verb)
{
    if (names.empty())
        return;
    std::string text = std::string(what) + (names.size() == 1 ? " " : "s ");
    for (std::size_t i = 0; i < std::min(names.size(), namedAtMost); ++i)
        text += (i ? ", " : "") + names[i];
    if (names.size() > namedAtMost)
        text += " and " + std::to_string(names.size() - namedAtMost) + " more";
    parts.push_back(text + ' ' + verb);
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

} // namespace

std::string summarizeFirst(const PoolConfig &config)
{
    const Index index(config);
    return counted(index.providers.size(), "provider") + ", " + counted(index.keys.size(), "key") + ", " +
           counted(index.models.size(), "model");
}

std::string summarizeChange(const PoolConfig &before, const PoolConfig &after)
{
    const Index from(before), to(after);
    std::vector<std::string> parts, changed;
    tell(parts, "provider", missingIn(to.providers, from.providers), "added");
    tell(parts, "provider", missingIn(from.providers, to.providers), "removed");
    tell(parts, "key", missingIn(to.keys, from.keys), "added");
    tell(parts, "key", missingIn(from.keys, to.keys), "removed");
    tell(parts, "model", missingIn(to.models, from.models), "added");
    tell(parts, "model", missingIn(from.models, to.models), "removed");
    for (const auto &[name, at] : to.keys) {
        const auto was = from.keys.find(name);
        if (was != from.keys.end() && (*was->second.key != *at.key || was->second.provider->name != at.provider->name))
            changed.push_back(name + " (" + changeOf(was->second, at) + ')');
    }
    tell(parts, "key", changed, "changed");
    changed.clear();
    for (const auto &[name, provider] : to.providers) {
        const auto was = from.providers.find(name);
        if (was != from.providers.end() && !sameSettings(*was->second, *provider))
            changed.push_back(name);
    }
    tell(parts, "provider", changed, "changed");
    if (before.routing != after.routing)
        parts.emplace_back("routing changed");
    if (before.secrets != after.secrets)
        parts.emplace_back("secret sources changed");
    if (before.server != after.server)
        parts.emplace_back("server options changed");
    if (parts.empty())
        return before == after ? "comments or layout only" : "order changed";
    std::string text;
    for (const std::string &part : parts)
        text += (text.empty() ? "" : "; ") + part;
    return text;
}

} // namespace keymux
