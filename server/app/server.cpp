// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/server.h"

#include "app/poollog.h"
#include "gateway/healthjson.h"
#include "log/log.h"

#include <QCoreApplication>
#include <QFileInfo>
#include <QSaveFile>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

constexpr Millis tickInterval{LiveSubscription::step};
constexpr Millis healthInterval{1000};
/// With the tick's own interval, twice, at most a second of what was used is ever unwritten.
constexpr Millis usageInterval{500};

} // namespace

Server::Server(ServerSetup setup, const SystemClock &clock, QObject *parent)
    : QObject(parent), m_setup(std::move(setup)), m_clock(clock),
      m_poolKeeper(m_pool, *m_setup.adminStores->poolMemory), m_history(*m_setup.adminStores->history),
      m_late(m_pool, m_keys, *m_setup.adminStores->late),
      m_editor(*m_setup.loader, *m_setup.adminStores->revisions, *m_setup.adminStores->audit,
               [this](LoadedPool pool) {
                   m_configError.clear();
                   applyPool(std::move(pool));
                   reloadTls();
                   knowOwnEdit();
               }),
      m_metrics(clock.now()), m_keyChecker(m_pool, m_probeUpstream, [this](const Secret &secret) {
          return m_setup.adminStores->poolMemory->sealed(secret.fingerprint());
      })
{
    m_traces.addReader([this](const RequestTrace &trace) { m_metrics.requests().count(trace); });
    for (int i = 0; i < m_setup.workers; ++i)
        m_workers.push_back(std::make_unique<Worker>(m_pool, m_keys, m_clock, m_counts, m_traces.addQueue(), i + 1));
    m_traces.addReader([this](const RequestTrace &trace) { m_setup.usage->note(trace); });
    m_traces.addReader([this](const RequestTrace &trace) { m_recent.add(trace); });
    m_traces.addReader([this](const RequestTrace &trace) { m_history.count(trace, m_clock.now()); });
    publishVirtualKeys();
    m_editor.take(m_setup.pool, "start", m_clock.now());
    applyPool(std::move(m_setup.pool));
    connect(&m_files, &FileWatch::changed, this, &Server::reload);
    connect(&m_secretFiles, &FileWatch::changed, this, [this] { m_setup.loader->secrets().refreshFiles(); });
    connect(&m_setup.loader->secrets(), &SecretLoader::changed, this, &Server::refreshSecrets);
    connect(&m_tick, &QTimer::timeout, this, &Server::tick);
    connect(&m_drain, &QTimer::timeout, this, &Server::finishWhenIdle);
}

Server::~Server()
{
    m_takeover.reset();
    m_workers.clear(); // ends what runs, which settles it
    m_traces.collect();
    if (m_serving) // what is stored is another's, where this one never came to that
        store(m_clock.now());
}

void Server::store(TimePoint now)
{
    storeUsage();
    if (m_successor != 0) {
        m_late.finish(now);
        return;
    }
    m_poolKeeper.store(now);
    m_history.store(now);
}

Result<void> Server::open()
{
    const ServerOptions &options = config().server;
    ServerSockets &sockets = m_setup.sockets;
    if (auto opened = openMissing(sockets, options, m_setup.workers); !opened)
        return opened;
    m_clientAddress = sockets.client.front().address();
    m_adminAddress = sockets.admin->address();
    if (auto listening = startAdmin(); !listening)
        return listening;
    auto shares = socketsOfWorkers(sockets.client, m_setup.workers);
    if (!shares)
        return tl::unexpected(shares.error());
    for (std::size_t i = 0; i < m_workers.size(); ++i) {
        if (auto listening = m_workers[i]->listen(std::move((*shares)[i]), m_openConnections, options.tls); !listening)
            return listening;
    }
    return {};
}

void Server::restore()
{
    const TimePoint now = m_clock.now();
    m_history.restore(now);
    restoreKeyUsage();
    m_keys.with([&](VirtualKeyRoom &room) { room.keepOnly(*m_virtualKeys); });
    m_poolKeeper.restore(now);
    m_restored = true;
    refreshHealth(now);
}

void Server::accept()
{
    if (auto ours = m_setup.lock->sign(); !ours)
        qCWarning(lcServer, "%s", ours.error().message.c_str());
    m_serving = true;
    takeLateReports(m_clock.now());
    for (const auto &worker : m_workers)
        worker->resumeAccepting();
    m_adminListener->resumeAccepting();
    if (!writeAddresses())
        qCWarning(lcServer, "cannot write %s/server.json; `keymuxd status` needs --server then",
                  m_setup.stateDir.c_str());
    m_tick.start(tickInterval);
    offerTakeover();
}

/// Tells command-line tools of this host where the running server is.
bool Server::writeAddresses() const
{
    QSaveFile file(QString::fromStdString(m_setup.stateDir + "/server.json"));
    if (!file.open(QIODevice::WriteOnly))
        return false;
    const nlohmann::ordered_json json = {{"pid", QCoreApplication::applicationPid()},
                                         {"listen", clientUrl()},
                                         {"admin", adminUrl()},
                                         {"admin_pin", m_adminListener->tlsPin()}};
    const std::string text = json.dump() + "\n";
    return file.write(text.data(), qint64(text.size())) == qint64(text.size()) && file.commit();
}

std::string Server::clientUrl() const
{
    return (config().server.tls ? "https://" : "http://") + m_clientAddress.toString();
}

std::string Server::adminUrl() const
{
    return (adminSpeaksTls() ? "https://" : "http://") + m_adminAddress.toString();
}

void Server::applyPool(LoadedPool pool)
{
    const std::vector<std::string> unresolved = std::move(pool.unresolved);
    m_written = pool.written;
    m_setup.loader->secrets().use(m_written);
    takePool(std::move(pool));
    if (m_adminListener)
        m_adminListener->setLimits(limitsOf(config().server));
    if (m_adminApi)
        m_adminApi->router().setTrustedProxies(config().server.trustedProxies);
    tellSecrets(unresolved, m_secrets, true);
    const HealthSummary health = m_pool.health();
    qCInfo(lcConfig, "config applied: revision %llu, %d keys (%d usable), %d deployments",
           static_cast<unsigned long long>(m_active->revision), health.keys, health.keysUsable, health.deployments);
    if (m_liveFeed)
        m_liveFeed->tellConfigApplied(m_active->revision, health.keys, health.deployments, m_clock.now());
    if (!health.ready)
        qCWarning(lcConfig, "no key is usable: requests for a model are answered 503 no_deployment until one is");
    sayUnpriced();
    watchFiles();
}

/// Routes by this pool and these secrets from now on; requests under way keep theirs.
void Server::takePool(LoadedPool pool)
{
    const TimePoint now = m_clock.now();
    readOverrides(m_switchedOff, *m_setup.adminStores->overrides);
    markOverrides(pool.readiness, pool.active->config(), m_switchedOff);
    sealSecretVersions(pool.readiness, *m_setup.adminStores->poolMemory);
    m_pool.with([&](KeyPool &keys) { keys.reconfigure(pool.active->router, pool.readiness, now); });
    m_active = withPrices(*pool.active, m_setup.priceTable);
    m_readiness = std::move(pool.readiness);
    m_secrets = std::move(pool.secrets);
    m_metrics.requests().setPool(m_active->router, now);
    for (const auto &worker : m_workers)
        worker->setPool(m_active);
    if (m_adminApi)
        m_adminApi->router().setMetricsToken(m_active->metricsToken);
    refreshHealth(now);
}

void Server::applyOverrides()
{
    const TimePoint now = m_clock.now();
    readOverrides(m_switchedOff, *m_setup.adminStores->overrides);
    markOverrides(m_readiness, config(), m_switchedOff);
    m_pool.with([&](KeyPool &keys) { keys.reconfigure(m_active->router, m_readiness, now); });
    refreshHealth(now);
}

void Server::reload()
{
    if (m_draining)
        return;
    reloadPrices();
    auto loaded = m_setup.loader->load(0, m_clock.now());
    if (!loaded) {
        m_configError = loaded.error().summary;
        for (const std::string &problem : loaded.error().problems)
            qCWarning(lcConfig, "config not applied: %s", problem.c_str());
        qCWarning(lcConfig, "the config of revision %llu stays in force",
                  static_cast<unsigned long long>(m_active->revision));
        refreshHealth(m_clock.now());
        return;
    }
    m_editor.take(*loaded, "file", m_clock.now());
    m_configError.clear();
    const ServerOptions before = config().server;
    applyPool(std::move(*loaded));
    const ServerOptions &after = config().server;
    if (before.listen != after.listen || before.adminListen != after.adminListen ||
        before.tls.has_value() != after.tls.has_value())
        qCWarning(lcConfig, "server.listen, server.admin_listen and turning TLS on or off take a restart");
    reloadTls();
}

void Server::reloadTls()
{
    const auto &tls = config().server.tls;
    if (!tls)
        return;
    for (const auto &worker : m_workers) {
        if (auto done = worker->setTls(*tls); !done) {
            qCWarning(lcConfig, "the certificate in use stays: %s", done.error().message.c_str());
            return;
        }
    }
    if (!m_adminListener || !adminSpeaksTls())
        return;
    if (auto done = m_adminListener->setTls(*tls); !done)
        qCWarning(lcConfig, "the certificate in use stays: %s", done.error().message.c_str());
    else
        writeAddresses();
}

void Server::publishVirtualKeys()
{
    m_seenStoreChange = m_setup.store->changeCounter();
    auto keys = m_setup.store->all();
    if (!keys) {
        qCWarning(lcServer, "virtual keys stay as they are in memory: %s", keys.error().message.c_str());
        return;
    }
    m_virtualKeys = std::make_shared<const VirtualKeyTable>(std::move(*keys));
    for (const auto &worker : m_workers)
        worker->setVirtualKeys(m_virtualKeys);
    m_keys.with([&](VirtualKeyRoom &room) { room.keepOnly(*m_virtualKeys); });
    m_metrics.requests().setVirtualKeys(*m_virtualKeys, m_clock.now());
}

void Server::tick()
{
    const TimePoint now = m_clock.now();
    m_traces.collect();
    const bool poolChanged = takePoolEvents(now);
    for (const auto &limited : m_keys.with([](VirtualKeyRoom &room) { return room.takeLimited(); })) {
        qCInfo(lcRate, "virtual key %s is at its own %s; refused with 429", limited.id.c_str(),
               std::string(limitName(limited.limit)).c_str());
        m_liveFeed->tell(limited);
    }
    if (m_setup.store->changeCounter() != m_seenStoreChange)
        publishVirtualKeys();
    if (now - m_usageStoredAt >= usageInterval)
        storeUsage();
    if (m_successor != 0) {
        m_late.tick(now);
    } else if (!m_handingOver) {
        m_poolKeeper.tick(now);
        m_history.tick(now);
        takeLateReports(now);
    }
    if (!m_draining)
        m_keyChecker.tick(m_active, now);
    if (poolChanged || now - m_healthAt >= healthInterval)
        refreshHealth(now);
    m_liveFeed->tick(now);
}

/// Tells what happened in the pool to the log and to who counts; false when nothing did.
bool Server::takePoolEvents(TimePoint now)
{
    const auto events = m_pool.with([&](KeyPool &pool) { return pool.takeEvents(now); });
    for (const PoolEvent &event : events) {
        logPoolEvent(event);
        m_metrics.requests().count(event);
        m_liveFeed->tell(event);
    }
    return !events.empty();
}

void Server::refreshHealth(TimePoint now)
{
    m_healthAt = now;
    bool ready = false;
    const PoolSnapshot snapshot = m_pool.with([&](KeyPool &pool) {
        ready = pool.ready(now);
        return pool.snapshot(now);
    });
    if (m_restored)
        m_history.sample(snapshot, now);
    HealthSummary health = summarize(snapshot, ready);
    health.configRevision = m_active->revision;
    health.configError = m_configError;
    health.secretsMissing = m_secrets.missing;
    health.secretsStale = m_secrets.stale;
    for (const auto &[source, why] : m_secrets.unreachable)
        health.secretSourcesDown.push_back(source);
    m_pool.setHealth(std::move(health));
}

void Server::terminate()
{
    if (m_successor != 0 && !std::exchange(m_toldToEnd, true)) {
        qCInfo(lcServer, "process %ld has taken over; this one ends with its last request", m_successor);
        return;
    }
    if (m_draining) {
        qCWarning(lcServer, "second signal: stopping at once");
        Q_EMIT finished();
        return;
    }
    m_draining = true;
    m_takeover.reset();
    qCInfo(lcServer, "draining: %d requests under way", m_counts.running.load());
    for (const auto &worker : m_workers)
        worker->setDraining();
    m_adminApi->setDraining();
    m_liveFeed->close();
    QTimer::singleShot(config().server.drainDelay, this, &Server::closeAndWait);
}

void Server::closeAndWait()
{
    m_setup.sockets = {}; // ours are descriptors of their own
    for (const auto &worker : m_workers)
        worker->stopAccepting();
    m_drainUntil = m_clock.now() + config().server.drainTimeout;
    m_drain.start(Millis(10));
    finishWhenIdle();
}

/// After a takeover each connection is owed one more answer, or its time to stay quiet; before an end, those that have
/// not asked yet.
int Server::answersOwed() const
{
    if (m_successor != 0)
        return m_openConnections->load() + m_adminListener->connectionCount();
    int owed = 0;
    for (const auto &worker : m_workers)
        owed += worker->awaitedRequests();
    return owed;
}

void Server::finishWhenIdle()
{
    const int owed = answersOwed();
    const int running = m_counts.running.load(); // afterwards: what was owed may run by now
    if ((running > 0 || owed > 0) && m_clock.now() < m_drainUntil)
        return;
    m_drain.stop();
    if (running > 0)
        qCWarning(lcServer, "drain timeout: cutting %d requests", running);
    Q_EMIT finished();
}

} // namespace keymux
