// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/healthjson.h"

#include <nlohmann/json.hpp>
#include <set>

namespace keymux {

using Json = nlohmann::ordered_json;

Json healthObject(const HealthSummary &health, bool draining)
{
    Json states = Json::object();
    for (int i = 0; i < int(std::size(health.byStatus)); ++i)
        states[std::string(statusName(DeploymentStatus(i)))] = health.byStatus[i];
    const char *status = draining ? "draining" : health.ready ? "healthy" : "unhealthy";
    Json config = {{"revision", health.configRevision},
                   {"error", health.configError.empty() ? Json(nullptr) : Json(health.configError)}};
    return {{"status", status},
            {"config", std::move(config)},
            {"keys", {{"total", health.keys}, {"usable", health.keysUsable}}},
            {"secrets",
             {{"missing", health.secretsMissing},
              {"last_good", health.secretsStale},
              {"unreachable", health.secretSourcesDown}}},
            {"deployments", {{"total", health.deployments}, {"by_status", std::move(states)}}},
            {"version", KEYMUX_VERSION}};
}

std::string healthJson(const HealthSummary &health, bool draining)
{
    return healthObject(health, draining).dump(-1, ' ', false, Json::error_handler_t::replace);
}

HealthSummary summarize(const PoolSnapshot &snapshot, bool ready)
{
    HealthSummary health;
    health.ready = ready;
    health.keys = int(snapshot.keys.size());
    health.deployments = int(snapshot.deployments.size());
    for (const DeploymentState &deployment : snapshot.deployments)
        ++health.byStatus[int(deployment.status)];
    std::set<std::string_view> usable;
    for (const DeploymentState &deployment : snapshot.deployments) {
        if (deployment.status != DeploymentStatus::Blocked && deployment.status != DeploymentStatus::Disabled &&
            deployment.status != DeploymentStatus::Unresolved)
            usable.insert(deployment.keyId);
    }
    health.keysUsable = int(usable.size());
    return health;
}

} // namespace keymux
