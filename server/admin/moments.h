// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// A moment in the past as queries name it: RFC 3339, a day in UTC, or a time ago such as `7d`.
std::optional<TimePoint> momentOf(const std::string &text, TimePoint now);
/// What to say where momentOf() finds none.
inline constexpr const char *momentExpected =
    "a moment such as 2026-11-24T12:00:00Z, a day such as 2026-11-24 or a time ago such as 24h or 7d is expected";
/// The parts of a list with commas; empty ones are kept, but none comes of nothing.
std::vector<std::string> partsOf(std::string_view text);

} // namespace keymux
