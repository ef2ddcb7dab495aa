// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <chrono>
#include <cstdint>

namespace keymux {

/// A time scale without a `now()`: core is told the time, it never reads one. Counted from the Unix epoch in UTC, and
/// promised by the caller never to run backwards, so the same moment serves windows, day turns and what is shown to
/// people.
struct UnixTime {
    using rep = std::int64_t;
    using period = std::milli;
    using duration = std::chrono::duration<rep, period>;
    using time_point = std::chrono::time_point<UnixTime>;
    static constexpr bool is_steady = true;
};

using TimePoint = UnixTime::time_point;
using Millis = std::chrono::milliseconds;

} // namespace keymux
