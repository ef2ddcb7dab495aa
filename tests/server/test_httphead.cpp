// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/httphead.h"

#include <QTest>
#include <string>

using namespace keymux;

namespace {

std::string get(const std::string &headers, const std::string &line = "GET / HTTP/1.1")
{
    return line + "\r\nHost: x\r\n" + headers + "\r\n";
}

/// The status a head is refused with; 0 when it is taken.
int statusOf(const std::string &block)
{
    const auto head = readHttpHead(block);
    return head ? 0 : head.error().status;
}

} // namespace

class HttpHeadTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPlainRequestIsRead()
    {
        const auto head = readHttpHead("POST /v1/chat/completions?a=1&b HTTP/1.1\r\nHost: x\r\nContent-Length: 42\r\n"
                                       "X-Mixed-CASE: \t two words \t\r\nX-Empty:\r\n\r\n");
        QVERIFY(head.has_value());
        QCOMPARE(head->request.method, std::string("POST"));
        QCOMPARE(head->request.path, std::string("/v1/chat/completions"));
        QCOMPARE(head->request.query, std::string("a=1&b"));
        QCOMPARE(head->contentLength, std::int64_t(42));
        QCOMPARE(std::string(head->request.header("x-mixed-case")), std::string("two words"));
        QVERIFY(head->request.header("x-empty").empty());
        QVERIFY(head->keepAlive && !head->chunked && !head->expectsContinue);
    }

    void lengthsThatCouldBeReadDifferentlyAre400_data()
    {
        QTest::addColumn<QByteArray>("headers");
        QTest::newRow("twice, different") << QByteArray("Content-Length: 5\r\nContent-Length: 6\r\n");
        QTest::newRow("twice, the same") << QByteArray("Content-Length: 5\r\nContent-Length: 5\r\n");
        QTest::newRow("a list") << QByteArray("Content-Length: 5, 5\r\n");
        QTest::newRow("negative") << QByteArray("Content-Length: -5\r\n");
        QTest::newRow("plus sign") << QByteArray("Content-Length: +5\r\n");
        QTest::newRow("hexadecimal") << QByteArray("Content-Length: 0x5\r\n");
        QTest::newRow("fraction") << QByteArray("Content-Length: 5.0\r\n");
        QTest::newRow("words") << QByteArray("Content-Length: five\r\n");
        QTest::newRow("empty") << QByteArray("Content-Length:\r\n");
        QTest::newRow("two numbers") << QByteArray("Content-Length: 5 5\r\n");
        QTest::newRow("beyond 64 bits") << QByteArray("Content-Length: 18446744073709551621\r\n");
        QTest::newRow("beyond 63 bits") << QByteArray("Content-Length: 9223372036854775808\r\n");
        QTest::newRow("with Transfer-Encoding") << QByteArray("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n");
        QTest::newRow("after Transfer-Encoding") << QByteArray("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n");
    }

    void lengthsThatCouldBeReadDifferentlyAre400()
    {
        QFETCH(QByteArray, headers);
        QCOMPARE(statusOf(get(headers.toStdString(), "POST / HTTP/1.1")), 400);
    }

    void transferEncodingsOtherThanChunkedAre501()
    {
        for (const char *value : {"gzip", "gzip, chunked", "chunked, chunked", "identity", "xchunked", "chunked;q=1"})
            QCOMPARE(statusOf(get(std::string("Transfer-Encoding: ") + value + "\r\n")), 501);
        QCOMPARE(statusOf(get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n")), 501);
        const auto head = readHttpHead(get("Transfer-Encoding: Chunked\r\n"));
        QVERIFY(head && head->chunked);
    }

    void headerLinesThatAreNoneAre400_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::newRow("folded with a space") << QByteArray("A: b\r\n c\r\n");
        QTest::newRow("folded with a tab") << QByteArray("A: b\r\n\tc\r\n");
        QTest::newRow("space before the colon") << QByteArray("Content-Length : 5\r\n");
        QTest::newRow("no colon") << QByteArray("Nonsense\r\n");
        QTest::newRow("no name") << QByteArray(": value\r\n");
        QTest::newRow("bare LF") << QByteArray("A: b\nC: d\r\n");
        QTest::newRow("bare CR") << QByteArray("A: b\rC: d\r\n");
        QTest::newRow("NUL in a value") << QByteArray("A: b\0c\r\n", 8);
        QTest::newRow("NUL in a name") << QByteArray("A\0B: c\r\n", 8);
        QTest::newRow("escape in a value") << QByteArray("A: \x1b[31m\r\n");
        QTest::newRow("delete in a value") << QByteArray("A: \x7f\r\n");
        QTest::newRow("bytes above 127 in a name") << QByteArray("N\xc3\xa4me: c\r\n");
        QTest::newRow("two Hosts") << QByteArray("Host: y\r\n");
    }

    void headerLinesThatAreNoneAre400()
    {
        QFETCH(QByteArray, line);
        QCOMPARE(statusOf(get(line.toStdString())), 400);
    }

    void bytesAbove127PassInValues() { QCOMPARE(statusOf(get("X-Name: J\xc3\xbcrgen\r\n")), 0); }

    void requestLinesThatAreNoneAreRefused_data()
    {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<int>("status");
        QTest::newRow("no version") << QByteArray("GET /") << 400;
        QTest::newRow("HTTP/0.9") << QByteArray("GET / HTTP/0.9") << 505;
        QTest::newRow("HTTP/2") << QByteArray("PRI * HTTP/2.0") << 505;
        QTest::newRow("another protocol") << QByteArray("GET / RTSP/1.0") << 400;
        QTest::newRow("lower case version") << QByteArray("GET / http/1.1") << 400;
        QTest::newRow("space at the end") << QByteArray("GET / HTTP/1.1 ") << 400;
        QTest::newRow("two spaces") << QByteArray("GET  / HTTP/1.1") << 400;
        QTest::newRow("tab for a space") << QByteArray("GET\t/ HTTP/1.1") << 400;
        QTest::newRow("space in the target") << QByteArray("GET /a b HTTP/1.1") << 400;
        QTest::newRow("NUL in the target") << QByteArray("GET /a\0 HTTP/1.1", 16) << 400;
        QTest::newRow("no path") << QByteArray("GET models HTTP/1.1") << 400;
        QTest::newRow("authority form") << QByteArray("GET example.com:443 HTTP/1.1") << 400;
        QTest::newRow("CONNECT") << QByteArray("CONNECT example.com:443 HTTP/1.1") << 405;
        QTest::newRow("TRACE") << QByteArray("TRACE / HTTP/1.1") << 405;
        QTest::newRow("lower case method") << QByteArray("get / HTTP/1.1") << 405;
        QTest::newRow("no token for a method") << QByteArray("G(T / HTTP/1.1") << 400;
        QTest::newRow("broken escape") << QByteArray("GET /%4 HTTP/1.1") << 400;
        QTest::newRow("escape of no digits") << QByteArray("GET /%zz HTTP/1.1") << 400;
        QTest::newRow("escaped NUL") << QByteArray("GET /%00 HTTP/1.1") << 400;
        QTest::newRow("escaped line feed") << QByteArray("GET /%0d%0aX:y HTTP/1.1") << 400;
        QTest::newRow("long target") << QByteArray("GET /" + QByteArray(20000, 'a') + " HTTP/1.1") << 431;
    }

    void requestLinesThatAreNoneAreRefused()
    {
        QFETCH(QByteArray, line);
        QFETCH(int, status);
        QCOMPARE(statusOf(get({}, line.toStdString())), status);
    }

    void anAbsoluteTargetIsItsPath()
    {
        const auto head = readHttpHead(get({}, "GET http://example.com:80/v1/models?x=1 HTTP/1.1"));
        QVERIFY(head.has_value());
        QCOMPARE(head->request.path, std::string("/v1/models"));
        QCOMPARE(head->request.query, std::string("x=1"));
        const auto bare = readHttpHead(get({}, "GET http://example.com HTTP/1.1"));
        QVERIFY(bare.has_value());
        QCOMPARE(bare->request.path, std::string("/"));
    }

    void aPathIsDecodedOnce()
    {
        const auto head = readHttpHead(get({}, "GET /v1/models/a%2Fb%2541?q=%41 HTTP/1.1"));
        QVERIFY(head.has_value());
        QCOMPARE(head->request.path, std::string("/v1/models/a/b%41"));
        QCOMPARE(head->request.query, std::string("q=%41"));
    }

    void hostIsNeededInHttp11Only()
    {
        QCOMPARE(statusOf("GET / HTTP/1.1\r\n\r\n"), 400);
        QCOMPARE(statusOf("GET / HTTP/1.0\r\n\r\n"), 0);
    }

    void http10IsNeverKeptAliveOrChunkedOrContinued()
    {
        const auto head = readHttpHead(get("Connection: keep-alive\r\nExpect: 100-continue\r\n", "POST / HTTP/1.0"));
        QVERIFY(head && !head->keepAlive && !head->expectsContinue);
        QCOMPARE(statusOf(get("Transfer-Encoding: chunked\r\n", "POST / HTTP/1.0")), 400);
    }

    void closeIsFoundAmongOtherConnectionOptions()
    {
        for (const char *value : {"close", "Close", "keep-alive, close", "upgrade,close"}) {
            const auto head = readHttpHead(get(std::string("Connection: ") + value + "\r\n"));
            QVERIFY(head && !head->keepAlive);
        }
        const auto two = readHttpHead(get("Connection: keep-alive\r\nConnection: close\r\n"));
        QVERIFY(two && !two->keepAlive);
    }

    void unknownExpectationsAre417()
    {
        QCOMPARE(statusOf(get("Expect: 200-ok\r\n")), 417);
        const auto head = readHttpHead(get("Expect: 100-Continue\r\n"));
        QVERIFY(head && head->expectsContinue);
    }

    void contentEncodingIs415UnlessIdentity()
    {
        for (const char *value : {"gzip", "br", "deflate, gzip", "zstd"})
            QCOMPARE(statusOf(get(std::string("Content-Encoding: ") + value + "\r\n")), 415);
        QCOMPARE(statusOf(get("Content-Encoding: Identity\r\n")), 0);
    }

    void tooManyHeadersAre431()
    {
        std::string headers;
        for (int i = 0; i < 255; ++i)
            headers += "X-" + std::to_string(i) + ": y\r\n";
        QCOMPARE(statusOf(get(headers)), 0);
        QCOMPARE(statusOf(get(headers + "X-Last: y\r\n")), 431);
    }

    void noByteStringBreaksTheReader()
    {
        // Every byte at every place of a head: taken, or refused with an error of the client's.
        const std::string good = "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n";
        for (std::size_t at = 0; at < good.size(); ++at) {
            for (int byte = 0; byte < 256; ++byte) {
                std::string bad = good;
                bad[at] = char(byte);
                const auto head = readHttpHead(bad);
                QVERIFY(head || (head.error().status >= 400 && head.error().status <= 505));
            }
        }
    }
};

QTEST_APPLESS_MAIN(HttpHeadTest)
#include "test_httphead.moc"
