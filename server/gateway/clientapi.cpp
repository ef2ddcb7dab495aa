// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/clientapi.h"

#include "gateway/healthjson.h"
#include "gateway/modelrequest.h"
#include "gateway/modelsjson.h"
#include "log/log.h"

#include <algorithm>
#include <array>
#include <optional>

namespace keymux {

namespace {

struct ModelPath {
    std::string_view path;
    Endpoint endpoint;
};
constexpr std::array modelPaths{ModelPath{"/chat/completions", Endpoint::Chat},
                                ModelPath{"/completions", Endpoint::Completions},
                                ModelPath{"/embeddings", Endpoint::Embeddings}};

/// Paths other versions of this gateway answer: named, so that nobody looks for a typing mistake.
constexpr std::array laterPaths{std::string_view("/responses"), std::string_view("/messages"),
                                std::string_view("/messages/count_tokens")};

std::string_view withoutVersion(std::string_view path)
{
    return path.starts_with("/v1/") ? path.substr(3) : path;
}

/// The credential a client sent: OpenAI's header, Anthropic's, Google's.
std::string_view credentialOf(const HttpRequest &request)
{
    const std::string_view authorization = request.header("authorization");
    constexpr std::string_view scheme = "bearer ";
    if (authorization.size() > scheme.size() &&
        std::equal(scheme.begin(), scheme.end(), authorization.begin(),
                   [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); })) {
        std::string_view token = authorization.substr(scheme.size());
        while (token.starts_with(' '))
            token.remove_prefix(1);
        return token;
    }
    if (const auto key = request.header("x-api-key"); !key.empty())
        return key;
    return request.header("x-goog-api-key");
}

Refusal methodNotAllowed(std::string_view allowed)
{
    return {.status = 405,
            .code = "method_not_allowed",
            .message = "This path takes " + std::string(allowed) + ".",
            .allow = std::string(allowed)};
}

Refusal pathNotFound(std::string_view path)
{
    if (std::find(laterPaths.begin(), laterPaths.end(), path) != laterPaths.end() || path.starts_with("/v1beta/")) {
        return {.status = 404,
                .code = "not_found",
                .message = "This path is not supported in this version; use POST /v1/chat/completions."};
    }
    return {.status = 404,
            .code = "not_found",
            .message =
                "There is no such path. This gateway answers /v1/chat/completions, /v1/completions, /v1/embeddings, "
                "/v1/models and /health."};
}

} // namespace

ClientApi::ClientApi(WorkerState &state, QObject *parent) : QObject(parent), m_state(state) {}

int ClientApi::running() const
{
    return int(std::count_if(children().begin(), children().end(), [](const QObject *child) {
        return qobject_cast<const ModelRequest *>(child) != nullptr;
    }));
}

void ClientApi::endWithdrawn()
{
    const auto all = children(); // a request that ends leaves the list
    for (QObject *child : all) {
        if (auto *request = qobject_cast<ModelRequest *>(child))
            request->endIfWithdrawn(*m_state.virtualKeys);
    }
}

void ClientApi::handle(std::unique_ptr<HttpExchange> exchange)
{
    const HttpRequest &request = exchange->request();
    Call call;
    call.common = commonHeaders(request);
    call.exchange = std::move(exchange);

    const std::string_view path = withoutVersion(request.path);
    if (request.method == "OPTIONS" && !request.header("origin").empty()) {
        call.exchange->sendAll(204, call.common, {});
        return;
    }
    if (path.starts_with("/health") && answerHealth(call, path))
        return;

    const auto modelPath =
        std::find_if(modelPaths.begin(), modelPaths.end(), [&](const ModelPath &p) { return p.path == path; });
    const bool models = path == "/models" || path.starts_with("/models/");
    if (modelPath == modelPaths.end() && !models) {
        refuse(call, pathNotFound(path));
        return;
    }
    if (models ? request.method != "GET" && request.method != "HEAD" : request.method != "POST") {
        refuse(call, methodNotAllowed(models ? "GET" : "POST"));
        return;
    }
    const VirtualKey *key = authenticate(request);
    if (!key) {
        m_state.counts.unauthorized.fetch_add(1, std::memory_order_relaxed);
        refuse(call, invalidKey());
    } else if (models) {
        answerModels(call, path == "/models" ? std::string_view() : path.substr(8), *key);
    } else {
        std::string requestId = request.id;
        auto *model = new ModelRequest(std::move(call.exchange), m_state, *key, modelPath->endpoint,
                                       std::move(requestId), std::move(call.common), this);
        model->start();
    }
}

HeaderList ClientApi::commonHeaders(const HttpRequest &request) const
{
    HeaderList headers;
    headers.reserve(12);
    const auto &origins = m_state.pool->config().server.corsOrigins;
    if (origins.empty())
        return headers;
    const std::string_view origin = request.header("origin");
    const bool any = std::find(origins.begin(), origins.end(), "*") != origins.end();
    if (origin.empty() || (!any && std::find(origins.begin(), origins.end(), origin) == origins.end()))
        return headers;
    headers.emplace_back("access-control-allow-origin", any ? "*" : std::string(origin));
    headers.emplace_back("vary", "origin");
    headers.emplace_back(
        "access-control-expose-headers",
        "x-request-id, x-keymux-model, x-keymux-attempts, x-keymux-key, x-keymux-dropped, retry-after, "
        "x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, "
        "x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens");
    if (request.method == "OPTIONS") {
        headers.emplace_back("access-control-allow-methods", "GET, POST, OPTIONS");
        const std::string_view asked = request.header("access-control-request-headers");
        headers.emplace_back("access-control-allow-headers",
                             asked.empty() ? "authorization, content-type" : std::string(asked.substr(0, 1024)));
        headers.emplace_back("access-control-max-age", "600");
    }
    return headers;
}

const VirtualKey *ClientApi::authenticate(const HttpRequest &request) const
{
    const std::string_view credential = credentialOf(request);
    if (credential.empty())
        return nullptr;
    return m_state.virtualKeys->find(credential, m_state.clock.now());
}

bool ClientApi::answerHealth(Call &call, std::string_view path)
{
    if (path == "/health/liveliness" || path == "/health/liveness") {
        answer(call, 200, "\"I'm alive!\"");
        return true;
    }
    const bool readiness = path == "/health/readiness";
    if (!readiness && path != "/health")
        return false;
    const HealthSummary health = m_state.keyPool.health();
    const bool ready = health.ready && !m_state.draining;
    answer(call, ready || !readiness ? 200 : 503, healthJson(health, m_state.draining));
    return true;
}

void ClientApi::answerModels(Call &call, std::string_view id, const VirtualKey &key)
{
    if (id.empty()) {
        answer(call, 200, modelListJson(*m_state.pool, key));
        return;
    }
    const auto one = modelJson(*m_state.pool, key, id);
    if (one)
        answer(call, 200, *one);
    else
        refuse(call, modelNotFound(id));
}

void ClientApi::answer(Call &call, int status, std::string_view json)
{
    HeaderList headers = std::move(call.common);
    headers.emplace_back("content-type", "application/json");
    call.exchange->sendAll(status, headers, json);
}

void ClientApi::refuse(Call &call, const Refusal &refusal)
{
    if (lcRequest().isDebugEnabled()) {
        const HttpRequest &request = call.exchange->request();
        const std::string client =
            clientAddress(request.peer.toString().toStdString(), request.header("x-forwarded-for"),
                          m_state.pool->config().server.trustedProxies);
        qCDebug(lcRequest, "%s from %s refused: %d %s", request.id.c_str(), client.c_str(), refusal.status,
                refusal.code.c_str());
    }
    HeaderList headers = std::move(call.common);
    refusal.addHeaders(headers);
    call.exchange->sendAll(refusal.status, headers, refusal.body());
}

} // namespace keymux
