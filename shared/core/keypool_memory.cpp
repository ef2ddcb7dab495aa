// SPDX-License-Identifier: GPL-3.0-or-later
// What a pool remembers over a restart: the day's counts, and rests of more than a minute.
#include "core/keypool_private.h"

#include <algorithm>
#include <utility>

namespace keymux {

using pool::KeyNode;
using pool::LimitUnit;
using pool::Node;
using pool::Rest;
using Holder = RestMemory::Holder;

namespace {

/// Shorter ones are over before a restart is, or soon after.
constexpr Millis worthKeeping{60000};
/// A day with a clock change has 25 hours, and ends a moment later than the provider's.
constexpr Millis longestDay{25 * 3600000LL + 1000};

/// The key whose secret earned the rest; null where several share it.
KeyNode *earnerOf(Holder holder, const Node &node)
{
    const bool own = holder == Holder::Deployment || holder == Holder::Endpoint || holder == Holder::Key ||
                     (holder == Holder::Limits && !node.group);
    return own ? node.key : nullptr;
}

template <typename T>
T *found(const std::unordered_map<std::string, std::unique_ptr<T>> &map, const std::string &name)
{
    const auto it = map.find(name);
    return it == map.end() ? nullptr : it->second.get();
}

} // namespace

/// The rest of what that owner is to its deployment now; absent when it is nothing to it any more, or not worth
/// keeping.
std::optional<RestMemory> KeyPool::Private::memoryOf(const RestOwner &owner, Millis longerThan, TimePoint now)
{
    const Rest &rest = *owner.rest;
    if (!owner.node || !rest.active || rest.until - rest.startedAt <= longerThan ||
        (now >= rest.until && !rest.needsTrial))
        return std::nullopt;
    const Node &node = *owner.node;
    const std::string provider = node.provider->name + '\n';
    RestMemory memory;
    const auto is = [&](Holder holder, std::string subject) {
        memory.holder = holder;
        memory.subject = std::move(subject);
    };
    if (&rest == &node.rest)
        is(Holder::Deployment, provider + node.id);
    else if (&rest == &node.unit->rest)
        is(Holder::Limits, node.unit->id);
    else if (&rest == &node.key->rest)
        is(Holder::Key, provider + node.key->keyId);
    else if (node.group && &rest == &node.group->rest)
        is(Holder::QuotaGroup, provider + node.group->name);
    else if (&rest == &node.providerModel->rest)
        is(Holder::ProviderModel, node.providerModel->name);
    else if (&rest == &node.provider->rest)
        is(Holder::Provider, node.provider->name);
    else if (owner.scope == RestScope::Endpoint)
        is(Holder::Endpoint, provider + node.id);
    else
        return std::nullopt;
    if (memory.holder == Holder::Endpoint)
        memory.endpoint = Endpoint(&rest - node.endpointRests->data());
    memory.reason = rest.reason;
    memory.startedAt = rest.startedAt;
    memory.until = rest.until;
    memory.needsTrial = rest.needsTrial;
    memory.hits = rest.hits;
    if (const KeyNode *key = earnerOf(memory.holder, node))
        memory.secretVersion = key->secretVersion;
    return memory;
}

std::vector<RestMemory> KeyPool::Private::restMemories(Millis longerThan, TimePoint now)
{
    std::vector<RestMemory> rests;
    for (const RestOwner &owner : m_activeRests) {
        if (auto memory = memoryOf(owner, longerThan, now))
            rests.push_back(std::move(*memory));
    }
    return rests;
}

PoolMemory KeyPool::Private::memory(TimePoint now)
{
    PoolMemory memory;
    for (const auto &[name, unit] : m_units) {
        if (unit->dayUsed > 0 && now < unit->dayEnds)
            memory.days.push_back({name, unit->dayUsed, unit->dayEnds});
    }
    memory.rests = restMemories(worthKeeping, now);
    return memory;
}

PoolMemoryChanges KeyPool::Private::takeMemoryChanges(TimePoint now, std::size_t mostDays)
{
    PoolMemoryChanges changes;
    const std::size_t count = std::min(mostDays, m_changedDays.size());
    changes.days.reserve(count);
    // From the back, so that the rest need not move; nobody waits for ever, as each is listed once.
    for (std::size_t i = 0; i < count; ++i) {
        LimitUnit &unit = *m_changedDays.back();
        m_changedDays.pop_back();
        unit.dayListed = false;
        if (now < unit.dayEnds)
            changes.days.push_back({unit.id, unit.dayUsed, unit.dayEnds});
    }
    if (std::exchange(m_restsChanged, false))
        changes.rests = restMemories(worthKeeping, now);
    return changes;
}

/// Whose rest that was; absent when it is not in the config.
std::optional<KeyPool::Private::RestOwner> KeyPool::Private::holderOf(const RestMemory &memory)
{
    const auto shared = [](RestScope scope, auto *part, const std::string &name) -> std::optional<RestOwner> {
        if (!part || part->members.empty())
            return std::nullopt;
        return RestOwner{scope, &name, &part->rest, &part->members, part->members.front()};
    };
    switch (memory.holder) {
    case Holder::Deployment:
    case Holder::Endpoint: {
        Node *node = found(m_nodes, memory.subject);
        if (!node || !node->inConfig)
            return std::nullopt;
        if (memory.holder == Holder::Deployment)
            return RestOwner{RestScope::Deployment, &node->id, &node->rest, nullptr, node};
        if (!node->endpointRests)
            node->endpointRests = std::make_unique<std::array<Rest, endpointCount>>();
        return RestOwner{RestScope::Endpoint, &node->id, &(*node->endpointRests)[std::size_t(memory.endpoint)], nullptr,
                         node};
    }
    case Holder::Limits: {
        LimitUnit *unit = found(m_units, memory.subject);
        if (!unit || !unit->shared || unit->members.empty())
            return std::nullopt;
        return shared(unit->members.front()->group ? RestScope::QuotaGroup : RestScope::Key, unit, unit->name);
    }
    case Holder::Key: {
        KeyNode *key = found(m_keys, memory.subject);
        return key ? shared(RestScope::Key, key, key->keyId) : std::nullopt;
    }
    case Holder::QuotaGroup: {
        pool::GroupNode *group = found(m_groups, memory.subject);
        return group ? shared(RestScope::QuotaGroup, group, group->name) : std::nullopt;
    }
    case Holder::ProviderModel: {
        pool::ProviderModelNode *model = found(m_providerModels, memory.subject);
        return model ? shared(RestScope::ProviderModel, model, model->name) : std::nullopt;
    }
    case Holder::Provider: {
        pool::ProviderNode *provider = found(m_providers, memory.subject);
        return provider ? shared(RestScope::Provider, provider, provider->name) : std::nullopt;
    }
    }
    return std::nullopt;
}

bool KeyPool::Private::restoreRest(const RestMemory &memory, TimePoint now)
{
    // With a clock that was set back, a rest is at most as long as it was meant to be.
    const TimePoint startedAt = std::min(memory.startedAt, now);
    const TimePoint until = std::min(memory.until, now + (memory.until - memory.startedAt));
    if (until <= now && !memory.needsTrial)
        return false;
    const auto owner = holderOf(memory);
    if (!owner)
        return false;
    if (KeyNode *key = earnerOf(memory.holder, *owner->node)) {
        if (!key->resolved) // not known yet: it is judged when it is
            key->secretVersion = memory.secretVersion;
        else if (key->secretVersion != memory.secretVersion)
            return false;
    }
    Rest &rest = *owner->rest;
    if (rest.active && rest.until >= until)
        return false;
    if (!std::exchange(rest.listed, true))
        m_activeRests.push_back(*owner);
    if (std::exchange(rest.trial, 0) != 0)
        wake(*owner); // who waited for the trial waits for the rest now
    rest.active = true;
    rest.startedAt = startedAt;
    rest.until = until;
    rest.reason = memory.reason;
    rest.needsTrial = memory.needsTrial;
    rest.hits = memory.hits;
    m_restsChanged = true;
    return true;
}

PoolMemory KeyPool::Private::restore(const PoolMemory &memory, TimePoint now)
{
    PoolMemory taken;
    for (const DayMemory &day : memory.days) {
        LimitUnit *unit = found(m_units, day.unit);
        if (!unit || day.used <= 0 || day.ends <= now || day.ends - now > longestDay)
            continue;
        unit->roll(now);
        unit->dayUsed += day.used; // also when its day ends at another moment now: as with a zone that was changed
        taken.days.push_back(day);
    }
    for (const RestMemory &rest : memory.rests) {
        if (restoreRest(rest, now))
            taken.rests.push_back(rest);
    }
    return taken;
}

} // namespace keymux
