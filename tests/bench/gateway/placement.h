// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <sched.h>
#include <sys/types.h>

namespace keymux::bench {

/// For as long as it lives, this program (clients and upstream) has the first core it may use and the gateway the
/// second, so that every hop of a request wakes the other core, whoever is measured. Where there is one core, or
/// nobody may move a thread, it does nothing and says so by `placed()`.
class Placement {
public:
    /// `gateway` is 0 where there is none.
    explicit Placement(pid_t gateway);
    ~Placement();
    Placement(const Placement &) = delete;
    Placement &operator=(const Placement &) = delete;

    bool placed() const { return m_placed; }

private:
    pid_t m_gateway;
    cpu_set_t m_before;
    bool m_placed = false;
};

} // namespace keymux::bench
