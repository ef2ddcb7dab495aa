// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

using namespace keymux::testing;

namespace {

constexpr const char *threeModels = R"([{"model": "gemini-2.0-flash", "weight": 10, "priority": 1},
      {"model": "gemini-2.0-flash-exp", "weight": 5, "priority": 2},
      {"model": "gemini-1.5-pro-latest", "weight": 1, "priority": 3}])";

constexpr const char *chat = "/v1/chat/completions";

} // namespace

/// What a client never sees: the troubles of the pool's keys while another candidate has room.
class FallbackTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void oneRequestWalksAllCandidatesInOrderOfPriority()
    {
        ScriptedUpstream upstream;
        upstream.on({}, upstream::minuteLimit());
        upstream.on({.key = secretOf("key-2"), .model = "gemini-1.5-pro-latest"}, upstream::ok());
        Daemon daemon(
            PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2, "\"rpm_limit\": 15"), .models = threeModels}
                .options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        const HttpResponse answer = daemon.client().post(chat, chatBody("gpt-4"));
        QCOMPARE(answer.status, 200);
        QCOMPARE(std::string(answer.header("x-keymux-attempts")), "6");
        QCOMPARE(walkOf(upstream), (Texts{"key-1/gemini-2.0-flash 429", "key-2/gemini-2.0-flash 429",
                                          "key-1/gemini-2.0-flash-exp 429", "key-2/gemini-2.0-flash-exp 429",
                                          "key-1/gemini-1.5-pro-latest 429", "key-2/gemini-1.5-pro-latest 200"}));
        // All that was learned holds: the next request goes straight to the one that serves.
        QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(upstream.ledger().count(), 7U);

        QVERIFY(daemon.waitForLog("key-1/gemini-1.5-pro-latest rests"));
        std::istringstream lines(daemon.process().err());
        int limits = 0, fallbacks = 0;
        for (std::string line; std::getline(lines, line);) {
            limits += line.find("key-") != std::string::npos && line.find("cooldown") != std::string::npos ? 1 : 0;
            fallbacks += line.find("fallback:") != std::string::npos ? 1 : 0;
        }
        QVERIFY2(limits >= 5, daemon.log().c_str());
        QVERIFY2(fallbacks >= 5, daemon.log().c_str());
    }

    void realLimitsAreWalkedAroundUntilNothingIsLeft()
    {
        ScriptedUpstream upstream;
        upstream.limit("*", "*", {.rpm = 3, .countRefusals = true});
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(4)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpClient client = daemon.client();
        for (int i = 0; i < 12; ++i)
            QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 200);
        const HttpResponse refused = client.post(chat, chatBody("gpt-4"));
        QCOMPARE(refused.status, 429);
        QCOMPARE(jsonAt(refused.body, "/error/code"), "pool_exhausted");
        const int wait = std::stoi("0" + std::string(refused.header("retry-after")));
        QVERIFY2(wait >= 1 && wait <= 61, std::to_string(wait).c_str());
        const std::size_t asked = upstream.ledger().count();
        QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 429);
        QCOMPARE(upstream.ledger().count(), asked); // resting deployments are left in peace
    }

    void aPoolKeysOwnTroubleIsNotShown_data()
    {
        QTest::addColumn<int>("which");
        const char *names[] = {"minute limit",
                               "retry-after",
                               "bare 429",
                               "day quota",
                               "400 API_KEY_INVALID",
                               "401",
                               "402",
                               "403",
                               "404",
                               "500",
                               "503",
                               "error inside",
                               "empty choices",
                               "garbage",
                               "cut body",
                               "hang, no head",
                               "hang after the head"};
        for (int i = 0; i < int(std::size(names)); ++i)
            QTest::newRow(names[i]) << i;
    }

    void aPoolKeysOwnTroubleIsNotShown()
    {
        QFETCH(int, which);
        const Behaviour troubles[] = {
            upstream::minuteLimit(),     upstream::retryAfter(20), upstream::bareLimit(),
            upstream::dayLimit(),        upstream::keyInvalid(),   upstream::unauthorized(),
            upstream::paymentRequired(), upstream::forbidden(),    upstream::notFound("gemini-2.0-flash"),
            upstream::internalError(),   upstream::overloaded(),   upstream::errorInside(),
            upstream::emptyChoices(),    upstream::garbage(),      upstream::cutBody(),
            upstream::hangBeforeHead(),  upstream::hangAfterHead()};
        ScriptedUpstream upstream;
        upstream.on({.key = secretOf("key-1")}, troubles[which]);
        PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2)};
        pool.provider = R"("timeouts": {"first_byte_ms": 400, "idle_ms": 400})";
        Daemon daemon(pool.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        for (const bool stream : {false, true}) {
            const HttpResponse answer = daemon.client().request("POST", chat, chatBody("gpt-4", stream), {}, Ms(10000));
            QVERIFY2(answer.status == 200, (std::to_string(answer.status) + "\n" + daemon.log()).c_str());
            QVERIFY(answer.complete);
            QVERIFY(answer.body.find("error") == std::string::npos);
        }
        const auto walk = walkOf(upstream);
        QVERIFY(std::find_if(walk.begin(), walk.end(), [](const std::string &s) { return s.starts_with("key-1/"); }) !=
                walk.end());
        QCOMPARE(upstream.ledger().countOf(secretOf("key-2")), 2U);
    }

    void brokenStreamsBeforeTheFirstEventFallBack()
    {
        ScriptedUpstream upstream;
        upstream.on({.key = secretOf("key-1")}, upstream::cutStream(0));
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        const HttpResponse answer = daemon.client().post(chat, chatBody("gpt-4", true));
        QCOMPARE(answer.status, 200);
        QVERIFY(answer.body.ends_with("data: [DONE]\n\n"));
        QCOMPARE(std::string(answer.header("x-keymux-attempts")), "2");
    }

    void aPlainAnswerToAStreamRequestFallsBackHoweverLongItIs()
    {
        for (const std::size_t size : {std::size_t(10), std::size_t(8) << 20}) {
            ScriptedUpstream upstream;
            upstream.on({.key = secretOf("key-1")}, upstream::answer(200, R"({"choices":[{"message":{"content":")" +
                                                                              std::string(size, 'a') + R"("}}]})"));
            Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2)}.options());
            QVERIFY2(daemon.ready(), daemon.log().c_str());
            const HttpResponse answer = daemon.client().post(chat, chatBody("gpt-4", true));
            QCOMPARE(answer.status, 200);
            QVERIFY(answer.body.ends_with("data: [DONE]\n\n"));
            QCOMPARE(std::string(answer.header("x-keymux-attempts")), "2");
        }
    }

    void aSpentDayRestsUntilTheDayTurnsWhateverTheHintSays()
    {
        ScriptedUpstream upstream;
        upstream.on({}, upstream::dayLimit(1));
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        const HttpResponse refused = daemon.client().post(chat, chatBody("gpt-4"));
        QCOMPARE(refused.status, 429);
        QCOMPARE(jsonAt(refused.body, "/error/code"), "pool_exhausted");
        const int wait = std::stoi("0" + std::string(refused.header("retry-after")));
        QVERIFY(wait > 1 && wait <= 25 * 3600);
        if (wait > 60)
            QCOMPARE(std::string(refused.header("x-should-retry")), "false");
    }

    void aRestEndsAndIsToldInTheLog()
    {
        ScriptedUpstream upstream;
        upstream.on({.times = 1}, upstream::minuteLimit(1));
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        const HttpResponse refused = daemon.client().post(chat, chatBody("gpt-4"));
        QCOMPARE(refused.status, 429);
        QVERIFY2(daemon.waitForLog("recovered", Ms(10000)), daemon.log().c_str());
        QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 200);
    }

    void directModelsDoNotFallBackToOthersUnlessAllowed()
    {
        ScriptedUpstream upstream;
        upstream.on({.model = "gemini-2.0-flash"}, upstream::minuteLimit());
        PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1), .models = threeModels};
        {
            Daemon daemon(pool.options());
            QCOMPARE(daemon.client().post(chat, chatBody("gemini-2.0-flash")).status, 429);
        }
        pool.routing = R"("direct_fallback": true)";
        Daemon daemon(pool.options());
        const HttpResponse answer = daemon.client().post(chat, chatBody("gemini-2.0-flash"));
        QCOMPARE(answer.status, 200);
        QCOMPARE(std::string(answer.header("x-keymux-model")), "gemini-2.0-flash-exp");
    }
};

QTEST_APPLESS_MAIN(FallbackTest)
#include "test_fallback.moc"
