// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/historyslot.h"

#include <map>
#include <memory>

namespace keymux {

/// How finely the past is kept: half a minute for the last hour, five minutes for a day.
enum class HistoryLevel : std::uint8_t { Fine, Coarse };
inline constexpr Millis fineStep{30'000}, coarseStep{300'000};
/// A minute more than an hour, and ten minutes more than a day, as the first and the last slot are partly over.
inline constexpr std::size_t fineSlots = 122, coarseSlots = 290;
constexpr Millis stepOf(HistoryLevel level)
{
    return level == HistoryLevel::Fine ? fineStep : coarseStep;
}
/// The number of the slot that moment is in, counted from the epoch.
constexpr std::int64_t slotAt(HistoryLevel level, TimePoint at)
{
    return at.time_since_epoch() / stepOf(level);
}

/// The past of one deployment, or of the pool, in memory of one size, about 7.6 kB. Slots before the first time it was
/// heard of, and those of times when nobody counted, are absent, which is not the same as zero.
class HistorySeries {
public:
    /// Adds to the slot of now; what happened belongs to when it is told. Time must not run backwards.
    void count(const HistoryCounts &counts, std::optional<Millis> latency, TimePoint now);
    /// How much room there is now; also says that it exists.
    void sampleRoom(double room, TimePoint now);
    /// Closes slots that are over.
    void advance(TimePoint now);

    /// The slot of that number; absent when it is not kept or nobody counted. The slot of now is in it as it stands.
    std::optional<HistorySlot> slot(HistoryLevel level, std::int64_t number) const;
    /// The last time it was counted or looked at.
    TimePoint lastSeen() const { return m_lastSeen; }
    /// Takes up a slot that was stored, before anything is counted. `now` must be the same in all calls.
    void restore(HistoryLevel level, std::int64_t number, const HistorySlot &slot, TimePoint now);
    /// What it takes in memory, itself included.
    std::size_t bytes() const;

private:
    struct Open {
        HistoryCounts counts;
        std::array<std::uint8_t, 64> latencies{}; ///< one of every `stride`
        std::uint32_t kept = 0, seen = 0, stride = 1;
        double roomSum = 0;
        std::uint32_t roomSamples = 0;
        bool any = false;
    };
    using WideKey = std::pair<HistoryLevel, std::int64_t>;

    PackedSlot &place(HistoryLevel level, std::int64_t number);
    const PackedSlot &place(HistoryLevel level, std::int64_t number) const;
    bool isKept(HistoryLevel level, std::int64_t number) const;
    void put(HistoryLevel level, std::int64_t number, const HistorySlot &slot);
    void clear(HistoryLevel level, std::int64_t number);
    HistorySlot openSlot() const;
    std::optional<HistorySlot> merged(std::int64_t coarse) const;
    void closeFine(std::int64_t next);

    struct Rings {
        std::array<PackedSlot, fineSlots> fine{};
        std::array<PackedSlot, coarseSlots> coarse{};
    };

    bool isIdle() const;
    void makeRings();

    /// Absent while nothing but the same room was ever told: most of a large pool on most days.
    std::unique_ptr<Rings> m_rings;
    std::int64_t m_idleSince = -1; ///< without rings: the first closed fine slot; all since hold `m_idleRoom`
    double m_idleRoom = 0;
    Open m_open;
    std::int64_t m_now = -1; ///< number of the open fine slot
    TimePoint m_lastSeen{};
    std::unique_ptr<std::map<WideKey, HistorySlot>> m_wide; ///< slots with very much in them
};

/// What the slots of several series, or of a longer span, are together.
class HistorySum {
public:
    void add(const HistorySlot &slot);
    bool any() const { return m_any; }
    const HistoryCounts &counts() const { return m_counts; }
    std::optional<double> room() const;
    /// In milliseconds; absent without latencies.
    std::optional<double> latency(double share) const;
    HistorySlot slot() const;

private:
    HistoryCounts m_counts;
    LatencyHistogram m_latencies;
    double m_roomSum = 0;
    int m_rooms = 0;
    bool m_any = false;
};

} // namespace keymux
