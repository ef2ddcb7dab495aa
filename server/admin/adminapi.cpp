// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/adminapi.h"

#include "gateway/healthjson.h"

namespace keymux {

namespace {

void refuse(HttpExchange &exchange, const Refusal &refusal)
{
    HeaderList headers;
    refusal.addHeaders(headers);
    exchange.sendAll(refusal.status, headers, refusal.body());
}

void answer(HttpExchange &exchange, int status, std::string_view json)
{
    exchange.sendAll(status, {{"content-type", "application/json"}, {"cache-control", "no-store"}}, json);
}

} // namespace

AdminApi::AdminApi(SharedPool &pool, Secret token, Now now, ReadConfigState readConfigState)
    : m_pool(pool), m_token(std::move(token)), m_now(std::move(now)), m_readConfigState(std::move(readConfigState))
{
}

bool AdminApi::isAuthorized(const HttpRequest &request) const
{
    constexpr std::string_view scheme = "Bearer ";
    const std::string_view authorization = request.header("authorization");
    return authorization.starts_with(scheme) && m_token.equals(authorization.substr(scheme.size()));
}

void AdminApi::handle(std::unique_ptr<HttpExchange> exchange)
{
    const HttpRequest &request = exchange->request();
    const std::string &path = request.path;
    if (path == "/health/liveliness" || path == "/health/liveness") {
        answer(*exchange, 200, "\"I'm alive!\"");
        return;
    }
    if (path == "/health" || path == "/health/readiness") {
        const HealthSummary health = m_pool.health();
        const bool ready = health.ready && !m_draining;
        answer(*exchange, ready || path == "/health" ? 200 : 503, healthJson(health, m_draining));
        return;
    }
    if (!isAuthorized(request)) {
        refuse(*exchange,
               {.status = 401,
                .code = "invalid_admin_token",
                .message = "This needs the admin token: `Authorization: Bearer` and what is in STATE/admin-token."});
        return;
    }
    for (const Resource &resource : m_resources) {
        if (const auto reply = resource(request, m_now())) {
            answer(*exchange, reply->status,
                   reply->body.is_null()
                       ? std::string()
                       : reply->body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
            return;
        }
    }
    if (path != "/admin/v1/state") {
        refuse(*exchange,
               {.status = 404, .code = "not_found", .message = "There is no such path on the admin listener."});
        return;
    }
    if (request.method != "GET") {
        refuse(*exchange,
               {.status = 405, .code = "method_not_allowed", .message = "This path takes GET.", .allow = "GET"});
        return;
    }
    const TimePoint now = m_now();
    const PoolSnapshot snapshot = m_pool.with([&](KeyPool &pool) { return pool.snapshot(now); });
    answer(*exchange, 200, stateJson(snapshot, m_readConfigState()));
}

} // namespace keymux
