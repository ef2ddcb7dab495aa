// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keypool_private.h"

#include <algorithm>
#include <limits>

namespace keymux {

using pool::Node;
using pool::TierQueue;

namespace {

constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

bool contains(std::span<const DeploymentIndex> tried, DeploymentIndex index)
{
    return std::find(tried.begin(), tried.end(), index) != tried.end();
}

void keepEarlier(std::optional<TimePoint> &best, std::optional<TimePoint> candidate)
{
    if (candidate && (!best || *candidate < *best))
        best = candidate;
}

/// The most tokens a deployment could hold at all.
std::int64_t capacityOf(const Node &node)
{
    return node.key->usable()
               ? std::min(node.unit->limits.tpm.value_or(unlimited), node.contextWindow.value_or(unlimited))
               : -1;
}

} // namespace

/// Some providers' token limits count what goes in alone.
pool::Need KeyPool::Private::needOf(const Node &node, const AcquireRequest &request)
{
    return {node.countsInputOnly ? request.inputTokens.value_or(request.tokens) : request.tokens, request.tokens};
}

Node *KeyPool::Private::nodeOf(const Router &router, DeploymentIndex index)
{
    if (&router == m_router.get())
        return m_nodeOf[index];
    const Deployment &deployment = router.deployments()[index];
    const auto it = m_nodes.find(router.provider(deployment).name + '\n' + deployment.id);
    return it == m_nodes.end() ? nullptr : it->second.get();
}

TierQueue &KeyPool::Private::queueFor(TierIndex tier, Endpoint endpoint)
{
    const std::size_t at = tier * std::size_t(endpointCount) + std::size_t(endpoint);
    auto &queue = m_queues[at];
    if (queue)
        return *queue;
    const Tier &layout = m_router->tiers()[tier];
    std::vector<Node *> nodes;
    nodes.reserve(layout.members.size());
    std::int64_t capacity = -1;
    for (DeploymentIndex index : layout.members) {
        Node *node = m_nodeOf[index];
        node->memberships.push_back({std::uint32_t(at), std::uint32_t(nodes.size())});
        nodes.push_back(node);
        capacity = std::max(capacity, capacityOf(*node));
    }
    queue = std::make_unique<TierQueue>(std::move(nodes), capacity);
    return *queue;
}

/// The plan of an earlier config has no queues; a request that no candidate can hold within its limits needs a look at
/// all of them.
bool KeyPool::Private::needsSlowSearch(const AcquireRequest &request)
{
    if (request.router != m_router.get())
        return true;
    bool anyUsable = false;
    for (TierIndex t : request.plan->tiers) {
        const std::int64_t capacity = queueFor(t, request.endpoint).capacity();
        if (capacity >= request.tokens)
            return false;
        anyUsable = anyUsable || capacity >= 0;
    }
    return anyUsable;
}

/// What a ready one that has no room does next; those that are only too small for this request are passed over and stay
/// ready.
void KeyPool::Private::leaveReady(TierQueue &queue, std::uint32_t member, const Availability &why)
{
    switch (why.kind) {
    case Availability::Kind::Until:
        if (why.blocked)
            queue.block(member, why.blockedUntil);
        else
            queue.rest(member, *why.readyAt);
        return;
    case Availability::Kind::Never:
        queue.off(member);
        return;
    case Availability::Kind::NotForThisSize:
    case Availability::Kind::Free:
        m_passedOver.push_back(member);
        return;
    case Availability::Kind::Parked:
        queue.park(member);
        return;
    }
}

/// The best member with room, still at the top of its queue; those passed over wait in m_passedOver to be restored.
std::optional<std::uint32_t> KeyPool::Private::firstFree(TierQueue &queue, const Tier &layout,
                                                         const AcquireRequest &request, Search &search, TimePoint now)
{
    queue.wakeDue(now);
    const pool::Need least{request.inputTokens.value_or(request.tokens), request.tokens};
    if (queue.isFull(least, now)) {
        keepEarlier(search.nextFree, queue.fullUntil());
        return std::nullopt;
    }
    bool complete = true;
    std::optional<TimePoint> tooSmallUntil;
    while (const auto member = queue.top()) {
        if (!request.tried.empty() && contains(request.tried, layout.members[*member])) {
            queue.popTop();
            m_passedOver.push_back(*member);
            complete = false;
            continue;
        }
        Node &node = *queue.members()[*member].node;
        const Availability free = availability(node, request.endpoint, needOf(node, request), now);
        if (free.kind == Availability::Kind::Free)
            return member;
        queue.popTop();
        leaveReady(queue, *member, free);
        if (free.kind == Availability::Kind::NotForThisSize)
            keepEarlier(tooSmallUntil, free.freeAt);
    }
    if (complete)
        queue.rememberFull(least, tooSmallUntil);
    keepEarlier(search.nextFree, tooSmallUntil);
    return std::nullopt;
}

/// The first moment one of those that rest has room. Their places in the heap may be too early, never too late, so the
/// search ends at the first place later than the best found.
void KeyPool::Private::findNextFree(TierQueue &queue, const Tier &layout, const AcquireRequest &request, Search &search,
                                    TimePoint now)
{
    std::vector<TierQueue::Resting> seen;
    while (const auto first = queue.firstResting()) {
        if (search.nextFree && first->at >= *search.nextFree)
            break;
        queue.popFirstResting();
        if (!request.tried.empty() && contains(request.tried, layout.members[first->member])) {
            seen.push_back(*first);
            continue;
        }
        Node &node = *queue.members()[first->member].node;
        const Availability free = availability(node, request.endpoint, needOf(node, request), now);
        if (free.kind == Availability::Kind::Until && !free.blocked && *free.readyAt == first->at) {
            keepEarlier(search.nextFree, free.freeAt);
            seen.push_back(*first);
        } else if (free.kind == Availability::Kind::NotForThisSize || free.kind == Availability::Kind::Free) {
            queue.wake(first->member);
            keepEarlier(search.nextFree, free.kind == Availability::Kind::Free ? now : free.freeAt);
        } else {
            leaveReady(queue, first->member, free);
        }
    }
    for (const TierQueue::Resting &resting : seen)
        queue.restoreResting(resting);
}

/// How many candidates are left, and how many of them are neither off nor blocked, without walking them.
void KeyPool::Private::countUsable(const AcquireRequest &request, Search &search)
{
    const auto isUsable = [](TierQueue::State s) {
        return s != TierQueue::State::Blocked && s != TierQueue::State::Off;
    };
    for (TierIndex t : request.plan->tiers) {
        const TierQueue &queue = queueFor(t, request.endpoint);
        search.untried += queue.members().size();
        search.usable += queue.count(TierQueue::State::Ready) + queue.count(TierQueue::State::Resting) +
                         queue.count(TierQueue::State::Parked);
        search.parked += queue.count(TierQueue::State::Parked);
    }
    for (DeploymentIndex index : request.tried) {
        for (const pool::Membership &place : m_nodeOf[index]->memberships) {
            const auto inPlan = [&](TierIndex t) {
                return t * std::size_t(endpointCount) + std::size_t(request.endpoint) == place.queue;
            };
            if (std::none_of(request.plan->tiers.begin(), request.plan->tiers.end(), inPlan))
                continue;
            const TierQueue::State state = m_queues[place.queue]->members()[place.member].state;
            --search.untried;
            search.usable -= isUsable(state) ? 1 : 0;
            search.parked -= state == TierQueue::State::Parked ? 1 : 0;
        }
    }
}

/// Without queues: every candidate in order. More tokens than any could hold within its limit may have the whole window
/// of the roomiest one that could ever hold them, once that is empty.
std::optional<DeploymentIndex> KeyPool::Private::searchOneByOne(const AcquireRequest &request, Search &search,
                                                                bool &tooLarge, TimePoint now)
{
    std::int64_t roomiest = -1;
    bool anyUsable = false, fits = false;
    const auto forEach = [&](const auto &visit) {
        for (TierIndex t : request.plan->tiers) {
            for (DeploymentIndex index : request.router->tiers()[t].members) {
                Node *node = nodeOf(*request.router, index);
                if (node && visit(*node, index))
                    return;
            }
        }
    };
    forEach([&](const Node &node, DeploymentIndex) {
        const pool::Need need = needOf(node, request);
        const std::int64_t limit = node.unit->limits.tpm.value_or(unlimited);
        anyUsable = anyUsable || node.key->usable();
        if (node.key->usable() && node.contextWindow.value_or(unlimited) >= need.held) {
            roomiest = std::max(roomiest, limit);
            fits = fits || limit >= need.counted;
        }
        return false;
    });
    const bool oversize = anyUsable && !fits;
    tooLarge = oversize && roomiest < 0;
    if (tooLarge)
        return std::nullopt;
    std::optional<DeploymentIndex> found;
    forEach([&](Node &node, DeploymentIndex index) {
        if (contains(request.tried, index))
            return false;
        const bool mayHold = !oversize || ((!node.contextWindow || *node.contextWindow >= request.tokens) &&
                                           node.unit->limits.tpm.value_or(unlimited) == roomiest);
        if (!mayHold)
            return false;
        ++search.untried;
        pool::Need need = needOf(node, request);
        if (oversize)
            need = {roomiest, 0};
        const Availability free = availability(node, request.endpoint, need, now);
        if (free.kind == Availability::Kind::Free)
            found = index;
        search.usable += free.kind != Availability::Kind::Never && !free.blocked ? 1 : 0;
        search.parked += free.kind == Availability::Kind::Parked ? 1 : 0;
        if (!free.blocked)
            keepEarlier(search.nextFree, free.freeAt);
        return found.has_value();
    });
    return found;
}

NoRoom KeyPool::Private::whyNoRoom(const Search &search) const
{
    if (search.untried == 0)
        return {NoRoom::Why::Exhausted, std::nullopt};
    if (search.usable == 0)
        return {NoRoom::Why::Unusable, std::nullopt};
    return {NoRoom::Why::Busy, search.nextFree};
}

std::optional<TimePoint> KeyPool::Private::nextFree(const AcquireRequest &request, TimePoint now)
{
    Search search;
    if (needsSlowSearch(request)) {
        bool tooLarge = false;
        if (searchOneByOne(request, search, tooLarge, now))
            return now;
    } else {
        for (TierIndex t : request.plan->tiers) {
            TierQueue &queue = queueFor(t, request.endpoint);
            const bool found = firstFree(queue, m_router->tiers()[t], request, search, now).has_value();
            for (std::uint32_t other : m_passedOver)
                queue.restore(other);
            m_passedOver.clear();
            if (found)
                return now;
        }
        for (TierIndex t : request.plan->tiers)
            findNextFree(queueFor(t, request.endpoint), m_router->tiers()[t], request, search, now);
        countUsable(request, search);
    }
    // What is parked is given back at an unknown moment: soon is the best that can be said.
    if (search.parked > 0)
        keepEarlier(search.nextFree, now + Millis(1000));
    return search.nextFree;
}

} // namespace keymux
