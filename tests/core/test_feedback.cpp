// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/feedback.h"

#include <QtTest>
#include <set>

using namespace keymux;
using namespace std::chrono_literals;

Q_DECLARE_METATYPE(keymux::AnswerFacts)
Q_DECLARE_METATYPE(keymux::AnswerClass)

namespace {

const TimePoint now{Millis(1'795'465'800'000)}; // 2026-11-23T20:30:00Z

AnswerFacts answer(int status, ErrorFacts error = {}, std::vector<std::pair<std::string, std::string>> headers = {})
{
    AnswerFacts facts;
    facts.status = status;
    facts.error = std::move(error);
    facts.headers = std::move(headers);
    return facts;
}

AnswerFacts google(AnswerFacts facts, bool canSwitchAuth)
{
    facts.google = true;
    facts.canSwitchAuth = canSwitchAuth;
    return facts;
}

AnswerFacts nothing(AnswerClass transport)
{
    AnswerFacts facts;
    facts.transport = transport;
    return facts;
}

} // namespace

class TestFeedback : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyAnswerHasItsClass_data()
    {
        QTest::addColumn<AnswerFacts>("facts");
        QTest::addColumn<AnswerClass>("klass");
        const auto row = [](const char *name, AnswerClass klass, const AnswerFacts &facts) {
            QTest::newRow(name) << facts << klass;
        };
        using enum AnswerClass;
        row("no answer: timeout", Timeout, nothing(Timeout));
        row("no answer: network", Network, nothing(Network));
        row("a broken 200", Broken, nothing(Broken));
        row("400", ClientFault, answer(400));
        row("400, unknown field", UnknownField, answer(400, {.unknownField = "seed"}));
        row("400, Google's bad key", BadKey, answer(400, {.reason = "API_KEY_INVALID"}));
        row("400, bad key in words", BadKey, answer(400, {.message = "API key not valid. Please pass a valid one."}));
        row("400, region", Region, answer(400, {.message = "User location is not supported for the API use."}));
        row("400, precondition", Region, answer(400, {.status = "FAILED_PRECONDITION"}));
        row("400, credit", Billing, answer(400, {.message = "Your credit balance is too low to access the API"}));
        row("400, regain", Billing, answer(400, {.regainAt = now + 1h}));
        row("400, two credentials", WrongAuthStyle,
            google(answer(400, {.message = "Multiple authentication credentials received."}), true));
        row("400, two credentials again", BadKey,
            google(answer(400, {.message = "Multiple authentication credentials received."}), false));
        row("401", BadKey, answer(401));
        row("401, Google, other header untried", WrongAuthStyle, google(answer(401), true));
        row("401, Google, both tried", BadKey, google(answer(401), false));
        row("402", Billing, answer(402));
        row("403", Denied, answer(403));
        row("403, region", Region, answer(403, {.code = "unsupported_country_region_territory"}));
        row("403, suspended", BadKey, answer(403, {.reason = "CONSUMER_SUSPENDED"}));
        row("403, leaked", BadKey, answer(403, {.message = "Your API key was reported as leaked."}));
        row("403, credit", Billing, answer(403, {.type = "billing_error"}));
        row("404", ModelMissing, answer(404));
        row("408", Timeout, answer(408));
        row("409", Overload, answer(409));
        row("413", ClientFault, answer(413));
        row("422", ClientFault, answer(422));
        row("422, unknown field", UnknownField, answer(422, {.unknownField = "seed"}));
        row("425", Overload, answer(425));
        row("429", MinuteLimit, answer(429));
        row("429, credit", Billing, answer(429, {.code = "insufficient_quota"}));
        row("429, Google's usual words are no credit", MinuteLimit,
            answer(429, {.message = "You exceeded your current quota, please check your plan and billing details.",
                         .status = "RESOURCE_EXHAUSTED"}));
        row("429, no quota at all", NoQuota, answer(429, {.quotaIds = {"PerMinute"}, .quotaZero = true}));
        row("429, day", DayQuota,
            answer(429, {.quotaIds = {"GenerateRequestsPerMinutePerProjectPerModel",
                                      "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}}));
        row("429, minute", MinuteLimit,
            answer(429, {.quotaIds = {"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}}));
        row("429, hours by header", DayQuota, answer(429, {}, {{"retry-after", "7200"}}));
        row("429, an hour by header", MinuteLimit, answer(429, {}, {{"retry-after", "3600"}}));
        row("429, capacity", Overload, answer(429, {.message = "Service tier capacity exceeded for this model."}));
        row("498", Overload, answer(498));
        row("500", Overload, answer(500));
        row("502", Overload, answer(502));
        row("503", Overload, answer(503));
        row("529", Overload, answer(529));
        row("599", Overload, answer(599));
        row("418", ClientFault, answer(418));
        row("302", ClientFault, answer(302));
    }
    void everyAnswerHasItsClass()
    {
        QFETCH(AnswerFacts, facts);
        QFETCH(AnswerClass, klass);
        const Feedback feedback = classify(facts, now);
        QVERIFY2(feedback.klass == klass, answerClassName(feedback.klass).data());
    }

    void theHintInTheBodyBeatsTheHeaders()
    {
        const Feedback both = classify(answer(429, {.retryDelay = 38s}, {{"retry-after", "5"}}), now);
        QCOMPARE(both.restFor->count(), 38000);
        QCOMPARE(classify(answer(429, {}, {{"retry-after", "5"}}), now).restFor->count(), 5000);
        QVERIFY(!classify(answer(429), now).restFor);
        QVERIFY(classify(answer(400, {.regainAt = now + 1h}), now).restUntil == now + 1h);
    }

    void evidenceOfALimitIsAQuotaAHintOrALimitHeader()
    {
        QVERIFY(!classify(answer(429), now).limitEvidence);
        QVERIFY(!classify(answer(429, {.message = "Too many requests"}, {{"server", "x"}}), now).limitEvidence);
        QVERIFY(classify(answer(429, {.quotaIds = {"x"}}), now).limitEvidence);
        QVERIFY(classify(answer(429, {.retryDelay = 1s}), now).limitEvidence);
        QVERIFY(classify(answer(429, {}, {{"x-ratelimit-limit-requests", "10"}}), now).limitEvidence);
        QVERIFY(classify(answer(429, {}, {{"retry-after", "1"}}), now).limitEvidence);
    }

    void theDetailIsOneBoundedLine()
    {
        const std::string detail =
            classify(answer(500, {.message = "a\nb\r\n\x1b[31m" + std::string(10000, 'x')}), now).detail;
        QVERIFY(detail.starts_with("status 500: a b"));
        QVERIFY(detail.size() < 500);
        for (const char c : detail)
            QVERIFY(static_cast<unsigned char>(c) >= 0x20);
        QCOMPARE(classify(answer(404), now).detail, std::string("status 404"));
    }

    void everyClassHasANameOfItsOwn()
    {
        std::set<std::string_view> names;
        for (int i = 0; i <= int(AnswerClass::Broken); ++i)
            names.insert(answerClassName(AnswerClass(i)));
        QCOMPARE(names.size(), std::size_t(AnswerClass::Broken) + 1);
    }
};

QTEST_APPLESS_MAIN(TestFeedback)
#include "test_feedback.moc"
