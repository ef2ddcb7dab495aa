// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

#include <set>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";

} // namespace

/// Two thirds of the keys fail in every way there is, under load from many clients: none of them may notice.
class TroublesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void noClientSeesWhatEightOfTwelveKeysDo()
    {
        ScriptedUpstream upstream;
        const std::pair<int, Behaviour> troubles[] = {{1, upstream::minuteLimit(5)},    {2, upstream::keyInvalid()},
                                                      {3, upstream::paymentRequired()}, {4, upstream::dayLimit()},
                                                      {5, upstream::garbage()},         {6, upstream::overloaded()},
                                                      {7, upstream::cutBody()},         {8, upstream::emptyChoices()}};
        for (const auto &[key, behaviour] : troubles)
            upstream.on({.key = secretOf("key-" + std::to_string(key))}, behaviour);
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(12)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());

        const auto answers = burst(
            600, 16,
            [](HttpClient &client, int n) {
                return client.post(chat, chatBody(n % 2 == 0 ? "gpt-4" : "claude-3-opus", n % 3 == 0));
            },
            [&] { return daemon.client(); });
        std::set<std::string> ids;
        for (const HttpResponse &answer : answers) {
            QVERIFY2(answer.status == 200, (answer.body + "\n" + daemon.log()).c_str());
            QVERIFY(answer.complete);
            QVERIFY(answer.body.find("Hello from") != std::string::npos || answer.body.ends_with("data: [DONE]\n\n"));
            QVERIFY2(ids.insert(std::string(answer.header("x-request-id"))).second, "a request id was given twice");
        }
        // What fails is found out quickly and then left alone.
        qInfo("%zu requests reached the provider for 600 of clients", upstream.ledger().count());
        QVERIFY2(upstream.ledger().count() < 760, "failing keys go on being asked");
    }

    void limitsTheProviderHasAndTheConfigDoesNotKnowAreLearned()
    {
        ScriptedUpstream upstream;
        upstream.limit("*", "*", {.rpm = 5, .countRefusals = true});
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(20)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        const auto answers = burst(
            100, 8, [](HttpClient &client, int) { return client.post(chat, chatBody("gpt-4")); },
            [&] { return daemon.client(); });
        int good = 0, exhausted = 0;
        for (const HttpResponse &answer : answers) {
            good += answer.status == 200 ? 1 : 0;
            exhausted += answer.status == 429 ? 1 : 0;
            QVERIFY2(answer.status == 200 || answer.status == 429, answer.body.c_str());
        }
        // Twenty keys of five are a hundred: as long as one has room nobody is turned away.
        QCOMPARE(good, 100);
        QCOMPARE(exhausted, 0);
    }

    void aLargeBodyIsSentAgainWholeToTheNextKey()
    {
        ScriptedUpstream upstream;
        upstream.on({.key = secretOf("key-1")}, upstream::minuteLimit());
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        const std::string body = chatBody("gpt-4", false, "\"user\":\"" + std::string(3 << 20, 'u') + "\"");
        QCOMPARE(daemon.client().post(chat, body).status, 200);
        const auto calls = upstream.ledger().calls();
        QCOMPARE(calls.size(), 2U);
        QVERIFY(calls[0].body == calls[1].body);
        QCOMPARE(calls[1].body.size(), body.size() + 11);
    }

    void aProviderThatIsDownAndComesBackServesAgain()
    {
        auto upstream = std::make_unique<ScriptedUpstream>();
        PoolText pool{.baseUrl = upstream->baseUrl(), .keys = poolKeys(2)};
        pool.routing = R"("cooldown": {"overload_s": 1})";
        Daemon daemon(pool.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 200);
        upstream->on({}, upstream::overloaded());
        QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 502);
        for (int i = 0; i < 6; ++i) {
            const int status = daemon.client().post(chat, chatBody("gpt-4")).status;
            QVERIFY(status == 502 || status == 429 || status == 503);
        }
        upstream->clearRules();
        int status = 0;
        const Moment deadline = Clock::now() + std::chrono::seconds(15);
        while (status != 200 && Clock::now() < deadline) {
            status = daemon.client().post(chat, chatBody("gpt-4")).status;
            if (status != 200)
                QTest::qSleep(100);
        }
        QCOMPARE(status, 200);
    }
};

QTEST_APPLESS_MAIN(TroublesTest)
#include "test_troubles.moc"
