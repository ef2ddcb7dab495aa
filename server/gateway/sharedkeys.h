// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/virtualkeyroom.h"

#include <mutex>
#include <utility>

namespace keymux {

/// The virtual keys' windows, budgets and requests in flight behind their one mutex, which is never held across I/O.
class SharedKeys {
public:
    template <typename F>
    auto with(F &&use)
    {
        const std::lock_guard lock(m_mutex);
        return std::forward<F>(use)(m_room);
    }

private:
    std::mutex m_mutex;
    VirtualKeyRoom m_room;
};

} // namespace keymux
