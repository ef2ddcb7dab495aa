// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

#include <fcntl.h>
#include <sys/socket.h>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";

} // namespace

class StreamingTest : public QObject {
    Q_OBJECT

private:
    ScriptedUpstream m_upstream;
    std::unique_ptr<Daemon> m_daemon;

private Q_SLOTS:
    void initTestCase()
    {
        m_daemon = std::make_unique<Daemon>(PoolText{.baseUrl = m_upstream.baseUrl(), .keys = poolKeys(4)}.options());
        QVERIFY2(m_daemon->ready(), m_daemon->log().c_str());
    }

    void init()
    {
        m_upstream.clearRules();
        m_upstream.ledger().clear();
    }

    void bytesAreIdenticalWhenUsageWasAskedFor()
    {
        m_upstream.on({}, upstream::stream(20, Ms(1)));
        const HttpResponse answer =
            m_daemon->client().post(chat, chatBody("gpt-4", true, R"("stream_options":{"include_usage":true})"));
        QCOMPARE(answer.status, 200);
        QVERIFY(std::string(answer.header("content-type")).starts_with("text/event-stream"));
        const UpstreamCall call = m_upstream.ledger().call(m_upstream.ledger().calls().back().id);
        QVERIFY(call.answer.find("\"usage\"") != std::string::npos);
        QCOMPARE(answer.body, call.answer);
    }

    void theUsageChunkIsHiddenFromWhoDidNotAsk()
    {
        const HttpResponse answer = m_daemon->client().post(chat, chatBody("gpt-4", true));
        const UpstreamCall call = m_upstream.ledger().calls().back();
        QVERIFY(call.body.find("include_usage") != std::string::npos);
        QVERIFY(answer.body.find("\"usage\"") == std::string::npos);
        const auto start = call.answer.rfind("data: {");
        const std::string expected = call.answer.substr(0, start) + "data: [DONE]\n\n";
        QCOMPARE(answer.body, expected);
    }

    void eachChunkIsForwardedWhenItArrives()
    {
        // The next event is held back until the one before it was seen by the client: one that waits for more would
        // hang here.
        Behaviour slow = upstream::stream(5, Ms(150));
        m_upstream.on({}, slow);
        HttpStream stream = m_daemon->client().stream(chat, chatBody("gpt-4", true));
        std::vector<Moment> seen;
        while (auto event = stream.nextEvent(Ms(10000)))
            seen.push_back(event->at);
        QVERIFY(stream.complete());
        const UpstreamCall call = m_upstream.ledger().calls().back();
        QCOMPARE(seen.size() + 1, call.eventTimes.size()); // the usage chunk stays here
        Ms worst(0);
        for (std::size_t i = 0; i + 2 < seen.size(); ++i) {
            worst = std::max(worst, std::chrono::duration_cast<Ms>(seen[i] - call.eventTimes[i]));
            QVERIFY2(seen[i] < call.eventTimes[i + 1], "an event came only after the next one was sent");
        }
        qInfo("slowest event: %d ms after the upstream sent it", int(worst.count()));
    }

    void manyStreamsRunAtOnce()
    {
        m_upstream.on({}, upstream::stream(20, Ms(10)));
        const auto answers = burst(
            100, 50, [](HttpClient &client, int) { return client.post(chat, chatBody("gpt-4", true)); },
            [this] { return m_daemon->client(); });
        for (const HttpResponse &answer : answers) {
            QCOMPARE(answer.status, 200);
            QVERIFY(answer.complete);
            QVERIFY(answer.body.ends_with("data: [DONE]\n\n"));
        }
    }

    void aReaderThatStopsHoldsTheProviderBack()
    {
        m_upstream.on({}, upstream::flood(256LL << 20));
        const std::int64_t before = m_daemon->residentBytes();
        HttpStream stream = m_daemon->client().stream(chat, chatBody("gpt-4", true), 64 << 10);
        QVERIFY(stream.next());
        // The provider stops being read: what it has written does not change any more.
        std::int64_t written = -1;
        for (int same = 0, rounds = 0; same < 5 && rounds < 200; ++rounds) {
            QTest::qSleep(50);
            const std::int64_t now = m_upstream.ledger().calls().back().bytesSent;
            same = now == written ? same + 1 : 0;
            written = now;
        }
        const std::int64_t grown = m_daemon->residentBytes() - before;
        qInfo("the provider wrote %lld KiB; the daemon grew by %lld KiB", static_cast<long long>(written >> 10),
              static_cast<long long>(grown >> 10));
        // Four socket buffers lie between them, which the kernel grows to 6 MiB each at most.
        QVERIFY2(written < (16LL << 20), "the provider was not held back");
        QVERIFY2(grown < (4LL << 20), "the answer is kept in memory");
        QCOMPARE(m_daemon->client().post("/v1/completions", R"({"model":"gpt-4","prompt":"x"})").status, 200);
        // Reading on brings the rest.
        std::int64_t read = 0;
        while (read < (32LL << 20)) {
            const auto piece = stream.next();
            QVERIFY(piece);
            read += std::int64_t(piece->bytes.size());
        }
        stream.reset();
    }

    void theUpstreamCallEndsWhenTheClientLeaves_data()
    {
        QTest::addColumn<bool>("reset");
        QTest::newRow("closed") << false;
        QTest::newRow("reset") << true;
    }

    void theUpstreamCallEndsWhenTheClientLeaves()
    {
        QFETCH(bool, reset);
        m_upstream.on({}, upstream::stream(10000, Ms(500)));
        HttpStream stream = m_daemon->client().stream(chat, chatBody("gpt-4", true));
        QVERIFY(stream.nextEvent());
        const Moment left = Clock::now();
        if (reset)
            stream.reset();
        else
            stream.close();
        QVERIFY(m_upstream.ledger().waitFor([](const UpstreamCall &call) { return call.peerClosed.has_value(); }));
        const Ms took = std::chrono::duration_cast<Ms>(*m_upstream.ledger().calls().back().peerClosed - left);
        qInfo("the upstream saw it after %d ms", int(took.count()));
        QVERIFY2(took < Ms(2000), std::to_string(took.count()).c_str());
    }

    void aClientThatLeavesBeforeTheAnswerEndsTheCallToo()
    {
        m_upstream.on({}, upstream::hangBeforeHead());
        HttpClient client = m_daemon->client();
        QCOMPARE(client.request("POST", chat, chatBody("gpt-4"), {}, Ms(300)).status, 0);
        client = m_daemon->client(); // closes the connection
        QVERIFY(m_upstream.ledger().waitFor([](const UpstreamCall &call) { return call.peerClosed.has_value(); }));
        QCOMPARE(m_upstream.ledger().count(), 1U); // leaving is no reason to try another key
    }

    void aStreamCutInTheMiddleEndsWithAnErrorEvent()
    {
        m_upstream.on({}, upstream::cutStream(3));
        const HttpResponse answer = m_daemon->client().post(chat, chatBody("gpt-4", true));
        QCOMPARE(answer.status, 200);
        QVERIFY(answer.complete);
        const auto last = answer.body.rfind("data: ");
        QCOMPARE(jsonAt(answer.body.substr(last + 6), "/error/code"), "upstream_error");
        const std::string sent = m_upstream.ledger().calls().back().answer;
        QCOMPARE(answer.body.substr(0, last), sent);
        QCOMPARE(m_upstream.ledger().count(), 1U);
    }

    void commentsAndOddFramingPassThrough()
    {
        Behaviour odd;
        odd.events = Texts{": PROCESSING\n\n", "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\xc3",
                           "\xa9\"}}]}\r\n\r\n",
                           ": still\n\ndata:{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n",
                           "data: [DONE]\n\n"};
        m_upstream.on({}, odd);
        const HttpResponse answer = m_daemon->client().post(chat, chatBody("gpt-4", true));
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.body, m_upstream.ledger().calls().back().answer);
    }
};

QTEST_APPLESS_MAIN(StreamingTest)
#include "test_streaming.moc"
