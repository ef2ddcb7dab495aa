// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

using namespace keymux::testing;

namespace {

constexpr const char *example = R"({
  "providers": {
    "gemini": {
      "base_url": "@URL@",
      "keys": [
        {
          "api_key": "GEMINI_KEY_1_PLACEHOLDER",
          "key_id": "gemini-key-1",
          "rpm_limit": 15,
          "priority_models": [
            {"model": "gemini-2.0-flash", "weight": 10, "priority": 1},
            {"model": "gemini-2.0-flash-exp", "weight": 5, "priority": 2},
            {"model": "gemini-1.5-pro-latest", "weight": 1, "priority": 3}
          ]
        }
      ]
    }
  }
}
)";

} // namespace

/// The config people write today, one virtual key, any model name.
class OneKeyTest : public QObject {
    Q_OBJECT

private:
    ScriptedUpstream m_upstream;
    std::unique_ptr<Daemon> m_daemon;

private Q_SLOTS:
    void init()
    {
        m_daemon = std::make_unique<Daemon>(DaemonOptions{.config = filled(example, "URL", m_upstream.baseUrl()),
                                                          .environment = {{"GEMINI_KEY_1", "secret-of-gemini-key-1"}}});
        QVERIFY2(m_daemon->ready(), m_daemon->log().c_str());
    }

    void cleanup()
    {
        m_daemon.reset();
        m_upstream.ledger().clear();
        m_upstream.clearRules();
    }

    void theFirstStartPrintsAVirtualKeyBeforeItIsReady()
    {
        const std::string out = m_daemon->process().out();
        QVERIFY(m_daemon->virtualKey().starts_with("sk-"));
        QVERIFY(out.find("Virtual Key: sk-") < out.find("keymuxd ready: "));
        const auto file = m_daemon->stateFolder() / "virtual-key";
        QVERIFY(std::filesystem::exists(file));
        QCOMPARE(int(std::filesystem::status(file).permissions()), 0600);
        QCOMPARE(int(std::filesystem::status(m_daemon->stateFolder() / "admin-token").permissions()), 0600);
    }

    void anyModelNameIsAnsweredByTheBestModelOfThePool()
    {
        HttpClient client = m_daemon->client();
        for (const char *model : {"gpt-4", "gpt-3.5-turbo", "claude-3-opus", "gemini-2.0-flash"}) {
            const HttpResponse answer = client.post("/v1/chat/completions", chatBody(model));
            QCOMPARE(answer.status, 200);
            QCOMPARE(jsonAt(answer.body, "/model"), "gemini-2.0-flash");
            QCOMPARE(std::string(answer.header("x-keymux-model")), "gemini-2.0-flash");
            QCOMPARE(std::string(answer.header("x-keymux-attempts")), "1");
            QVERIFY(!answer.header("x-request-id").empty());
            QVERIFY(answer.header("x-keymux-key").empty());
            QCOMPARE(answer.body, m_upstream.ledger().calls().back().answer);
        }
        QCOMPARE(m_upstream.ledger().countOf("secret-of-gemini-key-1", "gemini-2.0-flash"), 4U);
    }

    void aModelOfThePoolIsServedByItsOwnName()
    {
        HttpClient client = m_daemon->client();
        const HttpResponse answer = client.post("/chat/completions", chatBody("gemini-1.5-pro-latest"));
        QCOMPARE(answer.status, 200);
        QCOMPARE(jsonAt(answer.body, "/model"), "gemini-1.5-pro-latest");
    }

    void theBodyPassesThroughButForTheModel()
    {
        const std::string body =
            "{ \"messages\":[{\"role\":\"user\",\"content\":\"\xc3\xa9 \\u00e9 \\\"x\\\"\"}] , "
            "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":\"object\","
            "\"properties\":{\"z\":{},\"a\":{}}}}}], \"model\" : \"gpt-4\",\"temperature\":0.70,\"z\":null}";
        HttpClient client = m_daemon->client();
        QCOMPARE(client.post("/v1/chat/completions", body).status, 200);
        std::string expected = body;
        expected.replace(expected.find("\"gpt-4\""), 7, "\"gemini-2.0-flash\"");
        const UpstreamCall call = m_upstream.ledger().calls().back();
        QCOMPARE(call.body, expected);
        QCOMPARE(call.path, "/v1beta/openai/chat/completions");
        QCOMPARE(call.keyHeader, "authorization");
    }

    void onlyWhatConcernsTheProviderIsPassedOn()
    {
        HttpClient client = m_daemon->client();
        const HttpResponse answer = client.post(
            "/v1/chat/completions", chatBody("gpt-4"),
            {{"Cookie", "a=b"}, {"X-Forwarded-For", "10.1.1.1"}, {"openai-beta", "x"}, {"anthropic-version", "1"}});
        QCOMPARE(answer.status, 200);
        const UpstreamCall call = m_upstream.ledger().calls().back();
        QCOMPARE(std::string(call.header("openai-beta")), "x");
        QCOMPARE(std::string(call.header("anthropic-version")), "1");
        QCOMPARE(std::string(call.header("accept-encoding")), "identity");
        QVERIFY(call.header("cookie").empty());
        QVERIFY(call.header("x-forwarded-for").empty());
        QCOMPARE(call.key, "secret-of-gemini-key-1");
        for (const auto &[name, value] : call.headers)
            QVERIFY2(value.find(m_daemon->virtualKey()) == std::string::npos, name.c_str());
    }

    void theKeyMayComeInAnyOfItsThreeHeaders()
    {
        for (const char *header : {"x-api-key", "x-goog-api-key"}) {
            HttpClient client(m_daemon->url(),
                              {{header, m_daemon->virtualKey()}, {"Content-Type", "application/json"}});
            QCOMPARE(client.post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
        }
    }

    void modelsAreListed()
    {
        HttpClient client = m_daemon->client();
        const HttpResponse list = client.get("/v1/models");
        QCOMPARE(list.status, 200);
        QVERIFY(list.body.find("\"gemini-2.0-flash\"") != std::string::npos);
        QCOMPARE(client.get("/v1/models/gemini-2.0-flash").status, 200);
        QCOMPARE(client.get("/models").status, 200);
    }

    void embeddingsWithoutAModelForThemHarmNobody()
    {
        HttpClient client = m_daemon->client();
        for (int i = 0; i < 5; ++i) {
            const HttpResponse refused =
                client.post("/v1/embeddings", R"({"model":"text-embedding-3-small","input":"a"})");
            QCOMPARE(refused.status, 404);
            QCOMPARE(jsonAt(refused.body, "/error/code"), "model_not_found");
            QCOMPARE(std::string(refused.header("x-should-retry")), "false");
        }
        QCOMPARE(m_upstream.ledger().count(), 0U);
        QCOMPARE(client.post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
    }

    void aFieldTheProviderDoesNotKnowIsLeftOutAndRemembered()
    {
        m_upstream.on({.field = "frequency_penalty"}, upstream::unknownField("frequency_penalty"));
        HttpClient client = m_daemon->client();
        const std::string body = chatBody("gpt-4", false, R"("frequency_penalty":0.5)");
        const HttpResponse first = client.post("/v1/chat/completions", body);
        QCOMPARE(first.status, 200);
        QCOMPARE(std::string(first.header("x-keymux-dropped")), "frequency_penalty");
        QCOMPARE(m_upstream.ledger().count(), 2U);
        QCOMPARE(m_upstream.ledger().calls().back().key, m_upstream.ledger().calls().front().key);
        const HttpResponse second = client.post("/v1/chat/completions", body);
        QCOMPARE(second.status, 200);
        QCOMPARE(std::string(second.header("x-keymux-dropped")), "frequency_penalty");
        // Workers learn by themselves at worst: one more try each.
        QVERIFY(m_upstream.ledger().count() <= 4U);
        QVERIFY(m_upstream.ledger().calls().back().body.find("frequency_penalty") == std::string::npos);
        QVERIFY(client.post("/v1/chat/completions", chatBody("gpt-4")).header("x-keymux-dropped").empty());
    }

    void theOtherCredentialHeaderIsTriedOnceAndRemembered()
    {
        m_upstream.on({.header = "authorization"}, upstream::multipleCredentials());
        HttpClient client = m_daemon->client();
        QCOMPARE(client.post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
        const auto calls = m_upstream.ledger().calls();
        QCOMPARE(calls.size(), 2U);
        QCOMPARE(calls[0].keyHeader, "authorization");
        QCOMPARE(calls[1].keyHeader, "x-goog-api-key");
        QCOMPARE(client.post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
        QVERIFY(m_upstream.ledger().count() <= 4U);
    }
};

QTEST_APPLESS_MAIN(OneKeyTest)
#include "test_onekey.moc"
