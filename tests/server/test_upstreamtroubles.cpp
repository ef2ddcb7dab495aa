// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/upstreamharness.h"

#include <QFile>
#include <sys/socket.h>

using namespace keymux;
using namespace keymux::testing;

namespace {

constexpr std::int64_t mebi = 1 << 20;

std::int64_t residentBytes()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    const qint64 resident = file.open(QIODevice::ReadOnly) ? file.readAll().split(' ').at(1).toLongLong() : -1;
    return resident * 4096;
}

/// A port at which connecting neither succeeds nor fails: its queue is full, and nobody accepts.
class FullPort {
public:
    FullPort()
    {
        ::listen(m_listener.fd(), 0);
        for (int i = 0; i < 4; ++i) {
            Socket client(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
            sockaddr_storage address{};
            socklen_t size = sizeof address;
            getsockname(m_listener.fd(), reinterpret_cast<sockaddr *>(&address), &size);
            (void)::connect(client.fd(), reinterpret_cast<const sockaddr *>(&address), size);
            m_clients.push_back(std::move(client));
        }
    }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(m_listener.port()); }

private:
    Socket m_listener = Socket::listening();
    std::vector<Socket> m_clients;
};

} // namespace

/// Calls that time out, break, are let go of or held up; what was told of them, and that no secret ever is.
class UpstreamTroublesTest : public QObject {
    Q_OBJECT

private:
    CurlRuntime m_curl;
    std::unique_ptr<ScriptedUpstream> m_upstream;
    std::unique_ptr<UpstreamClient> m_client;

    void start(Recorder &recorder, UpstreamRequest request)
    {
        recorder.call = m_client->start(std::move(request), &recorder);
    }
    UpstreamRequest chat(bool stream = false) const
    {
        return chatRequest(m_upstream->baseUrl(), chatBody("gemini-2.0-flash", stream));
    }
    bool upstreamSawTheCallerLeave() const
    {
        return m_upstream->ledger().waitFor([](const auto &call) { return call.peerClosed.has_value(); });
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

    void noConnectionWithinItsTimeIsATimeout()
    {
        FullPort full;
        UpstreamRequest request = chatRequest(full.url());
        request.timeouts.connect = Millis(300);
        Recorder recorder;
        const Moment begin = Clock::now();
        start(recorder, request);
        QTRY_VERIFY(recorder.done());
        QVERIFY(Clock::now() - begin >= Ms(300));
        QCOMPARE(recorder.end->failure, AnswerClass::Timeout);
        QCOMPARE(recorder.end->why, std::string("no connection within connect_ms"));
        QCOMPARE(recorder.sent, 0);
    }

    void noAnswerWithinItsTimeIsATimeout()
    {
        m_upstream->on({}, upstream::hangBeforeHead());
        UpstreamRequest request = chat();
        request.timeouts.firstByte = Millis(300);
        Recorder recorder;
        start(recorder, request);
        QTRY_VERIFY(recorder.done());
        QCOMPARE(recorder.end->failure, AnswerClass::Timeout);
        QVERIFY(recorder.end->why.find("first_byte_ms") != std::string::npos);
        QCOMPARE(recorder.sent, 1);
        QVERIFY(upstreamSawTheCallerLeave());
    }

    void silenceInTheMiddleOfAnAnswerIsATimeout()
    {
        m_upstream->on({}, upstream::hangAfterHead());
        UpstreamRequest request = chat();
        request.timeouts.idle = Millis(300);
        Recorder recorder;
        start(recorder, request);
        QTRY_VERIFY(recorder.done());
        QCOMPARE(recorder.heads, 1);
        QCOMPARE(recorder.end->failure, AnswerClass::Timeout);
        QVERIFY(recorder.end->why.find("idle_ms") != std::string::npos);
        QVERIFY(upstreamSawTheCallerLeave());
    }

    void anAnswerThatDripsIsNotSilent()
    {
        m_upstream->on({}, upstream::stream(8, Ms(100)));
        UpstreamRequest request = chat(true);
        request.timeouts.idle = Millis(400);
        request.timeouts.firstByte = Millis(400);
        Recorder recorder;
        start(recorder, request);
        QTRY_VERIFY(recorder.complete());
    }

    void theDeadlineEndsWhateverIsUnderWay()
    {
        m_upstream->on({}, upstream::stream(1000, Ms(20)));
        Recorder recorder, lifted;
        start(recorder, chat(true));
        recorder.call->setDeadline(Millis(300));
        QTRY_VERIFY(recorder.done());
        QCOMPARE(recorder.end->failure, AnswerClass::Timeout);
        QVERIFY(recorder.bytes > 0);
        m_upstream->on({}, upstream::stream(30, Ms(20)));
        start(lifted, chat(true));
        lifted.call->setDeadline(Millis(300));
        lifted.call->setDeadline(Millis(0));
        QTRY_VERIFY(lifted.complete());
    }

    void brokenAnswersAreNetworkFailures_data()
    {
        QTest::addColumn<QByteArray>("answer");
        const auto row = [](const char *name, const QByteArray &answer) { QTest::newRow(name) << answer; };
        row("nothing", {});
        row("no HTTP", "SSH-2.0-OpenSSH_9.2\r\n");
        row("no HTTP and no line", QByteArray(5000, 'x'));
        row("NUL bytes", QByteArray(1000, '\0'));
        row("head cut", "HTTP/1.1 200 OK\r\nContent-Le");
        row("body cut", "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf");
        row("chunk cut", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel");
        row("end of chunks missing", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
        row("bad chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nhello\r\n0\r\n\r\n");
        row("bad length", "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello");
        row("only interim answers", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
    }

    void brokenAnswersAreNetworkFailures()
    {
        QFETCH(QByteArray, answer);
        WireServer server([&](Socket &socket, int) {
            WireServer::readRequest(socket);
            WireServer::say(socket, answer.toStdString());
        });
        Recorder recorder;
        start(recorder, chatRequest(server.url()));
        QTRY_VERIFY(recorder.done());
        QVERIFY(!recorder.complete());
        QCOMPARE(recorder.end->failure, AnswerClass::Network);
        QVERIFY(!recorder.end->why.empty());
        QCOMPARE(recorder.ends, 1);
    }

    void aHugeHeaderIsBounded_data()
    {
        QTest::addColumn<QByteArray>("piece");
        QTest::newRow("one line") << QByteArray(1 << 16, 'h');
        QTest::newRow("many lines") << QByteArray("X-Header: " + QByteArray(1000, 'h') + "\r\n");
        QTest::newRow("interim answers") << QByteArray("Link: x\r\n\r\nHTTP/1.1 103 Early Hints\r\n");
    }

    void aHugeHeaderIsBounded()
    {
        QFETCH(QByteArray, piece);
        const std::string text = piece.toStdString();
        std::atomic<std::int64_t> taken = 0;
        WireServer server([&](Socket &socket, int) {
            WireServer::readRequest(socket);
            WireServer::say(socket, "HTTP/1.1 103 Early Hints\r\nX-First: ");
            while (taken < 64 * mebi && WireServer::say(socket, text))
                taken += std::int64_t(text.size());
        });
        const std::int64_t before = residentBytes();
        Recorder recorder;
        start(recorder, chatRequest(server.url()));
        QTRY_VERIFY_WITH_TIMEOUT(recorder.done(), 20000);
        QVERIFY(!recorder.complete());
        QCOMPARE(recorder.heads, 0);
        QVERIFY2(residentBytes() - before < 8 * mebi, "the header was kept");
    }

    void lettingGoClosesTheConnectionAtOnce()
    {
        m_upstream->on({}, upstream::hangAfterHead());
        Recorder recorder;
        start(recorder, chat());
        QTRY_COMPARE(recorder.heads, 1);
        const Moment left = Clock::now();
        recorder.call.reset();
        QVERIFY(upstreamSawTheCallerLeave());
        QVERIFY(Clock::now() - left < Ms(1000));
        QCOMPARE(m_client->runningCalls(), 0);
        QVERIFY(!recorder.done()); // nothing is told of a call that was let go of
    }

    void lettingGoIsAllowedAtEveryStep_data()
    {
        QTest::addColumn<int>("step");
        QTest::newRow("before it began") << 0;
        QTest::newRow("when sent") << 1;
        QTest::newRow("at the head") << 2;
        QTest::newRow("at the first bytes") << 3;
        QTest::newRow("at the end") << 4;
    }

    void lettingGoIsAllowedAtEveryStep()
    {
        QFETCH(int, step);
        for (int i = 0; i < 20; ++i) {
            Recorder recorder, beside;
            const auto letGo = [&] { recorder.call.reset(); };
            recorder.onSent = step == 1 ? letGo : std::function<void()>();
            recorder.onHead = step == 2 ? letGo : std::function<void()>();
            recorder.onData = step == 3 ? letGo : std::function<void()>();
            recorder.onEnd = step == 4 ? letGo : std::function<void()>();
            start(recorder, chat());
            start(beside, chat());
            if (step == 0)
                letGo();
            QTRY_VERIFY(beside.complete());
            QTRY_VERIFY(!recorder.call);
            QCOMPARE(recorder.ends, step == 4 ? 1 : 0);
            QCOMPARE(recorder.heads, step >= 2 ? 1 : 0);
        }
        QTRY_COMPARE(m_client->runningCalls(), 0);
    }

    void aCallMayLetGoOfAnotherAndStartTheNext()
    {
        m_upstream->on({.model = "hangs"}, upstream::hangAfterHead());
        Recorder hanging, next, first;
        start(hanging, chatRequest(m_upstream->baseUrl(), chatBody("hangs")));
        QTRY_COMPARE(hanging.heads, 1);
        first.onHead = [&] {
            hanging.call.reset();
            start(next, chat());
        };
        start(first, chat());
        QTRY_VERIFY(first.complete());
        QTRY_VERIFY(next.complete());
        QVERIFY(!hanging.done());
        QCOMPARE(m_client->runningCalls(), 0);
    }

    void aClientMayGoWithCallsUnderWay()
    {
        m_upstream->on({}, upstream::hangAfterHead());
        Recorder one, two;
        start(one, chat());
        start(two, chat());
        QTRY_COMPARE(one.heads, 1);
        m_client.reset();
        QVERIFY(upstreamSawTheCallerLeave());
        QVERIFY(!one.done() && !two.done());
        one.call.reset();
        two.call.reset();
    }

    void aPausedCallHoldsTheProviderBackInLittleMemory()
    {
        m_upstream->on({.key = plantedSecret}, upstream::flood(200 * mebi));
        m_upstream->on({.key = "other"}, upstream::hangAfterHead());
        const std::int64_t before = residentBytes();
        Recorder flood, clock;
        flood.keepBody = false;
        flood.onData = [&] { flood.call->pause(); };
        UpstreamRequest request = chat(true);
        request.timeouts.idle = Millis(400);
        start(flood, request);
        QTRY_VERIFY(flood.bytes > 0);
        const std::int64_t atPause = flood.bytes;
        // Another call's silence measures the time, four times what the paused one may be silent.
        UpstreamRequest other = chat();
        other.credential = std::make_shared<const Secret>(std::string("other"));
        other.timeouts.idle = Millis(1600);
        start(clock, other);
        QTRY_VERIFY(clock.done());
        QVERIFY2(!flood.done(), "a paused call is not silent");
        QCOMPARE(flood.bytes, atPause);
        const std::int64_t sent = m_upstream->ledger().calls().at(0).bytesSent;
        QVERIFY2(sent < 16 * mebi, "the provider was not held back");
        QVERIFY2(residentBytes() - before < 16 * mebi, "what came was kept in memory");
        flood.onData = nullptr;
        flood.call->resume();
        QTRY_VERIFY_WITH_TIMEOUT(flood.complete(), 30000);
        QVERIFY(flood.bytes >= 200 * mebi);
        QVERIFY(residentBytes() - before < 16 * mebi);
    }

    void pausingAndResumingLosesNothing()
    {
        m_upstream->on({}, upstream::flood(8 * mebi));
        Recorder plain, paused;
        start(plain, chat(true));
        QTRY_VERIFY(plain.complete());
        int pauses = 0;
        paused.onData = [&] {
            paused.call->pause();
            ++pauses;
            QMetaObject::invokeMethod(
                m_client.get(), [&] { paused.call->resume(); }, Qt::QueuedConnection);
        };
        start(paused, chat(true));
        QTRY_VERIFY_WITH_TIMEOUT(paused.complete(), 30000);
        QVERIFY(pauses > 10);
        QVERIFY(paused.body == plain.body);
    }

    void noErrorTellsASecret()
    {
        std::vector<UpstreamRequest> requests{chatRequest("http://no-such-host.invalid"),
                                              chatRequest("https://127.0.0.1:" + std::to_string(m_upstream->port())),
                                              chatRequest("http://127.0.0.1:1"), chatRequest("ftp://127.0.0.1"),
                                              chatRequest("http://")};
        for (const char *proxy : {"http://user:planted-password@127.0.0.1:1", "http://user:planted-password@no.invalid",
                                  "socks5h://user:planted-password@127.0.0.1:1"}) {
            requests.push_back(chat());
            requests.back().proxy = proxy;
        }
        for (UpstreamRequest &request : requests) {
            request.timeouts.connect = Millis(1000);
            Recorder recorder;
            start(recorder, request);
            QTRY_VERIFY_WITH_TIMEOUT(recorder.done(), 15000);
            QVERIFY2(!recorder.complete(), request.url.c_str());
            const std::string &why = recorder.end->why;
            QVERIFY2(!why.empty() && why.find("planted") == std::string::npos, why.c_str());
        }
    }
};

QTEST_GUILESS_MAIN(UpstreamTroublesTest)
#include "test_upstreamtroubles.moc"
