// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/httpclient.h"
#include "support/scriptedupstream.h"
#include "support/show.h"

using namespace keymux::testing;

/// The tests stand on the scripted provider; what it promises is tested here.
class ScriptedUpstreamTest : public QObject {
    Q_OBJECT

private:
    static HttpClient clientOf(const ScriptedUpstream &upstream, const std::string &key = "k1")
    {
        return HttpClient("http://127.0.0.1:" + std::to_string(upstream.port()), {{"Authorization", "Bearer " + key}});
    }
    static constexpr const char *chat = "/v1beta/openai/chat/completions";

private Q_SLOTS:
    void goodAnswersNameTheModelAndAreWrittenDown()
    {
        ScriptedUpstream upstream;
        HttpClient client = clientOf(upstream);
        const HttpResponse answer = client.post(chat, chatBody("gemini-2.0-flash"));
        QCOMPARE(answer.status, 200);
        QVERIFY(answer.complete);
        QCOMPARE(jsonAt(answer.body, "/model"), "gemini-2.0-flash");
        QCOMPARE(upstream.ledger().walk(), std::vector<std::string>{"k1/gemini-2.0-flash 200"});
        QCOMPARE(upstream.ledger().call(0).keyHeader, "authorization");
        QCOMPARE(upstream.ledger().call(0).answer, answer.body);
        QCOMPARE(client.get("/v1beta/openai/models").status, 200);
        QCOMPARE(upstream.openConnections(), 1);
    }

    void chunkedBodiesAreRead()
    {
        ScriptedUpstream upstream;
        RawConnection raw("http://127.0.0.1:" + std::to_string(upstream.port()));
        const std::string body = chatBody("m");
        raw.send(std::string("POST ") + chat + " HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" +
                 body.substr(0, 5) + "\r\n");
        char size[9];
        std::snprintf(size, sizeof size, "%zx", body.size() - 5);
        raw.send(std::string(size) + "\r\n" + body.substr(5) + "\r\n0\r\n\r\n");
        QVERIFY(raw.readUntil("}").find("HTTP/1.1 200") == 0);
        QCOMPARE(upstream.ledger().call(0).body, body);
    }

    void streamsComeEventByEvent()
    {
        ScriptedUpstream upstream;
        upstream.on({}, upstream::stream(3, Ms(40)));
        HttpStream stream = clientOf(upstream).stream(chat, chatBody("m", true));
        std::vector<Moment> times;
        std::string all;
        while (auto event = stream.nextEvent()) {
            times.push_back(event->at);
            all += event->bytes;
        }
        QVERIFY(stream.complete());
        QCOMPARE(times.size(), 6U);
        QVERIFY(times.back() - times.front() >= Ms(5 * 40 - 20));
        QVERIFY(all.ends_with("data: [DONE]\n\n"));
        QCOMPARE(all, upstream.ledger().call(0).answer);
    }

    void limitsSlideAndAnswerAsGoogleDoes()
    {
        ScriptedUpstream upstream;
        upstream.limit("*", "*", {.rpm = 2});
        HttpClient client = clientOf(upstream);
        QCOMPARE(client.post(chat, chatBody("a")).status, 200);
        QCOMPARE(client.post(chat, chatBody("a")).status, 200);
        const HttpResponse refused = client.post(chat, chatBody("a"));
        QCOMPARE(refused.status, 429);
        QCOMPARE(jsonAt(refused.body, "/0/error/status"), "RESOURCE_EXHAUSTED");
        const std::string delay = jsonAt(refused.body, "/0/error/details/2/retryDelay");
        QVERIFY(std::stod(delay) > 50 && std::stod(delay) <= 60);
        QCOMPARE(client.post(chat, chatBody("b")).status, 200);
        QCOMPARE(clientOf(upstream, "k2").post(chat, chatBody("a")).status, 200);
        QCOMPARE(upstream.ledger().maxInAnyMinute("k1"), 4U);
        QCOMPARE(upstream.ledger().maxInAnyMinute("k1", "a"), 3U);
    }

    void rulesAreMatchedByKeyModelFieldAndTurn()
    {
        ScriptedUpstream upstream;
        upstream.on({.key = "k1", .nth = 2}, upstream::overloaded());
        upstream.on({.field = "store"}, upstream::unknownField("store"));
        HttpClient client = clientOf(upstream);
        QCOMPARE(client.post(chat, chatBody("a")).status, 200);
        QCOMPARE(client.post(chat, chatBody("a")).status, 503);
        QCOMPARE(client.post(chat, chatBody("a")).status, 200);
        QCOMPARE(client.post(chat, chatBody("a", false, R"("store":true)")).status, 400);
    }

    void cutsAndHangsAreSeenByTheClient()
    {
        ScriptedUpstream upstream;
        upstream.on({.model = "cut"}, upstream::cutBody(10));
        upstream.on({.model = "cutstream"}, upstream::cutStream(2));
        upstream.on({.model = "hang"}, upstream::hangBeforeHead());
        HttpClient client = clientOf(upstream);
        const HttpResponse cut = client.post(chat, chatBody("cut"));
        QCOMPARE(cut.status, 200);
        QVERIFY(!cut.complete);
        QCOMPARE(cut.body.size(), 10U);
        HttpStream stream = client.stream(chat, chatBody("cutstream", true));
        QVERIFY(stream.nextEvent());
        QVERIFY(stream.nextEvent());
        QVERIFY(!stream.nextEvent());
        QVERIFY(!stream.complete());
        QCOMPARE(client.request("POST", chat, chatBody("hang"), {}, Ms(100)).status, 0);
    }

    void theLedgerTellsWhenTheCallerLeft()
    {
        ScriptedUpstream upstream;
        upstream.on({}, upstream::stream(1000, Ms(10)));
        HttpStream stream = clientOf(upstream).stream(chat, chatBody("m", true));
        QVERIFY(stream.nextEvent());
        stream.close();
        QVERIFY(upstream.ledger().waitFor([](const UpstreamCall &call) { return call.peerClosed.has_value(); }));
    }
};

QTEST_APPLESS_MAIN(ScriptedUpstreamTest)
#include "test_scriptedupstream.moc"
