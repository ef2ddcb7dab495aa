// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/routetrace.h"

#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

namespace keymux {

/// The traces of one worker's requests on their way to the main thread. Bounded: when nobody takes them, new ones are
/// counted and lost.
class RequestTraces {
public:
    static constexpr std::size_t bound = 200'000;

    struct Taken {
        std::vector<RequestTrace> traces; ///< in the order their requests ended
        std::uint64_t lost = 0;           ///< since the last call
    };

    void add(RequestTrace trace)
    {
        const std::lock_guard lock(m_mutex);
        if (m_taken.traces.size() < bound)
            m_taken.traces.push_back(std::move(trace));
        else
            ++m_taken.lost;
    }

    Taken take()
    {
        const std::lock_guard lock(m_mutex);
        return std::exchange(m_taken, {});
    }

private:
    std::mutex m_mutex;
    Taken m_taken;
};

} // namespace keymux
