// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keypool_private.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace keymux {

using pool::Node;

namespace {

template <typename T>
T &entry(std::unordered_map<std::string, std::unique_ptr<T>> &map, const std::string &name)
{
    auto &slot = map[name];
    if (!slot)
        slot = std::make_unique<T>();
    return *slot;
}

void keepSmaller(std::optional<std::int64_t> &limit, const std::optional<std::int64_t> &other)
{
    if (other)
        limit = limit ? std::min(*limit, *other) : *other;
}

} // namespace

void KeyPool::Private::reconfigure(std::shared_ptr<const Router> router, std::span<const KeyReadiness> readiness,
                                   TimePoint now)
{
    if (m_router)
        m_oldRouters.push_back(m_router);
    m_router = std::move(router);
    clearMembers();
    takeKeys(readiness, now);
    m_likelyNext = nullptr;
    m_queues.clear();
    m_queues.resize(m_router->tiers().size() * std::size_t(endpointCount));
    m_nodeOf.clear();
    m_nodeOf.reserve(m_router->deployments().size());
    for (const Deployment &deployment : m_router->deployments())
        m_nodeOf.push_back(&nodeFor(*m_router, deployment, now));
    for (std::size_t i = 0; i < m_keyOrder.size(); ++i) {
        pool::KeyNode &key = *m_keyOrder[i];
        if (!key.resolved)
            continue; // what is not known has not changed
        const std::uint64_t version = i < readiness.size() ? readiness[i].secretVersion : 0;
        if (std::exchange(key.secretVersion, version) != version)
            clearKeyRests(key, now);
    }
    freeLostTrials();
    m_restsChanged = true; // what rests may have gone, or changed its key
    m_removedHaveLeases = true;
    m_removedLeaseSettled = true;
    forgetRemoved();
}

/// Everybody's list of deployments is made anew; what they have earned stays.
void KeyPool::Private::clearMembers()
{
    for (auto &[name, node] : m_nodes) {
        node->inConfig = false;
        node->failing = false;
        node->memberships.clear();
    }
    const auto emptied = [](auto &map) {
        for (auto &[name, owner] : map)
            owner->members.clear();
    };
    emptied(m_keys);
    emptied(m_groups);
    emptied(m_providerModels);
    emptied(m_providers);
    for (auto &[name, model] : m_providerModels) {
        model->failures.clear();
        model->failing = 0;
        model->usable = 0;
    }
    emptied(m_units);
}

void KeyPool::Private::takeKeys(std::span<const KeyReadiness> readiness, TimePoint now)
{
    m_keyOrder.clear();
    std::size_t ordinal = 0;
    for (const Provider &provider : m_router->config().providers) {
        pool::ProviderNode &providerNode = entry(m_providers, provider.name);
        providerNode.name = provider.name;
        if (!providerNode.zone || std::exchange(providerNode.zoneName, provider.rpdResetZone) != provider.rpdResetZone)
            providerNode.zone =
                std::make_shared<const DayZone>(DayZone::named(provider.rpdResetZone, now).value_or(DayZone()));
        providerNode.zoneName = provider.rpdResetZone;
        for (const KeyEntry &key : provider.keys) {
            pool::KeyNode &node = entry(m_keys, provider.name + '\n' + key.keyId);
            const KeyReadiness &ready = ordinal < readiness.size() ? readiness[ordinal] : KeyReadiness{};
            node.keyId = key.keyId;
            node.quotaGroup = key.quotaGroup;
            node.enabled = key.enabled;
            node.operatorDisabled = ready.operatorDisabled;
            node.resolved = ready.resolved;
            m_keyOrder.push_back(&node);
            ++ordinal;
        }
    }
}

/// A deployment that changed its group or limit unit while it was a trial cannot report to what it was the trial of.
void KeyPool::Private::freeLostTrials()
{
    for (const RestOwner &owner : m_activeRests) {
        Rest &rest = *owner.rest;
        if (rest.trial == 0)
            continue;
        const LeaseRecord *trial = record({rest.trial, 0, true});
        RestOwner owners[7];
        const int count = trial ? restsOf(*trial->node, trial->endpoint, owners) : 0;
        if (std::none_of(owners, owners + count, [&](const RestOwner &o) { return o.rest == &rest; }))
            rest.trial = 0;
    }
}

Node &KeyPool::Private::nodeFor(const Router &router, const Deployment &deployment, TimePoint now)
{
    const std::string &provider = router.provider(deployment).name;
    Node &node = entry(m_nodes, provider + '\n' + deployment.id);
    const KeyEntry &key = router.key(deployment);
    node.id = deployment.id;
    node.inConfig = true;
    node.weight = deployment.weight;
    node.priority = deployment.priority;
    node.contextWindow = deployment.contextWindow;
    node.countsInputOnly = router.provider(deployment).google;
    node.provider = m_providers.at(provider).get();
    node.provider->members.push_back(&node);
    node.key = m_keyOrder[deployment.keyOrdinal];
    node.key->members.push_back(&node);
    node.providerModel = &entry(m_providerModels, provider + '/' + deployment.model);
    node.providerModel->name = provider + '/' + deployment.model;
    node.providerModel->members.push_back(&node);
    node.providerModel->usable += node.key->usable() ? 1 : 0;
    node.group = nullptr;
    if (!key.quotaGroup.empty()) {
        node.group = &entry(m_groups, provider + '\n' + key.quotaGroup);
        node.group->name = key.quotaGroup;
        node.group->members.push_back(&node);
    }
    attachUnit(node, router, deployment, now);
    return node;
}

/// Gives the deployment the windows it counts in. A lease that runs while its unit changes is settled where it was
/// taken.
void KeyPool::Private::attachUnit(Node &node, const Router &router, const Deployment &deployment, TimePoint now)
{
    const KeyEntry &key = router.key(deployment);
    const bool perModel = key.limitsScope == LimitsScope::Model;
    const std::string who = key.quotaGroup.empty() ? "k\n" + key.keyId : "g\n" + key.quotaGroup;
    const std::string name =
        router.provider(deployment).name + '\n' + who + (perModel ? '\n' + deployment.model : std::string());
    pool::LimitUnit &unit = entry(m_units, name);
    unit.id = name;
    const auto zoneBefore = std::exchange(unit.zone, node.provider->zone);
    if (zoneBefore && zoneBefore != unit.zone)
        unit.dayEnds = unit.zone->nextMidnight(now) + Millis(250);
    unit.shared = !key.quotaGroup.empty() || !perModel;
    if (unit.shared)
        unit.name =
            (key.quotaGroup.empty() ? key.keyId : key.quotaGroup) + (perModel ? '/' + deployment.model : std::string());
    unit.roll(now);
    // Limits of an earlier config stay only with a unit that nobody joins, for requests of that config.
    if (unit.members.empty())
        unit.limits = {};
    keepSmaller(unit.limits.rpm, deployment.limits.rpm);
    keepSmaller(unit.limits.tpm, deployment.limits.tpm);
    keepSmaller(unit.limits.rpd, deployment.limits.rpd);
    keepSmaller(unit.limits.maxParallel, deployment.limits.maxParallel);
    unit.members.push_back(&node);
    node.unit = &unit;
}

/// Removed deployments are kept while a lease or a request of an earlier config may still need them.
void KeyPool::Private::forgetRemoved()
{
    const bool hadOldRouters = !m_oldRouters.empty();
    std::erase_if(m_oldRouters, [](const auto &router) { return router.expired(); });
    const bool newsOfRemoved = hadOldRouters || (m_removedHaveLeases && m_removedLeaseSettled);
    if (!m_oldRouters.empty() || !newsOfRemoved)
        return;
    m_removedLeaseSettled = false;
    std::unordered_set<const void *> used;
    m_removedHaveLeases = false;
    for (const auto &[name, node] : m_nodes) {
        if (!node->inConfig && node->leases == 0)
            continue;
        m_removedHaveLeases = m_removedHaveLeases || !node->inConfig;
        for (const void *part :
             {static_cast<const void *>(node.get()), static_cast<const void *>(node->unit),
              static_cast<const void *>(node->key), static_cast<const void *>(node->group),
              static_cast<const void *>(node->providerModel), static_cast<const void *>(node->provider)})
            used.insert(part);
    }
    for (const auto &[name, unit] : m_units) {
        if (unit->inFlight == 0)
            continue;
        used.insert(unit.get());
        m_removedHaveLeases = m_removedHaveLeases || unit->members.empty();
    }
    for (const pool::KeyNode *key : m_keyOrder)
        used.insert(key); // also one without models
    const auto unused = [&](const auto &item) { return !used.contains(item.second.get()); };
    // What rests may be about to go: the list is made anew from what stays.
    for (const RestOwner &owner : m_activeRests)
        owner.rest->listed = false;
    m_activeRests.clear();
    std::erase_if(m_changedDays, [&](const pool::LimitUnit *unit) { return !used.contains(unit); });
    m_restsChanged = true;
    std::erase_if(m_nodes, unused);
    std::erase_if(m_units, unused);
    std::erase_if(m_keys, unused);
    std::erase_if(m_groups, unused);
    std::erase_if(m_providerModels, unused);
    std::erase_if(m_providers, unused);
    for (const auto &[name, node] : m_nodes) {
        for (int e = 0; e < endpointCount; ++e) {
            RestOwner owners[7];
            const int count = restsOf(*node, Endpoint(e), owners);
            for (int i = 0; i < count; ++i) {
                if (!std::exchange(owners[i].rest->listed, true))
                    m_activeRests.push_back(owners[i]);
            }
        }
    }
}

} // namespace keymux
