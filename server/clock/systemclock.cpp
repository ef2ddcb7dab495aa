// SPDX-License-Identifier: GPL-3.0-or-later
#include "clock/systemclock.h"

#include <ctime>

namespace keymux {

namespace {

Millis sinceBoot()
{
#ifdef CLOCK_BOOTTIME
    timespec t{};
    if (clock_gettime(CLOCK_BOOTTIME, &t) == 0)
        return Millis(std::int64_t(t.tv_sec) * 1000 + t.tv_nsec / 1000000);
#endif
    return std::chrono::duration_cast<Millis>(std::chrono::steady_clock::now().time_since_epoch());
}

} // namespace

SystemClock::SystemClock()
    : m_offset(std::chrono::duration_cast<Millis>(std::chrono::system_clock::now().time_since_epoch()) - sinceBoot())
{
}

TimePoint SystemClock::now() const
{
    return TimePoint(sinceBoot() + m_offset);
}

} // namespace keymux
