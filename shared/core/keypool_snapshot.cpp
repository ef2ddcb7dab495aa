// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keypool_private.h"

#include <algorithm>

namespace keymux {

using pool::Node;

namespace {

/// What of a unit's window still counts at that moment; the unit itself is left as it is.
struct WindowsAt {
    RateWindow window;
    std::int64_t dayUsed;
    TimePoint dayEnds;
};

WindowsAt windowsAt(const pool::LimitUnit &unit, TimePoint now)
{
    WindowsAt at{unit.window, unit.dayUsed, unit.dayEnds};
    at.window.expire(now);
    if (now >= at.dayEnds) {
        at.dayUsed = 0;
        at.dayEnds = unit.zone->nextMidnight(now) + Millis(250);
    }
    return at;
}

/// As LimitUnit::room(), of the windows as they are at that moment.
double roomOf(const DeploymentState &s, const pool::LimitUnit &unit)
{
    double room = 1;
    const auto narrow = [&](const std::optional<std::int64_t> &limit, std::int64_t used) {
        if (limit)
            room = std::min(room, 1.0 - double(used) / double(std::max<std::int64_t>(1, *limit)));
    };
    narrow(s.rpm.limit, s.rpm.used);
    narrow(s.tpm.limit, s.tpm.used);
    narrow(s.rpd.limit, s.rpd.used);
    narrow(unit.limits.maxParallel, unit.inFlight);
    return std::max(room, 0.0);
}

std::optional<Millis> percentile(const Node::Latencies &ring, int percent)
{
    const std::size_t count = std::min<std::size_t>(ring.count, ring.millis.size());
    if (count == 0)
        return std::nullopt;
    auto sorted = ring.millis;
    const std::size_t at = (count - 1) * std::size_t(percent) / 100;
    std::nth_element(sorted.begin(), sorted.begin() + std::ptrdiff_t(at), sorted.begin() + std::ptrdiff_t(count));
    return Millis(sorted[at]);
}

} // namespace

PoolSnapshot KeyPool::Private::snapshot(TimePoint now) const
{
    PoolSnapshot result;
    result.at = now;
    result.deployments.reserve(m_nodeOf.size());
    auto *self = const_cast<Private *>(this); // restsOf hands out what it finds for changing; nothing is changed here
    for (std::size_t index = 0; index < m_nodeOf.size(); ++index) {
        Node *node = m_nodeOf[index];
        DeploymentState s;
        s.id = node->id;
        s.provider = node->provider->name;
        s.keyId = node->key->keyId;
        s.model = m_router->deployments()[index].model;
        s.priority = node->priority;
        s.weight = node->weight;
        const pool::LimitUnit &unit = *node->unit;
        const WindowsAt windows = windowsAt(unit, now);
        s.rpm = {unit.limits.rpm, windows.window.requests() + unit.pendingRequests, windows.window.emptyAt()};
        s.tpm = {unit.limits.tpm, windows.window.tokens() + unit.pendingTokens, windows.window.emptyAt()};
        s.rpd = {unit.limits.rpd, windows.dayUsed + unit.pendingRequests, windows.dayEnds};
        s.room = roomOf(s, unit);
        s.inFlight = node->inFlight;
        s.requests = node->requests;
        s.errors = node->errors;
        if (node->latencies) {
            s.latencyP50 = percentile(*node->latencies, 50);
            s.latencyP95 = percentile(*node->latencies, 95);
        }
        bool blocked = false, probing = false;
        RestOwner owners[7];
        for (int e = 0; e < endpointCount; ++e) {
            const int count = self->restsOf(*node, Endpoint(e), owners);
            for (int i = 0; i < count; ++i) {
                const Rest &rest = *owners[i].rest;
                probing = probing || rest.isHalfOpen(now);
                blocked = blocked || rest.blocksAt(now);
                if (rest.restsAt(now) && (!s.cooldown || rest.until > s.cooldown->until))
                    s.cooldown = CooldownState{rest.until, rest.reason, owners[i].scope};
            }
        }
        const auto spent = [](const WindowState &w) { return w.limit && w.used >= *w.limit; };
        const bool full = spent(s.rpm) || spent(s.tpm) || spent(s.rpd) ||
                          (unit.limits.maxParallel && unit.inFlight >= *unit.limits.maxParallel);
        s.status = !node->key->enabled || node->key->operatorDisabled ? DeploymentStatus::Disabled
                   : !node->key->resolved                             ? DeploymentStatus::Unresolved
                   : blocked                                          ? DeploymentStatus::Blocked
                   : s.cooldown                                       ? DeploymentStatus::Cooling
                   : probing                                          ? DeploymentStatus::Probing
                   : full                                             ? DeploymentStatus::Limited
                                                                      : DeploymentStatus::Ready;
        result.deployments.push_back(std::move(s));
    }
    for (const pool::KeyNode *key : m_keyOrder) {
        KeyState s;
        s.keyId = key->keyId;
        s.enabled = key->enabled && !key->operatorDisabled;
        s.disabledBy = !key->enabled ? "config" : key->operatorDisabled ? "operator" : "";
        s.resolved = key->resolved;
        s.quotaGroup = key->quotaGroup;
        result.keys.push_back(std::move(s));
    }
    return result;
}

bool KeyPool::Private::ready(TimePoint now) const
{
    return std::any_of(m_keyOrder.begin(), m_keyOrder.end(), [&](const pool::KeyNode *key) {
        return key->usable() && !key->rest.blocksAt(now) &&
               std::any_of(key->members.begin(), key->members.end(), [&](const Node *node) {
                   return !node->rest.blocksAt(now) && !node->unit->rest.blocksAt(now) &&
                          !(node->group && node->group->rest.blocksAt(now));
               });
    });
}

} // namespace keymux
