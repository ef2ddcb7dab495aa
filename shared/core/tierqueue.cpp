// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tierqueue.h"

#include <algorithm>

namespace keymux::pool {

namespace {

constexpr std::size_t arity = 4;

} // namespace

TierQueue::TierQueue(std::vector<Node *> nodes, std::int64_t capacity) : m_capacity(capacity)
{
    m_members.reserve(nodes.size());
    m_ready.reserve(nodes.size());
    for (std::uint32_t i = 0; i < nodes.size(); ++i) {
        m_members.push_back({nodes[i], nodes[i]->unit, 0, 0, State::Ready});
        m_ready.push_back({0, i, 0});
    }
    m_counts[std::size_t(State::Ready)] = nodes.size();
    // All times are equal and the entries ascend by member: that is a heap already.
}

std::optional<std::uint32_t> TierQueue::top()
{
    while (!m_ready.empty()) {
        const ReadyEntry &entry = m_ready.front();
        if (m_members[entry.member].stamp == entry.stamp)
            return entry.member;
        popTop();
    }
    return std::nullopt;
}

void TierQueue::popTop()
{
    const ReadyEntry last = m_ready.back();
    m_ready.pop_back();
    if (!m_ready.empty())
        sink(0, last);
}

void TierQueue::pushReady(std::uint32_t member)
{
    const ReadyEntry entry{m_members[member].virtualTime, member, m_members[member].stamp};
    std::size_t hole = m_ready.size();
    m_ready.push_back(entry);
    while (hole > 0) {
        const std::size_t parent = (hole - 1) / arity;
        if (!entry.before(m_ready[parent]))
            break;
        m_ready[hole] = m_ready[parent];
        hole = parent;
    }
    m_ready[hole] = entry;
}

void TierQueue::sink(std::size_t hole, const ReadyEntry &entry)
{
    const std::size_t size = m_ready.size();
    for (;;) {
        const std::size_t first = arity * hole + 1;
        if (first >= size)
            break;
        std::size_t child = first;
        const std::size_t end = std::min(first + arity, size);
        for (std::size_t i = first + 1; i < end; ++i) {
            if (m_ready[i].before(m_ready[child]))
                child = i;
        }
        if (!m_ready[child].before(entry))
            break;
        m_ready[hole] = m_ready[child];
        hole = child;
    }
    m_ready[hole] = entry;
}

void TierQueue::picked(std::uint32_t member, double stride)
{
    Member &m = m_members[member];
    m_virtualNow = std::max(m_virtualNow, m.virtualTime);
    // One that was passed over, being too small or already tried, does not catch up on what it missed.
    m.virtualTime = m_virtualNow + stride;
    sink(0, {m.virtualTime, member, m.stamp});
}

void TierQueue::leave(std::uint32_t member, State state)
{
    Member &m = m_members[member];
    ++m.stamp;
    --m_counts[std::size_t(m.state)];
    ++m_counts[std::size_t(state)];
    m.state = state;
}

void TierQueue::rest(std::uint32_t member, TimePoint until)
{
    leave(member, State::Resting);
    pushResting(m_resting, {until, member, m_members[member].stamp});
}

void TierQueue::block(std::uint32_t member, TimePoint until)
{
    leave(member, State::Blocked);
    pushResting(m_blocked, {until, member, m_members[member].stamp});
}

void TierQueue::wake(std::uint32_t member)
{
    m_full = false;
    Member &m = m_members[member];
    if (m.state == State::Ready || m.state == State::Off)
        return;
    leave(member, State::Ready);
    // Whoever comes back starts level with the others instead of catching up on what it missed.
    m.virtualTime = std::max(m.virtualTime, m_virtualNow);
    pushReady(member);
    if (m_ready.size() > 4 * m_members.size() + 64) {
        std::erase_if(m_ready, [this](const ReadyEntry &e) { return m_members[e.member].stamp != e.stamp; });
        std::sort(m_ready.begin(), m_ready.end(), [](const ReadyEntry &a, const ReadyEntry &b) { return a.before(b); });
    }
}

void TierQueue::wakeDue(TimePoint now)
{
    wakeDue(m_resting, now);
    wakeDue(m_blocked, now);
}

void TierQueue::wakeDue(std::vector<RestingEntry> &heap, TimePoint now)
{
    while (!heap.empty() && heap.front().at <= now) {
        const RestingEntry entry = heap.front();
        std::pop_heap(heap.begin(), heap.end());
        heap.pop_back();
        if (m_members[entry.member].stamp == entry.stamp)
            wake(entry.member);
    }
}

std::optional<TierQueue::Resting> TierQueue::firstResting()
{
    while (!m_resting.empty()) {
        const RestingEntry &entry = m_resting.front();
        if (m_members[entry.member].stamp == entry.stamp)
            return Resting{entry.at, entry.member};
        popFirstResting();
    }
    return std::nullopt;
}

void TierQueue::popFirstResting()
{
    std::pop_heap(m_resting.begin(), m_resting.end());
    m_resting.pop_back();
}

void TierQueue::restoreResting(const Resting &resting)
{
    pushResting(m_resting, {resting.at, resting.member, m_members[resting.member].stamp});
}

void TierQueue::pushResting(std::vector<RestingEntry> &heap, const RestingEntry &entry)
{
    heap.push_back(entry);
    std::push_heap(heap.begin(), heap.end());
    dropStale(heap);
}

/// Drops entries that no longer hold once they are the greater part, so that memory stays in proportion to the members.
void TierQueue::dropStale(std::vector<RestingEntry> &heap)
{
    if (heap.size() <= 4 * m_members.size() + 64)
        return;
    std::erase_if(heap, [this](const RestingEntry &e) { return m_members[e.member].stamp != e.stamp; });
    std::make_heap(heap.begin(), heap.end());
}

void TierQueue::rememberFull(const Need &need, std::optional<TimePoint> until)
{
    m_full = true;
    m_fullFor = need;
    m_fullUntil = until;
}

} // namespace keymux::pool
