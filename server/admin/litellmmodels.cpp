// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/litellmmodels.h"

#include "log/log.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

/// What LiteLLM calls the kind of a model.
const char *modeOf(const Deployment &deployment)
{
    if (deployment.endpoints.contains(Endpoint::Chat))
        return "chat";
    return deployment.endpoints.contains(Endpoint::Embeddings) ? "embedding" : "completion";
}

Json orNull(const std::optional<std::int64_t> &value)
{
    return value ? Json(*value) : Json(nullptr);
}

Json modelJson(const Router &router, const Deployment &deployment)
{
    const Provider &provider = router.provider(deployment);
    const Limits &limits = deployment.limits;
    return {{"model_name", deployment.model},
            {"litellm_params",
             {{"model", provider.name + "/" + deployment.model},
              {"custom_llm_provider", provider.name},
              {"api_base", provider.baseUrl},
              {"rpm", orNull(limits.rpm)},
              {"tpm", orNull(limits.tpm)},
              {"max_parallel_requests", orNull(limits.maxParallel)},
              {"weight", deployment.weight},
              {"order", deployment.priority}}},
            {"model_info",
             {{"id", deployment.id},
              {"db_model", false},
              {"mode", modeOf(deployment)},
              {"max_input_tokens", orNull(deployment.contextWindow)},
              {"key_id", router.key(deployment).keyId},
              {"rpd", orNull(limits.rpd)}}}};
}

AdminReply modelInfo(const AdminRequest &request, const ActivePool &pool)
{
    const auto id = request.queryValue("litellm_model_id");
    Json data = Json::array();
    for (const Deployment &deployment : pool.router->deployments()) {
        if (!id || *id == deployment.id)
            data.push_back(modelJson(*pool.router, deployment));
    }
    if (id && data.empty())
        return errorReply(404, "not_found", "There is no deployment of that id; /model/info lists them.");
    return jsonReply({{"data", std::move(data)}});
}

bool isHealthy(const DeploymentState &deployment)
{
    return deployment.status == DeploymentStatus::Ready || deployment.status == DeploymentStatus::Limited ||
           deployment.status == DeploymentStatus::Probing;
}

std::string troubleOf(const DeploymentState &deployment)
{
    std::string text(statusName(deployment.status));
    if (deployment.cooldown)
        text += ": " + std::string(restReasonName(deployment.cooldown->reason)) + " until " +
                rfc3339(deployment.cooldown->until);
    return text;
}

} // namespace

void registerLiteLlmModelRoutes(AdminRouter &router, const std::function<std::shared_ptr<const ActivePool>()> &active)
{
    for (const char *path : {"/model/info", "/v1/model/info"})
        router.add("GET", path, [active](const AdminRequest &request) { return modelInfo(request, *active()); });
}

void addLiteLlmHealth(Json &health, const PoolSnapshot &snapshot, const PoolConfig &config,
                      std::optional<std::string_view> model)
{
    std::map<std::string_view, std::string_view> bases;
    for (const Provider &provider : config.providers)
        bases[provider.name] = provider.baseUrl;
    Json healthy = Json::array(), unhealthy = Json::array();
    for (const DeploymentState &deployment : snapshot.deployments) {
        if (deployment.status == DeploymentStatus::Disabled || (model && *model != deployment.model))
            continue;
        Json endpoint = {{"model", deployment.provider + "/" + deployment.model},
                         {"api_base", bases[deployment.provider]},
                         {"model_id", deployment.id}};
        if (isHealthy(deployment)) {
            healthy.push_back(std::move(endpoint));
        } else {
            endpoint["error"] = troubleOf(deployment);
            unhealthy.push_back(std::move(endpoint));
        }
    }
    health["healthy_count"] = healthy.size();
    health["unhealthy_count"] = unhealthy.size();
    health["healthy_endpoints"] = std::move(healthy);
    health["unhealthy_endpoints"] = std::move(unhealthy);
}

} // namespace keymux
