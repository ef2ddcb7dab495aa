// SPDX-License-Identifier: GPL-3.0-or-later
#include "remotesecrets/sourcepatience.h"

#include <algorithm>

namespace keymux {

namespace {

constexpr Millis first(250), longestHint(300000);

} // namespace

SourcePatience::SourcePatience(Now now, Millis longest) : m_now(std::move(now)), m_longest(longest), m_next(first) {}

std::optional<Error> SourcePatience::inForce() const
{
    const std::lock_guard lock(m_mutex);
    if (m_now() < m_until)
        return m_error;
    return std::nullopt;
}

void SourcePatience::failed(const Error &error, std::optional<Millis> hint)
{
    const std::lock_guard lock(m_mutex);
    const TimePoint now = m_now();
    // Calls that ran side by side and failed together are one failure.
    if (now < m_until && !hint)
        return;
    m_error = error;
    m_until = std::max(m_until, now + (hint ? std::min(*hint, longestHint) : m_next));
    m_next = std::min(m_next * 2, m_longest);
}

void SourcePatience::worked()
{
    const std::lock_guard lock(m_mutex);
    m_next = first;
    m_until = {};
}

} // namespace keymux
