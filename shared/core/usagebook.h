// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"
#include "core/routetrace.h"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace keymux {

/// Where a request is booked: by the hour in which it ended, who asked, and what was tried last.
struct UsagePlace {
    TimePoint hour{};
    std::string virtualKey; ///< its id
    std::string key;        ///< key_id of the pool; empty when nothing was tried
    std::string provider;   ///< empty when nothing was tried
    std::string model;      ///< as the provider knows it; else as it was asked for, when the pool has it; else empty

    bool operator==(const UsagePlace &) const = default;
    bool operator<(const UsagePlace &other) const
    {
        return std::tie(hour, virtualKey, key, provider, model) <
               std::tie(other.hour, other.virtualKey, other.key, other.provider, other.model);
    }
};

/// Sums over requests.
struct UsageFigures {
    std::int64_t requests = 0;
    std::int64_t errors = 0; ///< that were refused or cut; a client that left is no error
    std::int64_t promptTokens = 0, completionTokens = 0, totalTokens = 0;
    std::int64_t cachedTokens = 0, reasoningTokens = 0; ///< of the prompt's and of the completion's
    double costUsd = 0;                                 ///< of those with a known price
    std::int64_t priced = 0, unpriced = 0;              ///< requests that used tokens: with a known price, and without
    std::int64_t estimated = 0;                         ///< requests whose tokens were counted from their text

    UsageFigures &operator+=(const UsageFigures &other);
    bool operator==(const UsageFigures &) const = default;
};

UsagePlace usagePlaceOf(const RequestTrace &trace);
UsageFigures usageFiguresOf(const RequestTrace &trace);

/// The start of the hour around a moment.
TimePoint hourOf(TimePoint t);

/// What requests used since it was last written down. Bounded: past `bound` places whatever is new is summed up by the
/// hour alone, so that totals stay right however long nothing can be written.
class UsageBook {
public:
    static constexpr std::size_t bound = 50'000;
    using Entries = std::map<UsagePlace, UsageFigures>;

    void note(const RequestTrace &trace) { add(usagePlaceOf(trace), usageFiguresOf(trace)); }
    void add(const UsagePlace &place, const UsageFigures &figures);
    const Entries &entries() const { return m_entries; }
    bool empty() const { return m_entries.empty(); }
    /// They are written down.
    void clear() { m_entries.clear(); }

private:
    Entries m_entries;
};

} // namespace keymux
