// SPDX-License-Identifier: GPL-3.0-or-later
// What requests used, on its way from the workers to the database.
#include "app/server.h"
#include "log/log.h"

namespace keymux {

void Server::restoreKeyUsage()
{
    const auto usage = m_setup.store->usage();
    if (usage)
        m_keys.with([&](VirtualKeyRoom &room) { room.restore(*usage); });
    else
        qCWarning(lcServer, "budgets begin anew: %s", usage.error().message.c_str());
}

void Server::storeUsage()
{
    m_usageStoredAt = m_clock.now();
    if (auto written = m_setup.usage->write(m_usageStoredAt); !written)
        qCWarning(lcServer, "usage is kept in memory: %s", written.error().message.c_str());
    const auto changed = m_keys.with([](VirtualKeyRoom &room) { return room.takeChanged(); });
    if (auto stored = m_setup.store->storeUsage(changed); !stored) {
        qCWarning(lcServer, "the use of virtual keys is kept in memory: %s", stored.error().message.c_str());
        m_keys.with([&](VirtualKeyRoom &room) { room.keepChanged(changed); });
    }
}

} // namespace keymux
