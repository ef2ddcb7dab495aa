// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/adminapi.h"
#include "admin/litellmkeys.h"
#include "admin/livefeed.h"
#include "admin/recentrequests.h"
#include "admin/virtualkeysapi.h"
#include "app/controlplane.h"
#include "app/filewatch.h"
#include "app/historykeeper.h"
#include "app/latekeeper.h"
#include "app/poolkeeper.h"
#include "app/poolloader.h"
#include "app/pricesource.h"
#include "app/serversockets.h"
#include "app/takeoveroffer.h"
#include "app/tracecollector.h"
#include "app/worker.h"
#include "clock/systemclock.h"
#include "gateway/keychecker.h"
#include "log/logring.h"
#include "metrics/metrics.h"
#include "secrets/sealedstore.h"
#include "store/statelock.h"
#include "store/usagestore.h"
#include "store/virtualkeystore.h"

#include <QObject>
#include <QTimer>
#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace keymux {

/// What serve() has worked out before anything listens.
struct ServerSetup {
    std::string stateDir;
    int workers = 1;
    std::unique_ptr<PoolLoader> loader;
    LoadedPool pool; ///< the first one
    std::unique_ptr<AdminStores> adminStores;
    std::unique_ptr<VirtualKeyStore> store;
    std::unique_ptr<UsageStore> usage;
    std::unique_ptr<PriceSource> prices;
    std::shared_ptr<const PriceTable> priceTable; ///< what it gave
    Secret adminToken;
    ServerSockets sockets; ///< that were handed to us
    std::optional<StateLock> lock;
    const LogRing *log = nullptr; ///< outlives the server
};

/// The gateway as a whole, on the main thread: workers, admin listener, reloads, the pool's log, the end.
class Server : public QObject {
    Q_OBJECT

public:
    Server(ServerSetup setup, const SystemClock &clock, QObject *parent = nullptr);
    ~Server() override;

    /// Opens the sockets that were not handed over, and listens; who connects waits. Errors: `address_in_use`,
    /// `tls_unusable`, …
    Result<void> open();
    /// Takes up what the server before, which writes nothing any more, has stored.
    void restore();
    /// Serves.
    void accept();

    std::string clientUrl() const;
    std::string adminUrl() const;

    /// Reads config and secrets again; a document that is not valid changes nothing.
    void reload();
    /// The first call drains, the second ends at once.
    void terminate();

Q_SIGNALS:
    void finished();

private:
    void applyPool(LoadedPool pool);
    void takePool(LoadedPool pool);
    void refreshSecrets();
    void tellSecrets(const std::vector<std::string> &unresolved, const SecretReport &report, bool all);
    void applyOverrides();
    void reloadPrices();
    void sayUnpriced();
    void publishVirtualKeys();
    void restoreKeyUsage();
    void storeUsage();
    void offerTakeover();
    Result<void> pauseForSuccessor();
    void resumeWithoutSuccessor();
    void retire(long successor);
    void store(TimePoint now);
    void takeLateReports(TimePoint now);
    Result<void> startAdmin();
    void addAdminPaths();
    void addVirtualKeyPaths();
    std::string scrape(TimePoint now);
    bool takePoolEvents(TimePoint now);
    void addLiveFeed();
    ConfigState configState() const;
    void watchFiles();
    void knowOwnEdit();
    void reloadTls();
    /// Where its token would cross a network; on loopback plain HTTP is no risk, and no certificate names it.
    bool adminSpeaksTls() const;
    void tick();
    void refreshHealth(TimePoint now);
    void closeAndWait();
    int answersOwed() const;
    void finishWhenIdle();
    bool writeAddresses() const;
    const PoolConfig &config() const { return m_active->config(); }

    ServerSetup m_setup;
    const SystemClock &m_clock;
    SharedPool m_pool;
    SharedKeys m_keys;
    ServerCounts m_counts;
    std::shared_ptr<std::atomic<int>> m_openConnections = std::make_shared<std::atomic<int>>(0);
    std::shared_ptr<const ActivePool> m_active;
    std::string m_configError;
    std::vector<KeyReadiness> m_readiness; ///< by key ordinal
    std::set<std::string> m_switchedOff;   ///< keys, by the operator
    std::set<std::string> m_unpriced;      ///< `provider/model`, as the log told them last
    PoolKeeper m_poolKeeper;
    HistoryKeeper m_history;
    LateKeeper m_late;
    PoolEditor m_editor;
    std::shared_ptr<const VirtualKeyTable> m_virtualKeys = std::make_shared<const VirtualKeyTable>();
    std::int64_t m_seenStoreChange = -1;
    TimePoint m_healthAt{};
    TimePoint m_usageStoredAt{};
    bool m_usageInMemory = false; ///< it could not be written the last time
    RecentRequests m_recent;
    TraceCollector m_traces;
    Metrics m_metrics;
    std::vector<std::unique_ptr<Worker>> m_workers;
    ListenAddress m_clientAddress, m_adminAddress;
    std::unique_ptr<VirtualKeysApi> m_virtualKeysApi;
    std::unique_ptr<LiteLlmKeys> m_liteLlmKeys;
    std::unique_ptr<LiveFeed> m_liveFeed;
    UpstreamClient m_probeUpstream; ///< for calls that check keys
    KeyChecker m_keyChecker;
    std::unique_ptr<AdminApi> m_adminApi;
    std::unique_ptr<Listener> m_adminListener;
    FileWatch m_files, m_secretFiles;
    std::shared_ptr<const PoolConfig> m_written; ///< the config in force with its sets
    SecretReport m_secrets;
    SealedStore m_sealedStore{m_setup.stateDir};
    std::set<std::string> m_toldUnresolved; ///< what the log said of secrets that are not there
    std::unique_ptr<TakeoverOffer> m_takeover;
    QTimer m_tick;
    QTimer m_drain;
    TimePoint m_drainUntil{};
    bool m_draining = false;
    bool m_restored = false;
    bool m_serving = false;
    bool m_handingOver = false; ///< what is stored whole is as a successor will find it
    long m_successor = 0;       ///< the process that serves in place of this one
    bool m_toldToEnd = false;   ///< by a signal, while finishing after a takeover
};

} // namespace keymux
