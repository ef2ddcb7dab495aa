// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

namespace keymux {

/// What the demo's provider grants each key for one model; 0 is no limit.
struct DemoLimits {
    int rpm = 0;
    std::int64_t tpm = 0;
    int rpd = 0;
};

enum class DemoQuota : std::uint8_t { RequestsPerMinute, TokensPerMinute, RequestsPerDay };

/// Which limit is spent, and how long until it is not.
struct DemoRefusal {
    DemoQuota quota;
    std::int64_t limit;
    Millis retryIn;
};

/// Counts as a provider does: minutes slide over 60 s, days turn at midnight eight hours behind UTC. It never reads a
/// clock.
class DemoMeter {
public:
    /// Counts the request, or says why it is refused; a refused one is not counted.
    std::optional<DemoRefusal> take(const std::string &key, const std::string &model, const DemoLimits &limits,
                                    std::int64_t tokens, TimePoint now);

private:
    struct Window {
        std::deque<std::pair<TimePoint, std::int64_t>> minute; ///< when, tokens
        std::int64_t tokens = 0;                               ///< in the minute
        std::int64_t day = 0;                                  ///< its number since the epoch
        int today = 0;
    };
    std::map<std::pair<std::string, std::string>, Window> m_windows;
};

} // namespace keymux
