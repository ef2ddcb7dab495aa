// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/activepool.h"

#include <map>
#include <string_view>
#include <utility>

namespace keymux {

std::shared_ptr<const ActivePool> withPrices(const ActivePool &pool, std::shared_ptr<const PriceTable> table)
{
    auto priced = std::make_shared<ActivePool>(pool);
    const auto &deployments = pool.router->deployments();
    priced->prices.assign(deployments.size(), nullptr);
    // Many keys have the same models.
    std::map<std::pair<std::uint32_t, std::string_view>, const ModelPrice *> known;
    for (std::size_t i = 0; table && i < deployments.size(); ++i) {
        const Deployment &deployment = deployments[i];
        const auto [entry, fresh] = known.try_emplace({deployment.provider, deployment.model}, nullptr);
        if (fresh)
            entry->second = table->find(pool.router->provider(deployment).name, deployment.model);
        priced->prices[i] = entry->second;
    }
    priced->priceTable = std::move(table);
    return priced;
}

std::optional<PooledKey> keyNamed(const ActivePool &pool, std::string_view keyId)
{
    std::size_t ordinal = 0;
    for (const Provider &provider : pool.config().providers) {
        for (const KeyEntry &key : provider.keys) {
            if (key.keyId == keyId)
                return PooledKey{&provider, &key, pool.secrets[ordinal]};
            ++ordinal;
        }
    }
    return std::nullopt;
}

} // namespace keymux
