// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/router.h"

#include "core/matching.h"

#include <algorithm>
#include <map>
#include <set>

namespace keymux {

namespace {

const std::optional<std::int64_t> &firstOf(const std::optional<std::int64_t> &a, const std::optional<std::int64_t> &b,
                                           const std::optional<std::int64_t> &c)
{
    return a ? a : b ? b : c;
}

/// The model's own limit, else its key's, else its provider's.
Limits effectiveLimits(const Limits &model, const Limits &key, const Limits &provider)
{
    return {firstOf(model.rpm, key.rpm, provider.rpm), firstOf(model.tpm, key.tpm, provider.tpm),
            firstOf(model.rpd, key.rpd, provider.rpd),
            firstOf(model.maxParallel, key.maxParallel, provider.maxParallel)};
}

std::vector<Deployment> deploymentsOf(const PoolConfig &config, std::size_t &keyCount)
{
    std::vector<Deployment> result;
    for (std::uint32_t p = 0; p < config.providers.size(); ++p) {
        const Provider &provider = config.providers[p];
        for (std::uint32_t k = 0; k < provider.keys.size(); ++k, ++keyCount) {
            const KeyEntry &key = provider.keys[k];
            for (const ModelEntry &entry : key.models) {
                Deployment d;
                d.id = key.keyId + '/' + entry.model;
                d.provider = p;
                d.key = k;
                d.keyOrdinal = std::uint32_t(keyCount);
                d.model = entry.model;
                d.priority = entry.priority;
                d.weight = entry.weight;
                d.limits = effectiveLimits(entry.limits, key.limits, provider.limits);
                d.contextWindow = entry.contextWindow;
                d.endpoints = entry.endpoints;
                result.push_back(std::move(d));
            }
        }
    }
    return result;
}

} // namespace

/// Builds tiers and plans; lives only while a router is made.
class RouterBuilder {
public:
    RouterBuilder(const PoolConfig &config, const std::vector<Deployment> &deployments, std::vector<Tier> &tiers)
        : m_config(config), m_deployments(deployments), m_tiers(tiers)
    {
        for (DeploymentIndex i = 0; i < deployments.size(); ++i) {
            m_byModel[deployments[i].model].push_back(i);
            m_byProviderModel[config.providers[deployments[i].provider].name + '/' + deployments[i].model].push_back(i);
        }
    }

    const std::map<std::string, std::vector<DeploymentIndex>, std::less<>> &byModel() const { return m_byModel; }
    const std::map<std::string, std::vector<DeploymentIndex>, std::less<>> &byProviderModel() const
    {
        return m_byProviderModel;
    }

    /// A plan under construction: what is already named is not named again.
    struct Draft {
        RoutePlan plan;
        std::vector<bool> named;
    };

    Draft start() const { return {{}, std::vector<bool>(m_deployments.size(), false)}; }

    /// Adds what one list entry stands for: an exact name, `provider/model`, or a glob over the pool's models.
    void addEntry(Draft &draft, std::string_view entry, Endpoint endpoint) { add(draft, membersOf(entry), endpoint); }

    void addRule(Draft &draft, const ModelRule &rule, Endpoint endpoint)
    {
        for (const std::string &entry : rule.models)
            addEntry(draft, entry, endpoint);
    }

    const ModelRule *firstRuleFor(std::string_view model) const
    {
        for (const ModelRule &rule : m_config.routing.modelMap) {
            if (globMatches(rule.match, model))
                return &rule;
        }
        return nullptr;
    }

    /// The plan of a name the pool has: itself, then its fallbacks, then (with direct_fallback) what an unknown name
    /// would get.
    RoutePlan directPlan(std::string_view name, std::string_view model, Endpoint endpoint)
    {
        Draft draft = start();
        addEntry(draft, name, endpoint);
        std::set<std::string, std::less<>> seen;
        addFallbacks(draft, model, endpoint, seen);
        if (m_config.routing.directFallback) {
            if (const ModelRule *rule = firstRuleFor(model))
                addRule(draft, *rule, endpoint);
        }
        return std::move(draft.plan);
    }

private:
    std::vector<DeploymentIndex> membersOf(std::string_view entry) const
    {
        if (const auto it = m_byModel.find(entry); it != m_byModel.end())
            return it->second;
        if (const auto it = m_byProviderModel.find(entry); it != m_byProviderModel.end())
            return it->second;
        std::vector<DeploymentIndex> members;
        if (!isGlob(entry))
            return members;
        for (DeploymentIndex i = 0; i < m_deployments.size(); ++i) {
            const Deployment &d = m_deployments[i];
            if (globMatches(entry, d.model) || globMatches(entry, m_config.providers[d.provider].name + '/' + d.model))
                members.push_back(i);
        }
        return members;
    }

    void addFallbacks(Draft &draft, std::string_view model, Endpoint endpoint, std::set<std::string, std::less<>> &seen)
    {
        if (!seen.emplace(model).second)
            return;
        for (const auto &[name, targets] : m_config.routing.fallbacks) {
            if (name != model)
                continue;
            for (const std::string &target : targets)
                addEntry(draft, target, endpoint);
            for (const std::string &target : targets)
                addFallbacks(draft, target, endpoint, seen);
        }
    }

    void add(Draft &draft, const std::vector<DeploymentIndex> &members, Endpoint endpoint)
    {
        // Weight 0 serves only when nothing else of its priority can: a tier of its own right behind.
        std::map<std::pair<int, bool>, std::vector<DeploymentIndex>> ranks;
        for (DeploymentIndex i : members) {
            const Deployment &d = m_deployments[i];
            if (draft.named[i] || !d.endpoints.contains(endpoint))
                continue;
            draft.named[i] = true;
            ranks[{d.priority, d.weight <= 0}].push_back(i);
        }
        for (auto &[rank, tierMembers] : ranks)
            draft.plan.tiers.push_back(tierOf(std::move(tierMembers)));
    }

    TierIndex tierOf(std::vector<DeploymentIndex> members)
    {
        const auto it = m_known.find(members);
        if (it != m_known.end())
            return it->second;
        const auto index = TierIndex(m_tiers.size());
        m_tiers.push_back({members});
        m_known.emplace(std::move(members), index);
        return index;
    }

    const PoolConfig &m_config;
    const std::vector<Deployment> &m_deployments;
    std::vector<Tier> &m_tiers;
    std::map<std::vector<DeploymentIndex>, TierIndex> m_known;
    std::map<std::string, std::vector<DeploymentIndex>, std::less<>> m_byModel, m_byProviderModel;
};

Router::Router(std::shared_ptr<const PoolConfig> config) : m_config(std::move(config))
{
    m_deployments = deploymentsOf(*m_config, m_keyCount);
    RouterBuilder builder(*m_config, m_deployments, m_tiers);
    for (const auto &[name, members] : builder.byModel()) {
        for (int e = 0; e < endpointCount; ++e)
            m_direct[name].perEndpoint[e] = builder.directPlan(name, name, Endpoint(e));
    }
    for (const auto &[name, members] : builder.byProviderModel()) {
        if (m_direct.contains(name))
            continue; // a pool model may itself have a slash in its name; the literal name wins
        for (int e = 0; e < endpointCount; ++e)
            m_direct[name].perEndpoint[e] = builder.directPlan(name, m_deployments[members.front()].model, Endpoint(e));
    }
    for (const ModelRule &rule : m_config->routing.modelMap) {
        PlanSet set;
        for (int e = 0; e < endpointCount; ++e) {
            RouterBuilder::Draft draft = builder.start();
            builder.addRule(draft, rule, Endpoint(e));
            set.perEndpoint[e] = std::move(draft.plan);
        }
        m_rules.emplace_back(rule.match, std::move(set));
    }
    std::set<std::string> seen;
    for (const Deployment &d : m_deployments) {
        if (seen.insert(d.model).second)
            m_modelNames.push_back(d.model);
    }
    for (const ModelRule &rule : m_config->routing.modelMap) {
        if (!isGlob(rule.match) && seen.insert(rule.match).second)
            m_modelNames.push_back(rule.match);
    }
}

Route Router::route(std::string_view model, Endpoint endpoint) const
{
    if (const auto it = m_direct.find(model); it != m_direct.end())
        return {&it->second.perEndpoint[std::size_t(endpoint)], true};
    for (const auto &[match, plans] : m_rules) {
        if (globMatches(match, model))
            return {&plans.perEndpoint[std::size_t(endpoint)], false};
    }
    return {};
}

} // namespace keymux
