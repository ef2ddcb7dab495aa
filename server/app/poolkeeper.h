// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gateway/sharedpool.h"
#include "store/poolmemorystore.h"

#include <unordered_map>

namespace keymux {

/// Carries what the key pool remembers over restarts: to the store while the server runs, and back at its start. When
/// the store fails it says so once, and what is new waits in memory. Main thread.
class PoolKeeper {
public:
    /// Both must outlive it.
    PoolKeeper(SharedPool &pool, PoolMemoryStore &store) : m_pool(pool), m_store(store) {}

    /// After the pool was first configured and before its first request.
    void restore(TimePoint now);
    /// Stores what has changed, once a second.
    void tick(TimePoint now);
    /// Stores what has changed, at once.
    void store(TimePoint now);
    /// Whether something could not be stored.
    bool failing() const { return m_failing; }

private:
    void takeChanges(TimePoint now, std::size_t mostDays);

    SharedPool &m_pool;
    PoolMemoryStore &m_store;
    TimePoint m_storedAt{};
    std::unordered_map<std::string, DayMemory> m_waitingDays; ///< not stored yet
    std::optional<std::vector<RestMemory>> m_waitingRests;
    bool m_failing = false;
};

} // namespace keymux
