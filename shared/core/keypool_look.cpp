// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keypool_private.h"

#include <algorithm>

namespace keymux {

using pool::TierQueue;

std::string_view passedOverName(PassedOverWhy why)
{
    switch (why) {
    case PassedOverWhy::Tried:
        return "tried";
    case PassedOverWhy::Disabled:
        return "disabled";
    case PassedOverWhy::Unresolved:
        return "unresolved";
    case PassedOverWhy::Blocked:
        return "blocked";
    case PassedOverWhy::Resting:
        return "resting";
    case PassedOverWhy::TrialRuns:
        return "trial_running";
    case PassedOverWhy::Rpm:
        return "rpm";
    case PassedOverWhy::Tpm:
        return "tpm";
    case PassedOverWhy::Rpd:
        return "rpd";
    case PassedOverWhy::Parallel:
        return "parallel";
    case PassedOverWhy::TooLarge:
        return "too_large";
    case PassedOverWhy::RankedLower:
        return "ranked_lower";
    }
    return "ranked_lower";
}

namespace {

std::uint32_t &countOf(RouteLook::Others &others, TierQueue::State state)
{
    switch (state) {
    case TierQueue::State::Ready:
        return others.ready;
    case TierQueue::State::Resting:
        return others.resting;
    case TierQueue::State::Blocked:
        return others.blocked;
    case TierQueue::State::Parked:
        return others.busy;
    case TierQueue::State::Off:
        break;
    }
    return others.off;
}

} // namespace

/// The rest that ends last, when there is one, and whether a trial of one runs.
PassedOver KeyPool::Private::restOf(Node &node, Endpoint endpoint, TimePoint now)
{
    PassedOver found;
    RestOwner owners[7];
    const int count = restsOf(node, endpoint, owners);
    for (int i = 0; i < count; ++i) {
        const Rest &rest = *owners[i].rest;
        if (rest.restsAt(now)) {
            const bool blocks = rest.blocksAt(now);
            if (found.reason && found.why == PassedOverWhy::Blocked && !blocks)
                continue;
            if (found.reason && rest.until <= *found.until && (found.why == PassedOverWhy::Blocked) == blocks)
                continue;
            found.why = blocks ? PassedOverWhy::Blocked : PassedOverWhy::Resting;
            found.until = rest.until;
            found.reason = rest.reason;
            found.scope = owners[i].scope;
        } else if (!found.reason && rest.isHalfOpen(now) && rest.trial != 0) {
            found.why = PassedOverWhy::TrialRuns;
        }
    }
    return found;
}

PassedOver KeyPool::Private::whyPassedOver(Node &node, const AcquireRequest &request, TimePoint now)
{
    PassedOver result;
    if (!node.key->usable()) {
        result.why =
            !node.key->enabled || node.key->operatorDisabled ? PassedOverWhy::Disabled : PassedOverWhy::Unresolved;
        return result;
    }
    result = restOf(node, request.endpoint, now);
    if (result.why != PassedOverWhy::RankedLower)
        return result;
    pool::LimitUnit &unit = *node.unit;
    const pool::Need need = needOf(node, request);
    const bool awaited = unit.awaited; // looking is not waiting
    const Availability free = windowAvailability(unit, node, need, now);
    unit.awaited = awaited;
    if (free.kind == Availability::Kind::Free)
        return result;
    result.until = free.readyAt ? free.readyAt : free.freeAt;
    if (unit.limits.rpd && unit.dayUsed + unit.pendingRequests >= *unit.limits.rpd)
        result.why = PassedOverWhy::Rpd;
    else if (unit.limits.rpm && unit.requests() >= *unit.limits.rpm)
        result.why = PassedOverWhy::Rpm;
    else if (free.kind == Availability::Kind::Parked)
        result.why = PassedOverWhy::Parallel;
    else
        result.why = free.freeAt ? PassedOverWhy::Tpm : PassedOverWhy::TooLarge;
    return result;
}

/// The candidates before and beside the one picked, or all of them when none was. A bounded number is looked at; the
/// rest is counted by what their queues believe.
void KeyPool::Private::lookAround(const AcquireRequest &request, std::optional<DeploymentIndex> chosen,
                                  std::optional<TierIndex> chosenTier, RouteLook &look, TimePoint now)
{
    look.made = true;
    look.passedOver.reserve(RouteLook::bound);
    const bool queued = request.router == m_router.get();
    bool behind = false;
    for (TierIndex t : request.plan->tiers) {
        const std::vector<DeploymentIndex> &members = request.router->tiers()[t].members;
        if (behind) {
            look.notReached += std::uint32_t(members.size());
            continue;
        }
        behind = chosenTier == t;
        TierQueue *queue = queued ? &queueFor(t, request.endpoint) : nullptr;
        RouteLook::Others seen;
        std::size_t i = 0;
        for (; i < members.size() && look.passedOver.size() < RouteLook::bound; ++i) {
            if (queue)
                ++countOf(seen, queue->members()[i].state);
            Node *node = nodeOf(*request.router, members[i]);
            if (!node || members[i] == chosen)
                continue;
            PassedOver entry;
            if (std::find(request.tried.begin(), request.tried.end(), members[i]) != request.tried.end())
                entry.why = PassedOverWhy::Tried;
            else
                entry = whyPassedOver(*node, request, now);
            entry.deployment = members[i];
            look.passedOver.push_back(entry);
        }
        if (!queue) {
            look.others.unknown += std::uint32_t(members.size() - i);
            continue;
        }
        for (const auto state : {TierQueue::State::Ready, TierQueue::State::Resting, TierQueue::State::Blocked,
                                 TierQueue::State::Parked, TierQueue::State::Off})
            countOf(look.others, state) += std::uint32_t(queue->count(state)) - countOf(seen, state);
    }
}

/// True when somebody of a better or equal rank had to be passed over for more than whose turn it was.
bool KeyPool::Private::hasPassedOver(const AcquireRequest &request, TierIndex tier, const TierQueue &queue) const
{
    return !request.tried.empty() || tier != request.plan->tiers.front() || !m_passedOver.empty() ||
           queue.count(TierQueue::State::Ready) != queue.members().size();
}

std::vector<std::string> KeyPool::Private::takeDueChecks(Millis interval, std::size_t most, TimePoint now)
{
    std::vector<std::string> due;
    const auto keys = std::int64_t(m_keyOrder.size());
    for (std::int64_t i = 0; i < keys; ++i) {
        pool::KeyNode &key = *m_keyOrder[std::size_t(i)];
        if (!key.usable())
            continue;
        if (key.knownGoodAt == TimePoint{})
            key.knownGoodAt = now - interval + interval * (i + 1) / (keys + 1);
        if (now - key.knownGoodAt < interval || due.size() == most)
            continue;
        key.knownGoodAt = now;
        due.push_back(key.keyId);
    }
    return due;
}

/// What a key's provider answered to a call that costs nothing; it says something about the key itself alone.
bool KeyPool::Private::noteProbe(std::string_view keyId, std::uint64_t secretVersion, const Feedback &feedback,
                                 TimePoint now)
{
    const auto found = std::find_if(m_keyOrder.begin(), m_keyOrder.end(),
                                    [&](const pool::KeyNode *key) { return key->keyId == keyId; });
    if (found == m_keyOrder.end() || (*found)->secretVersion != secretVersion)
        return false;
    pool::KeyNode &key = **found;
    const RestOwner owner{RestScope::Key, &key.keyId, &key.rest, &key.members,
                          key.members.empty() ? nullptr : key.members.front()};
    if (feedback.klass == AnswerClass::BadKey) {
        const Millis length = m_router->config().routing.cooldown.badKey;
        startRest(owner, {RestReason::BadKey, now + length, true, false}, feedback, now);
    } else if (feedback.klass == AnswerClass::Success && key.rest.active && key.rest.reason == RestReason::BadKey) {
        key.rest.hits = 0;
        endRest(owner, now);
    }
    return true;
}

} // namespace keymux
