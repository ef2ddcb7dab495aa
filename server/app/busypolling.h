// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <chrono>

namespace keymux {

/// Whether a wait begins with looking again and again before the thread sleeps (busy polling), judged by what that was
/// worth before. To be woken from sleep costs tens of microseconds, most of all in a virtual machine; with two
/// sleeps a request that is as much as its whole work, and a peer on the same machine answers sooner than that.
/// Providers far away do not: after a miss twice as many waits as last time are left alone, so waits that stay long
/// cost one look in `mostSkipped`.
class BusyPolling {
public:
    /// How long a wait is looked at: about what a sleep costs, so it is never more than twice as dear as the better
    /// way.
    static constexpr std::chrono::microseconds span{50};
    static constexpr int mostSkipped = 1023;

    /// Asked once at the start of each wait; a wait it says yes to is followed by hit() or miss().
    bool worthIt()
    {
        if (m_crowded)
            return false;
        if (m_skip == 0)
            return true;
        --m_skip;
        return false;
    }
    /// Something came while it was looked for.
    void hit() { m_lastSkipped = 0; }
    void miss() { m_skip = m_lastSkipped = std::min(m_lastSkipped * 2 + 1, mostSkipped); }

    /// How much each wait brought, with or without looking.
    void brought(int events) { m_crowded = events > 1; }

private:
    bool m_crowded = false;
    int m_skip = 0, m_lastSkipped = 0; ///< in waits
};

} // namespace keymux
