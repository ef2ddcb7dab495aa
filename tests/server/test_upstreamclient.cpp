// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/upstreamharness.h"

#include <sys/socket.h>

using namespace keymux;
using namespace keymux::testing;

namespace {

const std::string okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

} // namespace

/// Calls to providers that do what providers do.
class UpstreamClientTest : public QObject {
    Q_OBJECT

private:
    CurlRuntime m_curl;
    std::unique_ptr<ScriptedUpstream> m_upstream;
    std::unique_ptr<UpstreamClient> m_client;

    void start(Recorder &recorder, UpstreamRequest request)
    {
        recorder.call = m_client->start(std::move(request), &recorder);
    }
    UpstreamRequest chat(const std::string &body = chatBody("gemini-2.0-flash")) const
    {
        return chatRequest(m_upstream->baseUrl(), body);
    }

private Q_SLOTS:
    void init()
    {
        m_upstream = std::make_unique<ScriptedUpstream>();
        m_client = std::make_unique<UpstreamClient>();
    }
    void cleanup()
    {
        m_client.reset();
        m_upstream.reset();
    }

    void aCallArrivesAsItWasMade()
    {
        Recorder recorder;
        UpstreamRequest request = chat();
        request.headers.emplace_back("anthropic-version", "2023-06-01");
        request.headers.emplace_back("x-empty", "");
        request.headers.emplace_back("x-evil", "a\r\nx-planted: b");
        start(recorder, request);
        QCOMPARE(recorder.sent, 0); // nothing is told from inside start()
        QTRY_VERIFY(recorder.complete());
        QCOMPARE(recorder.status, 200);
        QCOMPARE(recorder.sent, 1);
        QCOMPARE(recorder.heads, 1);
        QCOMPARE(recorder.header("content-type"), std::string("application/json"));
        QCOMPARE(jsonAt(recorder.body, "/object"), "chat.completion");
        const auto seen = m_upstream->ledger().calls().at(0);
        QCOMPARE(seen.method, std::string("POST"));
        QCOMPARE(seen.path, std::string("/v1beta/openai/chat/completions"));
        QCOMPARE(seen.body, chatBody("gemini-2.0-flash"));
        QCOMPARE(seen.key, std::string(plantedSecret));
        QCOMPARE(seen.keyHeader, std::string("authorization"));
        QCOMPARE(std::string(seen.header("anthropic-version")), std::string("2023-06-01"));
        QVERIFY(seen.header("x-planted").empty() && seen.header("x-evil").empty());
        QVERIFY(seen.header("expect").empty());
    }

    void theCredentialGoesWhereItIsWanted()
    {
        Recorder google, none;
        UpstreamRequest request = chat();
        request.credentialHeader = "x-goog-api-key: ";
        start(google, request);
        QTRY_VERIFY(google.complete());
        QCOMPARE(m_upstream->ledger().calls().at(0).keyHeader, std::string("x-goog-api-key"));
        request.credentialHeader.clear();
        start(none, request);
        QTRY_VERIFY(none.complete());
        QCOMPARE(m_upstream->ledger().calls().at(1).keyHeader, std::string());
    }

    void aSecretThatWouldBreakTheHeaderIsNotSent()
    {
        Recorder recorder;
        UpstreamRequest request = chat();
        request.credential = std::make_shared<const Secret>(std::string("secret\r\nx-planted: 1"));
        start(recorder, request);
        QTRY_VERIFY(recorder.complete());
        const auto seen = m_upstream->ledger().calls().at(0);
        QVERIFY(seen.key.empty() && seen.header("x-planted").empty());
    }

    void aBodyOfManyPiecesArrivesInOneOrder_data()
    {
        QTest::addColumn<int>("pieceSize");
        QTest::addColumn<int>("pieces");
        QTest::newRow("empty") << 0 << 1;
        QTest::newRow("small ones") << 10 << 30;
        QTest::newRow("just joined") << 32768 << 2;
        QTest::newRow("just not joined") << 32769 << 2;
        QTest::newRow("8 MiB, odd sizes") << 90001 << 93;
    }

    void aBodyOfManyPiecesArrivesInOneOrder()
    {
        QFETCH(int, pieceSize);
        QFETCH(int, pieces);
        std::string body;
        for (int i = 0; i < pieceSize * pieces; ++i)
            body += char('a' + i % 23);
        UpstreamRequest request = chat(body);
        const std::string_view whole = request.body.front();
        request.body.clear();
        for (int i = 0; i < pieces; ++i)
            request.body.push_back(whole.substr(std::size_t(i) * std::size_t(pieceSize), std::size_t(pieceSize)));
        Recorder recorder;
        start(recorder, request);
        QTRY_VERIFY(recorder.complete());
        QVERIFY(m_upstream->ledger().calls().at(0).body == body);
    }

    void getIsWithoutABody()
    {
        Recorder recorder;
        UpstreamRequest request = chat();
        request.method = "GET";
        request.url = m_upstream->baseUrl() + "/models";
        request.body.clear();
        start(recorder, request);
        QTRY_VERIFY(recorder.complete());
        QCOMPARE(m_upstream->ledger().calls().at(0).method, std::string("GET"));
        QVERIFY(m_upstream->ledger().calls().at(0).body.empty());
    }

    void redirectsAreNotFollowed()
    {
        Behaviour away = upstream::answer(302, "{}");
        away.headers.emplace_back("Location", m_upstream->baseUrl() + "/elsewhere");
        m_upstream->on({}, away);
        Recorder recorder;
        start(recorder, chat());
        QTRY_VERIFY(recorder.complete());
        QCOMPARE(recorder.status, 302);
        QCOMPARE(m_upstream->ledger().count(), std::size_t(1));
    }

    void interimAnswersAreSkipped()
    {
        WireServer server([](Socket &socket, int) {
            WireServer::readRequest(socket);
            WireServer::say(socket, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nX-Early: 1\r\n\r\n"
                                    "HTTP/1.1 200 OK\r\nX-LATE: \t 2 \r\nContent-Length: 2\r\n\r\nok");
            WireServer::waitForClose(socket);
        });
        Recorder recorder;
        start(recorder, chatRequest(server.url()));
        QTRY_VERIFY(recorder.complete());
        QCOMPARE(recorder.heads, 1);
        QCOMPARE(recorder.status, 200);
        QCOMPARE(recorder.header("x-late"), std::string("2"));
        QCOMPARE(recorder.header("x-early"), std::string());
        QCOMPARE(recorder.body, std::string("ok"));
        m_client.reset();
    }

    void anHttp10ProviderIsRead()
    {
        WireServer server([](Socket &socket, int) {
            WireServer::readRequest(socket);
            WireServer::say(socket, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nuntil the end");
        });
        for (int i = 0; i < 2; ++i) {
            Recorder recorder;
            start(recorder, chatRequest(server.url()));
            QTRY_VERIFY(recorder.complete());
            QCOMPARE(recorder.body, std::string("until the end"));
        }
        QCOMPARE(server.connections(), 2);
    }

    void trailersAreNoHeaders()
    {
        WireServer server([](Socket &socket, int) {
            WireServer::readRequest(socket);
            WireServer::say(socket,
                            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n");
            WireServer::waitForClose(socket);
        });
        Recorder recorder;
        start(recorder, chatRequest(server.url()));
        QTRY_VERIFY(recorder.complete());
        QCOMPARE(recorder.body, std::string("ok"));
        QCOMPARE(recorder.heads, 1);
        QCOMPARE(recorder.header("x-sum"), std::string());
        m_client.reset();
    }

    void oneConnectionServesCallAfterCall()
    {
        for (int i = 0; i < 20; ++i) {
            Recorder recorder;
            start(recorder, chat());
            QTRY_VERIFY(recorder.complete());
        }
        QCOMPARE(m_upstream->openConnections(), 1);
        QCOMPARE(m_client->runningCalls(), 0);
    }

    void callsRunBesideEachOther()
    {
        m_upstream->on({}, upstream::stream(5, Ms(20)));
        std::vector<std::unique_ptr<Recorder>> all;
        for (int i = 0; i < 50; ++i) {
            all.push_back(std::make_unique<Recorder>());
            start(*all.back(), chat(chatBody("gemini-2.0-flash", true)));
        }
        QCOMPARE(m_client->runningCalls(), 50);
        for (const auto &recorder : all) {
            QTRY_VERIFY(recorder->complete());
            QVERIFY(recorder->body.ends_with("data: [DONE]\n\n"));
        }
    }

    void aCallLostToADeadIdleConnectionIsRepeated_data()
    {
        QTest::addColumn<int>("size");
        QTest::newRow("small body") << 1000;
        QTest::newRow("large body") << 3000000;
    }

    void aCallLostToADeadIdleConnectionIsRepeated()
    {
        QFETCH(int, size);
        std::vector<std::string> bodies;
        WireServer server([&](Socket &socket, int number) {
            bodies.push_back(WireServer::readRequest(socket));
            WireServer::say(socket, okAnswer);
            if (number == 0)
                WireServer::readRequest(socket); // the second one is read and never answered: closed
            else
                WireServer::waitForClose(socket);
        });
        const std::string body(std::size_t(size), 'b');
        Recorder first, second;
        start(first, chatRequest(server.url()));
        QTRY_VERIFY(first.complete());
        start(second, chatRequest(server.url(), body));
        QTRY_VERIFY2(second.done(), "no end");
        QVERIFY2(second.complete(), second.end->why.c_str());
        QCOMPARE(second.sent, 2);
        QCOMPARE(second.heads, 1);
        QCOMPARE(server.connections(), 2);
        m_client.reset();
        QTRY_COMPARE(bodies.size(), std::size_t(2));
        QVERIFY(bodies.at(1).ends_with("\r\n\r\n" + body));
    }

    void aCallOnAFreshConnectionIsNotRepeated()
    {
        WireServer server([](Socket &socket, int) { WireServer::readRequest(socket); });
        Recorder recorder;
        start(recorder, chatRequest(server.url()));
        QTRY_VERIFY(recorder.done());
        QVERIFY(!recorder.complete());
        QCOMPARE(recorder.end->failure, AnswerClass::Network);
        QCOMPARE(recorder.sent, 1);
        QCOMPARE(server.connections(), 1);
    }

    void aCallThatWasAnsweredInPartIsNotRepeated_data()
    {
        QTest::addColumn<QByteArray>("part");
        QTest::newRow("status line") << QByteArray("HTTP/1.1 200 OK\r\n");
        QTest::newRow("head") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
        QTest::newRow("a piece of the body") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    }

    void aCallThatWasAnsweredInPartIsNotRepeated()
    {
        QFETCH(QByteArray, part);
        WireServer server([&](Socket &socket, int number) {
            WireServer::readRequest(socket);
            WireServer::say(socket, okAnswer);
            WireServer::readRequest(socket);
            WireServer::say(socket, number == 0 ? part.toStdString() : okAnswer);
        });
        Recorder first, second;
        start(first, chatRequest(server.url()));
        QTRY_VERIFY(first.complete());
        start(second, chatRequest(server.url()));
        QTRY_VERIFY(second.done());
        QVERIFY(!second.complete());
        QCOMPARE(second.sent, 1);
        QCOMPARE(server.connections(), 1);
        m_client.reset();
    }

    void aConnectionFoundClosedIsReplacedBeforeAnythingIsSent()
    {
        WireServer server([](Socket &socket, int) {
            WireServer::readRequest(socket);
            WireServer::say(socket, okAnswer);
        });
        for (int i = 0; i < 3; ++i) {
            Recorder recorder;
            start(recorder, chatRequest(server.url()));
            QTRY_VERIFY(recorder.complete());
        }
        QCOMPARE(server.connections(), 3);
    }
};

QTEST_GUILESS_MAIN(UpstreamClientTest)
#include "test_upstreamclient.moc"
