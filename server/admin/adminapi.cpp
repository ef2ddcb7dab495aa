// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/adminapi.h"

#include "admin/litellmmodels.h"
#include "gateway/healthjson.h"

#include <nlohmann/json.hpp>

namespace keymux {

AdminApi::AdminApi(SharedPool &pool, Secret token, Now now, ReadConfigState readConfigState, ReadActive readActive)
    : m_pool(pool), m_readConfigState(std::move(readConfigState)), m_readActive(std::move(readActive)),
      m_router(std::move(token), std::move(now))
{
    registerHealthRoutes();
    registerStateRoutes();
    registerLiteLlmModelRoutes(m_router, m_readActive);
}

void AdminApi::registerHealthRoutes()
{
    constexpr AdminRouteOptions open{.access = AdminAccess::Public};
    for (const char *path : {"/health/liveliness", "/health/liveness"})
        m_router.add(
            "GET", path, [](const AdminRequest &) { return AdminReply{.body = "\"I'm alive!\""}; }, open);
    m_router.add(
        "GET", "/health", [this](const AdminRequest &request) { return health(request); }, open);
    m_router.add(
        "GET", "/health/readiness",
        [this](const AdminRequest &) {
            const HealthSummary summary = m_pool.health();
            return AdminReply{.status = summary.ready && !m_draining ? 200 : 503,
                              .body = healthJson(summary, m_draining)};
        },
        open);
}

/// Counts for everybody; for who has the token also LiteLLM's lists, which name deployments.
AdminReply AdminApi::health(const AdminRequest &request) const
{
    nlohmann::ordered_json json = healthObject(m_pool.health(), m_draining);
    if (request.authorized) {
        const PoolSnapshot snapshot = m_pool.with([&](KeyPool &pool) { return pool.snapshot(request.now); });
        addLiteLlmHealth(json, snapshot, m_readActive()->config(), request.queryValue("model"));
    }
    return jsonReply(json);
}

void AdminApi::registerStateRoutes()
{
    m_router.add("GET", "/admin/v1/state", [this](const AdminRequest &request) {
        const PoolSnapshot snapshot = m_pool.with([&](KeyPool &pool) { return pool.snapshot(request.now); });
        return AdminReply{.body = stateJson(snapshot, m_readConfigState())};
    });
    m_router.add("POST", "/admin/v1/simulate", [](const AdminRequest &) {
        return errorReply(501, "not_supported", "This version has no simulator.");
    });
}

} // namespace keymux
