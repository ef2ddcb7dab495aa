// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/history.h"
#include "store/historystore.h"

namespace keymux {

/// Feeds the history and carries it to the store and back. Main thread.
class HistoryKeeper {
public:
    /// The store must outlive it.
    explicit HistoryKeeper(HistoryStore &store) : m_store(store) {}

    void restore(TimePoint now);
    void count(const RequestTrace &trace, TimePoint now) { m_history.count(trace, now); }
    void sample(const PoolSnapshot &snapshot, TimePoint now) { m_history.sample(snapshot, now); }
    /// Stores what is new, every ten seconds.
    void tick(TimePoint now);
    /// Stores what is new, at once.
    void store(TimePoint now);
    const History &history() const { return m_history; }

private:
    HistoryStore &m_store;
    History m_history;
    TimePoint m_storedAt{};
    bool m_failing = false;
};

} // namespace keymux
