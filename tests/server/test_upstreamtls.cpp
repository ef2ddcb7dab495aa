// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/connectproxy.h"
#include "server/tlsnginx.h"
#include "server/upstreamharness.h"

#include <set>

using namespace keymux;
using namespace keymux::testing;

/// Calls over TLS to a real nginx, and through a real proxy: what is verified, what is spoken, what is kept apart.
class UpstreamTlsTest : public QObject {
    Q_OBJECT

private:
    CurlRuntime m_curl;
    TemporaryFolder m_folder;
    std::unique_ptr<ScriptedUpstream> m_upstream;
    std::unique_ptr<PrivateCa> m_ca, m_otherCa;
    std::unique_ptr<TlsNginx> m_nginx, m_plain, m_wrongHost;
    std::unique_ptr<UpstreamClient> m_client;

    void start(Recorder &recorder, UpstreamRequest request)
    {
        recorder.call = m_client->start(std::move(request), &recorder);
    }
    UpstreamRequest chat(const std::string &url, const std::string &caFile) const
    {
        UpstreamRequest request = chatRequest(url);
        request.caFile = caFile;
        return request;
    }
    /// How a call ended: its status and what was spoken, or why it did not work.
    std::string outcome(UpstreamRequest request)
    {
        Recorder recorder;
        start(recorder, std::move(request));
        if (!QTest::qWaitFor([&] { return recorder.done(); }, 20000))
            return "no end";
        if (recorder.complete())
            return std::to_string(recorder.status) + ' ' + recorder.header("x-protocol");
        return (recorder.end->failure == AnswerClass::Network ? "network: " : "timeout: ") + recorder.end->why;
    }

private Q_SLOTS:
    void initTestCase()
    {
        if (!TlsNginx::installed())
            QSKIP("needs nginx and openssl");
        m_upstream = std::make_unique<ScriptedUpstream>();
        m_ca = std::make_unique<PrivateCa>(m_folder.path() / "ca");
        m_otherCa = std::make_unique<PrivateCa>(m_folder.path() / "other-ca");
        QVERIFY(m_ca->made() && m_otherCa->made());
        QVERIFY(m_ca->sign("right", "DNS:localhost,IP:127.0.0.1"));
        QVERIFY(m_ca->sign("elsewhere", "DNS:provider.example"));
        m_nginx = std::make_unique<TlsNginx>(m_folder.path() / "h2", *m_ca, "right", m_upstream->port());
        m_plain = std::make_unique<TlsNginx>(m_folder.path() / "h1", *m_ca, "right", m_upstream->port(), false);
        m_wrongHost = std::make_unique<TlsNginx>(m_folder.path() / "wrong", *m_ca, "elsewhere", m_upstream->port());
        for (const auto &nginx : {m_nginx.get(), m_plain.get(), m_wrongHost.get()})
            QVERIFY2(nginx->ready(), nginx->log().c_str());
    }
    void init()
    {
        m_upstream->clearRules();
        m_upstream->ledger().clear();
        m_client = std::make_unique<UpstreamClient>();
    }
    void cleanup() { m_client.reset(); }

    void http2IsSpokenWhereItIsOffered()
    {
        QCOMPARE(outcome(chat(m_nginx->url(), m_ca->file())), std::string("200 HTTP/2.0"));
        QCOMPARE(outcome(chat(m_nginx->url("localhost"), m_ca->file())), std::string("200 HTTP/2.0"));
        QCOMPARE(outcome(chat(m_plain->url(), m_ca->file())), std::string("200 HTTP/1.1"));
    }

    void http1IsSpokenWhereItIsAskedFor()
    {
        // Also beside a connection that speaks HTTP/2 already.
        QCOMPARE(outcome(chat(m_nginx->url(), m_ca->file())), std::string("200 HTTP/2.0"));
        UpstreamRequest request = chat(m_nginx->url(), m_ca->file());
        request.preferHttp1 = true;
        QCOMPARE(outcome(request), std::string("200 HTTP/1.1"));
    }

    void aCertificateOfAnUnknownAuthorityIsRefused_data()
    {
        QTest::addColumn<bool>("afterARightCall");
        QTest::newRow("at first") << false;
        QTest::newRow("while a verified connection is there") << true;
    }

    void aCertificateOfAnUnknownAuthorityIsRefused()
    {
        QFETCH(bool, afterARightCall);
        if (afterARightCall)
            QCOMPARE(outcome(chat(m_nginx->url(), m_ca->file())), std::string("200 HTTP/2.0"));
        const std::size_t before = m_upstream->ledger().count();
        for (const std::string &ca : {std::string(), m_otherCa->file()}) {
            const std::string why = outcome(chat(m_nginx->url(), ca));
            QVERIFY2(why.starts_with("network: ") && why.find("certificate") != std::string::npos, why.c_str());
        }
        QCOMPARE(m_upstream->ledger().count(), before); // nothing was sent, least of all the credential
    }

    void aCertificateForAnotherHostIsRefused()
    {
        const std::string why = outcome(chat(m_wrongHost->url(), m_ca->file()));
        QVERIFY2(why.starts_with("network: "), why.c_str());
        QVERIFY2(outcome(chat(m_wrongHost->url("localhost"), m_ca->file())).starts_with("network: "), "localhost");
        QCOMPARE(m_upstream->ledger().count(), std::size_t(0));
    }

    void anAuthorityFileThatCannotBeReadIsNamed()
    {
        const std::string missing = m_folder.path().string() + "/no-such-ca.pem";
        const std::string why = outcome(chat(m_nginx->url(), missing));
        QVERIFY2(why.starts_with("network: ") && why.find(missing) != std::string::npos, why.c_str());
        // The handle that carried it serves others without it.
        QVERIFY(outcome(chat(m_nginx->url(), {})).find(missing) == std::string::npos);
    }

    void plainTextOnATlsPortAndTlsOnAPlainOneFail()
    {
        const std::string port = std::to_string(m_nginx->port());
        QVERIFY(outcome(chat("http://127.0.0.1:" + port, {})).starts_with("400 ")); // nginx says so
        UpstreamRequest request = chat("https://127.0.0.1:" + std::to_string(m_upstream->port()), m_ca->file());
        request.timeouts.connect = Millis(500);
        const std::string why = outcome(request);
        QVERIFY2(why.starts_with("network: ") || why.starts_with("timeout: "), why.c_str());
    }

    void callsShareAnHttp2Connection()
    {
        QCOMPARE(outcome(chat(m_nginx->url(), m_ca->file())), std::string("200 HTTP/2.0"));
        m_upstream->on({}, upstream::stream(10, Ms(20)));
        std::vector<std::unique_ptr<Recorder>> all;
        for (int i = 0; i < 30; ++i) {
            UpstreamRequest request = chat(m_nginx->url(), m_ca->file());
            const auto body = std::make_shared<const std::string>(chatBody("gemini-2.0-flash", true));
            request.body = {std::string_view(*body)};
            request.bodyOwner = body;
            all.push_back(std::make_unique<Recorder>());
            start(*all.back(), request);
        }
        std::set<std::string> connections;
        for (const auto &recorder : all) {
            QTRY_VERIFY(recorder->complete());
            QVERIFY(recorder->body.ends_with("data: [DONE]\n\n"));
            connections.insert(recorder->header("x-connection"));
        }
        QCOMPARE(connections.size(), std::size_t(1));
    }

    void lettingGoOfOneHttp2CallLeavesTheOthersAlone()
    {
        QCOMPARE(outcome(chat(m_nginx->url(), m_ca->file())), std::string("200 HTTP/2.0"));
        m_upstream->on({.field = "stream"}, upstream::stream(50, Ms(20)));
        Recorder gone, stays;
        for (Recorder *recorder : {&gone, &stays}) {
            UpstreamRequest request = chat(m_nginx->url(), m_ca->file());
            const auto body = std::make_shared<const std::string>(chatBody("gemini-2.0-flash", true));
            request.body = {std::string_view(*body)};
            request.bodyOwner = body;
            start(*recorder, request);
        }
        QTRY_VERIFY(gone.bytes > 0 && stays.bytes > 0);
        gone.call.reset();
        const auto left = [](const auto &call) { return call.peerClosed.has_value(); };
        QTRY_VERIFY(m_upstream->ledger().waitFor(left, Ms(0)));
        QVERIFY(!stays.done());
        QTRY_VERIFY(stays.complete());
        QVERIFY(stays.body.ends_with("data: [DONE]\n\n"));
    }

    void lettingGoOfTheOnlyHttp2CallIsSeenAtOnce()
    {
        m_upstream->on({}, upstream::hangBeforeHead());
        for (int i = 0; i < 3; ++i) {
            m_upstream->ledger().clear();
            Recorder recorder;
            start(recorder, chat(m_nginx->url(), m_ca->file()));
            QTRY_COMPARE(m_upstream->ledger().count(), std::size_t(1));
            recorder.call.reset();
            const auto left = [](const auto &call) { return call.peerClosed.has_value(); };
            QTRY_VERIFY(m_upstream->ledger().waitFor(left, Ms(0)));
        }
    }

    void aProxyTunnelsTls()
    {
        ConnectProxy proxy;
        UpstreamRequest request = chat(m_nginx->url(), m_ca->file());
        request.proxy = proxy.url("someone:planted-password@");
        QCOMPARE(outcome(request), std::string("200 HTTP/2.0"));
        QCOMPARE(proxy.heads().size(), std::size_t(1));
        const std::string head = proxy.heads().at(0);
        QVERIFY(head.starts_with("CONNECT 127.0.0.1:" + std::to_string(m_nginx->port()) + " HTTP/1.1\r\n"));
        QVERIFY(head.find("Proxy-Authorization: Basic ") != std::string::npos);
        QVERIFY2(head.find(plantedSecret) == std::string::npos, "the provider's key was shown to the proxy");
        // Verified through the tunnel like anywhere else.
        request.caFile = m_otherCa->file();
        QVERIFY(outcome(request).starts_with("network: "));
        // Calls without the proxy do not take its connection.
        QCOMPARE(outcome(chat(m_nginx->url(), m_ca->file())), std::string("200 HTTP/2.0"));
        QCOMPARE(proxy.heads().size(), std::size_t(2));
        m_client.reset();
    }

    void aProxyPassesPlainRequestsOn()
    {
        ConnectProxy proxy(m_upstream->port());
        UpstreamRequest request = chatRequest(m_upstream->baseUrl());
        request.proxy = proxy.url();
        QCOMPARE(outcome(request), std::string("200 "));
        QVERIFY(proxy.heads().at(0).starts_with("POST " + request.url + " HTTP/1.1\r\n"));
        m_client.reset();
    }
};

QTEST_GUILESS_MAIN(UpstreamTlsTest)
#include "test_upstreamtls.moc"
