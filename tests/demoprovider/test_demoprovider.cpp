// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/poolconfigjson.h"
#include "demoprovider/demoprovider.h"
#include "support/httpclient.h"
#include "support/show.h"

#include <QThread>

using namespace keymux;
using namespace keymux::testing;

/// The provider over a real connection, in a thread of its own as in the program.
class DemoProviderTest : public QObject {
    Q_OBJECT

private:
    QThread m_thread;
    std::unique_ptr<DemoProvider> m_provider;
    std::string m_path, m_url;

    HttpClient client(const std::string &key = "secret-1") const
    {
        return HttpClient(m_url, {{"Authorization", "Bearer " + key}, {"Content-Type", "application/json"}});
    }

private Q_SLOTS:
    void init()
    {
        m_provider = std::make_unique<DemoProvider>(
            std::vector<std::string>{"secret-1", "secret-2"},
            std::map<std::string, DemoLimits>{{"gemini-2.0-flash", {.rpm = 2, .tpm = 0, .rpd = 0}},
                                              {"gemini-embedding-001", {}}});
        m_provider->moveToThread(&m_thread);
        m_thread.start();
        Result<quint16> port;
        QMetaObject::invokeMethod(
            m_provider.get(), [&] { port = m_provider->listen(); }, Qt::BlockingQueuedConnection);
        QVERIFY(port.has_value());
        const std::string base = m_provider->baseUrl();
        QVERIFY(base.ends_with("/v1beta/openai"));
        m_path = "/v1beta/openai";
        m_url = base.substr(0, base.size() - m_path.size());
    }

    void cleanup()
    {
        QMetaObject::invokeMethod(
            m_provider.get(), [this] { m_provider.reset(); }, Qt::BlockingQueuedConnection);
        m_thread.quit();
        m_thread.wait();
    }

    void answersStreamsAndListsModels()
    {
        HttpClient http = client();
        const HttpResponse plain = http.post(m_path + "/chat/completions", chatBody("gemini-2.0-flash"));
        QCOMPARE(plain.status, 200);
        QCOMPARE(jsonAt(plain.body, "/object"), "chat.completion");
        HttpStream stream = http.stream(m_path + "/chat/completions", chatBody("gemini-2.0-flash", true));
        QCOMPARE(stream.head().status, 200);
        QCOMPARE(stream.head().header("content-type"), std::string_view("text/event-stream"));
        QVERIFY(stream.rest().ends_with("data: [DONE]\n\n"));
        QVERIFY(stream.complete());
        QCOMPARE(jsonAt(http.get(m_path + "/models").body, "/data/0/id"), "models/gemini-2.0-flash");
        QCOMPARE(http.post(m_path + "/embeddings", R"({"model":"gemini-embedding-001","input":"a"})").status, 200);
    }

    void eachKeyIsHeldToItsLimit()
    {
        HttpClient one = client(), two = client("secret-2");
        const auto ask = [&](HttpClient &http) {
            return http.post(m_path + "/chat/completions", chatBody("gemini-2.0-flash"));
        };
        QCOMPARE(ask(one).status, 200);
        QCOMPARE(ask(one).status, 200);
        const HttpResponse refused = ask(one);
        QCOMPARE(refused.status, 429);
        QCOMPARE(jsonAt(refused.body, "/0/error/status"), "RESOURCE_EXHAUSTED");
        QCOMPARE(ask(two).status, 200);
    }

    void wrongKeysModelsAndPathsAreRefusedAsGoogleDoes()
    {
        HttpClient good = client(), bad = client("nobody");
        const HttpResponse invalid = bad.post(m_path + "/chat/completions", chatBody("gemini-2.0-flash"));
        QCOMPARE(invalid.status, 400);
        QCOMPARE(jsonAt(invalid.body, "/0/error/details/0/reason"), "API_KEY_INVALID");
        QCOMPARE(good.post(m_path + "/chat/completions", chatBody("gpt-4")).status, 404);
        QCOMPARE(good.post(m_path + "/chat/completions", chatBody("gemini-embedding-001")).status, 404);
        QCOMPARE(good.get(m_path + "/nothing").status, 404);
        QCOMPARE(good.post(m_path + "/chat/completions", "{").status, 400);
        QCOMPARE(
            good.post(m_path + "/chat/completions", chatBody("gemini-2.0-flash"), {{"x-goog-api-key", "x"}}).status,
            400);
        QCOMPARE(HttpClient(m_url).get(m_path + "/models").status, 401);
        QCOMPARE(HttpClient(m_url, {{"x-goog-api-key", "secret-1"}}).get(m_path + "/models").status, 200);
    }

    void aReaderWhoLeavesHurtsNobody()
    {
        HttpClient http = client();
        HttpStream stream = http.stream(m_path + "/chat/completions", chatBody("gemini-2.0-flash", true));
        QVERIFY(stream.nextEvent());
        stream.reset();
        QCOMPARE(http.get(m_path + "/models").status, 200);
    }

    void theDemosConfigIsValid()
    {
        const PoolConfigReading reading = readPoolConfig(demoConfigText(m_provider->baseUrl()));
        for (const Problem &problem : reading.problems)
            qWarning("%s", toString(problem, "demo").c_str());
        QVERIFY(reading.valid());
        QCOMPARE(reading.config.providers.at(0).keys.size(), 4U);
        for (const ModelEntry &entry : reading.config.providers.at(0).keys.at(0).models)
            QVERIFY(demoModels().contains(entry.model));
    }
};

QTEST_GUILESS_MAIN(DemoProviderTest)
#include "test_demoprovider.moc"
