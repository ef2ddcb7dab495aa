// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/tokenthrottle.h"

#include <algorithm>

namespace keymux {

std::optional<Millis> TokenThrottle::wrong(std::string_view address, TimePoint now)
{
    const std::string name(address);
    if (m_byAddress.size() >= maxAddresses && m_byAddress.find(name) == m_byAddress.end())
        makeRoom(now);
    std::deque<TimePoint> &moments = m_byAddress[name];
    moments.push_back(now);
    while (moments.size() > threshold || moments.front() + window <= now)
        moments.pop_front();
    if (moments.size() < threshold)
        return std::nullopt;
    // The next one is let through when this window holds one less.
    return moments[1] + window - now;
}

void TokenThrottle::makeRoom(TimePoint now)
{
    std::erase_if(m_byAddress, [&](const auto &entry) { return entry.second.back() + window <= now; });
    if (m_byAddress.size() < maxAddresses)
        return;
    const auto quietest = std::min_element(m_byAddress.begin(), m_byAddress.end(), [](const auto &a, const auto &b) {
        return a.second.back() < b.second.back();
    });
    m_byAddress.erase(quietest);
}

} // namespace keymux
