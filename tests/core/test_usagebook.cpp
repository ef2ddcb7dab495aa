// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keypoolfixture.h"
#include "core/usagebook.h"

#include <QtTest>

using namespace keymux;
using namespace keymux::test;

namespace {

std::shared_ptr<const Router> router()
{
    PoolConfig config;
    config.providers = {provider("google", {key("g1", {}, {model("flash")}), key("g2", {}, {model("flash")})})};
    return std::make_shared<const Router>(std::make_shared<const PoolConfig>(std::move(config)));
}

RequestTrace trace(RequestEnd end)
{
    RequestTrace trace;
    trace.virtualKeyId = "vk_1";
    trace.model = "gpt-4";
    trace.endedAt = TimePoint(std::chrono::hours(100) + std::chrono::minutes(59));
    trace.end = end;
    trace.router = router();
    return trace;
}

} // namespace

/// What a request counts for, and where.
class TestUsageBook : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aRequestIsBookedWhereItWasServedInTheHourOfItsEnd()
    {
        RequestTrace served = trace(RequestEnd::Answered);
        served.attempts = {{.deployment = 0}, {.deployment = 1}};
        const UsagePlace place = usagePlaceOf(served);
        QVERIFY(place == (UsagePlace{TimePoint(std::chrono::hours(100)), "vk_1", "g2", "google", "flash"}));
    }

    void whatNobodyWasAskedForHasNoKeyAndANameOnlyIfThePoolHasIt()
    {
        RequestTrace refused = trace(RequestEnd::Refused);
        QVERIFY(usagePlaceOf(refused) == (UsagePlace{TimePoint(std::chrono::hours(100)), "vk_1", "", "", ""}));
        refused.model = "flash";
        QCOMPARE(usagePlaceOf(refused).model, std::string("flash"));
    }

    void tokensAndCostAreTheTracesOwn()
    {
        RequestTrace served = trace(RequestEnd::Answered);
        served.usage = TokenUsage{.prompt = 10, .completion = 5, .total = 15, .cached = 4, .reasoning = 3};
        served.costUsd = 0.25;
        UsageFigures expected{.requests = 1,
                              .promptTokens = 10,
                              .completionTokens = 5,
                              .totalTokens = 15,
                              .cachedTokens = 4,
                              .reasoningTokens = 3,
                              .costUsd = 0.25,
                              .priced = 1};
        QVERIFY(usageFiguresOf(served) == expected);
        served.costUsd.reset();
        served.usageEstimated = true;
        expected.costUsd = 0;
        expected.priced = 0;
        expected.unpriced = expected.estimated = 1;
        QVERIFY(usageFiguresOf(served) == expected);
    }

    void errorsAreWhatTheClientGotNotThatItLeft()
    {
        for (const auto &[end, errors] :
             {std::pair(RequestEnd::Answered, 0), std::pair(RequestEnd::ClientLeft, 0),
              std::pair(RequestEnd::Refused, 1), std::pair(RequestEnd::Cut, 1), std::pair(RequestEnd::Withdrawn, 1)}) {
            const UsageFigures figures = usageFiguresOf(trace(end));
            QCOMPARE(figures.requests, 1);
            QCOMPARE(figures.errors, errors);
            QCOMPARE(figures.priced + figures.unpriced, 0); // nothing was used
        }
    }

    void aFullBookGoesOnCountingByTheHour()
    {
        UsageBook book;
        const auto note = [&](std::size_t i) {
            book.add({TimePoint(), "vk_" + std::to_string(i), "", "", ""}, {.requests = 1, .totalTokens = 2});
        };
        for (std::size_t i = 0; i < UsageBook::bound + 100; ++i)
            note(i);
        note(0); // a known place still counts for itself
        QCOMPARE(book.entries().size(), UsageBook::bound + 1);
        UsageFigures sum;
        for (const auto &[place, figures] : book.entries())
            sum += figures;
        QCOMPARE(sum.requests, std::int64_t(UsageBook::bound) + 101);
        QCOMPARE(sum.totalTokens, 2 * sum.requests);
        QCOMPARE(book.entries().at({TimePoint(), "", "", "", ""}).requests, 100);
        QCOMPARE(book.entries().at({TimePoint(), "vk_0", "", "", ""}).requests, 2);
    }
};

QTEST_APPLESS_MAIN(TestUsageBook)
#include "test_usagebook.moc"
