// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/sanitized.h"
#include "support/show.h"
#include "support/websocketclient.h"

#include <QNetworkRequest>
#include <QSignalSpy>
#include <QWebSocket>
#include <csignal>

using namespace keymux::testing;

namespace {

constexpr const char *live = "/admin/v1/live";
constexpr const char *chat = "/v1/chat/completions";

/// A viewer on Qt's own websocket, which keeps all it was told.
class Viewer {
public:
    explicit Viewer(const Daemon &daemon)
    {
        QNetworkRequest request(QUrl(QString::fromStdString("ws" + daemon.adminUrl().substr(4) + live)));
        request.setRawHeader("Authorization", QByteArray::fromStdString("Bearer " + daemon.adminToken()));
        QObject::connect(&socket, &QWebSocket::textMessageReceived, &socket,
                         [this](const QString &text) { messages.push_back(Json::parse(text.toStdString())); });
        socket.open(request);
    }

    /// The first message, from the one after the last found on, for which this holds; null when none comes.
    Json waitFor(const std::function<bool(const Json &)> &fits)
    {
        const bool found = QTest::qWaitFor(
            [&] {
                while (m_next < messages.size()) {
                    if (fits(messages[m_next++]))
                        return true;
                }
                return false;
            },
            10000);
        return found ? messages[m_next - 1] : Json();
    }
    Json waitForType(const std::string &type)
    {
        return waitFor([&](const Json &m) { return m.at("type") == type; });
    }
    Json waitForEvent(const std::string &event)
    {
        return waitFor([&](const Json &m) { return m.at("type") == "event" && m.at("event") == event; });
    }
    void say(const char *text) { socket.sendTextMessage(QString::fromUtf8(text)); }
    bool withoutGap() const
    {
        for (std::size_t i = 0; i < messages.size(); ++i) {
            if (messages[i].at("seq") != i + 1 || messages[i].at("t").get<std::int64_t>() < 1700000000000)
                return false;
        }
        return true;
    }

    QWebSocket socket;
    std::vector<Json> messages;

private:
    std::size_t m_next = 0;
};

/// The state as a viewer has it who merges by id what it is told.
Json merged(const std::vector<Json> &messages)
{
    Json deployments = Json::object();
    for (const Json &message : messages) {
        if (message.at("type") == "snapshot")
            deployments = Json::object();
        if (message.at("type") == "snapshot" || message.at("type") == "delta") {
            for (const Json &d : message.at("deployments"))
                deployments[d.at("id").get<std::string>()] = d;
        }
    }
    return deployments;
}

} // namespace

/// The live feed of a running gateway.
class LiveFeedE2eTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aViewerSeesWhatHappens()
    {
        ScriptedUpstream upstream;
        upstream.on({.key = secretOf("key-1")}, upstream::minuteLimit(2));
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2, "\"rpm_limit\": 15")}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Viewer viewer(daemon);
        QVERIFY(!viewer.waitForType("hello").is_null());
        viewer.say(R"({"type":"subscribe","interval_ms":250,"logs":"info"})");
        QCOMPARE(viewer.waitForType("subscribed").value("logs", ""), std::string("info"));
        const Json snapshot = viewer.waitForType("snapshot");
        const Json state = Json::parse(daemon.admin().get("/admin/v1/state").body);
        for (const auto &[key, value] : state.items())
            QVERIFY2(key == "at" || snapshot.at(key) == value, key.c_str()); // the same shape, the same state

        QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 200);
        const Json fallback = viewer.waitForEvent("fallback");
        QCOMPARE(fallback.value("from", ""), std::string("key-1/gemini-2.0-flash"));
        QCOMPARE(fallback.value("to", ""), std::string("key-2/gemini-2.0-flash"));
        QCOMPARE(fallback.value("status", 0), 429);
        QCOMPARE(fallback.value("model", ""), std::string("gpt-4"));
        const Json started = viewer.waitForEvent("cooldown_started");
        QCOMPARE(started.value("subject", ""), std::string("key-1/gemini-2.0-flash"));
        QCOMPARE(started.value("reason", ""), std::string("rate_limit"));
        QVERIFY(!viewer
                     .waitFor([](const Json &m) {
                         return m.at("type") == "log" &&
                                m.dump().find("cooldown: deployment key-1") != std::string::npos;
                     })
                     .is_null());
        QVERIFY(!viewer.waitForEvent("cooldown_ended").is_null());
        QVERIFY(!viewer
                     .waitFor([&](const Json &m) {
                         return m.at("type") == "delta" && m.at("totals").at("by_status").at("ready") == 2;
                     })
                     .is_null());
        const Json now = Json::parse(daemon.admin().get("/admin/v1/state").body);
        for (const Json &d : now.at("deployments"))
            QCOMPARE(merged(viewer.messages).at(d.at("id").get<std::string>()).dump(), d.dump());
        QVERIFY(viewer.withoutGap());
    }

    void failedKeysNewConfigsAndLimitedVirtualKeysAreTold()
    {
        ScriptedUpstream upstream;
        upstream.on({.key = secretOf("key-1")}, upstream::keyInvalid());
        const PoolText text{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2)};
        Daemon daemon(text.options());
        HttpClient admin = daemon.admin();
        const std::string key =
            jsonAt(admin.post("/admin/v1/virtual-keys", R"({"name": "small", "rpm_limit": 1})").body, "/key");
        HttpClient client(daemon.url(), {{"Authorization", "Bearer " + key}, {"Content-Type", "application/json"}});
        Viewer viewer(daemon);
        QVERIFY(!viewer.waitForType("snapshot").is_null());
        QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(viewer.waitForEvent("key_failed").value("key_id", ""), std::string("key-1"));
        QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 429);
        QCOMPARE(viewer.waitForEvent("virtual_key_limited").value("limit", ""), std::string("rpm_limit"));
        PoolText smaller = text;
        smaller.keys.pop_back();
        daemon.replaceConfig(smaller.text());
        QCOMPARE(viewer.waitForEvent("config_applied").value("revision", 0), 2);
        const Json delta = viewer.waitForType("delta");
        QCOMPARE(delta.at("removed").dump(), std::string("[\"key-2/gemini-2.0-flash\"]"));
        QCOMPARE(delta.at("removed_keys").dump(), std::string("[\"key-2\"]"));
        QCOMPARE(delta.at("config").at("revision").dump(), std::string("2"));
        QVERIFY(viewer.withoutGap());
        for (const Json &message : viewer.messages)
            QVERIFY(message.dump().find("secret-of-") == std::string::npos);
    }

    void whoAsksAgainGetsItWhole()
    {
        Daemon daemon(PoolText{.baseUrl = "http://127.0.0.1:9/v1", .keys = poolKeys(2)}.options());
        Viewer first(daemon);
        QVERIFY(!first.waitForType("snapshot").is_null());
        first.say(R"({"type":"resync"})");
        QCOMPARE(merged({first.waitForType("snapshot")}).dump(), merged(first.messages).dump());
        first.say(R"({"type":"launch"})");
        QCOMPARE(first.waitForType("error").value("code", ""), std::string("unknown_type"));
        QVERIFY(first.withoutGap());
        Viewer late(daemon);
        QCOMPARE(merged({late.waitForType("snapshot")}).dump(), merged(first.messages).dump());
    }

    void theServersEndIsTold()
    {
        Daemon daemon(PoolText{.baseUrl = "http://127.0.0.1:9/v1", .keys = poolKeys(1)}.options());
        Viewer viewer(daemon);
        QVERIFY(!viewer.waitForType("snapshot").is_null());
        QSignalSpy gone(&viewer.socket, &QWebSocket::disconnected);
        daemon.process().signal(SIGTERM);
        QVERIFY(gone.wait(10000));
        QCOMPARE(int(viewer.socket.closeCode()), 1001);
        QCOMPARE(daemon.process().wait().value_or(-1), 0);
    }

    void strangersAreTurnedAway()
    {
        Daemon daemon(PoolText{.baseUrl = "http://127.0.0.1:9/v1", .keys = poolKeys(1)}.options());
        const auto status = [&](const Headers &headers, const std::string &path = live) {
            return WebSocketClient(daemon.adminUrl(), path, headers).handshake().status;
        };
        const auto with = [&](const std::string &name, const std::string &value) {
            Headers headers = upgradeHeaders(daemon.adminToken());
            headers.erase(std::remove_if(headers.begin(), headers.end(),
                                         [&](const auto &header) { return header.first == name; }),
                          headers.end());
            headers.emplace_back(name, value);
            return headers;
        };
        QCOMPARE(status(upgradeHeaders()), 401);
        QCOMPARE(status(upgradeHeaders("wrong")), 401);
        QCOMPARE(status(upgradeHeaders(daemon.virtualKey())), 401);
        QCOMPARE(status(upgradeHeaders(), std::string(live) + "?token=" + daemon.adminToken()), 401);
        QCOMPARE(status(with("Origin", "http://evil.example")), 403);
        QCOMPARE(status(with("Origin", "null")), 403);
        QCOMPARE(status(with("Origin", daemon.adminUrl())), 101);
        QCOMPARE(status(with("Sec-WebSocket-Version", "8")), 426);
        QCOMPARE(status(with("Sec-WebSocket-Key", "short")), 400);
        QCOMPARE(status(with("Upgrade", "h2c")), 426);
        QCOMPARE(daemon.admin().get(live).status, 426);
        QCOMPARE(daemon.admin().post(live, "{}").status, 405);
        for (const char *path : {"/admin/v1//live", "/admin/v1/../v1/live", "/admin/v1%2Flive", "/admin/v1/live/"})
            QCOMPARE(status(upgradeHeaders(daemon.adminToken()), path), 404);
        // The client listener knows no such path, whatever token comes.
        QVERIFY(WebSocketClient(daemon.url(), live, upgradeHeaders(daemon.adminToken())).handshake().status >= 400);
        QCOMPARE(status(upgradeHeaders(daemon.adminToken())), 101);
    }

    void hostileViewersHurtNobody()
    {
        Daemon daemon(PoolText{.baseUrl = "http://127.0.0.1:9/v1", .keys = poolKeys(2)}.options());
        Viewer good(daemon);
        QVERIFY(!good.waitForType("snapshot").is_null());
        const auto endOf = [&](const std::string &bytes) {
            WebSocketClient viewer(daemon.adminUrl(), live, upgradeHeaders(daemon.adminToken()));
            viewer.sendRaw(bytes);
            return viewer.closeCode();
        };
        std::string fragments = clientFrame(1, "x", false);
        while (fragments.size() < 1 << 20)
            fragments += clientFrame(0, "x", false);
        const std::int64_t before = daemon.residentBytes();
        for (int i = 0; i < 10; ++i) {
            QCOMPARE(endOf("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), 1002);
            QCOMPARE(endOf(std::string(100000, '\xff')), 1002);
            QCOMPARE(endOf(std::string("\x81\x02{}")), 1002); // not masked
            QCOMPARE(endOf(clientFrame(1, std::string(65537, ' '))), 1009);
            QCOMPARE(endOf(std::string("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff", 10) + "mask"), 1009);
            QCOMPARE(endOf(clientFrame(1, "\xc0\x80")), 1007);
            QCOMPARE(endOf(clientFrame(2, "binary")), 1003);
            QCOMPARE(endOf(clientFrame(1, std::string(65000, '[')) + clientFrame(8, "")), 1000);
            const int flooded = endOf(fragments);
            QVERIFY2(flooded == 1008 || flooded == 0, std::to_string(flooded).c_str()); // or reset while it still sent
        }
        const std::int64_t grown = daemon.residentBytes() - before;
        QVERIFY2(grown < (sanitized ? 40 : 8) << 20, std::to_string(grown).c_str());
        good.say(R"({"type":"resync"})");
        QVERIFY(!good.waitForType("snapshot").is_null());
        QVERIFY(good.withoutGap());
        QVERIFY(daemon.process().running());
    }
};

QTEST_GUILESS_MAIN(LiveFeedE2eTest)
#include "test_livefeed.moc"
