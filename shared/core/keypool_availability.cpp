// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keypool_private.h"

#include <algorithm>

namespace keymux {

using pool::Availability;
using pool::LimitUnit;
using pool::Need;

namespace pool {

void LimitUnit::roll(TimePoint now)
{
    window.expire(now);
    if (elsewhere > 0 && now >= elsewhereUntil)
        elsewhere = 0;
    if (now < dayEnds)
        return;
    dayUsed = 0;
    // The provider's day may turn a moment later than ours.
    dayEnds = zone->nextMidnight(now) + Millis(250);
}

double LimitUnit::room() const
{
    double room = 1;
    const auto narrow = [&](const std::optional<std::int64_t> &limit, std::int64_t used) {
        if (limit)
            room = std::min(room, 1.0 - double(used) / double(std::max<std::int64_t>(1, *limit)));
    };
    narrow(limits.rpm, requests());
    narrow(limits.tpm, tokens());
    narrow(limits.rpd, dayUsed + pendingRequests);
    narrow(limits.maxParallel, inFlight + elsewhere);
    return std::max(room, 0.0);
}

} // namespace pool

namespace {

void later(std::optional<TimePoint> &at, TimePoint candidate)
{
    at = at ? std::max(*at, candidate) : candidate;
}

/// What pending leases will hold up at most: sent this moment, they leave a whole window later.
TimePoint afterPending(TimePoint now)
{
    return now + RateWindow::length;
}

} // namespace

/// Its own windows alone, without any rest.
Availability KeyPool::Private::windowAvailability(LimitUnit &unit, const Node &node, const Need &need, TimePoint now)
{
    using Kind = Availability::Kind;
    unit.roll(now);
    Availability result;
    if (unit.limits.rpm && unit.requests() >= *unit.limits.rpm) {
        const std::int64_t mayStay = *unit.limits.rpm - 1 - unit.pendingRequests;
        const auto when = mayStay >= 0 ? unit.window.whenAtMost(mayStay, std::nullopt) : std::nullopt;
        later(result.readyAt, when.value_or(afterPending(now)));
    }
    if (unit.limits.rpd && unit.dayUsed + unit.pendingRequests >= *unit.limits.rpd)
        later(result.readyAt, unit.dayEnds);
    // Nobody here will give back what another process holds.
    if (unit.limits.maxParallel && unit.elsewhere > 0 && unit.inFlight < *unit.limits.maxParallel &&
        unit.inFlight + unit.elsewhere >= *unit.limits.maxParallel)
        later(result.readyAt, unit.elsewhereUntil);
    result.freeAt = result.readyAt;
    const bool full = unit.limits.maxParallel && unit.inFlight >= *unit.limits.maxParallel;
    bool fits = true;
    if ((node.contextWindow && need.held > *node.contextWindow) ||
        (unit.limits.tpm && need.counted > *unit.limits.tpm)) {
        fits = false;
        result.freeAt.reset();
    } else if (unit.limits.tpm && unit.tokens() + need.counted > *unit.limits.tpm) {
        fits = false;
        const std::int64_t mayStay = *unit.limits.tpm - need.counted - unit.pendingTokens;
        const auto when = mayStay >= 0 ? unit.window.whenAtMost(std::nullopt, mayStay) : std::nullopt;
        later(result.freeAt, when.value_or(afterPending(now)));
    }
    result.kind = result.readyAt ? Kind::Until : full ? Kind::Parked : fits ? Kind::Free : Kind::NotForThisSize;
    unit.awaited = unit.awaited || result.kind != Kind::Free;
    return result;
}

Availability KeyPool::Private::availability(Node &node, Endpoint endpoint, const Need &need, TimePoint now)
{
    using Kind = Availability::Kind;
    if (!node.key->usable()) {
        Availability never;
        never.kind = Kind::Never;
        return never;
    }
    Availability result = windowAvailability(*node.unit, node, need, now);
    RestOwner owners[7];
    const int count = restsOf(node, endpoint, owners);
    if (count == 0)
        return result;
    const bool everFits = result.kind == Kind::Free || result.kind == Kind::Parked || result.freeAt.has_value();
    bool trialRuns = false;
    for (int i = 0; i < count; ++i) {
        const Rest &rest = *owners[i].rest;
        if (rest.restsAt(now)) {
            later(result.readyAt, rest.until);
            if (everFits)
                later(result.freeAt, rest.until);
            if (rest.blocksAt(now)) {
                result.blocked = true;
                result.blockedUntil = std::max(result.blockedUntil, rest.until);
            }
        } else if (rest.isHalfOpen(now) && rest.trial != 0) {
            trialRuns = true;
        }
    }
    if (result.readyAt)
        result.kind = Kind::Until;
    else if (trialRuns)
        result.kind = Kind::Parked;
    return result;
}

} // namespace keymux
