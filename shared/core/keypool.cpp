// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keypool.h"

#include "core/keypool_private.h"

#include <algorithm>

namespace keymux {

using pool::LeaseRecord;
using pool::TierQueue;

namespace {

/// Asks for the first cache lines of something that will be needed soon; no effect but on time.
void fetchAhead([[maybe_unused]] const void *start, [[maybe_unused]] std::size_t lines)
{
#if defined(__GNUC__)
    for (std::size_t i = 0; start && i < lines; ++i)
        __builtin_prefetch(static_cast<const char *>(start) + pool::cacheLine * i, 1);
#endif
}

} // namespace

KeyPool::KeyPool() : d(std::make_unique<Private>()) {}
KeyPool::~KeyPool() = default;
KeyPool::KeyPool(KeyPool &&) noexcept = default;
KeyPool &KeyPool::operator=(KeyPool &&) noexcept = default;

void KeyPool::reconfigure(std::shared_ptr<const Router> router, std::span<const KeyReadiness> readiness, TimePoint now)
{
    d->reconfigure(std::move(router), readiness, d->advance(now));
}

tl::expected<Lease, NoRoom> KeyPool::acquire(const AcquireRequest &request, TimePoint now, RouteLook *look)
{
    return d->acquire(request, d->advance(now), look);
}

bool KeyPool::noteProbe(std::string_view keyId, std::uint64_t secretVersion, const Feedback &feedback, TimePoint now)
{
    return d->noteProbe(keyId, secretVersion, feedback, d->advance(now));
}

void KeyPool::markSent(const Lease &lease, TimePoint now)
{
    d->markSent(lease, d->advance(now));
}

void KeyPool::settle(const Lease &lease, const Feedback &feedback, TimePoint now)
{
    d->settle(lease, feedback, d->advance(now));
}

std::optional<TimePoint> KeyPool::nextFree(const AcquireRequest &request, TimePoint now)
{
    return d->nextFree(request, d->advance(now));
}

std::vector<PoolEvent> KeyPool::takeEvents(TimePoint now)
{
    d->endDueRests(d->advance(now));
    d->forgetRemoved();
    std::vector<PoolEvent> events(std::make_move_iterator(d->m_events.begin()),
                                  std::make_move_iterator(d->m_events.end()));
    d->m_events.clear();
    return events;
}

bool KeyPool::resetKey(std::string_view keyId, TimePoint now)
{
    for (pool::KeyNode *key : d->m_keyOrder) {
        if (key->keyId == keyId) {
            d->clearKeyRests(*key, d->advance(now));
            d->clearGroupRests(*key, d->advance(now));
            return true;
        }
    }
    return false;
}

std::vector<std::string> KeyPool::takeDueChecks(Millis interval, std::size_t most, TimePoint now)
{
    return d->takeDueChecks(interval, most, d->advance(now));
}

PoolMemory KeyPool::memory(TimePoint now) const
{
    return d->memory(std::max(now, d->m_now));
}

PoolMemoryChanges KeyPool::takeMemoryChanges(TimePoint now, std::size_t mostDays)
{
    return d->takeMemoryChanges(d->advance(now), mostDays);
}

PoolMemory KeyPool::restore(const PoolMemory &memory, TimePoint now)
{
    return d->restore(memory, d->advance(now));
}

PoolHandover KeyPool::handover(TimePoint now) const
{
    return d->handover(std::max(now, d->m_now));
}

void KeyPool::takeUp(const PoolHandover &handover, TimePoint now)
{
    d->takeUp(handover, d->advance(now));
}

void KeyPool::add(const PoolMemory &memory, TimePoint now)
{
    d->add(memory, d->advance(now));
}

std::vector<HeldMemory> KeyPool::held() const
{
    return d->held();
}

void KeyPool::holdElsewhere(const std::vector<HeldMemory> &held, TimePoint until, TimePoint now)
{
    d->advance(now);
    d->holdElsewhere(held, until);
}

PoolSnapshot KeyPool::snapshot(TimePoint now) const
{
    return d->snapshot(std::max(now, d->m_now));
}

bool KeyPool::ready(TimePoint now) const
{
    return d->ready(std::max(now, d->m_now));
}

tl::expected<Lease, NoRoom> KeyPool::Private::acquire(const AcquireRequest &request, TimePoint now, RouteLook *look)
{
    Search search;
    if (needsSlowSearch(request)) {
        bool tooLarge = false;
        const auto index = searchOneByOne(request, search, tooLarge, now);
        if (look)
            lookAround(request, index, std::nullopt, *look, now);
        if (index)
            return grant(*nodeOf(*request.router, *index), *index, request, now);
        if (tooLarge)
            return tl::unexpected(NoRoom{NoRoom::Why::TooLarge, std::nullopt});
        return tl::unexpected(whyNoRoom(search));
    }
    for (TierIndex t : request.plan->tiers) {
        TierQueue &queue = queueFor(t, request.endpoint);
        const Tier &layout = m_router->tiers()[t];
        const auto member = firstFree(queue, layout, request, search, now);
        std::optional<Lease> lease;
        if (member) {
            Node &node = *queue.members()[*member].node;
            if (look && hasPassedOver(request, t, queue))
                lookAround(request, layout.members[*member], t, *look, now);
            lease = grant(node, layout.members[*member], request, now);
            queue.picked(*member, 1.0 / (std::max(node.weight, 1e-6) * std::max(node.unit->room(), 0.01)));
        }
        for (std::uint32_t other : m_passedOver)
            queue.restore(other);
        m_passedOver.clear();
        if (lease) {
            m_likelyNext = queue.likelyNext();
            if (m_likelyNext) {
                fetchAhead(m_likelyNext->node, Node::hotLines);
                fetchAhead(m_likelyNext->unit, pool::LimitUnit::hotLines);
            }
            return *lease;
        }
    }
    for (TierIndex t : request.plan->tiers)
        findNextFree(queueFor(t, request.endpoint), m_router->tiers()[t], request, search, now);
    countUsable(request, search);
    if (look)
        lookAround(request, std::nullopt, std::nullopt, *look, now);
    return tl::unexpected(whyNoRoom(search));
}

/// Takes the room and writes the lease down.
Lease KeyPool::Private::grant(Node &node, DeploymentIndex index, const AcquireRequest &request, TimePoint now)
{
    pool::LimitUnit &unit = *node.unit;
    ++unit.inFlight;
    ++unit.pendingRequests;
    const std::int64_t tokens = needOf(node, request).counted;
    unit.pendingTokens += tokens;
    ++node.inFlight;
    ++node.leases;

    std::uint32_t slot;
    if (m_freeSlots.empty()) {
        slot = std::uint32_t(m_leases.size());
        m_leases.emplace_back();
    } else {
        slot = m_freeSlots.back();
        m_freeSlots.pop_back();
    }
    LeaseRecord &record = m_leases[slot];
    record = {};
    record.id = (++m_leaseCount << 24) | slot;
    record.node = &node;
    record.unit = &unit;
    record.tokens = tokens;
    record.acquiredAt = now;
    record.endpoint = request.endpoint;

    RestOwner owners[7];
    const int count = restsOf(node, request.endpoint, owners);
    for (int i = 0; i < count; ++i) {
        Rest &rest = *owners[i].rest;
        if (!rest.isHalfOpen(now))
            continue;
        rest.trial = record.id;
        record.trial = true;
        emitEvent({PoolEvent::Kind::TrialStarted, now, owners[i].scope, *owners[i].name, rest.reason, rest.until, {}});
    }
    return {record.id, index, record.trial};
}

LeaseRecord *KeyPool::Private::record(const Lease &lease)
{
    const std::size_t slot = lease.id & 0xffffff;
    if (lease.id == 0 || slot >= m_leases.size() || m_leases[slot].id != lease.id)
        return nullptr;
    return &m_leases[slot];
}

void KeyPool::Private::markSent(const Lease &lease, TimePoint now)
{
    LeaseRecord *r = record(lease);
    if (!r)
        return;
    if (m_likelyNext) {
        fetchAhead(m_likelyNext->node->key, pool::KeyNode::hotLines);
        fetchAhead(m_likelyNext->unit->window.oldest(), 1);
        fetchAhead(m_likelyNext->unit->window.newest(), 1);
    }
    pool::LimitUnit &unit = *r->unit;
    unit.roll(now);
    if (r->sent) {
        if (r->sentAt == now)
            return;
        if (r->sentAt + RateWindow::length > now)
            unit.window.adjust(r->sentAt, -1, -r->tokens);
    } else {
        --unit.pendingRequests;
        unit.pendingTokens -= r->tokens;
        r->sent = true;
    }
    // Sent again after the day has turned, it counts in the new one too.
    if (std::exchange(r->countedUntil, unit.dayEnds) != unit.dayEnds) {
        ++unit.dayUsed;
        if (!std::exchange(unit.dayListed, true))
            m_changedDays.push_back(&unit);
    }
    r->sentAt = now;
    unit.window.add(now, 1, r->tokens);
}

void KeyPool::Private::settle(const Lease &lease, const Feedback &feedback, TimePoint now)
{
    LeaseRecord *slot = record(lease);
    if (!slot)
        return;
    const LeaseRecord settled = *slot;
    slot->id = 0;
    m_freeSlots.push_back(std::uint32_t(lease.id & 0xffffff));

    Node &node = *settled.node;
    pool::LimitUnit &unit = *settled.unit;
    unit.roll(now);
    m_removedLeaseSettled = m_removedLeaseSettled || !node.inConfig || unit.members.empty();
    bool freed = unit.limits.maxParallel.has_value();
    --unit.inFlight;
    --node.inFlight;
    --node.leases;
    if (!settled.sent) {
        --unit.pendingRequests;
        unit.pendingTokens -= settled.tokens;
        freed = true;
    } else {
        ++node.requests;
        if (feedback.tokensUsed && settled.sentAt + RateWindow::length > now) {
            unit.window.adjust(settled.sentAt, 0, *feedback.tokensUsed - settled.tokens);
            freed = freed || (unit.limits.tpm && *feedback.tokensUsed < settled.tokens);
        }
    }
    learn(settled, feedback, now);
    if (!freed || !std::exchange(unit.awaited, false))
        return;
    for (Node *member : unit.members)
        wake(*member);
}

} // namespace keymux
