// SPDX-License-Identifier: GPL-3.0-or-later
#include "demoprovider/demolimits.h"

namespace keymux {

namespace {

constexpr Millis minute = std::chrono::minutes(1);
constexpr Millis day = std::chrono::hours(24);
constexpr Millis behindUtc = std::chrono::hours(8);

} // namespace

std::optional<DemoRefusal> DemoMeter::take(const std::string &key, const std::string &model, const DemoLimits &limits,
                                           std::int64_t tokens, TimePoint now)
{
    Window &window = m_windows[{key, model}];
    while (!window.minute.empty() && now - window.minute.front().first >= minute) {
        window.tokens -= window.minute.front().second;
        window.minute.pop_front();
    }
    const Millis local = now.time_since_epoch() - behindUtc;
    if (const std::int64_t today = local / day; today != window.day) {
        window.day = today;
        window.today = 0;
    }

    if (limits.rpd > 0 && window.today >= limits.rpd)
        return DemoRefusal{DemoQuota::RequestsPerDay, limits.rpd, day - local % day};
    if (limits.rpm > 0 && window.minute.size() >= std::size_t(limits.rpm))
        return DemoRefusal{DemoQuota::RequestsPerMinute, limits.rpm, window.minute.front().first + minute - now};
    if (limits.tpm > 0 && window.tokens + tokens > limits.tpm) {
        const TimePoint oldest = window.minute.empty() ? now : window.minute.front().first;
        return DemoRefusal{DemoQuota::TokensPerMinute, limits.tpm, oldest + minute - now};
    }
    window.minute.emplace_back(now, tokens);
    window.tokens += tokens;
    ++window.today;
    return std::nullopt;
}

} // namespace keymux
