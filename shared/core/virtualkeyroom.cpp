// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/virtualkeyroom.h"

#include <algorithm>
#include <cmath>

namespace keymux {

namespace {

using Limit = KeyLimitReached::Limit;

/// When a place among the requests in flight comes free is not known: a client may ask again after this.
constexpr Millis soon{1000};
constexpr Millis noteEvery{1000};

/// Which of two limits in the same unit tells the client more: the one with less left.
void tell(std::optional<LimitFigure> &told, const LimitFigure &figure)
{
    if (!told || figure.remaining < told->remaining)
        told = figure;
}

std::int64_t wholeUnits(double amount)
{
    return amount >= 9e15 ? std::int64_t(9e15) : std::int64_t(std::floor(amount));
}

} // namespace

std::string_view limitName(KeyLimitReached::Limit limit)
{
    switch (limit) {
    case Limit::Rpm:
        return "rpm_limit";
    case Limit::Tpm:
        return "tpm_limit";
    case Limit::Parallel:
        return "max_parallel";
    case Limit::Budget:
        break;
    }
    return "budget";
}

void VirtualKeyRoom::turnPeriod(Usage &usage, const VirtualKey &key, TimePoint now)
{
    if (!key.limits.budget)
        return;
    const TimePoint start = periodStart(key.limits.budget->period, now);
    if (usage.since >= start)
        return;
    usage.since = start;
    usage.period = {};
}

const std::shared_ptr<VirtualKeyRoom::State> &VirtualKeyRoom::stateOf(const std::string &id)
{
    auto it = m_states.find(std::string_view(id));
    if (it == m_states.end()) {
        it = m_states.emplace(id, std::make_shared<State>()).first;
        it->second->usage.id = id;
    }
    return it->second;
}

std::shared_ptr<VirtualKeyRoom::State> VirtualKeyRoom::currentStateOf(const VirtualKey &key, TimePoint now)
{
    const std::shared_ptr<State> &state = stateOf(key.id);
    turnPeriod(state->usage, key, now);
    state->window.expire(now);
    return state;
}

std::optional<KeyLimitReached> VirtualKeyRoom::limitReached(const State &state, const UnderWay &underWay,
                                                            const VirtualKeyLimits &limits, const Spend &estimate,
                                                            TimePoint now)
{
    if (limits.budget) {
        const Budget &budget = *limits.budget;
        const double used = state.usage.period.in(budget.unit), reserved = underWay.reserved.in(budget.unit);
        const bool alone = underWay.requests == 0 && used < budget.amount && budget.unit != BudgetUnit::Requests;
        if (!alone && (used >= budget.amount || used + reserved + estimate.in(budget.unit) > budget.amount ||
                       used + reserved >= budget.amount)) {
            const auto end = periodEnd(budget.period, now);
            KeyLimitReached reached{.limit = Limit::Budget, .wait = std::nullopt, .figures = {}};
            if (used < budget.amount) // only what is under way stands in the way, and may yet take less
                reached.wait = soon;
            else if (end)
                reached.wait = *end - now;
            return reached;
        }
    }
    if (limits.maxParallel && underWay.requests >= *limits.maxParallel)
        return KeyLimitReached{.limit = Limit::Parallel, .wait = soon, .figures = {}};
    if (limits.rpm && state.window.requests() + 1 > *limits.rpm) {
        const auto free = state.window.whenAtMost(*limits.rpm - 1, std::nullopt);
        return KeyLimitReached{
            .limit = Limit::Rpm, .wait = free ? std::optional(*free - now) : std::nullopt, .figures = {}};
    }
    if (limits.tpm && state.window.tokens() + estimate.tokens > *limits.tpm) {
        KeyLimitReached reached{.limit = Limit::Tpm, .wait = std::nullopt, .figures = {}};
        if (estimate.tokens <= *limits.tpm) {
            if (const auto free = state.window.whenAtMost(std::nullopt, *limits.tpm - estimate.tokens))
                reached.wait = *free - now;
        }
        return reached;
    }
    return std::nullopt;
}

KeyFigures VirtualKeyRoom::figures(const State &state, const UnderWay &underWay, const VirtualKeyLimits &limits,
                                   TimePoint now)
{
    KeyFigures told;
    const auto empty = state.window.emptyAt();
    const Millis windowReset = empty ? std::max(Millis(0), *empty - now) : Millis(0);
    if (limits.rpm) {
        tell(told.requests,
             {*limits.rpm, std::max<std::int64_t>(0, *limits.rpm - state.window.requests()), windowReset});
    }
    if (limits.tpm)
        tell(told.tokens, {*limits.tpm, std::max<std::int64_t>(0, *limits.tpm - state.window.tokens()), windowReset});
    if (limits.budget && limits.budget->unit != BudgetUnit::Usd) {
        const Budget &budget = *limits.budget;
        const double used = state.usage.period.in(budget.unit) + underWay.reserved.in(budget.unit);
        const auto end = periodEnd(budget.period, now);
        tell(
            budget.unit == BudgetUnit::Requests ? told.requests : told.tokens,
            {wholeUnits(budget.amount), wholeUnits(std::max(0.0, budget.amount - used)), end ? *end - now : Millis(0)});
    }
    return told;
}

tl::expected<VirtualKeyRoom::Admission, KeyLimitReached> VirtualKeyRoom::acquire(const VirtualKey &key,
                                                                                 const Spend &estimate, TimePoint now)
{
    std::shared_ptr<State> state = currentStateOf(key, now);
    const VirtualKeyLimits &limits = key.limits;
    const Spend wanted{.requests = 1,
                       .tokens = std::max<std::int64_t>(0, estimate.tokens),
                       .costUsd = std::max(0.0, estimate.costUsd)};
    if (auto reached = limitReached(*state, underWay(*state, now), limits, wanted, now)) {
        reached->figures = figures(*state, underWay(*state, now), limits, now);
        if (now - state->limitedNotedAt >= noteEvery) {
            state->limitedNotedAt = now;
            m_limited.push_back({key.id, reached->limit, now});
        }
        return tl::unexpected(*reached);
    }
    Admission admission;
    admission.lease.at = now;
    admission.lease.reserved = wanted;
    admission.lease.inWindow = limits.rpm || limits.tpm;
    if (admission.lease.inWindow)
        state->window.add(now, 1, wanted.tokens);
    ++state->inFlight;
    state->reserved += wanted;
    state->usage.lastUsedAt = std::max(now, state->usage.lastUsedAt.value_or(now));
    noteChange(*state, state);
    admission.figures = figures(*state, underWay(*state, now), limits, now);
    admission.lease.state = std::move(state);
    return admission;
}

void VirtualKeyRoom::settle(Lease lease, const Outcome &outcome, TimePoint now)
{
    const std::shared_ptr<State> shared = std::move(lease.state);
    if (!shared)
        return;
    State &state = *shared;
    --state.inFlight;
    // Back to exact zero when nothing is under way, so that fractions of a cent do not add up.
    state.reserved += {-lease.reserved.requests, -lease.reserved.tokens, -lease.reserved.costUsd};
    if (state.inFlight == 0)
        state.reserved = {};
    if (lease.inWindow && lease.at + RateWindow::length > now)
        state.window.adjust(lease.at, outcome.sent ? 0 : -1,
                            (outcome.sent ? outcome.spend.tokens : 0) - lease.reserved.tokens);
    state.usage.period += outcome.spend;
    state.usage.total += outcome.spend;
    noteChange(state, shared);
}

void VirtualKeyRoom::noteChange(State &state, const std::shared_ptr<State> &shared)
{
    if (state.changed)
        return;
    state.changed = true;
    m_changed.push_back(shared);
}

VirtualKeyRoom::Usage VirtualKeyRoom::usage(const VirtualKey &key, TimePoint now) const
{
    const auto it = m_states.find(std::string_view(key.id));
    Usage usage = it == m_states.end() ? Usage{.id = key.id, .period = {}, .total = {}, .since = {}, .lastUsedAt = {}}
                                       : it->second->usage;
    turnPeriod(usage, key, now);
    return usage;
}

std::int64_t VirtualKeyRoom::inFlight(std::string_view id) const
{
    const auto it = m_states.find(id);
    return it == m_states.end() ? 0 : it->second->inFlight;
}

std::vector<VirtualKeyRoom::Limited> VirtualKeyRoom::takeLimited()
{
    return std::exchange(m_limited, {});
}

void VirtualKeyRoom::restore(const std::vector<Usage> &stored)
{
    for (const Usage &usage : stored)
        stateOf(usage.id)->usage = usage;
}

std::vector<VirtualKeyRoom::Usage> VirtualKeyRoom::takeChanged()
{
    std::vector<Usage> changed;
    changed.reserve(m_changed.size());
    for (const auto &state : std::exchange(m_changed, {})) {
        state->changed = false;
        changed.push_back(state->usage);
    }
    return changed;
}

void VirtualKeyRoom::keepChanged(const std::vector<Usage> &unsaved)
{
    for (const Usage &usage : unsaved) {
        if (const auto it = m_states.find(std::string_view(usage.id)); it != m_states.end())
            noteChange(*it->second, it->second);
    }
}

void VirtualKeyRoom::keepOnly(const VirtualKeyTable &table)
{
    std::erase_if(m_states, [&](const auto &entry) { return !table.byId(entry.first); });
}

} // namespace keymux
