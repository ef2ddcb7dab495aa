// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/historyseries.h"

#include <algorithm>

namespace keymux {

namespace {

constexpr std::int64_t finePerCoarse = coarseStep / fineStep;

std::int64_t capacityOf(HistoryLevel level)
{
    return std::int64_t(level == HistoryLevel::Fine ? fineSlots : coarseSlots);
}

} // namespace

static_assert(sizeof(PackedSlot) * (fineSlots + coarseSlots) + sizeof(HistorySeries) <= 7700,
              "1,000 deployments must fit into 8 MB with their names");

PackedSlot &HistorySeries::place(HistoryLevel level, std::int64_t number)
{
    return level == HistoryLevel::Fine ? m_rings->fine[std::size_t(number) % fineSlots]
                                       : m_rings->coarse[std::size_t(number) % coarseSlots];
}

const PackedSlot &HistorySeries::place(HistoryLevel level, std::int64_t number) const
{
    return const_cast<HistorySeries *>(this)->place(level, number);
}

/// Closed slots; the open fine one is kept apart, and so is the coarse one it belongs to.
bool HistorySeries::isKept(HistoryLevel level, std::int64_t number) const
{
    const std::int64_t open = level == HistoryLevel::Fine ? m_now : m_now / finePerCoarse;
    return m_now >= 0 && number >= 0 && number < open && number > open - capacityOf(level);
}

/// Whether the open slot says nothing that the idle ones before it do not say.
bool HistorySeries::isIdle() const
{
    if (!m_open.any || m_open.kept > 0 || m_open.roomSamples == 0 || m_open.counts != HistoryCounts{})
        return false;
    return m_idleSince < 0 || m_open.roomSum == m_idleRoom * m_open.roomSamples;
}

/// From here on every slot may be another.
void HistorySeries::makeRings()
{
    m_rings = std::make_unique<Rings>();
    if (m_idleSince < 0)
        return;
    HistorySlot idle;
    idle.room = m_idleRoom;
    for (const HistoryLevel level : {HistoryLevel::Fine, HistoryLevel::Coarse}) {
        const std::int64_t perSlot = level == HistoryLevel::Fine ? 1 : finePerCoarse;
        const std::int64_t open = m_now / perSlot;
        for (std::int64_t n = std::max(m_idleSince / perSlot, open - capacityOf(level) + 1); n < open; ++n)
            put(level, n, idle);
    }
}

void HistorySeries::clear(HistoryLevel level, std::int64_t number)
{
    PackedSlot &packed = place(level, number);
    if (packed.isElsewhere() && m_wide)
        m_wide->erase({level, number % capacityOf(level)});
    packed = {};
}

void HistorySeries::put(HistoryLevel level, std::int64_t number, const HistorySlot &slot)
{
    if (!m_rings)
        makeRings();
    clear(level, number);
    if (const auto packed = PackedSlot::pack(slot)) {
        place(level, number) = *packed;
        return;
    }
    if (!m_wide)
        m_wide = std::make_unique<std::map<WideKey, HistorySlot>>();
    m_wide->insert_or_assign({level, number % capacityOf(level)}, slot);
    place(level, number) = PackedSlot::elsewhere();
}

std::optional<HistorySlot> HistorySeries::slot(HistoryLevel level, std::int64_t number) const
{
    if (level == HistoryLevel::Fine && number == m_now)
        return m_open.any ? std::optional(openSlot()) : std::nullopt;
    if (level == HistoryLevel::Coarse && m_now >= 0 && number == m_now / finePerCoarse)
        return merged(number);
    if (!isKept(level, number))
        return std::nullopt;
    if (!m_rings) {
        const std::int64_t since = level == HistoryLevel::Fine ? m_idleSince : m_idleSince / finePerCoarse;
        if (m_idleSince < 0 || number < since)
            return std::nullopt;
        HistorySlot idle;
        idle.room = m_idleRoom;
        return idle;
    }
    const PackedSlot &packed = place(level, number);
    if (packed.isAbsent())
        return std::nullopt;
    return packed.isElsewhere() ? m_wide->at({level, number % capacityOf(level)}) : packed.unpack();
}

HistorySlot HistorySeries::openSlot() const
{
    HistorySlot slot;
    slot.counts = m_open.counts;
    LatencyHistogram latencies;
    for (std::uint32_t i = 0; i < m_open.kept; ++i)
        latencies.add(m_open.latencies[i], 1);
    slot.marks = marksOf(latencies);
    if (m_open.roomSamples > 0)
        slot.room = m_open.roomSum / m_open.roomSamples;
    return slot;
}

std::optional<HistorySlot> HistorySeries::merged(std::int64_t coarse) const
{
    HistorySum sum;
    for (std::int64_t n = coarse * finePerCoarse; n < (coarse + 1) * finePerCoarse; ++n) {
        if (const auto fine = slot(HistoryLevel::Fine, n))
            sum.add(*fine);
    }
    return sum.any() ? std::optional(sum.slot()) : std::nullopt;
}

/// Writes the open slot down and makes `next` the open one.
void HistorySeries::closeFine(std::int64_t next)
{
    const std::int64_t closed = m_now;
    if (!m_rings && next == closed + 1 && isIdle()) {
        if (m_idleSince < 0) {
            m_idleSince = closed;
            m_idleRoom = m_open.roomSum / m_open.roomSamples;
        }
        m_open = {};
        m_now = next;
        return;
    }
    if (!m_rings)
        makeRings();
    const std::int64_t coarse = closed / finePerCoarse;
    // Before the ring moves on, so that all of the five minutes are still there.
    const auto coarseSlot = next / finePerCoarse != coarse ? merged(coarse) : std::nullopt;
    if (m_open.any)
        put(HistoryLevel::Fine, closed, openSlot());
    m_open = {};
    m_now = next;
    // A slot's place still holds what was there one round before.
    const auto clearUpTo = [&](HistoryLevel level, std::int64_t from, std::int64_t to) {
        for (std::int64_t n = std::max(from, to - capacityOf(level) + 1); n <= to; ++n)
            clear(level, n);
    };
    clearUpTo(HistoryLevel::Fine, closed + 1, next);
    if (next / finePerCoarse == coarse)
        return;
    clearUpTo(HistoryLevel::Coarse, coarse, next / finePerCoarse);
    if (coarseSlot && isKept(HistoryLevel::Coarse, coarse))
        put(HistoryLevel::Coarse, coarse, *coarseSlot);
}

void HistorySeries::advance(TimePoint now)
{
    const std::int64_t number = slotAt(HistoryLevel::Fine, now);
    if (m_now < 0)
        m_now = number;
    else if (number > m_now)
        closeFine(number);
}

void HistorySeries::count(const HistoryCounts &counts, std::optional<Millis> latency, TimePoint now)
{
    advance(now);
    m_lastSeen = std::max(m_lastSeen, now);
    m_open.any = true;
    m_open.counts += counts;
    if (!latency)
        return;
    if (m_open.seen++ % m_open.stride != 0)
        return;
    if (m_open.kept == m_open.latencies.size()) {
        // Every second one stays, and from here on half as many come in: what is kept stands evenly for all.
        for (std::uint32_t i = 0; 2 * i < m_open.kept; ++i)
            m_open.latencies[i] = m_open.latencies[2 * std::size_t(i)];
        m_open.kept /= 2;
        m_open.stride *= 2;
    }
    m_open.latencies[m_open.kept++] = LatencyHistogram::stepOf(*latency);
}

void HistorySeries::sampleRoom(double room, TimePoint now)
{
    advance(now);
    m_lastSeen = std::max(m_lastSeen, now);
    m_open.any = true;
    m_open.roomSum += std::clamp(room, 0.0, 1.0);
    ++m_open.roomSamples;
}

void HistorySeries::restore(HistoryLevel level, std::int64_t number, const HistorySlot &slot, TimePoint now)
{
    advance(now);
    const TimePoint end{stepOf(level) * (number + 1)};
    m_lastSeen = std::max(m_lastSeen, std::min(end, now));
    if (level == HistoryLevel::Fine && number == m_now) {
        m_open.any = true;
        m_open.counts += slot.counts;
        if (slot.room) {
            m_open.roomSum += *slot.room;
            ++m_open.roomSamples;
        }
        for (std::uint8_t mark : slot.marks) {
            if (mark > 0 && m_open.kept < m_open.latencies.size())
                m_open.latencies[m_open.kept++] = mark;
        }
    } else if (isKept(level, number)) {
        put(level, number, slot);
    }
}

std::size_t HistorySeries::bytes() const
{
    const std::size_t own = sizeof(HistorySeries) + (m_rings ? sizeof(Rings) : 0);
    // A tree's node has four words beside what it holds.
    return m_wide ? own + sizeof(decltype(m_wide)::element_type) +
                        m_wide->size() * (sizeof(std::pair<WideKey, HistorySlot>) + 32)
                  : own;
}

void HistorySum::add(const HistorySlot &slot)
{
    m_any = true;
    m_counts += slot.counts;
    addMarks(m_latencies, slot.marks, double(std::max<std::int64_t>(1, slot.counts.requests)));
    if (slot.room) {
        m_roomSum += *slot.room;
        ++m_rooms;
    }
}

std::optional<double> HistorySum::room() const
{
    return m_rooms > 0 ? std::optional(m_roomSum / m_rooms) : std::nullopt;
}

std::optional<double> HistorySum::latency(double share) const
{
    return m_latencies.empty() ? std::nullopt : std::optional(LatencyHistogram::millisOf(m_latencies.quantile(share)));
}

HistorySlot HistorySum::slot() const
{
    return {m_counts, marksOf(m_latencies), room()};
}

} // namespace keymux
