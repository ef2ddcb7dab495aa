// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/historyslot.h"

#include <algorithm>
#include <cmath>

namespace keymux {

namespace {

constexpr double stepFactor = 1.055;
constexpr std::int64_t most16 = 0xfffe, most24 = 0xffffff;
/// What byte 11 says: nothing is known; the slot is kept beside; it is here without room; it is here with room 0…252.
constexpr std::uint8_t absent = 0, beside = 1, withoutRoom = 2, roomZero = 3;
constexpr double roomSteps = 252;

struct Mark {
    double quantile, weight; ///< and how much of the slot it stands for
};
constexpr std::array<Mark, 6> marks{
    {{0.10, 0.20}, {0.30, 0.20}, {0.50, 0.20}, {0.75, 0.30}, {0.95, 0.075}, {0.99, 0.025}}};

} // namespace

HistoryCounts &HistoryCounts::operator+=(const HistoryCounts &other)
{
    requests += other.requests;
    errors += other.errors;
    tokens += other.tokens;
    rateLimited += other.rateLimited;
    fallbacks += other.fallbacks;
    return *this;
}

std::uint8_t LatencyHistogram::stepOf(Millis latency)
{
    const double millis = double(std::max<std::int64_t>(1, latency.count()));
    return std::uint8_t(std::min(255.0, 1 + std::round(std::log(millis) / std::log(stepFactor))));
}

double LatencyHistogram::millisOf(std::uint8_t step)
{
    return std::round(std::pow(stepFactor, double(step) - 1));
}

std::uint8_t LatencyHistogram::quantile(double share) const
{
    const double wanted = m_total * share - m_total * 1e-9;
    double sum = 0;
    std::uint8_t last = 0;
    for (std::size_t step = 1; step < m_weights.size(); ++step) {
        if (m_weights[step] <= 0)
            continue;
        last = std::uint8_t(step);
        sum += m_weights[step];
        if (sum >= wanted)
            return last;
    }
    return last;
}

LatencyMarks marksOf(const LatencyHistogram &histogram)
{
    LatencyMarks result{};
    for (std::size_t i = 0; i < marks.size() && !histogram.empty(); ++i)
        result[i] = histogram.quantile(marks[i].quantile);
    return result;
}

void addMarks(LatencyHistogram &histogram, const LatencyMarks &of, double weight)
{
    for (std::size_t i = 0; i < marks.size(); ++i) {
        if (of[i] > 0)
            histogram.add(of[i], marks[i].weight * weight);
    }
}

std::optional<PackedSlot> PackedSlot::pack(const HistorySlot &slot)
{
    const HistoryCounts &c = slot.counts;
    const std::int64_t small[4] = {c.requests, c.errors, c.rateLimited, c.fallbacks};
    if (std::any_of(std::begin(small), std::end(small), [](std::int64_t n) { return n < 0 || n > most16; }) ||
        c.tokens < 0 || c.tokens > most24)
        return std::nullopt;
    PackedSlot packed;
    for (std::size_t i = 0; i < 4; ++i) {
        packed.m_bytes[2 * i] = std::uint8_t(small[i] & 0xff);
        packed.m_bytes[2 * i + 1] = std::uint8_t(small[i] >> 8);
    }
    for (std::size_t i = 0; i < 3; ++i)
        packed.m_bytes[8 + i] = std::uint8_t((c.tokens >> (8 * i)) & 0xff);
    packed.m_bytes[11] =
        slot.room ? std::uint8_t(roomZero + std::lround(std::clamp(*slot.room, 0.0, 1.0) * roomSteps)) : withoutRoom;
    std::copy(slot.marks.begin(), slot.marks.end(), packed.m_bytes.begin() + 12);
    return packed;
}

PackedSlot PackedSlot::elsewhere()
{
    PackedSlot packed;
    packed.m_bytes[11] = beside;
    return packed;
}

PackedSlot PackedSlot::fromBytes(std::span<const std::uint8_t, size> bytes)
{
    PackedSlot packed;
    std::copy(bytes.begin(), bytes.end(), packed.m_bytes.begin());
    return packed;
}

HistorySlot PackedSlot::unpack() const
{
    static_assert(absent == 0);
    HistorySlot slot;
    const auto small = [&](std::size_t at) { return std::int64_t(m_bytes[at]) | std::int64_t(m_bytes[at + 1]) << 8; };
    slot.counts = {small(0), small(2),
                   std::int64_t(m_bytes[8]) | std::int64_t(m_bytes[9]) << 8 | std::int64_t(m_bytes[10]) << 16, small(4),
                   small(6)};
    if (m_bytes[11] >= roomZero)
        slot.room = double(m_bytes[11] - roomZero) / roomSteps;
    std::copy(m_bytes.begin() + 12, m_bytes.end(), slot.marks.begin());
    return slot;
}

} // namespace keymux
