// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace keymux {

/// What is counted for the charts.
struct HistoryCounts {
    std::int64_t requests = 0, errors = 0, tokens = 0, rateLimited = 0, fallbacks = 0;

    HistoryCounts &operator+=(const HistoryCounts &other);
    bool operator==(const HistoryCounts &) const = default;
};

/// Latencies as a histogram of 255 steps of 5.5 %, from a millisecond to 13 minutes. Sums of histograms give the
/// percentiles of all requests together, which averages of percentiles would not.
class LatencyHistogram {
public:
    /// The step a latency falls into, 1 to 255.
    static std::uint8_t stepOf(Millis latency);
    static double millisOf(std::uint8_t step);

    void add(std::uint8_t step, double weight)
    {
        m_weights[step] += weight;
        m_total += weight;
    }
    bool empty() const { return m_total <= 0; }
    /// The smallest step that so much of the whole does not exceed; 0 when there is nothing.
    std::uint8_t quantile(double share) const;

private:
    std::array<double, 256> m_weights{};
    double m_total = 0;
};

/// Six latencies that stand for all of a slot: its 10th, 30th, 50th, 75th, 95th and 99th percentile.
using LatencyMarks = std::array<std::uint8_t, 6>;
LatencyMarks marksOf(const LatencyHistogram &histogram);
void addMarks(LatencyHistogram &histogram, const LatencyMarks &marks, double weight);

/// A span of time of one series, in full.
struct HistorySlot {
    HistoryCounts counts;
    LatencyMarks marks{};       ///< zeros without latencies
    std::optional<double> room; ///< the mean, 0 to 1; absent when it was not looked at
    bool operator==(const HistorySlot &) const = default;
};

/// The same in 18 bytes. 65534 requests and 16.7 million tokens are the most it holds; a slot with more, of which there
/// can be few, is kept beside.
class PackedSlot {
public:
    static constexpr std::size_t size = 18;

    /// Absent when the counts are too large.
    static std::optional<PackedSlot> pack(const HistorySlot &slot);
    /// Says that the slot is kept beside.
    static PackedSlot elsewhere();
    static PackedSlot fromBytes(std::span<const std::uint8_t, size> bytes);
    const std::array<std::uint8_t, size> &bytes() const { return m_bytes; }

    bool isAbsent() const { return m_bytes[11] == 0; }
    bool isElsewhere() const { return m_bytes[11] == 1; }
    HistorySlot unpack() const;

private:
    // 0 requests, 2 errors, 4 rate limited, 6 fallbacks (16 bits each), 8 tokens (24 bits), 11 state and room, 12
    // marks.
    std::array<std::uint8_t, size> m_bytes{};
};
static_assert(sizeof(PackedSlot) == PackedSlot::size);

} // namespace keymux
