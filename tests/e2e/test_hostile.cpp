// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

#include <sys/resource.h>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";
constexpr std::int64_t mebi = 1 << 20;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool memoryIsTelling = false; // sanitizers keep freed memory to find its users
#else
constexpr bool memoryIsTelling = true;
#endif

/// The most this process may open, after asking for all of it.
std::size_t openFilesAllowed()
{
    rlimit limit{};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}

std::string bodyOf(std::size_t bytes)
{
    std::string body = R"({"model":"gpt-4","messages":[{"role":"user","content":")";
    const std::string end = "\"}]}";
    body.append(bytes - body.size() - end.size(), 'a');
    return body + end;
}

} // namespace

/// Clients that mean no good, and one beside them that must not notice.
class HostileTest : public QObject {
    Q_OBJECT

private:
    ScriptedUpstream m_upstream;
    std::unique_ptr<Daemon> m_daemon;

    bool othersAreServed()
    {
        const HttpResponse answer = m_daemon->client().post(chat, chatBody("gpt-4"));
        return answer.status == 200 && answer.took < Ms(5000);
    }
    std::string head(const std::string &more) const
    {
        return std::string("POST ") + chat + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + m_daemon->virtualKey() +
               "\r\nContent-Type: application/json\r\n" + more + "\r\n";
    }

private Q_SLOTS:
    void initTestCase()
    {
        PoolText pool{.baseUrl = m_upstream.baseUrl(), .keys = poolKeys(2)};
        pool.server = R"("header_timeout_ms": 1000, "idle_timeout_ms": 4000)";
        DaemonOptions options = pool.options();
        options.logLevel = "info";
        m_daemon = std::make_unique<Daemon>(options);
        QVERIFY2(m_daemon->ready(), m_daemon->log().c_str());
    }

    void cleanup() { QVERIFY(m_daemon->process().running()); }

    void aBodyOf32MiBPasses()
    {
        const std::string body = bodyOf(std::size_t(32 * mebi));
        const HttpResponse answer = m_daemon->client().post(chat, body);
        QCOMPARE(answer.status, 200);
        const std::string sent = m_upstream.ledger().calls().back().body;
        QCOMPARE(sent.size(), body.size() + 11); // `gemini-2.0-flash` for `gpt-4`
        m_upstream.ledger().clear();
    }

    void aLargerOneIs413()
    {
        const HttpResponse answer = m_daemon->client().post(chat, bodyOf(std::size_t(33 * mebi)));
        QCOMPARE(answer.status, 413);
        QCOMPARE(jsonAt(answer.body, "/error/code"), "request_too_large");
        QVERIFY(othersAreServed());
    }

    void aChunkedOneThatGrowsTooLargeIs413()
    {
        RawConnection raw(m_daemon->url());
        raw.send(head("Transfer-Encoding: chunked\r\n"));
        const std::string chunk = "100000\r\n" + std::string(std::size_t(mebi), 'a') + "\r\n";
        for (int i = 0; i < 40 && raw.send(chunk, Ms(3000)); ++i) {
        }
        const std::string answer = raw.readUntilClose(Ms(5000));
        // The connection may be reset before the answer was read; what counts is that it ended.
        QVERIFY(answer.starts_with("HTTP/1.1 413") || raw.closed());
        QVERIFY(othersAreServed());
    }

    void smallChunkedBodiesWork()
    {
        RawConnection raw(m_daemon->url());
        const std::string body = chatBody("gpt-4");
        raw.send(head("Transfer-Encoding: chunked\r\n"));
        for (const char c : body)
            raw.send(std::string("1\r\n") + c + "\r\n");
        raw.send("0\r\n\r\n");
        QVERIFY(raw.readUntil("\"usage\"").starts_with("HTTP/1.1 200"));
    }

    void continueIsSaidAtOnce()
    {
        RawConnection raw(m_daemon->url());
        const std::string body = chatBody("gpt-4");
        raw.send(head("Expect: 100-continue\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"));
        QVERIFY(raw.readUntil("\r\n\r\n").starts_with("HTTP/1.1 100"));
        raw.send(body);
        QVERIFY(raw.readUntil("\"usage\"").find("HTTP/1.1 200") != std::string::npos);
    }

    void ambiguousFramingIs400AndTheConnectionEnds_data()
    {
        QTest::addColumn<QByteArray>("headers");
        QTest::newRow("length and chunked") << QByteArray("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n");
        QTest::newRow("two lengths") << QByteArray("Content-Length: 5\r\nContent-Length: 6\r\n");
        QTest::newRow("negative length") << QByteArray("Content-Length: -5\r\n");
        QTest::newRow("length is no number") << QByteArray("Content-Length: 5x\r\n");
        QTest::newRow("unknown coding") << QByteArray("Transfer-Encoding: gzip\r\n");
    }

    void ambiguousFramingIs400AndTheConnectionEnds()
    {
        QFETCH(QByteArray, headers);
        RawConnection raw(m_daemon->url());
        raw.send(head(headers.toStdString()) + "5\r\nhello\r\n0\r\n\r\n");
        const std::string answer = raw.readUntilClose(Ms(5000));
        QVERIFY2(answer.starts_with("HTTP/1.1 4") || answer.starts_with("HTTP/1.1 501"), answer.c_str());
        QVERIFY(raw.closed());
        QVERIFY2(answer.find("HTTP/1.1", 5) == std::string::npos, "what follows was taken for a second request");
    }

    void garbageEndsTheConnection()
    {
        for (const std::string &bytes :
             {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), std::string("GET\r\n\r\n"),
              std::string(1000, '\0'), std::string("GET / HTTP/9.9\r\n\r\n"),
              std::string("\r\n\r\n\r\nBLAH BLAH BLAH\r\n\r\n")}) {
            RawConnection raw(m_daemon->url());
            raw.send(bytes);
            raw.socket().shutdownWrite();
            raw.readUntilClose(Ms(8000));
            QVERIFY(raw.closed());
        }
        QVERIFY(othersAreServed());
    }

    void anEndlessHeaderTakesNoMemory()
    {
        const std::int64_t before = m_daemon->residentBytes();
        std::vector<std::thread> attackers;
        for (int i = 0; i < 8; ++i)
            attackers.emplace_back([this] {
                RawConnection raw(m_daemon->url());
                raw.send("GET /v1/models HTTP/1.1\r\nX-Endless: ");
                const std::string more(1 << 16, 'a');
                for (int n = 0; n < 160 && raw.send(more, Ms(2000)); ++n) {
                }
            });
        for (std::thread &attacker : attackers)
            attacker.join();
        const std::int64_t grown = m_daemon->residentBytes() - before;
        qInfo("grown by %lld KiB", static_cast<long long>(grown >> 10));
        QVERIFY(!memoryIsTelling || grown < 16 * mebi);
        QVERIFY(othersAreServed());
    }

    void slowHeadsAreEnded()
    {
        std::vector<std::unique_ptr<RawConnection>> slow;
        for (int i = 0; i < 200; ++i) {
            slow.push_back(std::make_unique<RawConnection>(m_daemon->url()));
            slow.back()->send("POST /v1/chat/completions HTTP/1.1\r\nHost: ");
        }
        QVERIFY(othersAreServed());
        for (auto &raw : slow) {
            const std::string answer = raw->readUntilClose(Ms(10000));
            QVERIFY(raw->closed());
            QVERIFY(answer.empty() || answer.starts_with("HTTP/1.1 408"));
        }
    }

    void fiveThousandIdleConnectionsHurtNobody()
    {
        const std::int64_t before = m_daemon->residentBytes();
        std::vector<std::unique_ptr<RawConnection>> idle;
        const std::size_t count = std::min<std::size_t>(5000, openFilesAllowed() - 200);
        for (std::size_t i = 0; i < count; ++i)
            idle.push_back(std::make_unique<RawConnection>(m_daemon->url()));
        QVERIFY(othersAreServed());
        const std::int64_t grown = m_daemon->residentBytes() - before;
        qInfo("%zu connections take %lld KiB", count, static_cast<long long>(grown >> 10));
        QVERIFY(!memoryIsTelling || grown < 80 * mebi);
    }

    void pipelinedRequestsAreAnsweredInOrder()
    {
        RawConnection raw(m_daemon->url());
        const std::string auth = "Authorization: Bearer " + m_daemon->virtualKey() + "\r\n";
        raw.send("GET /health/liveness HTTP/1.1\r\nHost: x\r\n\r\nGET /v1/nothing HTTP/1.1\r\nHost: x\r\n" + auth +
                 "\r\nGET /health/liveness HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        const std::string all = raw.readUntilClose(Ms(8000));
        std::vector<std::string> statuses;
        for (auto at = all.find("HTTP/1.1 "); at != std::string::npos; at = all.find("HTTP/1.1 ", at + 1))
            statuses.push_back(all.substr(at + 9, 3));
        // Either one after the other, or closed after the first.
        QVERIFY(statuses == (Texts{"200", "404", "200"}) || statuses == Texts{"200"});
        QVERIFY(raw.closed());
    }

    void deeplyNestedJsonIsRefused()
    {
        std::string deep =
            R"({"model":"gpt-4","messages":)" + std::string(200000, '[') + std::string(200000, ']') + "}";
        const HttpResponse answer = m_daemon->client().post(chat, deep);
        QVERIFY(answer.status == 400 || answer.status == 200);
        QVERIFY(othersAreServed());
    }

    void aFloodOfBadKeysHurtsNobody()
    {
        const auto answers = burst(
            500, 10, [](HttpClient &client, int) { return client.post(chat, chatBody("gpt-4")); },
            [this] {
                return HttpClient(m_daemon->url(), {{"Authorization", "Bearer sk-wrong"}});
            });
        for (const HttpResponse &answer : answers)
            QVERIFY(answer.status == 401 || answer.status == 429);
        QVERIFY(othersAreServed());
    }

    void memoryStaysBounded()
    {
        qInfo("resident at the end: %lld KiB, at most %lld KiB",
              static_cast<long long>(m_daemon->residentBytes() >> 10),
              static_cast<long long>(m_daemon->peakResidentBytes() >> 10));
        QVERIFY(!memoryIsTelling || m_daemon->peakResidentBytes() < 300 * mebi);
    }
};

QTEST_APPLESS_MAIN(HostileTest)
#include "test_hostile.moc"
