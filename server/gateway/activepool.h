// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/prices.h"
#include "core/router.h"
#include "secrets/secret.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace keymux {

/// A config in force: compiled for routing, with the secrets it was resolved to. Immutable and shared; a request keeps
/// the one it began with.
struct ActivePool {
    std::shared_ptr<const Router> router;
    std::vector<std::shared_ptr<const Secret>> secrets; ///< by key ordinal; null where unresolved
    std::shared_ptr<const Secret> metricsToken;         ///< null: only the admin token opens /metrics
    std::uint64_t revision = 0;
    std::int64_t loadedAt = 0; ///< Unix seconds
    std::shared_ptr<const PriceTable> priceTable;
    std::vector<const ModelPrice *> prices; ///< by deployment, from the table; null where no price is known

    const PoolConfig &config() const { return router->config(); }
    /// Null where no price is known.
    const ModelPrice *priceOf(DeploymentIndex deployment) const
    {
        return deployment < prices.size() ? prices[deployment] : nullptr;
    }
};

/// A key of the pool, as the config in force has it.
struct PooledKey {
    const Provider *provider = nullptr;   ///< of the pool
    const KeyEntry *entry = nullptr;      ///< of the pool
    std::shared_ptr<const Secret> secret; ///< null where unresolved
};
std::optional<PooledKey> keyNamed(const ActivePool &pool, std::string_view keyId);

/// The same pool with the prices of this table.
std::shared_ptr<const ActivePool> withPrices(const ActivePool &pool, std::shared_ptr<const PriceTable> table);

} // namespace keymux
