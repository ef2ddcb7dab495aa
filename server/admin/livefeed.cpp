// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/livefeed.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

/// A viewer says little; these let a burst through and stop a flood.
constexpr int framesPerTick = 10, framesAtOnce = 100;

QByteArray bytesOf(const std::string &text)
{
    return {text.data(), qsizetype(text.size())};
}

} // namespace

struct LiveFeed::Viewer {
    std::unique_ptr<WebSocket> socket;
    LiveSubscription subscription;
    std::uint64_t sent = 0;          ///< messages
    std::uint64_t version = 0;       ///< of the state it has; 0: it needs a snapshot
    std::uint64_t configVersion = 0; ///< of the config it has
    std::uint64_t lastLine = 0;      ///< of the log, told
    std::size_t eventsLost = 0;      ///< since it stopped reading
    bool behind = false;             ///< it does not read what it has been sent
    bool heard = false;              ///< since the last tick
    std::int64_t unsent = 0;         ///< bytes, at the end of the last tick
    TimePoint lastHeard{}, lastPing{};

    void send(std::string_view type, const QByteArray &tail, TimePoint now)
    {
        socket->sendText(liveHead(type, ++sent, now), tail);
    }
    bool isDue(std::uint64_t tick) const
    {
        return tick % std::uint64_t(subscription.intervalMs / LiveSubscription::step) == 0;
    }
};

struct LiveFeed::Payloads {
    bool looked = false;
    QByteArray snapshot;
    /// By version, with config; absent where only a snapshot helps, empty where there is nothing to tell.
    std::map<std::pair<std::uint64_t, bool>, std::optional<QByteArray>> deltas;
    std::map<std::pair<LogLevel, std::uint64_t>, QByteArray> logs; ///< by level and last line; empty: none
};

LiveFeed::LiveFeed(Sources sources, LiveFeedLimits limits, QObject *parent)
    : QObject(parent), m_sources(std::move(sources)), m_limits(limits)
{
}

LiveFeed::~LiveFeed() = default;

void LiveFeed::accept(const AdminRequest &request, std::unique_ptr<HttpExchange> exchange)
{
    const auto refuse = [&](AdminReply reply, HeaderList headers) {
        reply.headers.insert(reply.headers.end(), headers.begin(), headers.end());
        AdminAnswer(std::move(exchange)).send(reply);
    };
    if (const auto refusal = webSocketRefusal(request.http)) {
        refuse(errorReply(refusal->status, refusal->code, refusal->message), refusal->headers);
        return;
    }
    if (m_closed || m_viewers.size() >= m_limits.maxViewers) {
        refuse(errorReply(503, "overloaded",
                          m_closed ? "This server is about to end." : "The live feed has as many viewers as it takes."),
               {{"retry-after", "1"}});
        return;
    }
    auto viewer = std::make_unique<Viewer>();
    viewer->socket = std::make_unique<WebSocket>(std::move(exchange));
    viewer->lastHeard = viewer->lastPing = request.now;
    m_now = std::max(m_now, request.now);
    WebSocket *socket = viewer->socket.get();
    connect(socket, &WebSocket::textReceived, this,
            [this, v = viewer.get()](const std::string &text) { hear(*v, text); });
    connect(socket, &WebSocket::heard, this, [v = viewer.get()] { v->heard = true; });
    // Queued: the socket is on the stack when it says so.
    connect(
        socket, &WebSocket::closed, this, [this, socket] { forget(socket); }, Qt::QueuedConnection);
    viewer->send("hello", bytesOf(liveTail(helloJson(viewer->subscription))), request.now);
    socket->flush();
    m_viewers.push_back(std::move(viewer));
}

void LiveFeed::forget(WebSocket *socket)
{
    m_viewers.erase(std::remove_if(m_viewers.begin(), m_viewers.end(),
                                   [&](const auto &viewer) { return viewer->socket.get() == socket; }),
                    m_viewers.end());
    if (m_viewers.empty()) {
        m_events.clear();
        m_eventsLeftOut = 0;
    }
}

void LiveFeed::hear(Viewer &viewer, const std::string &text)
{
    const auto request = readLiveRequest(text, viewer.subscription);
    if (viewer.behind)
        return; // a fresh snapshot comes anyway, and what is not read needs no answer
    if (!request) {
        viewer.send("error",
                    bytesOf(liveTail(Json{{"code", request.error().code}, {"message", request.error().message}})),
                    m_now);
        return;
    }
    if (request->resync) {
        viewer.version = 0; // the next tick sends it, however often it is asked for
        return;
    }
    if (request->subscription.logs && !viewer.subscription.logs)
        viewer.lastLine = m_sources.log->last();
    viewer.subscription = request->subscription;
    viewer.send("subscribed", bytesOf(liveTail(subscriptionJson(viewer.subscription))), m_now);
}

void LiveFeed::addEvents(const std::vector<Json> &events)
{
    for (const Json &event : events) {
        if (m_events.size() < m_limits.maxEvents)
            m_events.push_back(bytesOf(liveTail(event)));
        else
            ++m_eventsLeftOut;
    }
}

void LiveFeed::tellConfigApplied(std::uint64_t revision, int keys, int deployments, TimePoint at)
{
    if (!m_viewers.empty())
        addEvents({configAppliedJson(revision, keys, deployments, at)});
}

/// Whoever reads is there, too: what waits for it became less.
bool LiveFeed::isThere(Viewer &viewer, TimePoint now) const
{
    const std::int64_t unsent = viewer.socket->pendingBytes();
    if (std::exchange(viewer.heard, false) || unsent < viewer.unsent)
        viewer.lastHeard = now;
    if (now - viewer.lastHeard < 2 * m_limits.pingInterval)
        return true;
    viewer.socket->abort();
    return false;
}

/// False while it does not read; when it has caught up it gets the state as it is then, and not what it missed.
bool LiveFeed::mayWrite(Viewer &viewer) const
{
    const std::int64_t unsent = viewer.socket->pendingBytes();
    if (!viewer.behind && unsent > m_limits.stopAbove)
        viewer.behind = true;
    if (viewer.behind && unsent < m_limits.resumeBelow) {
        viewer.behind = false;
        viewer.version = 0;
    }
    return !viewer.behind;
}

void LiveFeed::tick(TimePoint now)
{
    m_now = now;
    ++m_tick;
    if (m_eventsLeftOut > 0)
        m_events.push_back(bytesOf(liveTail(Json{{"event", "left_out"}, {"count", m_eventsLeftOut}})));
    Payloads payloads;
    for (const auto &owned : m_viewers) {
        Viewer &viewer = *owned;
        if (!viewer.socket->isOpen() || !isThere(viewer, now))
            continue;
        viewer.socket->allowFrames(framesPerTick, framesAtOnce);
        if (mayWrite(viewer)) {
            sendEvents(viewer);
            sendLog(viewer, payloads);
            sendState(viewer, payloads);
        } else if (viewer.subscription.events) {
            viewer.eventsLost += m_events.size();
        }
        if (now - viewer.lastPing >= m_limits.pingInterval) {
            viewer.lastPing = now;
            viewer.socket->sendPing();
        }
        viewer.socket->flush();
        viewer.unsent = viewer.socket->pendingBytes();
    }
    m_events.clear();
    m_eventsLeftOut = 0;
}

void LiveFeed::sendEvents(Viewer &viewer) const
{
    if (viewer.eventsLost > 0) {
        const Json lost{{"event", "left_out"}, {"count", std::exchange(viewer.eventsLost, 0)}};
        viewer.send("event", bytesOf(liveTail(lost)), m_now);
    }
    if (!viewer.subscription.events)
        return;
    for (const QByteArray &event : m_events)
        viewer.send("event", event, m_now);
}

void LiveFeed::sendLog(Viewer &viewer, Payloads &payloads) const
{
    if (!viewer.subscription.logs)
        return;
    const LogLevel level = *viewer.subscription.logs;
    const auto [made, isNew] = payloads.logs.try_emplace({level, viewer.lastLine});
    const std::uint64_t last = m_sources.log->last();
    if (isNew) {
        const auto lines =
            m_sources.log->newest({.level = level, .after = viewer.lastLine, .limit = m_limits.maxLines});
        if (!lines.empty())
            made->second = bytesOf(liveTail(logJson(lines)));
    }
    if (!made->second.isEmpty())
        viewer.send("log", made->second, m_now);
    viewer.lastLine = last;
}

/// Takes the tick's one look at the pool.
void LiveFeed::look(Payloads &payloads)
{
    if (std::exchange(payloads.looked, true))
        return;
    m_versions.update(m_sources.snapshot(m_now));
    ConfigState config = m_sources.config();
    if (m_configVersion == 0 || !(config == m_config)) {
        m_config = std::move(config);
        ++m_configVersion;
    }
}

const QByteArray &LiveFeed::snapshotTail(Payloads &payloads) const
{
    if (payloads.snapshot.isEmpty())
        payloads.snapshot = bytesOf(liveTail(stateJson(m_versions.snapshot(), m_config)));
    return payloads.snapshot;
}

void LiveFeed::sendState(Viewer &viewer, Payloads &payloads)
{
    if (viewer.version != 0 && !viewer.isDue(m_tick))
        return;
    look(payloads);
    const bool withConfig = viewer.configVersion != m_configVersion;
    const auto [made, isNew] = payloads.deltas.try_emplace({viewer.version, withConfig});
    if (isNew && viewer.version != 0) {
        const auto delta = m_versions.since(viewer.version);
        if (delta && delta->empty() && !withConfig)
            made->second.emplace();
        else if (delta)
            made->second = bytesOf(liveTail(deltaJson(*delta, m_versions, withConfig ? &m_config : nullptr)));
    }
    if (!made->second)
        viewer.send("snapshot", snapshotTail(payloads), m_now);
    else if (!made->second->isEmpty())
        viewer.send("delta", *made->second, m_now);
    viewer.version = m_versions.version();
    viewer.configVersion = m_configVersion;
}

void LiveFeed::close()
{
    m_closed = true;
    for (const auto &viewer : m_viewers)
        viewer->socket->close(WebSocketClose::GoingAway, "the server ends");
}

void registerLiveRoutes(AdminRouter &router, LiveFeed &feed)
{
    router.addTakeOver("GET", "/admin/v1/live",
                       [&feed](const AdminRequest &request, std::unique_ptr<HttpExchange> exchange) {
                           feed.accept(request, std::move(exchange));
                       });
}

} // namespace keymux
