// SPDX-License-Identifier: GPL-3.0-or-later
// What requests used and cost, on its way from the workers to the database.
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
    const auto written = m_setup.usage->write(m_usageStoredAt);
    if (m_successor != 0 || m_handingOver) // what keys have used in all is the other one's to write
        return;
    const auto changed = m_keys.with([](VirtualKeyRoom &room) { return room.takeChanged(); });
    const auto stored = m_setup.store->storeUsage(changed);
    if (!stored)
        m_keys.with([&](VirtualKeyRoom &room) { room.keepChanged(changed); });
    // It is tried twice a second: only the first failure is told, and that it is over.
    const bool failed = !written || !stored;
    if (failed && !m_usageInMemory)
        qCWarning(lcServer, "usage and the use of virtual keys are kept in memory until they can be written: %s",
                  (written ? stored : written).error().message.c_str());
    else if (!failed && m_usageInMemory)
        qCInfo(lcServer, "usage is written again");
    m_usageInMemory = failed;
}

void Server::reloadPrices()
{
    auto loaded = m_setup.prices->load();
    if (!loaded) {
        for (const std::string &problem : loaded.error())
            qCWarning(lcConfig, "prices not applied: %s", problem.c_str());
        return;
    }
    m_setup.priceTable = std::move(*loaded);
    m_active = withPrices(*m_active, m_setup.priceTable);
    for (const auto &worker : m_workers)
        worker->setPool(m_active);
    sayUnpriced();
}

/// Names, once, the models whose requests cost nothing that is known.
void Server::sayUnpriced()
{
    constexpr std::size_t named = 10;
    std::set<std::string> unpriced;
    const auto &deployments = m_active->router->deployments();
    for (DeploymentIndex i = 0; i < deployments.size(); ++i) {
        if (!m_active->priceOf(i))
            unpriced.insert(m_active->router->provider(deployments[i]).name + '/' + deployments[i].model);
    }
    std::string list;
    std::size_t fresh = 0;
    for (const std::string &model : unpriced) {
        if (m_unpriced.count(model) == 0 && ++fresh <= named)
            list += (list.empty() ? "" : ", ") + model;
    }
    m_unpriced = std::move(unpriced);
    if (fresh == 0)
        return;
    if (fresh > named)
        list += " and " + std::to_string(fresh - named) + " more";
    qCInfo(lcConfig,
           "no price is known for %s: usage counts their requests as unpriced, budgets in usd not at all; %s "
           "may name one",
           list.c_str(), m_setup.prices->path().c_str());
}

} // namespace keymux
