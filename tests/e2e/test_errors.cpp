// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";

} // namespace

/// Every refusal of the client API: its status, its code, and what it tells a client's retry logic.
class ErrorsTest : public QObject {
    Q_OBJECT

private:
    ScriptedUpstream m_upstream;
    std::unique_ptr<Daemon> m_daemon;

    void compare(const HttpResponse &answer, int status, const std::string &code, bool hopeless)
    {
        QCOMPARE(answer.status, status);
        QCOMPARE(jsonAt(answer.body, "/error/code"), code);
        QVERIFY(jsonAt(answer.body, "/error/message").size() > 10);
        QVERIFY(jsonAt(answer.body, "/error/type") != "(absent)");
        QVERIFY(jsonAt(answer.body, "/error/param") != "(absent)");
        QVERIFY(!answer.header("x-request-id").empty());
        QCOMPARE(std::string(answer.header("x-should-retry")), hopeless ? "false" : "");
        QVERIFY(answer.body.find("secret-of-") == std::string::npos);
        QVERIFY(answer.body.find("key-1") == std::string::npos);
    }

private Q_SLOTS:
    void initTestCase()
    {
        PoolText pool{.baseUrl = m_upstream.baseUrl(), .keys = poolKeys(2)};
        pool.routing = R"("model_map": [{"match": "gpt-*", "models": ["gemini-2.0-flash"]}], "deadline_ms": 1500)";
        m_daemon = std::make_unique<Daemon>(pool.options());
        QVERIFY2(m_daemon->ready(), m_daemon->log().c_str());
    }

    void init()
    {
        m_upstream.clearRules();
        m_upstream.ledger().clear();
    }

    void wrongKeysAre401()
    {
        const std::string body = chatBody("gpt-4");
        compare(HttpClient(m_daemon->url()).post(chat, body), 401, "invalid_api_key", true);
        compare(HttpClient(m_daemon->url(), {{"Authorization", "Bearer sk-wrong"}}).post(chat, body), 401,
                "invalid_api_key", true);
        compare(HttpClient(m_daemon->url(), {{"Authorization", "Basic abc"}}).get("/v1/models"), 401, "invalid_api_key",
                true);
    }

    void brokenBodiesAre400()
    {
        HttpClient client = m_daemon->client();
        compare(client.post(chat, "{"), 400, "invalid_json", true);
        compare(client.post(chat, ""), 400, "invalid_json", true);
        compare(client.post(chat, "[1]"), 400, jsonAt(client.post(chat, "[1]").body, "/error/code"), true);
        const HttpResponse noModel = client.post(chat, R"({"messages":[]})");
        compare(noModel, 400, "invalid_request_error", true);
    }

    void unknownModelsAre404()
    {
        compare(m_daemon->client().post(chat, chatBody("claude-3-opus")), 404, "model_not_found", true);
    }

    void unknownPathsAndWrongMethodsAreRefused()
    {
        HttpClient client = m_daemon->client();
        QCOMPARE(client.get("/v1/nothing").status, 404);
        const HttpResponse method = client.get(chat);
        QCOMPARE(method.status, 405);
        QCOMPARE(std::string(method.header("x-should-retry")), "false");
        QCOMPARE(client.request("DELETE", "/v1/models").status, 405);
    }

    void refusalsComeInTheirOrder()
    {
        HttpClient stranger(m_daemon->url(), {{"Authorization", "Bearer sk-wrong"}});
        compare(stranger.post(chat, "{"), 401, "invalid_api_key", true);
        compare(m_daemon->client().post(chat, R"({"model":"claude-3-opus","messages":[)"), 400, "invalid_json", true);
        QCOMPARE(m_upstream.ledger().count(), 0U);
    }

    void theCallersOwnMistakeIsPassedOnAndHurtsNoKey()
    {
        m_upstream.on({}, upstream::badRequest("messages[0].role is wrong"));
        HttpClient client = m_daemon->client();
        for (int i = 0; i < 8; ++i) {
            const HttpResponse answer = client.post(chat, chatBody("gpt-4"));
            QCOMPARE(answer.status, 400);
            QVERIFY(jsonAt(answer.body, "/error/message").find("messages[0].role is wrong") != std::string::npos);
            QCOMPARE(std::string(answer.header("x-should-retry")), "false");
        }
        QCOMPARE(m_upstream.ledger().count(), 8U); // no retry
        m_upstream.clearRules();
        QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 200);
    }

    void compressedBodiesAre415()
    {
        const HttpResponse answer = m_daemon->client().post(chat, chatBody("gpt-4"), {{"Content-Encoding", "gzip"}});
        QCOMPARE(answer.status, 415);
    }

    void longHeadersAre431()
    {
        RawConnection raw(m_daemon->url());
        raw.send("GET /v1/models HTTP/1.1\r\nHost: x\r\nX-Long: " + std::string(80 << 10, 'a') + "\r\n\r\n");
        QVERIFY(raw.readUntilClose(Ms(5000)).starts_with("HTTP/1.1 431"));
    }

    void whenAllAttemptsFailItIs502()
    {
        m_upstream.on({}, upstream::internalError());
        compare(m_daemon->client().post(chat, chatBody("gpt-4")), 502, "upstream_error", false);
    }

    void healthNeedsNoKeyAndTellsNoNames()
    {
        HttpClient stranger(m_daemon->url());
        for (const char *path : {"/health", "/health/liveliness", "/health/liveness", "/health/readiness"}) {
            const HttpResponse answer = stranger.get(path);
            QCOMPARE(answer.status, 200);
            QVERIFY(answer.body.find("key-1") == std::string::npos);
            QVERIFY(answer.body.find("secret-of") == std::string::npos); // as every key's secret begins
        }
    }

    void aDeadlineIs504()
    {
        ScriptedUpstream upstream;
        upstream.on({}, upstream::hangBeforeHead());
        PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2)};
        pool.routing = R"("deadline_ms": 500)";
        Daemon daemon(pool.options());
        const HttpResponse answer = daemon.client().post(chat, chatBody("gpt-4"));
        compare(answer, 504, "upstream_timeout", false);
        QVERIFY(answer.took >= Ms(450));
        QVERIFY(upstream.ledger().waitFor([](const UpstreamCall &call) { return call.peerClosed.has_value(); }));
    }

    void aPoolWithoutUsableKeysIs503AndNotReady()
    {
        PoolText pool{.baseUrl = m_upstream.baseUrl(), .keys = {{.id = "key-9", .hasSecret = false}}};
        Daemon daemon(pool.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        compare(daemon.client().post(chat, chatBody("gpt-4")), 503, "no_deployment", true);
        QCOMPARE(HttpClient(daemon.url()).get("/health/readiness").status, 503);
        QCOMPARE(HttpClient(daemon.url()).get("/health/liveness").status, 200);
    }

    void whenEveryKeyIsBadItIs503()
    {
        ScriptedUpstream upstream;
        upstream.on({}, upstream::keyInvalid());
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2)}.options());
        const HttpResponse first = daemon.client().post(chat, chatBody("gpt-4"));
        compare(first, 503, "no_deployment", true);
        QCOMPARE(upstream.ledger().count(), 2U);
        compare(daemon.client().post(chat, chatBody("gpt-4")), 503, "no_deployment", true);
        QCOMPARE(upstream.ledger().count(), 2U);
    }

    void twiceNotFoundUpstreamIs404()
    {
        ScriptedUpstream upstream;
        upstream.on({}, upstream::notFound("gemini-2.0-flash"));
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(3)}.options());
        compare(daemon.client().post(chat, chatBody("gpt-4")), 404, "model_not_found", true);
        QCOMPARE(upstream.ledger().count(), 2U);
    }
};

QTEST_APPLESS_MAIN(ErrorsTest)
#include "test_errors.moc"
