// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/livefeed.h"
#include "server/listenerhost.h"
#include "support/websocketclient.h"

#include <list>

using namespace keymux;
using namespace keymux::testing;

namespace {

constexpr TimePoint t0{Millis(1764028800000)};
const std::string path = "/admin/v1/live";

/// The feed behind a real listener, with a pool and a time that are the test's.
class FeedHost {
public:
    explicit FeedHost(LiveFeedLimits limits = {}, int deployments = 3)
    {
        for (int i = 0; i < deployments; ++i) {
            DeploymentState d;
            d.id = d.keyId = "key-" + std::to_string(i);
            m_state.deployments.push_back(std::move(d));
        }
        host.run([&] {
            m_feed = std::make_unique<LiveFeed>(LiveFeed::Sources{.snapshot =
                                                                      [this](TimePoint now) {
                                                                          ++m_looks;
                                                                          m_state.at = now;
                                                                          return m_state;
                                                                      },
                                                                  .config = [this] { return m_config; },
                                                                  .log = &log},
                                                limits);
        });
        host.onRequest([this](std::unique_ptr<HttpExchange> exchange) {
            const HttpRequest &http = exchange->request();
            const AdminRequest request{.http = http, .now = m_now};
            m_feed->accept(request, std::move(exchange));
        });
    }
    ~FeedHost()
    {
        host.run([this] { m_feed.reset(); });
    }

    WebSocketClient viewer(int receiveBuffer = 0) { return {host.url(), path, upgradeHeaders(), receiveBuffer}; }
    /// On the feed's thread.
    void with(const std::function<void(LiveFeed &)> &work)
    {
        host.run([&] { work(*m_feed); });
    }
    void change(const std::function<void(PoolSnapshot &, ConfigState &)> &work)
    {
        host.run([&] { work(m_state, m_config); });
    }
    /// Lets that many ticks go by.
    void tick(int count = 1, Millis each = Millis(250))
    {
        host.run([&] {
            for (int i = 0; i < count; ++i)
                m_feed->tick(m_now += each);
        });
    }
    std::size_t viewers()
    {
        std::size_t count = 0;
        host.run([&] { count = m_feed->viewerCount(); });
        return count;
    }
    bool waitForViewers(std::size_t count)
    {
        return QTest::qWaitFor([&] { return viewers() == count; }, 10000);
    }
    /// What a viewer says is heard before this returns.
    bool say(WebSocketClient &viewer, const std::string &text, const std::string &answer)
    {
        viewer.sendText(text);
        const std::string got = viewer.nextText();
        return jsonAt(got, "/type") == answer;
    }
    int looks() const { return m_looks; }

    ListenerHost host; ///< ends last, after what runs in its thread
    LogRing log;

private:
    PoolSnapshot m_state;
    ConfigState m_config{.revision = 1, .source = "file"};
    TimePoint m_now = t0;
    std::atomic<int> m_looks = 0;
    std::unique_ptr<LiveFeed> m_feed;
};

/// The next messages' types, and that their numbers follow each other from `seq` on.
Texts types(WebSocketClient &viewer, int count, int seq)
{
    Texts all;
    for (int i = 0; i < count; ++i) {
        const std::string text = viewer.nextText();
        all.push_back(jsonAt(text, "/seq") == std::to_string(seq + i) ? jsonAt(text, "/type") : text);
    }
    return all;
}

PoolEvent rest(const std::string &subject)
{
    return {.kind = PoolEvent::Kind::RestStarted, .at = t0, .subject = subject, .until = t0 + Millis(30000)};
}

} // namespace

/// The live feed, tick by tick.
class LiveFeedTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aViewerIsGreetedAndGetsTheWholeState()
    {
        FeedHost feed;
        auto viewer = feed.viewer();
        QCOMPARE(viewer.handshake().status, 101);
        QCOMPARE(std::string(viewer.handshake().header("sec-websocket-accept")), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        const std::string hello = viewer.nextText();
        QCOMPARE(jsonAt(hello, "/type"), "hello");
        QCOMPARE(jsonAt(hello, "/seq"), "1");
        QCOMPARE(jsonAt(hello, "/version"), KEYMUX_VERSION);
        QCOMPARE(jsonAt(hello, "/interval_ms"), "1000");
        QCOMPARE(jsonAt(hello, "/events"), "true");
        QCOMPARE(jsonAt(hello, "/logs"), "false");
        feed.tick();
        const std::string snapshot = viewer.nextText();
        QCOMPARE(jsonAt(snapshot, "/type"), "snapshot");
        QCOMPARE(jsonAt(snapshot, "/t"), "1764028800250");
        QCOMPARE(jsonAt(snapshot, "/deployments/2/id"), "key-2");
        QCOMPARE(jsonAt(snapshot, "/totals/deployments"), "3");
        QCOMPARE(jsonAt(snapshot, "/config/revision"), "1");
    }

    void onlyWhatChangedFollowsAtTheViewersPace()
    {
        FeedHost feed;
        auto quick = feed.viewer(), slow = feed.viewer();
        QVERIFY(quick.nextText() != "");
        QVERIFY(slow.nextText() != "");
        QVERIFY(feed.say(quick, R"({"type":"subscribe","interval_ms":250})", "subscribed"));
        feed.tick(4);
        QCOMPARE(types(quick, 1, 3), Texts{"snapshot"});
        QCOMPARE(types(slow, 1, 2), Texts{"snapshot"});
        for (int i = 1; i <= 4; ++i) {
            feed.change([i](PoolSnapshot &state, ConfigState &) { state.deployments[i % 2].requests = i; });
            feed.tick();
        }
        for (int i = 1; i <= 4; ++i) {
            const std::string delta = quick.nextText();
            QCOMPARE(jsonAt(delta, "/seq"), std::to_string(3 + i));
            QCOMPARE(jsonAt(delta, "/deployments/0/id"), "key-" + std::to_string(i % 2));
            QCOMPARE(jsonAt(delta, "/deployments/0/requests"), std::to_string(i));
            QCOMPARE(jsonAt(delta, "/deployments/1"), "(absent)");
            QCOMPARE(jsonAt(delta, "/config"), "(absent)");
        }
        const std::string delta = slow.nextText();
        QCOMPARE(jsonAt(delta, "/type"), "delta");
        QCOMPARE(jsonAt(delta, "/deployments/0/requests"), "4");
        QCOMPARE(jsonAt(delta, "/deployments/1/requests"), "3");
        QCOMPARE(jsonAt(delta, "/totals/requests"), "7");
    }

    void theStateIsLookedAtOncePerTickForEveryone()
    {
        FeedHost feed;
        feed.tick(5);
        QCOMPARE(feed.looks(), 0); // nobody is there
        std::list<WebSocketClient> viewers;
        for (int i = 0; i < 20; ++i) {
            viewers.push_back(feed.viewer());
            for (int n = 0; n < 20; ++n)
                viewers.back().sendText(R"({"type":"resync"})");
            viewers.back().sendFrame(9, "heard");
            while (viewers.back().next()->kind != WebSocketClient::Message::Kind::Pong) {
            }
        }
        feed.tick();
        QCOMPARE(feed.looks(), 1);
        for (WebSocketClient &viewer : viewers)
            QCOMPARE(types(viewer, 1, 2), Texts{"snapshot"}); // one, however often it was asked for
    }

    void aLateViewerMissesNothing()
    {
        FeedHost feed;
        auto early = feed.viewer();
        feed.tick(3);
        feed.change([](PoolSnapshot &state, ConfigState &) { state.deployments[0].requests = 1; });
        auto late = feed.viewer();
        feed.tick(); // the first's delta, the second's snapshot
        feed.change([](PoolSnapshot &state, ConfigState &) { state.deployments[0].requests = 0; });
        feed.tick(4);
        QCOMPARE(types(early, 4, 1), (Texts{"hello", "snapshot", "delta", "delta"}));
        QCOMPARE(types(late, 2, 1), (Texts{"hello", "snapshot"}));
        QCOMPARE(jsonAt(late.nextText(), "/deployments/0/requests"), "0");
    }

    void whatGoesAndAChangedConfigAreTold()
    {
        FeedHost feed;
        auto viewer = feed.viewer();
        feed.tick(4);
        feed.change([](PoolSnapshot &state, ConfigState &config) {
            state.deployments.erase(state.deployments.begin() + 1);
            state.keys.push_back({.keyId = "new"});
            config.error = "broken";
        });
        feed.with([](LiveFeed &live) { live.tellConfigApplied(2, 1, 2, t0); });
        feed.tick(4);
        QCOMPARE(types(viewer, 2, 1), (Texts{"hello", "snapshot"}));
        const std::string event = viewer.nextText(), delta = viewer.nextText();
        QCOMPARE(jsonAt(event, "/event"), "config_applied");
        QCOMPARE(jsonAt(event, "/revision"), "2");
        QCOMPARE(jsonAt(delta, "/removed"), "[\"key-1\"]");
        QCOMPARE(jsonAt(delta, "/deployments"), "[]");
        QCOMPARE(jsonAt(delta, "/keys/0/key_id"), "new");
        QCOMPARE(jsonAt(delta, "/config/error"), "broken");
    }

    void eventsAreToldAtOnceAndNotMoreThanAViewerCanTake()
    {
        FeedHost feed({.maxEvents = 3});
        auto viewer = feed.viewer(), deaf = feed.viewer();
        QVERIFY(deaf.nextText() != "");
        QVERIFY(feed.say(deaf, R"({"type":"subscribe","events":false})", "subscribed"));
        feed.tick();
        feed.with([](LiveFeed &live) {
            for (int i = 0; i < 5; ++i)
                live.tell(rest("key-" + std::to_string(i)));
        });
        feed.tick();
        QCOMPARE(types(viewer, 2, 1), (Texts{"hello", "snapshot"}));
        for (int i = 0; i < 3; ++i)
            QCOMPARE(jsonAt(viewer.nextText(), "/subject"), "key-" + std::to_string(i));
        const std::string leftOut = viewer.nextText();
        QCOMPARE(jsonAt(leftOut, "/event"), "left_out");
        QCOMPARE(jsonAt(leftOut, "/count"), "2");
        feed.tick(3);
        QCOMPARE(types(deaf, 1, 3), Texts{"snapshot"});
        QCOMPARE(deaf.nextText(Ms(50)), "");
    }

    void theLogIsFollowed()
    {
        FeedHost feed;
        auto viewer = feed.viewer();
        QVERIFY(viewer.nextText() != "");
        feed.log.add(t0, LogLevel::Error, "rate", "before");
        QVERIFY(feed.say(viewer, R"({"type":"subscribe","logs":"warning"})", "subscribed"));
        feed.log.add(t0, LogLevel::Warning, "rate", "one");
        feed.log.add(t0, LogLevel::Info, "rate", "less");
        feed.log.add(t0, LogLevel::Error, "server", "two");
        feed.tick();
        const std::string lines = viewer.nextText();
        QCOMPARE(jsonAt(lines, "/type"), "log");
        QCOMPARE(jsonAt(lines, "/lines/0/message"), "one");
        QCOMPARE(jsonAt(lines, "/lines/1/message"), "two");
        QCOMPARE(jsonAt(lines, "/lines/1/n"), "4");
        QCOMPARE(jsonAt(lines, "/lines/2"), "(absent)");
        QCOMPARE(types(viewer, 1, 4), Texts{"snapshot"});
        QVERIFY(feed.say(viewer, R"({"type":"subscribe","logs":false})", "subscribed"));
        feed.log.add(t0, LogLevel::Error, "server", "three");
        feed.tick(1);
        QCOMPARE(viewer.nextText(Ms(50)), "");
    }

    void aSlowReaderGetsTheStateAsItIsInsteadOfABacklog()
    {
        FeedHost feed({.pingInterval = Millis(3600000)}, 1000);
        auto slow = feed.viewer(4096), quick = feed.viewer();
        QVERIFY(feed.say(slow, R"({"type":"subscribe","interval_ms":250})", "hello"));
        QVERIFY(jsonAt(quick.nextText(), "/type") == "hello");
        feed.tick(4);
        QCOMPARE(types(quick, 1, 2), Texts{"snapshot"});
        const auto changeAll = [&](int i) {
            feed.change([i](PoolSnapshot &state, ConfigState &) {
                for (DeploymentState &d : state.deployments)
                    d.requests = i;
            });
            feed.with([](LiveFeed &live) { live.tell(rest("key-1")); });
            feed.tick();
            // The others go on: four events and a delta with every fourth tick.
            return i % 4 != 0 || (types(quick, 4, 3 + (i / 4 - 1) * 5) == Texts(4, "event") &&
                                  jsonAt(quick.nextText(), "/deployments/999/requests") == std::to_string(i));
        };
        for (int i = 1; i <= 8; ++i)
            QVERIFY(changeAll(i));
        const std::int64_t before = residentBytes();
        // Each of these is about 400 KB for every reader: 100 MB, were they kept.
        for (int i = 9; i <= 264; ++i)
            QVERIFY(changeAll(i));
        QVERIFY2(residentBytes() - before < 16 << 20, std::to_string(residentBytes() - before).c_str());
        // It reads again: first what was on its way, in order, then one snapshot of now.
        int seq = 2, snapshots = 0;
        std::string last;
        while (last != "264") {
            feed.tick();
            const std::string text = slow.nextText();
            QVERIFY(!text.empty());
            QCOMPARE(jsonAt(text, "/seq"), std::to_string(seq++));
            if (jsonAt(text, "/type") == "snapshot") {
                ++snapshots;
                last = jsonAt(text, "/deployments/999/requests");
            }
        }
        QCOMPARE(snapshots, 2);
        QVERIFY2(seq < 60, std::to_string(seq).c_str());
    }

    void whoIsGoneWithoutAWordIsDropped()
    {
        FeedHost feed;
        auto dead = feed.viewer(), alive = feed.viewer();
        QVERIFY(feed.waitForViewers(2));
        feed.tick(1, Millis(15000));
        const auto answerPing = [&] {
            while (true) {
                const auto message = alive.next();
                if (!message)
                    return false;
                if (message->kind == WebSocketClient::Message::Kind::Ping)
                    return alive.sendFrame(10, message->payload) && alive.sendFrame(9, "heard");
                if (message->kind == WebSocketClient::Message::Kind::Pong)
                    continue;
            }
        };
        QVERIFY(answerPing());
        while (alive.next()->kind != WebSocketClient::Message::Kind::Pong) {
        }
        feed.tick(1, Millis(14000));
        QCOMPARE(feed.viewers(), 2U);
        feed.tick(1, Millis(2000));
        QVERIFY(feed.waitForViewers(1));
        QCOMPARE(dead.closeCode(), 0);
        QVERIFY(answerPing());
    }

    void nonsenseIsAnsweredAndChangesNothing_data()
    {
        QTest::addColumn<QByteArray>("message");
        QTest::addColumn<QByteArray>("code");
        const auto row = [](const char *message, const char *code) {
            QTest::newRow(message) << QByteArray(message) << QByteArray(code);
        };
        row("", "invalid_json");
        row("hello", "invalid_json");
        row("[1]", "invalid_json");
        row("{}", "invalid_message");
        row("{\"type\":7}", "invalid_message");
        row("{\"type\":\"launch\"}", "unknown_type");
        row("{\"type\":\"subscribe\",\"interval_ms\":249}", "invalid_message");
        row("{\"type\":\"subscribe\",\"interval_ms\":1e99}", "invalid_message");
        row("{\"type\":\"subscribe\",\"interval_ms\":\"fast\"}", "invalid_message");
        row("{\"type\":\"subscribe\",\"interval_ms\":250,\"events\":1}", "invalid_message");
        row("{\"type\":\"subscribe\",\"interval_ms\":250,\"logs\":\"loud\"}", "invalid_message");
        row("{\"type\":\"subscribe\",\"logs\":true}", "invalid_message");
    }
    void nonsenseIsAnsweredAndChangesNothing()
    {
        QFETCH(QByteArray, message);
        QFETCH(QByteArray, code);
        FeedHost feed;
        auto viewer = feed.viewer();
        QCOMPARE(jsonAt(viewer.nextText(), "/type"), "hello");
        viewer.sendText(message.toStdString());
        const std::string error = viewer.nextText();
        QCOMPARE(jsonAt(error, "/type"), "error");
        QCOMPARE(jsonAt(error, "/code"), code.toStdString());
        viewer.sendText(R"({"type":"subscribe"})");
        QCOMPARE(jsonAt(viewer.nextText(), "/interval_ms"), "1000");
    }

    void anIntervalIsRoundedUpToWholeTicks()
    {
        FeedHost feed;
        auto viewer = feed.viewer();
        QCOMPARE(jsonAt(viewer.nextText(), "/type"), "hello");
        viewer.sendText(R"({"type":"subscribe","interval_ms":251})");
        QCOMPARE(jsonAt(viewer.nextText(), "/interval_ms"), "500");
    }

    void floodsAreEnded()
    {
        FeedHost feed;
        std::string pings, fragments = clientFrame(1, "", false);
        for (int i = 0; i < 300; ++i) {
            pings += clientFrame(9, "p");
            fragments += clientFrame(0, "", false);
        }
        for (const std::string &flood : {pings, fragments}) {
            auto viewer = feed.viewer();
            QVERIFY(viewer.upgraded());
            viewer.sendRaw(flood);
            QCOMPARE(viewer.closeCode(), 1008);
            QVERIFY(feed.waitForViewers(0));
        }
        auto patient = feed.viewer();
        for (int i = 0; i < 30; ++i) {
            for (int n = 0; n < 10; ++n)
                patient.sendFrame(9, "p");
            for (int pongs = 0; pongs < 10;)
                pongs += patient.next()->kind == WebSocketClient::Message::Kind::Pong ? 1 : 0;
            feed.tick();
        }
        QCOMPARE(feed.viewers(), 1U);
    }

    void thereAreOnlySoManyViewers()
    {
        FeedHost feed({.maxViewers = 2});
        auto one = feed.viewer(), two = feed.viewer(), three = feed.viewer();
        QVERIFY(one.upgraded() && two.upgraded());
        QCOMPARE(three.handshake().status, 503);
        QCOMPARE(jsonAt(three.handshake().body, "/error/code"), "overloaded");
        one.sendFrame(8, "\x03\xe8");
        QCOMPARE(one.closeCode(), 1000);
        QVERIFY(feed.waitForViewers(1));
        QVERIFY(feed.viewer().upgraded());
    }

    void theEndIsSaid()
    {
        FeedHost feed;
        auto viewer = feed.viewer();
        QVERIFY(feed.waitForViewers(1));
        feed.with([](LiveFeed &live) { live.close(); });
        QCOMPARE(viewer.closeCode(), 1001);
        QVERIFY(feed.waitForViewers(0));
        QCOMPARE(feed.viewer().handshake().status, 503);
    }
};

QTEST_GUILESS_MAIN(LiveFeedTest)
#include "test_livefeed.moc"
