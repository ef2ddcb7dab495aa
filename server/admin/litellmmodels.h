// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/adminrouter.h"
#include "core/snapshot.h"
#include "gateway/activepool.h"

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string_view>

namespace keymux {

/// LiteLLM's `/model/info` (and `/v1/model/info`) in its shape: one entry for each deployment, never a key.
void registerLiteLlmModelRoutes(AdminRouter &router, const std::function<std::shared_ptr<const ActivePool>()> &active);

/// Adds the members of LiteLLM's `/health` to ours: `healthy_endpoints`, `unhealthy_endpoints` and their counts, from
/// what is known without a call. Deployments of keys that are switched off are in neither. `model`: those of that
/// model alone.
void addLiteLlmHealth(nlohmann::ordered_json &health, const PoolSnapshot &snapshot, const PoolConfig &config,
                      std::optional<std::string_view> model);

} // namespace keymux
