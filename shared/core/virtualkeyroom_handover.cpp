// SPDX-License-Identifier: GPL-3.0-or-later
// What a room passes on to that of another process, which serves the same keys from now on.
#include "core/virtualkeyroom.h"

#include <algorithm>

namespace keymux {

VirtualKeyRoom::UnderWay VirtualKeyRoom::underWay(const State &state, TimePoint now) const
{
    UnderWay result{state.inFlight, state.reserved};
    if (now < m_elsewhereUntil) {
        result.requests += state.elsewhere.inFlight;
        result.reserved += state.elsewhere.reserved;
    }
    return result;
}

std::vector<VirtualKeyRoom::Usage> VirtualKeyRoom::uses() const
{
    std::vector<Usage> result;
    result.reserve(m_states.size());
    for (const auto &[id, state] : m_states)
        result.push_back(state->usage);
    return result;
}

std::vector<VirtualKeyRoom::Held> VirtualKeyRoom::held() const
{
    std::vector<Held> result;
    for (const auto &[id, state] : m_states) {
        if (state->inFlight > 0)
            result.push_back({id, state->inFlight, state->reserved});
    }
    return result;
}

void VirtualKeyRoom::holdElsewhere(const std::vector<Held> &held, TimePoint until)
{
    for (const auto &state : std::exchange(m_heldElsewhere, {}))
        state->elsewhere = {};
    m_elsewhereUntil = until;
    for (const Held &one : held) {
        const std::shared_ptr<State> &state = stateOf(one.id);
        state->elsewhere.inFlight += one.inFlight;
        state->elsewhere.reserved += one.reserved;
        m_heldElsewhere.push_back(state);
    }
}

std::vector<VirtualKeyRoom::Window> VirtualKeyRoom::windows(TimePoint now) const
{
    std::vector<Window> result;
    for (const auto &[id, state] : m_states) {
        state->window.expire(now);
        if (auto entries = state->window.entries(); !entries.empty())
            result.push_back({id, std::move(entries)});
    }
    return result;
}

void VirtualKeyRoom::addWindows(const std::vector<Window> &windows, TimePoint now)
{
    for (const Window &window : windows) {
        const std::shared_ptr<State> &state = stateOf(window.id);
        for (const RateWindow::Entry &entry : window.entries) {
            if (entry.at + RateWindow::length > now)
                state->window.add(std::min(entry.at, now), entry.requests, entry.tokens);
        }
    }
}

void VirtualKeyRoom::add(const std::vector<Usage> &uses)
{
    for (const Usage &use : uses) {
        const std::shared_ptr<State> &state = stateOf(use.id);
        Usage &usage = state->usage;
        usage.total += use.total;
        if (use.since > usage.since) { // nobody has asked here since the period turned
            usage.since = use.since;
            usage.period = {};
        }
        if (use.since == usage.since)
            usage.period += use.period;
        if (use.lastUsedAt)
            usage.lastUsedAt = std::max(*use.lastUsedAt, usage.lastUsedAt.value_or(*use.lastUsedAt));
        noteChange(*state, state);
    }
}

} // namespace keymux
