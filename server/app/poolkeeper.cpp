// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/poolkeeper.h"

#include "log/log.h"

#include <limits>

namespace keymux {

namespace {

/// With the tick's own interval at most a second is ever unwritten.
constexpr Millis storeInterval{750};
/// So that a write of thousands of deployments does not hold up the main thread: about 20 ms; the others wait their
/// turn.
constexpr std::size_t mostDaysAtOnce = 2500;

} // namespace

void PoolKeeper::restore(TimePoint now)
{
    m_storedAt = now;
    const auto memory = m_store.load();
    if (!memory) {
        qCWarning(lcRate, "day counts and rests begin anew: %s", memory.error().message.c_str());
        return;
    }
    const PoolMemory taken = m_pool.with([&](KeyPool &pool) { return pool.restore(*memory, now); });
    if (!taken.days.empty() || !taken.rests.empty())
        qCInfo(lcRate, "remembered from before the restart: %d day counts, %d rests", int(taken.days.size()),
               int(taken.rests.size()));
}

void PoolKeeper::tick(TimePoint now)
{
    if (now - m_storedAt < storeInterval)
        return;
    takeChanges(now, mostDaysAtOnce);
}

void PoolKeeper::store(TimePoint now)
{
    takeChanges(now, std::numeric_limits<std::size_t>::max());
}

void PoolKeeper::takeChanges(TimePoint now, std::size_t mostDays)
{
    m_storedAt = now;
    PoolMemoryChanges changes = m_pool.with([&](KeyPool &pool) { return pool.takeMemoryChanges(now, mostDays); });
    if (m_failing) {
        // Newer ones replace what waits.
        for (DayMemory &day : changes.days)
            m_waitingDays[day.unit] = std::move(day);
        changes.days.clear();
        std::erase_if(m_waitingDays, [&](const auto &entry) { return entry.second.ends <= now; });
        for (const auto &[unit, day] : m_waitingDays)
            changes.days.push_back(day);
        if (!changes.rests)
            changes.rests = std::move(m_waitingRests);
    }
    if (auto written = m_store.write(changes, now); written) {
        if (std::exchange(m_failing, false))
            qCInfo(lcRate, "day counts and rests are stored again");
        m_waitingDays.clear();
        m_waitingRests.reset();
    } else {
        if (!std::exchange(m_failing, true))
            qCWarning(lcRate, "day counts and rests are kept in memory: %s", written.error().message.c_str());
        for (DayMemory &day : changes.days)
            m_waitingDays[day.unit] = std::move(day);
        m_waitingRests = std::move(changes.rests);
    }
}

} // namespace keymux
