// SPDX-License-Identifier: GPL-3.0-or-later
// The admin listener: what answers on it, and from where.
#include "admin/historyroutes.h"
#include "admin/keyroutes.h"
#include "admin/logroutes.h"
#include "admin/metricsroutes.h"
#include "admin/openapiroutes.h"
#include "admin/poolroutes.h"
#include "admin/proberoutes.h"
#include "admin/requestroutes.h"
#include "admin/secretroutes.h"
#include "admin/usageroutes.h"
#include "admin/virtualkeyroutes.h"
#include "app/server.h"
#include "log/log.h"
#include "store/poolfile.h"

namespace keymux {

Result<void> Server::startAdmin()
{
    addAdminPaths();
    for (const auto &[method, pattern] : m_adminApi->router().routes())
        qCDebug(lcServer, "admin path %s %s", method.c_str(), pattern.c_str());
    m_adminListener = std::make_unique<Listener>(
        limitsOf(config().server),
        [this](std::unique_ptr<HttpExchange> exchange) { m_adminApi->handle(std::move(exchange)); },
        [](int status, std::string_view code, std::string_view message) {
            return Refusal{.status = status, .code = std::string(code), .message = std::string(message)}.body();
        },
        std::make_shared<std::atomic<int>>(0));
    if (adminSpeaksTls()) {
        if (auto tls = m_adminListener->setTls(*config().server.tls); !tls)
            return tls;
    }
    auto socket = m_setup.sockets.admin->duplicate();
    if (!socket)
        return tl::unexpected(socket.error());
    if (auto listening = m_adminListener->listen(std::move(*socket)); !listening)
        return listening;
    m_adminListener->pauseAccepting();
    if (!adminSpeaksTls() && !m_adminAddress.host.isLoopback())
        qCWarning(lcServer,
                  "the admin listener %s is no loopback address and speaks no TLS: its token travels in the clear; set "
                  "server.tls, or put it behind a TLS proxy or a private network",
                  m_adminAddress.toString().c_str());
    return {};
}

bool Server::adminSpeaksTls() const
{
    return config().server.tls && !m_adminAddress.host.isLoopback();
}

void Server::addAdminPaths()
{
    m_adminApi = std::make_unique<AdminApi>(
        m_pool, std::move(m_setup.adminToken), [this] { return m_clock.now(); }, [this] { return configState(); },
        [this] { return m_active; });
    AdminRouter &router = m_adminApi->router();
    AdminStores &stores = *m_setup.adminStores;
    router.setTrustedProxies(config().server.trustedProxies);
    router.setMetricsToken(m_active->metricsToken);
    registerPoolRoutes(router, m_editor, *stores.revisions);
    registerAuditRoutes(router, *stores.audit);
    registerKeyRoutes(router,
                      {m_pool, *stores.database, *stores.overrides, *stores.audit, [this] { applyOverrides(); }});
    registerUsageRoutes(router, {*m_setup.usage, [this] { m_traces.collect(); }, [this] { return m_virtualKeys; }});
    registerRequestRoutes(router, m_recent, [this] { m_traces.collect(); });
    registerProbeRoute(
        router, {m_pool, m_probeUpstream, *stores.audit, [this] { return m_active; }, [this] { return m_clock.now(); },
                 [&stores](const Secret &secret) { return stores.poolMemory->sealed(secret.fingerprint()); }});
    registerHistoryRoutes(router, {m_history.history(), [this] { m_traces.collect(); }});
    registerSecretRoutes(router, {m_sealedStore, *stores.audit, [this] { m_setup.loader->secrets().refreshFiles(); }});
    addVirtualKeyPaths();
    registerMetricsRoutes(router, [this](TimePoint now) { return scrape(now); });
    registerLogRoutes(router, *m_setup.log);
    addLiveFeed();
    registerOpenApiRoutes(router);
}

ConfigState Server::configState() const
{
    const std::string &path = m_setup.loader->path();
    return {m_active->revision, path, isReplaceable(path), m_configError};
}

void Server::addLiveFeed()
{
    m_liveFeed = std::make_unique<LiveFeed>(LiveFeed::Sources{
        .snapshot = [this](TimePoint now) { return m_pool.with([&](KeyPool &pool) { return pool.snapshot(now); }); },
        .config = [this] { return configState(); },
        .log = m_setup.log});
    m_traces.addReader([this](const RequestTrace &trace) { m_liveFeed->tell(trace); });
    registerLiveRoutes(m_adminApi->router(), *m_liveFeed);
}

void Server::addVirtualKeyPaths()
{
    const auto changed = [this] { publishVirtualKeys(); };
    m_virtualKeysApi = std::make_unique<VirtualKeysApi>(*m_setup.store, m_keys, changed);
    m_liteLlmKeys = std::make_unique<LiteLlmKeys>(*m_setup.store, m_keys, changed);
    registerVirtualKeyRoutes(m_adminApi->router(), *m_virtualKeysApi, *m_liteLlmKeys, *m_setup.adminStores->audit);
}

std::string Server::scrape(TimePoint now)
{
    m_traces.collect();
    takePoolEvents(now);
    GatewayState state;
    state.pool = m_pool.with([&](KeyPool &pool) {
        state.ready = pool.ready(now);
        return pool.snapshot(now);
    });
    state.draining = m_draining;
    state.requestsInFlight = m_counts.running.load();
    state.streamsInFlight = m_counts.streams.load();
    state.connections = m_openConnections->load();
    state.unauthorized = m_counts.unauthorized.load();
    state.tracesLost = m_traces.lost();
    state.configRevision = m_active->revision;
    state.configApplied = m_configError.empty();
    state.configAppliedAt = m_active->loadedAt;
    return m_metrics.text(state, now);
}

} // namespace keymux
