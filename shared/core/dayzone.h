// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"

#include <optional>
#include <string_view>
#include <vector>

namespace keymux {

/// When a provider's day turns. The zone's rules are read once, at construction, so that later questions are plain
/// arithmetic.
class DayZone {
public:
    /// UTC.
    DayZone() = default;

    /// A zone by its IANA name, such as `America/Los_Angeles`; absent when this machine does not know it. Knows clock
    /// changes of the twenty years around `around`.
    static std::optional<DayZone> named(std::string_view ianaName, TimePoint around);

    /// The first midnight after `now`.
    TimePoint nextMidnight(TimePoint now) const;
    /// The last midnight at or before `now`.
    TimePoint lastMidnight(TimePoint now) const;

private:
    struct Change {
        TimePoint at;  ///< from here on
        Millis offset; ///< local time minus UTC
    };
    Millis offsetAt(TimePoint t) const;
    TimePoint startOfLocalDay(std::int64_t localDay) const;

    Millis m_before{0};            ///< the offset before the first change
    std::vector<Change> m_changes; ///< ascending
};

} // namespace keymux
