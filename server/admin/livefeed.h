// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/adminrouter.h"
#include "admin/livemessages.h"
#include "admin/statejson.h"
#include "http/websocket.h"

#include <QObject>
#include <map>
#include <memory>
#include <vector>

namespace keymux {

/// What the feed puts up with.
struct LiveFeedLimits {
    std::size_t maxViewers = 256;
    std::int64_t stopAbove = 512 << 10;  ///< unsent bytes from which on a viewer is sent nothing more
    std::int64_t resumeBelow = 64 << 10; ///< and below which it gets a fresh snapshot
    Millis pingInterval{15000};          ///< who is silent for two of them is gone
    std::size_t maxEvents = 256;         ///< told per tick; of more only the number is
    std::size_t maxLines = 256;          ///< of the log, told per tick
};

/// The live feed (`/admin/v1/live`): everything that costs is done on a tick, once for all viewers, so neither their
/// number nor what they ask for multiplies it. Main thread.
class LiveFeed : public QObject {
    Q_OBJECT

public:
    struct Sources {
        std::function<PoolSnapshot(TimePoint)> snapshot;
        std::function<ConfigState()> config;
        const LogRing *log = nullptr; ///< outlives the feed
    };
    explicit LiveFeed(Sources sources, LiveFeedLimits limits = {}, QObject *parent = nullptr);
    ~LiveFeed() override;

    /// A request that has the token. Becomes a viewer, or is refused.
    void accept(const AdminRequest &request, std::unique_ptr<HttpExchange> exchange);

    /// For viewers who want events; goes out with the next tick. Of anything liveEvents() knows.
    template <typename T>
    void tell(const T &happened)
    {
        if (!m_viewers.empty())
            addEvents(liveEvents(happened));
    }
    void tellConfigApplied(std::uint64_t revision, int keys, int deployments, TimePoint at);

    /// Every LiveSubscription::step.
    void tick(TimePoint now);

    /// Ends every websocket with 1001 and takes no further one.
    void close();

    std::size_t viewerCount() const { return m_viewers.size(); }

private:
    struct Viewer;
    /// What this tick has made so far, by what it was made for.
    struct Payloads;

    void addEvents(const std::vector<nlohmann::ordered_json> &events);
    void hear(Viewer &viewer, const std::string &text);
    void forget(WebSocket *socket);
    bool isThere(Viewer &viewer, TimePoint now) const;
    bool mayWrite(Viewer &viewer) const;
    void sendEvents(Viewer &viewer) const;
    void sendLog(Viewer &viewer, Payloads &payloads) const;
    void sendState(Viewer &viewer, Payloads &payloads);
    const QByteArray &snapshotTail(Payloads &payloads) const;
    void look(Payloads &payloads);

    Sources m_sources;
    LiveFeedLimits m_limits;
    std::vector<std::unique_ptr<Viewer>> m_viewers;
    SnapshotVersions m_versions;
    ConfigState m_config;
    std::uint64_t m_configVersion = 0;
    std::vector<QByteArray> m_events; ///< tails, since the last tick
    std::size_t m_eventsLeftOut = 0;
    TimePoint m_now{};
    std::uint64_t m_tick = 0;
    bool m_closed = false;
};

/// `/admin/v1/live`. The feed must outlive the router.
void registerLiveRoutes(AdminRouter &router, LiveFeed &feed);

} // namespace keymux
