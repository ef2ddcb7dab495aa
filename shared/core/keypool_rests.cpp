// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keypool_private.h"

#include <algorithm>
#include <utility>

namespace keymux {

namespace {

constexpr std::size_t maxEvents = 4096;

} // namespace

int KeyPool::Private::restsOf(Node &node, Endpoint endpoint, RestOwner (&owners)[7])
{
    int count = 0;
    const auto add = [&](RestScope scope, const std::string &name, Rest &rest, const std::vector<Node *> *members) {
        if (rest.active)
            owners[count++] = {scope, &name, &rest, members, &node};
    };
    add(RestScope::Deployment, node.id, node.rest, nullptr);
    if (node.endpointRests)
        add(RestScope::Endpoint, node.id, (*node.endpointRests)[std::size_t(endpoint)], nullptr);
    if (node.unit->shared)
        add(node.group ? RestScope::QuotaGroup : RestScope::Key, node.unit->name, node.unit->rest, &node.unit->members);
    add(RestScope::Key, node.key->keyId, node.key->rest, &node.key->members);
    if (node.group)
        add(RestScope::QuotaGroup, node.group->name, node.group->rest, &node.group->members);
    add(RestScope::ProviderModel, node.providerModel->name, node.providerModel->rest, &node.providerModel->members);
    add(RestScope::Provider, node.provider->name, node.provider->rest, &node.provider->members);
    return count;
}

void KeyPool::Private::emitEvent(PoolEvent event)
{
    if (m_events.size() >= maxEvents)
        m_events.pop_front();
    m_events.push_back(std::move(event));
}

/// A shorter rest never shortens a longer one; one that is longer takes its place, reason and all.
void KeyPool::Private::startRest(const RestOwner &owner, const NewRest &fresh, const Feedback &feedback, TimePoint now)
{
    Rest &rest = *owner.rest;
    if (fresh.until <= now)
        return;
    m_restsChanged = true;
    if (std::exchange(rest.trial, 0) != 0)
        wake(owner); // who waited for the trial waits for the rest now
    if (fresh.doubled && rest.hits < 1000)
        ++rest.hits;
    const bool already = rest.restsAt(now);
    if (already && fresh.until <= rest.until)
        return;
    const bool news = !already || fresh.until - rest.until >= Millis(1000);
    if (!std::exchange(rest.listed, true))
        m_activeRests.push_back(owner);
    rest.active = true;
    rest.until = fresh.until;
    rest.reason = fresh.reason;
    rest.needsTrial = fresh.needsTrial;
    if (!already)
        rest.startedAt = now;
    if (news) {
        emitEvent({PoolEvent::Kind::RestStarted, now, owner.scope, *owner.name, rest.reason, rest.until,
                   feedback.detail.substr(0, 512)});
    }
}

void KeyPool::Private::endRest(const RestOwner &owner, TimePoint now)
{
    Rest &rest = *owner.rest;
    if (!rest.active)
        return;
    rest.active = false;
    rest.trial = 0;
    m_restsChanged = true;
    emitEvent({PoolEvent::Kind::RestEnded, now, owner.scope, *owner.name, rest.reason, rest.until, {}});
    wake(owner);
}

void KeyPool::Private::endDueRests(TimePoint now)
{
    for (std::size_t i = 0; i < m_activeRests.size();) {
        const RestOwner owner = m_activeRests[i];
        if (owner.rest->active && now >= owner.rest->until && !owner.rest->needsTrial)
            endRest(owner, now);
        if (owner.rest->active) {
            ++i;
            continue;
        }
        owner.rest->listed = false;
        m_activeRests[i] = m_activeRests.back();
        m_activeRests.pop_back();
    }
}

void KeyPool::Private::wake(Node &node)
{
    for (const pool::Membership &place : node.memberships)
        m_queues[place.queue]->wake(place.member);
}

void KeyPool::Private::wake(const RestOwner &owner)
{
    if (!owner.members) {
        wake(*owner.node);
        return;
    }
    for (Node *member : *owner.members)
        wake(*member);
}

/// Ends what the key itself has earned: its own rests and those of its deployments. Rests of its group, model or
/// provider are not its own.
void KeyPool::Private::clearKeyRests(pool::KeyNode &key, TimePoint now)
{
    key.rest.hits = 0;
    endRest({RestScope::Key, &key.keyId, &key.rest, &key.members, nullptr}, now);
    for (Node *node : key.members) {
        node->failures = 0;
        node->rest.hits = 0;
        endRest({RestScope::Deployment, &node->id, &node->rest, nullptr, node}, now);
        if (node->endpointRests) {
            for (Rest &rest : *node->endpointRests) {
                rest.hits = 0;
                endRest({RestScope::Endpoint, &node->id, &rest, nullptr, node}, now);
            }
        }
        if (node->unit->shared && !node->group) {
            node->unit->rest.hits = 0;
            endRest({RestScope::Key, &node->unit->name, &node->unit->rest, &node->unit->members, node}, now);
        }
    }
}

/// Ends what the key shares with its group. Only the operator may, as a new secret of one key says nothing about its
/// group.
void KeyPool::Private::clearGroupRests(pool::KeyNode &key, TimePoint now)
{
    for (Node *node : key.members) {
        if (!node->group)
            continue;
        node->unit->rest.hits = 0;
        endRest({RestScope::QuotaGroup, &node->unit->name, &node->unit->rest, &node->unit->members, node}, now);
        node->group->rest.hits = 0;
        endRest({RestScope::QuotaGroup, &node->group->name, &node->group->rest, &node->group->members, node}, now);
    }
}

} // namespace keymux
