// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace keymux {

/// Requests and tokens of the last minute, as the provider could still count them. An entry leaves 250 ms after it is a
/// minute old, because the provider dates a request when it arrives. Exact while there are few entries; with many,
/// neighbours are merged under the later time, so that memory is bounded and the error is on the safe side.
class RateWindow {
public:
    static constexpr Millis length{60250};

    void add(TimePoint at, std::int64_t requests, std::int64_t tokens);
    /// Changes what was added at that moment, which must not have left yet (`at + length > now`).
    void adjust(TimePoint at, std::int64_t requests, std::int64_t tokens);
    /// Lets go of what is too old.
    void expire(TimePoint now)
    {
        if (now >= m_oldestLeavesAt)
            dropOld(now);
    }

    /// What went in at one moment.
    struct Entry {
        TimePoint at;
        std::int64_t requests = 0, tokens = 0;
        bool operator==(const Entry &) const = default;
    };
    /// What is in it, oldest first, for another window that is to count the same.
    std::vector<Entry> entries() const { return {m_entries.begin() + m_first, m_entries.end()}; }

    /// Where its oldest and its newest entry are, for whoever wants their memory at hand; null when it is empty.
    const void *oldest() const { return m_entries.empty() ? nullptr : &m_entries[m_first]; }
    const void *newest() const { return m_entries.empty() ? nullptr : &m_entries.back(); }

    std::int64_t requests() const { return m_requests; }
    std::int64_t tokens() const { return m_tokens; }

    /// The first moment when at most that many requests and tokens are left of what is in now; absent when that is
    /// already so.
    std::optional<TimePoint> whenAtMost(std::optional<std::int64_t> requests, std::optional<std::int64_t> tokens) const;
    /// When the window will be empty; absent when it is.
    std::optional<TimePoint> emptyAt() const;

private:
    void dropOld(TimePoint now);

    TimePoint m_oldestLeavesAt = TimePoint::max(); ///< at hand, so that most looks need not touch the entries
    std::vector<Entry> m_entries;                  ///< ascending from m_first
    std::uint32_t m_first = 0;
    std::int64_t m_requests = 0, m_tokens = 0;
};

} // namespace keymux
