// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/listenerhost.h"

#include <QRegularExpression>
#include <netinet/in.h>
#include <sys/socket.h>

using namespace keymux;
using namespace keymux::testing;

namespace {

std::string get(const std::string &path, const std::string &headers = {})
{
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
}

const std::string last = "Connection: close\r\n";

ListenerLimits tight()
{
    return {.maxHeaderBytes = 4 << 10,
            .maxBodyBytes = 1 << 16,
            .maxConnections = 1000,
            .headerTimeout = Millis(300),
            .idleTimeout = Millis(500)};
}

} // namespace

/// What the listener refuses by itself, and what of it a client gets to know.
class ListenerLimitsTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void refusalsAnswerOnceAndClose_data()
    {
        QTest::addColumn<QByteArray>("request");
        QTest::addColumn<QByteArray>("status");
        const auto row = [](const char *name, const QByteArray &request, const char *status) {
            QTest::newRow(name) << request << QByteArray(status);
        };
        const QByteArray host("Host: x\r\n"), postLine("POST / HTTP/1.1\r\n"), getLine("GET / HTTP/1.1\r\n");
        const QByteArray next("GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n");
        const QByteArray chunked = postLine + host + "Transfer-Encoding: chunked\r\n\r\n";
        row("two lengths", postLine + host + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello" + next, "400");
        row("negative length", postLine + host + "Content-Length: -5\r\n\r\nhello" + next, "400");
        row("huge length", postLine + host + "Content-Length: 999999999999999999\r\n\r\n" + next, "413");
        row("impossible length", postLine + host + "Content-Length: 99999999999999999999\r\n\r\n" + next, "400");
        row("length is no number", postLine + host + "Content-Length: 5x\r\n\r\nhello" + next, "400");
        row("unknown transfer encoding", postLine + host + "Transfer-Encoding: gzip\r\n\r\n" + next, "501");
        row("chunked twice", postLine + host + "Transfer-Encoding: chunked, chunked\r\n\r\n" + next, "501");
        row("bad chunk size", chunked + "x\r\nhello\r\n0\r\n\r\n" + next, "400");
        row("negative chunk size", chunked + "-5\r\nhello\r\n0\r\n\r\n" + next, "400");
        row("huge chunk size", chunked + "fffffffff\r\nhello\r\n" + next, "400");
        row("chunk longer than its size", chunked + "4\r\nhello\r\n0\r\n\r\n" + next, "400");
        row("bare LF after a chunk size", chunked + "5\nhello\r\n0\r\n\r\n" + next, "400");
        row("endless chunk extension", chunked + "5;" + QByteArray(20000, 'x'), "400");
        row("endless trailer", chunked + "0\r\nA: " + QByteArray(20000, 'x'), "400");
        row("folded header", getLine + host + "A: b\r\n c\r\n\r\n" + next, "400");
        row("folded first header", getLine + " " + host + "\r\n" + next, "400");
        row("bare LF for a line's end", getLine + host + "A: b\nC: d\r\n\r\n" + next, "400");
        row("bare LF twice", "GET / HTTP/1.1\nHost: x\n\n" + next, "400");
        row("NUL in a header", getLine + host + QByteArray("A: b\0c\r\n", 8) + "\r\n" + next, "400");
        row("space before the colon", postLine + host + "Content-Length : 5\r\n\r\nhello" + next, "400");
        row("no Host", getLine + "\r\n" + next, "400");
        row("two Hosts", getLine + host + "Host: y\r\n\r\n" + next, "400");
        row("CONNECT", "CONNECT example.com:443 HTTP/1.1\r\n" + host + "\r\n" + next, "405");
        row("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + next, "505");
        row("unknown expectation", postLine + host + "Expect: 200-ok\r\nContent-Length: 5\r\n\r\nhello" + next, "417");
        row("compressed body", postLine + host + "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello" + next,
            "415");
        row("long headers", getLine + host + "A: " + QByteArray(5000, 'x') + "\r\n\r\n" + next, "431");
        row("long headers without an end", getLine + host + "A: " + QByteArray(5000, 'x'), "431");
        row("TLS to a plain port", QByteArray("\x16\x03\x01\x02\x00\x01\x00\n\n", 9), "400");
    }

    void refusalsAnswerOnceAndClose()
    {
        QFETCH(QByteArray, request);
        QFETCH(QByteArray, status);
        ListenerHost host(tight());
        const std::string answer = answersTo(host, request.toStdString());
        QCOMPARE(statusesIn(answer), status.toStdString());
        QVERIFY(host.seen().empty());
        QVERIFY(answer.find("\r\nconnection: close\r\n") != std::string::npos);
        QVERIFY(answer.find("\r\ncontent-type: application/json\r\n") != std::string::npos);
        QCOMPARE(answer.find("\r\nallow: GET, POST, PUT, PATCH, DELETE, OPTIONS, HEAD\r\n") != std::string::npos,
                 status == "405");
        const auto bodyAt = answer.find("\r\n\r\n") + 4;
        QCOMPARE(jsonAt(answer.substr(bodyAt), "/status"), status.toStdString());
        QVERIFY(answer.find("\r\ncontent-length: " + std::to_string(answer.size() - bodyAt) + "\r\n") !=
                std::string::npos);
    }

    void everyAnswerCarriesARequestIdOfItsOwn()
    {
        ListenerHost host(tight());
        std::string all;
        for (const std::string &bytes :
             {get("/good", last), get("/good") + get("/again", last), std::string("nonsense\r\n\r\n"),
              get("/", "Expect: x\r\n"), std::string("GET")})
            all += answersTo(host, bytes);
        QSet<QString> ids;
        static const QRegularExpression id(QStringLiteral("\r\nx-request-id: (req_[0-9a-f]{24})\r\n"));
        auto matches = id.globalMatch(QString::fromStdString(all));
        while (matches.hasNext())
            ids.insert(matches.next().captured(1));
        QCOMPARE(statusesIn(all), std::string("200 200 200 400 417 408"));
        QCOMPARE(ids.size(), 6);
        for (const SeenRequest &seen : host.seen())
            QVERIFY2(ids.contains(QString::fromStdString(seen.id)), "the handler knows another id than the client");
    }

    void aSlowHeadIs408HoweverItDrips()
    {
        ListenerHost host(tight());
        RawConnection raw(host.url());
        const Moment start = Clock::now();
        std::string answer;
        raw.send("GET / HTTP/1.1\r\nX: ");
        while (answer.empty() && Clock::now() - start < Ms(10000)) {
            raw.send("a");
            answer = raw.readUntil("\r\n\r\n", Ms(20));
        }
        QVERIFY(answer.starts_with("HTTP/1.1 408 "));
        QVERIFY(answer.find("x-should-retry") == std::string::npos); // trying again may well help
    }

    void aBodyThatStopsIs408()
    {
        ListenerHost host(tight());
        const std::string head = "POST / HTTP/1.1\r\nHost: x\r\n";
        QCOMPARE(statusesIn(answersTo(host, head + "Content-Length: 5\r\n\r\nhe")), std::string("408"));
        QCOMPARE(statusesIn(answersTo(host, head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhe")), std::string("408"));
    }

    void aBodyThatDripsIs408()
    {
        ListenerHost host(tight());
        RawConnection raw(host.url());
        raw.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n");
        const Moment start = Clock::now();
        std::string answer;
        while (answer.empty() && Clock::now() - start < Ms(10000)) {
            raw.send("a");
            answer = raw.readUntil("\r\n\r\n", Ms(20));
        }
        QVERIFY2(answer.starts_with("HTTP/1.1 408 "), answer.c_str());
    }

    void anIdleConnectionCloses()
    {
        ListenerHost host(tight());
        const Moment start = Clock::now();
        RawConnection raw(host.url());
        raw.send(get("/a"));
        QCOMPARE(statusesIn(raw.readUntilClose()), std::string("200"));
        QVERIFY(raw.closed());
        QVERIFY(Clock::now() - start >= Ms(500));
        QTRY_COMPARE(host.open(), 0);
    }

    void aRequestUnderWayIsNotIdle()
    {
        ListenerHost host(tight());
        RawConnection raw(host.url());
        raw.send(get("/hold", last));
        QVERIFY(host.waitForRequests(1));
        QCOMPARE(raw.readUntil("HTTP", Ms(1200)), std::string());
        QVERIFY(!raw.closed());
        host.release();
        QVERIFY(raw.readUntilClose().ends_with("held /hold"));
    }

    void oneConnectionTooManyIs503Overloaded()
    {
        ListenerLimits limits = tight();
        limits.maxConnections = 3;
        limits.idleTimeout = Millis(60000);
        ListenerHost host(limits);
        std::vector<std::unique_ptr<RawConnection>> open;
        for (int i = 0; i < 3; ++i) {
            open.push_back(std::make_unique<RawConnection>(host.url()));
            open.back()->send(get("/"));
            open.back()->readUntil("GET / ");
        }
        const std::string refused = answersTo(host, get("/"));
        QVERIFY(refused.starts_with("HTTP/1.1 503 "));
        QVERIFY(refused.find("\"overloaded\"") != std::string::npos);
        QVERIFY(refused.find("\r\nretry-after: 1\r\n") != std::string::npos);
        QVERIFY(refused.find("\r\nx-request-id: req_") != std::string::npos);
        open.pop_back();
        QTRY_COMPARE(host.open(), 2);
        QCOMPARE(statusesIn(answersTo(host, get("/", last))), std::string("200"));
    }

    void anAddressInUseIsNamedWithItsHolder()
    {
        ListenerHost host;
        host.run([&] {
            auto address = *ListenAddress::parse(host.url().substr(7));
            for (const bool shared : {false, true}) {
                const auto listening = ListeningSocket::open(address, shared);
                QVERIFY(!listening);
                QCOMPARE(listening.error().code, std::string("address_in_use"));
                QVERIFY(listening.error().message.find(host.url().substr(7)) != std::string::npos);
                QVERIFY(listening.error().message.find(
                            "process " + std::to_string(QCoreApplication::applicationPid())) != std::string::npos);
            }
        });
    }

    void listenersOfSeveralThreadsShareAPort()
    {
        ListenerHost one, two; // two only lends its thread
        const auto answer = [](std::unique_ptr<HttpExchange> exchange) { exchange->sendAll(200, {}, "shared"); };
        auto open = std::make_shared<std::atomic<int>>(0);
        auto address = *ListenAddress::parse("127.0.0.1:0");
        std::unique_ptr<Listener> first, second;
        one.run([&] {
            first = std::make_unique<Listener>(ListenerLimits{}, answer, Listener::ErrorBody(), open);
            QVERIFY(first->listen(std::move(*ListeningSocket::open(address, true))));
        });
        two.run([&] {
            second = std::make_unique<Listener>(ListenerLimits{}, answer, Listener::ErrorBody(), open);
            QVERIFY(second->listen(std::move(*ListeningSocket::open(address, true, false))));
        });
        int both[2] = {};
        std::vector<std::unique_ptr<RawConnection>> kept;
        for (int i = 0; i < 64; ++i) {
            kept.push_back(std::make_unique<RawConnection>("http://" + address.toString()));
            kept.back()->send(get("/"));
            QVERIFY(kept.back()->readUntil("shared").starts_with("HTTP/1.1 200"));
        }
        one.run([&] { both[0] = first->connectionCount(); });
        two.run([&] { both[1] = second->connectionCount(); });
        QCOMPARE(both[0] + both[1], 64);
        QVERIFY(both[0] > 0 && both[1] > 0);
        QCOMPARE(open->load(), 64);
        one.run([&] { first.reset(); });
        two.run([&] { second.reset(); });
        QCOMPARE(open->load(), 0);
    }

    void stoppingClosesIdleConnectionsAndLetsRunningOnesEnd()
    {
        ListenerHost host;
        RawConnection idle(host.url()), running(host.url());
        idle.send(get("/"));
        idle.readUntil("GET / ");
        running.send(get("/hold"));
        QVERIFY(host.waitForRequests(2));
        host.run([&] { host.listener().stopAccepting(); });
        idle.readUntilClose();
        QVERIFY(idle.closed());
        QVERIFY(!Socket::connected("127.0.0.1", Address::of(host.url()).port).valid());
        host.release();
        QVERIFY(running.readUntilClose().ends_with("held /hold"));
        QVERIFY(running.closed());
    }

    void stoppingGivesTimeToAskHoweverLongAConnectionHasBeenThere()
    {
        ListenerHost host;
        RawConnection old(host.url());
        QTest::qWait(2300); // longer than the time it will be given
        host.run([&] { host.listener().stopAccepting(); });
        QTest::qWait(700); // the times are looked at in between
        int awaited = 0;
        host.run([&] { awaited = host.listener().awaitedRequests(); });
        QCOMPARE(awaited, 1);
        old.send(get("/late"));
        QVERIFY(old.readUntilClose().starts_with("HTTP/1.1 200"));
    }

    void addressesAreReadAsPeopleWriteThem()
    {
        const auto shown = [](const char *text) {
            const auto address = ListenAddress::parse(text);
            return address ? address->toString() : address.error().code;
        };
        QCOMPARE(shown("127.0.0.1:4000"), std::string("127.0.0.1:4000"));
        QCOMPARE(shown("[::1]:4000"), std::string("[::1]:4000"));
        QCOMPARE(shown("localhost:0"), std::string("127.0.0.1:0"));
        QCOMPARE(shown(":80"), std::string("0.0.0.0:80"));
        for (const char *bad : {"", "4000", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "a b:1",
                                "127.0.0.1:80x", "[::1:80"})
            QCOMPARE(shown(bad), std::string("bad_address"));
    }
};

QTEST_GUILESS_MAIN(ListenerLimitsTest)
#include "test_listenerlimits.moc"
