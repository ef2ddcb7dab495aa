// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/latekeeper.h"

#include "log/log.h"

#include <QUuid>
#include <algorithm>
#include <limits>
#include <utility>

namespace keymux {

namespace {

constexpr Millis tellInterval{500};
/// What a server holds that has not said so for that long is free: it has been killed.
constexpr Millis heldFor{5000};

Spend difference(const Spend &now, const Spend &before)
{
    return {now.requests - before.requests, now.tokens - before.tokens, now.costUsd - before.costUsd};
}

} // namespace

LateKeeper::LateKeeper(SharedPool &pool, SharedKeys &keys, LateStore &store)
    : m_pool(pool), m_keys(keys), m_store(store), m_writer(QUuid::createUuid().toString(QUuid::Id128).toStdString())
{
}

Result<void> LateKeeper::begin(TimePoint now)
{
    LateReport report;
    report.writer = m_writer;
    m_uses.clear();
    m_days.clear();
    m_keys.with([&](VirtualKeyRoom &room) {
        for (VirtualKeyRoom::Usage &use : room.uses())
            m_uses[use.id] = std::move(use);
        report.keysHeld = room.held();
        report.keyWindows = room.windows(now);
    });
    m_pool.with([&](KeyPool &pool) {
        PoolMemory memory = pool.memory(now);
        for (DayMemory &day : memory.days)
            m_days[day.unit] = std::move(day);
        m_rests = std::move(memory.rests);
        report.unitsHeld = pool.held();
        report.pool = pool.handover(now);
    });
    m_toldAt = now;
    m_untold = {};
    m_heldSomething = true;
    return m_store.leave(report);
}

void LateKeeper::cancel()
{
    if (auto gone = m_store.withdraw(m_writer); !gone)
        qCWarning(lcServer, "%s", gone.error().message.c_str());
}

void LateKeeper::tick(TimePoint now)
{
    if (now - m_toldAt >= tellInterval)
        tell(now);
}

void LateKeeper::finish(TimePoint now)
{
    tell(now);
    if (!m_untold.empty())
        qCWarning(lcServer, "the server that has taken over does not hear of what the last requests here have used");
}

void LateKeeper::tell(TimePoint now)
{
    m_toldAt = now;
    LateReport &report = m_untold;
    report.writer = m_writer;
    noteUses(report);
    noteLearned(report, now);
    report.keysHeld = m_keys.with([](VirtualKeyRoom &room) { return room.held(); });
    report.unitsHeld = m_pool.with([](KeyPool &pool) { return pool.held(); });
    const bool holds = !report.keysHeld.empty() || !report.unitsHeld.empty();
    // That nothing is held any more is news, too.
    if (report.empty() && !m_heldSomething)
        return;
    if (m_store.leave(report)) {
        m_heldSomething = holds;
        m_untold = {};
    }
}

void LateKeeper::noteUses(LateReport &report)
{
    for (VirtualKeyRoom::Usage &use : m_keys.with([](VirtualKeyRoom &room) { return room.takeChanged(); })) {
        const auto known = m_uses.find(use.id);
        VirtualKeyRoom::Usage late = use;
        if (known != m_uses.end()) {
            late.total = difference(use.total, known->second.total);
            if (use.since == known->second.since)
                late.period = difference(use.period, known->second.period);
        }
        m_uses[use.id] = std::move(use);
        report.uses.push_back(std::move(late));
    }
}

void LateKeeper::noteLearned(LateReport &report, TimePoint now)
{
    PoolMemoryChanges changes = m_pool.with(
        [&](KeyPool &pool) { return pool.takeMemoryChanges(now, std::numeric_limits<std::size_t>::max()); });
    for (DayMemory &day : changes.days) {
        const auto known = m_days.find(day.unit);
        DayMemory late = day;
        if (known != m_days.end() && known->second.ends == day.ends)
            late.used -= known->second.used;
        m_days[day.unit] = std::move(day);
        report.learned.days.push_back(std::move(late));
    }
    if (!changes.rests)
        return;
    for (const RestMemory &rest : *changes.rests) {
        if (std::find(m_rests.begin(), m_rests.end(), rest) == m_rests.end())
            report.learned.rests.push_back(rest);
    }
    m_rests = std::move(*changes.rests);
}

bool LateKeeper::take(TimePoint now)
{
    if (std::erase_if(m_holders, [&](const auto &entry) { return entry.second.until <= now; }) > 0)
        applyHeld(now);
    if (!m_store.mayHaveNews())
        return false;
    auto reports = m_store.take();
    if (!reports) {
        qCWarning(lcServer, "%s", reports.error().message.c_str());
        return false;
    }
    for (LateReport &report : *reports) {
        m_keys.with([&](VirtualKeyRoom &room) {
            room.addWindows(report.keyWindows, now);
            room.add(report.uses);
        });
        m_pool.with([&](KeyPool &pool) {
            pool.takeUp(report.pool, now);
            pool.add(report.learned, now);
        });
        m_holders[report.writer] = {std::move(report.keysHeld), std::move(report.unitsHeld), now + heldFor};
    }
    if (!reports->empty())
        applyHeld(now);
    return !reports->empty();
}

void LateKeeper::applyHeld(TimePoint now)
{
    Holder all;
    for (const auto &[writer, holder] : m_holders) {
        all.keys.insert(all.keys.end(), holder.keys.begin(), holder.keys.end());
        all.units.insert(all.units.end(), holder.units.begin(), holder.units.end());
    }
    m_keys.with([&](VirtualKeyRoom &room) { room.holdElsewhere(all.keys, now + heldFor); });
    m_pool.with([&](KeyPool &pool) { pool.holdElsewhere(all.units, now + heldFor, now); });
}

} // namespace keymux
