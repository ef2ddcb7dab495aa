// SPDX-License-Identifier: GPL-3.0-or-later
#include "placement.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>

namespace keymux::bench {

namespace {

/// Every thread of a process; false when one could not be moved.
bool moveTo(const cpu_set_t &cores, pid_t process)
{
    std::error_code error;
    bool moved = true;
    for (const auto &task : std::filesystem::directory_iterator("/proc/" + std::to_string(process) + "/task", error)) {
        const int thread = std::atoi(task.path().filename().c_str());
        moved = sched_setaffinity(thread, sizeof cores, &cores) == 0 && moved;
    }
    return moved && !error;
}

cpu_set_t nth(const cpu_set_t &cores, int n)
{
    cpu_set_t one;
    CPU_ZERO(&one);
    for (int core = 0; core < CPU_SETSIZE; ++core) {
        if (CPU_ISSET(core, &cores) && n-- == 0)
            CPU_SET(core, &one);
    }
    return one;
}

} // namespace

Placement::Placement(pid_t gateway) : m_gateway(gateway)
{
    if (sched_getaffinity(0, sizeof m_before, &m_before) != 0 || CPU_COUNT(&m_before) < 2)
        return;
    m_placed = moveTo(nth(m_before, 0), getpid()) && (gateway == 0 || moveTo(nth(m_before, 1), gateway));
}

Placement::~Placement()
{
    if (CPU_COUNT(&m_before) < 2)
        return;
    moveTo(m_before, getpid());
    if (m_gateway != 0)
        moveTo(m_before, m_gateway);
}

} // namespace keymux::bench
