// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/listenerhost.h"

#include <QThread>

using namespace keymux;
using namespace keymux::testing;

namespace {

constexpr std::int64_t mebi = 1 << 20;

std::string get(const std::string &path, const std::string &headers = {})
{
    return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n";
}

std::string post(const std::string &path, const std::string &headers, const std::string &body = {})
{
    return "POST " + path + " HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n" + body;
}

const std::string last = "Connection: close\r\n";

/// Limits with which the tests of times and sizes are short.
ListenerLimits tight()
{
    return {.maxHeaderBytes = 8 << 10,
            .maxBodyBytes = mebi,
            .maxConnections = 1000,
            .headerTimeout = Millis(300),
            .idleTimeout = Millis(400)};
}

} // namespace

/// The listener with well-meant requests, and what QtHttpServer 6.4 by itself does not do: each of its hazards has a
/// test of its name.
class ListenerTest : public QObject {
    Q_OBJECT

private:
    /// Writes for as long as the listener takes it, at most `bytes`; how much it took.
    static std::int64_t pour(RawConnection &raw, const std::string &piece, std::int64_t bytes)
    {
        std::int64_t sent = 0;
        while (sent < bytes && raw.send(piece, Ms(3000)))
            sent += std::int64_t(piece.size());
        return sent;
    }

private Q_SLOTS:
    // The hazards of QtHttpServer 6.4.

    void noHeaderLimit()
    {
        ListenerHost host(tight());
        const std::int64_t before = residentBytes();
        RawConnection raw(host.url());
        raw.send("GET / HTTP/1.1\r\nHost: x\r\nX-Endless: ");
        pour(raw, std::string(1 << 16, 'a'), 100 * mebi);
        QVERIFY2(residentBytes() - before < 8 * mebi, "the header was kept");
        QVERIFY(host.seen().empty());
    }

    void endlessBodyBuffered()
    {
        ListenerHost host(tight());
        const std::int64_t before = residentBytes();
        RawConnection raw(host.url());
        raw.send(post("/", "Transfer-Encoding: chunked\r\n"));
        pour(raw, "10000\r\n" + std::string(1 << 16, 'a') + "\r\n", 100 * mebi);
        QVERIFY2(residentBytes() - before < 12 * mebi, "the body was kept");
        QVERIFY(host.seen().empty());
    }

    void noIdleTimeout()
    {
        ListenerHost host(tight());
        RawConnection silent(host.url());
        QCOMPARE(silent.readUntilClose(), std::string());
        QVERIFY(silent.closed());
        RawConnection afterAnswer(host.url());
        afterAnswer.send(get("/a"));
        QCOMPARE(statusesIn(afterAnswer.readUntilClose()), std::string("200"));
        QVERIFY(afterAnswer.closed());
    }

    void contentLengthWithTransferEncodingAccepted()
    {
        ListenerHost host;
        const std::string smuggled = "0\r\n\r\n" + get("/smuggled");
        const std::string answers = answersTo(
            host, post("/", "Content-Length: " + std::to_string(smuggled.size()) + "\r\nTransfer-Encoding: chunked\r\n",
                       smuggled));
        QCOMPARE(statusesIn(answers), std::string("400"));
        QVERIFY(host.seen().empty());
    }

    void http10NeverClosed()
    {
        ListenerHost host;
        const std::string answer = answersTo(host, "GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        QCOMPARE(statusesIn(answer), std::string("200"));
        QVERIFY(answer.ends_with("GET /old "));
        QVERIFY(answer.find("connection: close\r\n") != std::string::npos);
    }

    void pipelinedRequestAnsweredOutOfOrder()
    {
        ListenerHost host;
        RawConnection raw(host.url());
        raw.send(get("/hold/1"));
        QVERIFY(host.waitForRequests(1));
        raw.send(get("/fast") + get("/hold/2", last));
        // Once another connection was served, twice, the listener has met what came before.
        for (int i = 0; i < 2; ++i)
            QCOMPARE(statusesIn(answersTo(host, get("/beside", last))), std::string("200"));
        QCOMPARE(host.seen().size(), std::size_t(3));
        host.release();
        QVERIFY(host.waitForRequests(5));
        host.release();
        const std::string answers = raw.readUntilClose();
        QCOMPARE(statusesIn(answers), std::string("200 200 200"));
        const auto one = answers.find("held /hold/1"), two = answers.find("GET /fast"),
                   three = answers.find("held /hold/2");
        QVERIFY(one < two && two < three && three != std::string::npos);
    }

    void handlerAfterClientLeft()
    {
        ListenerHost host;
        for (int i = 0; i < 20; ++i) {
            RawConnection raw(host.url());
            raw.send(post("/hold", "Content-Length: 5\r\n", "hello"));
            QVERIFY(host.waitForRequests(std::size_t(i) + 1));
            if (i % 2 == 0)
                raw.socket().reset();
        }
        QVERIFY(host.waitForClientsGone(20));
        host.release(); // every call on such an exchange does nothing
        QCOMPARE(statusesIn(answersTo(host, get("/after", last))), std::string("200"));
    }

    void aHandlerMayLetGoAfterTheClientLeft()
    {
        ListenerHost host;
        std::unique_ptr<HttpExchange> kept;
        host.onRequest([&](std::unique_ptr<HttpExchange> exchange) {
            kept = std::move(exchange);
            // The handler drops the exchange while it is being told.
            QObject::connect(kept.get(), &HttpExchange::clientGone, kept.get(), [&] { kept.release()->deleteLater(); });
        });
        {
            RawConnection raw(host.url());
            raw.send(get("/"));
            QVERIFY(host.waitForRequests(1));
        }
        QVERIFY(host.waitForClientsGone(1));
        host.run([&] { QVERIFY(!kept); });
    }

    // Requests as they should be.

    void bodiesArriveWhole_data()
    {
        QTest::addColumn<QByteArray>("request");
        QTest::newRow("with a length") << QByteArray("POST /p HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                                     "Content-Length: 5\r\n\r\nhello");
        QTest::newRow("chunked") << QByteArray("POST /p HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                               "Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n"
                                               "X-Trailer: z\r\n\r\n");
        QTest::newRow("HTTP/1.0") << QByteArray("POST /p HTTP/1.0\r\nContent-Length: 5\r\n\r\nhello");
        QTest::newRow("after an empty line") << QByteArray("\r\nPOST /p HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                                                           "Content-Length: 5\r\n\r\nhello");
    }

    void bodiesArriveWhole()
    {
        QFETCH(QByteArray, request);
        const std::string bytes = request.toStdString();
        ListenerHost host;
        QVERIFY(answersTo(host, bytes).ends_with("POST /p hello"));
        RawConnection slow(host.url());
        for (const char byte : bytes)
            slow.send(std::string(1, byte));
        QVERIFY(slow.readUntilClose().ends_with("POST /p hello"));
        for (const SeenRequest &seen : host.seen())
            QCOMPARE(seen.body, std::string("hello"));
    }

    void aBodyAsLargeAsAllowedPassesAndOneByteMoreDoesNot()
    {
        ListenerHost host(tight());
        const std::string body(std::size_t(mebi), 'b');
        const std::string answer =
            answersTo(host, post("/", last + "Content-Length: " + std::to_string(mebi) + "\r\n", body));
        QCOMPARE(statusesIn(answer), std::string("200"));
        QCOMPARE(host.seen().at(0).body, body);
        QCOMPARE(statusesIn(answersTo(host, post("/", "Content-Length: " + std::to_string(mebi + 1) + "\r\n"))),
                 std::string("413"));
    }

    void aConnectionIsKeptForTheNextRequest()
    {
        ListenerHost host;
        RawConnection raw(host.url());
        for (int i = 0; i < 50; ++i) {
            const std::string path = "/" + std::to_string(i);
            raw.send(i % 2 == 0 ? get(path) : post(path, "Content-Length: 1\r\n", "x"));
            QVERIFY(raw.readUntil(path + (i % 2 == 0 ? " " : " x")).starts_with("HTTP/1.1 200 OK\r\n"));
        }
        QCOMPARE(host.open(), 1);
    }

    void closingIsDoneWhenAskedFor()
    {
        ListenerHost host;
        const std::string answer = answersTo(host, get("/a", last) + get("/never"));
        QVERIFY(answer.find("connection: close\r\n") != std::string::npos);
        QCOMPARE(statusesIn(answer), std::string("200"));
        QCOMPARE(host.seen().size(), std::size_t(1));
    }

    void headIsAnsweredWithoutABody()
    {
        ListenerHost host;
        RawConnection raw(host.url());
        raw.send("HEAD /a HTTP/1.1\r\nHost: x\r\n\r\n" + get("/b", last));
        const std::string answers = raw.readUntilClose();
        QCOMPARE(statusesIn(answers), std::string("200 200"));
        QVERIFY(answers.find("content-length: 8\r\n") != std::string::npos);
        QVERIFY(answers.find("HEAD /a") == std::string::npos);
    }

    void anAbsoluteTargetIsItsPath()
    {
        ListenerHost host;
        QVERIFY(answersTo(host, get("http://example.com/v1/models?a=b", last)).ends_with("GET /v1/models "));
        QCOMPARE(host.seen().at(0).query, std::string("a=b"));
    }

    void anUpgradeIsNotDone()
    {
        ListenerHost host;
        const std::string headers = "Upgrade: websocket\r\nConnection: Upgrade, close\r\nSec-WebSocket-Version: 13\r\n"
                                    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
        QCOMPARE(statusesIn(answersTo(host, get("/", headers))), std::string("200"));
        QCOMPARE(statusesIn(answersTo(host, get("/", "Upgrade: h2c\r\n" + last))), std::string("200"));
    }

    void continueIsSaidAtOnce()
    {
        ListenerHost host;
        RawConnection raw(host.url());
        raw.send(post("/p", last + "Expect: 100-continue\r\nContent-Length: 5\r\n"));
        QCOMPARE(raw.readUntil("\r\n\r\n"), std::string("HTTP/1.1 100 Continue\r\n\r\n"));
        raw.send("hello");
        QVERIFY(raw.readUntilClose().ends_with("POST /p hello"));
        QCOMPARE(statusesIn(answersTo(host, "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx")),
                 std::string("200"));
    }

    // Answers.

    void chunkedAnswersEndWithTheConnectionKept()
    {
        ListenerHost host;
        host.onRequest([](std::unique_ptr<HttpExchange> exchange) {
            exchange->sendHead(200, {{"content-type", "text/event-stream"}}, std::nullopt);
            exchange->sendBody("one");
            exchange->sendBody({});
            exchange->sendBody("two");
            exchange->finish();
        });
        RawConnection raw(host.url());
        raw.send(get("/") + get("/", last));
        const std::string answers = raw.readUntilClose();
        QCOMPARE(statusesIn(answers), std::string("200 200"));
        QVERIFY(answers.ends_with("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"));
        // HTTP/1.0 knows no chunks: the end of the connection is the end of the body.
        const std::string old = answersTo(host, "GET / HTTP/1.0\r\n\r\n");
        QVERIFY(old.ends_with("\r\n\r\nonetwo"));
        QVERIFY(old.find("transfer-encoding") == std::string::npos);
    }

    void anAnswerShorterThanItPromisedIsCut()
    {
        ListenerHost host;
        host.onRequest([](std::unique_ptr<HttpExchange> exchange) {
            exchange->sendHead(200, {}, 10);
            exchange->sendBody("short");
            exchange->finish();
        });
        RawConnection raw(host.url());
        raw.send(get("/"));
        raw.readUntilClose();
        QVERIFY(raw.closed());
    }

    void anExchangeThatIsDroppedClosesTheConnection()
    {
        ListenerHost host;
        host.onRequest([](std::unique_ptr<HttpExchange>) {});
        QCOMPARE(answersTo(host, get("/")), std::string());
    }

    void headersFromOutsideCannotAddHeaders()
    {
        ListenerHost host;
        host.onRequest([](std::unique_ptr<HttpExchange> exchange) {
            exchange->sendAll(200, {{"x-good", "1"}, {"x-bad", "a\r\nset-cookie: b"}, {"x-b\nd", "c"}}, "ok");
        });
        const std::string answer = answersTo(host, get("/", last));
        QVERIFY(answer.find("x-good: 1\r\n") != std::string::npos);
        QVERIFY(answer.find("set-cookie") == std::string::npos);
        QVERIFY(answer.find("x-b") == std::string::npos);
    }

    void aSlowReaderIsSeenAndDrained()
    {
        ListenerHost host;
        std::unique_ptr<HttpExchange> kept;
        std::int64_t pending = 0;
        std::int64_t rounds = 0;
        host.onRequest([&](std::unique_ptr<HttpExchange> exchange) {
            kept = std::move(exchange);
            kept->sendHead(200, {}, std::nullopt);
            const auto fill = [&] {
                while (rounds < 200 && kept->pendingBytes() < mebi) {
                    kept->sendBody(std::string(std::size_t(mebi / 4), 'd'));
                    ++rounds;
                }
                pending = std::max(pending, kept->pendingBytes());
                if (rounds == 200)
                    kept->finish();
            };
            QObject::connect(kept.get(), &HttpExchange::drained, kept.get(), fill);
            fill();
        });
        RawConnection raw(host.url(), 16 << 10);
        raw.send(get("/", last));
        const std::string answer = raw.readUntilClose(Ms(30000));
        QVERIFY2(answer.size() > std::size_t(50 * mebi), std::to_string(answer.size()).c_str());
        QVERIFY(answer.ends_with("\r\n0\r\n\r\n"));
        host.run([&] { kept.reset(); });
        QVERIFY2(pending < 2 * mebi, "the writer was not held back");
    }
};

QTEST_GUILESS_MAIN(ListenerTest)
#include "test_listener.moc"
