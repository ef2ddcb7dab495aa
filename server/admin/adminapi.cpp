// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/adminapi.h"

#include "gateway/healthjson.h"

namespace keymux {

AdminApi::AdminApi(SharedPool &pool, Secret token, Now now, ReadConfigState readConfigState)
    : m_pool(pool), m_readConfigState(std::move(readConfigState)), m_router(std::move(token), std::move(now))
{
    registerHealthRoutes();
    registerStateRoutes();
}

void AdminApi::registerHealthRoutes()
{
    constexpr AdminRouteOptions open{.access = AdminAccess::Public};
    for (const char *path : {"/health/liveliness", "/health/liveness"})
        m_router.add(
            "GET", path, [](const AdminRequest &) { return AdminReply{.body = "\"I'm alive!\""}; }, open);
    const auto health = [this](int statusWhenNotReady) {
        const HealthSummary summary = m_pool.health();
        return AdminReply{.status = summary.ready && !m_draining ? 200 : statusWhenNotReady,
                          .body = healthJson(summary, m_draining)};
    };
    m_router.add(
        "GET", "/health", [health](const AdminRequest &) { return health(200); }, open);
    m_router.add(
        "GET", "/health/readiness", [health](const AdminRequest &) { return health(503); }, open);
}

void AdminApi::registerStateRoutes()
{
    m_router.add("GET", "/admin/v1/state", [this](const AdminRequest &request) {
        const PoolSnapshot snapshot = m_pool.with([&](KeyPool &pool) { return pool.snapshot(request.now); });
        return AdminReply{.body = stateJson(snapshot, m_readConfigState())};
    });
}

} // namespace keymux
