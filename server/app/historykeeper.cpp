// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/historykeeper.h"

#include "log/log.h"

#include <utility>

namespace keymux {

namespace {

/// With the tick's own interval at most ten seconds are ever unwritten.
constexpr Millis storeInterval{9750};

} // namespace

void HistoryKeeper::restore(TimePoint now)
{
    m_storedAt = now;
    if (auto loaded = m_store.load(m_history, now); !loaded)
        qCWarning(lcServer, "the history begins anew: %s", loaded.error().message.c_str());
}

void HistoryKeeper::tick(TimePoint now)
{
    if (now - m_storedAt >= storeInterval)
        store(now);
}

void HistoryKeeper::store(TimePoint now)
{
    m_storedAt = now;
    m_history.advance(now);
    if (auto written = m_store.write(m_history, now); written) {
        if (std::exchange(m_failing, false))
            qCInfo(lcServer, "the history is stored again");
    } else if (!std::exchange(m_failing, true)) {
        qCWarning(lcServer, "the history is kept in memory: %s", written.error().message.c_str());
    }
}

} // namespace keymux
