// SPDX-License-Identifier: GPL-3.0-or-later
// What a pool passes on to that of another process, which serves the same keys from now on.
#include "core/keypool_private.h"

#include <algorithm>
#include <utility>

namespace keymux {

using pool::LimitUnit;

PoolHandover KeyPool::Private::handover(TimePoint now)
{
    PoolHandover result;
    for (const auto &[id, unit] : m_units) {
        unit->roll(now);
        if (auto entries = unit->window.entries(); !entries.empty())
            result.windows.push_back({id, std::move(entries)});
    }
    result.rests = restMemories(Millis(0), now);
    return result;
}

void KeyPool::Private::takeUp(const PoolHandover &handover, TimePoint now)
{
    for (const WindowMemory &window : handover.windows) {
        const auto it = m_units.find(window.unit);
        if (it == m_units.end())
            continue;
        for (const RateWindow::Entry &entry : window.entries) {
            if (entry.at + RateWindow::length > now)
                it->second->window.add(std::min(entry.at, now), entry.requests, entry.tokens);
        }
    }
    for (const RestMemory &rest : handover.rests)
        restoreRest(rest, now);
}

void KeyPool::Private::add(const PoolMemory &memory, TimePoint now)
{
    for (const DayMemory &day : memory.days) {
        const auto it = m_units.find(day.unit);
        if (it == m_units.end() || day.used <= 0 || day.ends <= now)
            continue;
        LimitUnit &unit = *it->second;
        unit.roll(now);
        unit.dayUsed += day.used;
        // How many tokens these took is in no day's count; that they were sent is enough to be on the safe side of RPM.
        unit.window.add(now, day.used, 0);
        if (!std::exchange(unit.dayListed, true))
            m_changedDays.push_back(&unit);
    }
    for (const RestMemory &rest : memory.rests)
        restoreRest(rest, now);
}

std::vector<HeldMemory> KeyPool::Private::held() const
{
    std::vector<HeldMemory> result;
    for (const auto &[id, unit] : m_units) {
        if (unit->limits.maxParallel && unit->inFlight > 0)
            result.push_back({id, unit->inFlight});
    }
    return result;
}

void KeyPool::Private::holdElsewhere(const std::vector<HeldMemory> &held, TimePoint until)
{
    std::vector<std::string> before = std::exchange(m_heldElsewhere, {});
    for (const std::string &id : before) {
        if (const auto it = m_units.find(id); it != m_units.end())
            it->second->elsewhere = 0;
    }
    for (const HeldMemory &one : held) {
        const auto it = m_units.find(one.unit);
        if (it == m_units.end())
            continue;
        it->second->elsewhere += one.inFlight;
        it->second->elsewhereUntil = until;
        m_heldElsewhere.push_back(one.unit);
    }
    // Whoever was without room because of it is looked at again.
    before.insert(before.end(), m_heldElsewhere.begin(), m_heldElsewhere.end());
    for (const std::string &id : before) {
        if (const auto it = m_units.find(id); it != m_units.end()) {
            for (Node *member : it->second->members)
                wake(*member);
        }
    }
}

} // namespace keymux
