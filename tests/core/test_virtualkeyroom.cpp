// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/virtualkeyroom.h"
#include "keypoolfixture.h"

#include <QtTest>
#include <atomic>
#include <barrier>
#include <mutex>
#include <rapidcheck.h>
#include <thread>

using namespace keymux;
using namespace keymux::test;
using Limit = KeyLimitReached::Limit;

namespace {

VirtualKey keyWith(VirtualKeyLimits limits, const std::string &id = "vk_1")
{
    VirtualKey key;
    key.id = id;
    key.limits = std::move(limits);
    return key;
}

VirtualKeyLimits budgetOf(double amount, BudgetUnit unit, BudgetPeriod period = BudgetPeriod::Day)
{
    VirtualKeyLimits limits;
    limits.budget = Budget{amount, unit, period};
    return limits;
}

VirtualKeyRoom::Outcome answered(std::int64_t tokens = 0, double costUsd = 0)
{
    return {.spend = {.requests = 1, .tokens = tokens, .costUsd = costUsd}, .sent = true};
}

Spend tokens(std::int64_t count)
{
    return {.requests = 1, .tokens = count, .costUsd = 0};
}

} // namespace

/// The virtual keys' own windows, budgets and requests in flight.
class TestVirtualKeyRoom : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void withoutLimitsEverythingPassesAndIsCounted()
    {
        VirtualKeyRoom room;
        const VirtualKey key = keyWith({});
        for (int i = 0; i < 1000; ++i) {
            auto admitted = room.acquire(key, tokens(1000), noon);
            QVERIFY(admitted);
            QVERIFY(!admitted->figures.requests && !admitted->figures.tokens);
            room.settle(std::move(admitted->lease), answered(3, 0.5), noon);
        }
        const auto usage = room.usage(key, noon);
        QVERIFY((usage.total == Spend{1000, 3000, 500}));
        QVERIFY(usage.lastUsedAt == noon);
    }

    void exactlyTheRequestsOfAMinutePass()
    {
        VirtualKeyRoom room;
        const VirtualKey key = keyWith({.rpm = 3, .tpm = {}, .maxParallel = {}, .budget = {}});
        for (int i = 0; i < 3; ++i)
            QVERIFY(room.acquire(key, tokens(1), noon + Millis(i)));
        const auto refused = room.acquire(key, tokens(1), noon + 10s);
        QVERIFY(!refused);
        QVERIFY(refused.error().limit == Limit::Rpm);
        QVERIFY(refused.error().wait == RateWindow::length - 10s);
        QVERIFY((refused.error().figures.requests == LimitFigure{3, 0, RateWindow::length + 2ms - 10s}));
        QVERIFY(!room.acquire(key, tokens(1), noon + RateWindow::length - 1ms));
        QVERIFY(room.acquire(key, tokens(1), noon + RateWindow::length));
    }

    void whatIsRefusedConsumesNothing()
    {
        VirtualKeyRoom room;
        VirtualKeyLimits limits = budgetOf(1, BudgetUnit::Requests);
        limits.rpm = 10;
        const VirtualKey key = keyWith(limits);
        auto first = room.acquire(key, tokens(1), noon);
        QVERIFY(first);
        for (int i = 0; i < 100; ++i)
            QVERIFY(room.acquire(key, tokens(1), noon + 1s).error().limit == Limit::Budget);
        QCOMPARE(room.inFlight("vk_1"), std::int64_t(1));
        QCOMPARE(room.acquire(key, tokens(1), noon + 1s).error().figures.requests->remaining, std::int64_t(0));
        room.settle(std::move(first->lease), answered(), noon + 2s);
        QCOMPARE(room.usage(key, noon + 3s).period.requests, std::int64_t(1));
        QVERIFY(room.usage(key, noon + 3s).lastUsedAt == noon);
    }

    void whatWasNeverSentIsGivenBackWholly()
    {
        VirtualKeyRoom room;
        VirtualKeyLimits limits = budgetOf(1, BudgetUnit::Requests);
        limits.rpm = 1;
        limits.tpm = 10;
        limits.maxParallel = 1;
        const VirtualKey key = keyWith(limits);
        for (int i = 0; i < 50; ++i) {
            auto admitted = room.acquire(key, tokens(10), noon);
            QVERIFY(admitted);
            room.settle(std::move(admitted->lease), {}, noon);
        }
        QVERIFY(room.usage(key, noon).total == Spend{});
    }

    void aFailureCountsInTheMinuteButNotInTheBudget()
    {
        VirtualKeyRoom room;
        VirtualKeyLimits limits = budgetOf(1, BudgetUnit::Requests);
        limits.rpm = 1;
        const VirtualKey key = keyWith(limits);
        auto admitted = room.acquire(key, tokens(10), noon);
        QVERIFY(admitted);
        room.settle(std::move(admitted->lease), {.spend = {}, .sent = true}, noon);
        QVERIFY(room.acquire(key, tokens(10), noon).error().limit == Limit::Rpm);
        QVERIFY(room.acquire(key, tokens(10), noon + RateWindow::length));
    }

    void tokensAreReservedAndCorrectedBySettling()
    {
        VirtualKeyRoom room;
        const VirtualKey key = keyWith({.rpm = {}, .tpm = 100, .maxParallel = {}, .budget = {}});
        auto first = room.acquire(key, tokens(80), noon);
        QVERIFY(first);
        QVERIFY(room.acquire(key, tokens(30), noon).error().limit == Limit::Tpm);
        room.settle(std::move(first->lease), answered(20), noon + 1s);
        auto second = room.acquire(key, tokens(80), noon + 2s);
        QVERIFY(second);
        QCOMPARE(second->figures.tokens->remaining, std::int64_t(0));
        room.settle(std::move(second->lease), answered(200), noon + 3s); // more than was thought: told as it is
        const auto refused = room.acquire(key, tokens(1), noon + 4s);
        QVERIFY(!refused);
        QCOMPARE(refused.error().figures.tokens->remaining, std::int64_t(0));
    }

    void aRequestLargerThanTheLimitIsToldThatWaitingDoesNotHelp()
    {
        VirtualKeyRoom room;
        const VirtualKey key = keyWith({.rpm = {}, .tpm = 100, .maxParallel = {}, .budget = {}});
        const auto refused = room.acquire(key, tokens(101), noon);
        QVERIFY(!refused && refused.error().limit == Limit::Tpm && !refused.error().wait);
        QVERIFY(room.acquire(key, tokens(100), noon));
    }

    void placesInFlightComeBack()
    {
        VirtualKeyRoom room;
        const VirtualKey key = keyWith({.rpm = {}, .tpm = {}, .maxParallel = 2, .budget = {}});
        auto one = room.acquire(key, tokens(1), noon), two = room.acquire(key, tokens(1), noon);
        QVERIFY(one && two);
        QVERIFY(room.acquire(key, tokens(1), noon).error().limit == Limit::Parallel);
        room.settle(std::move(one->lease), {}, noon);
        QVERIFY(room.acquire(key, tokens(1), noon));
        QCOMPARE(room.inFlight("vk_1"), std::int64_t(2));
    }

    void aBudgetIsWholeAgainWhenItsPeriodTurns()
    {
        VirtualKeyRoom room;
        const VirtualKey key = keyWith(budgetOf(1, BudgetUnit::Requests));
        room.settle(std::move(room.acquire(key, tokens(1), noon)->lease), answered(5), noon);
        const auto refused = room.acquire(key, tokens(1), noon + 1h);
        QVERIFY(!refused && refused.error().limit == Limit::Budget);
        const TimePoint midnight = noon + 1h + refused.error().wait.value();
        QCOMPARE(midnight.time_since_epoch().count() % 86400000, std::int64_t(0));
        QVERIFY(!room.acquire(key, tokens(1), midnight - 1ms));
        QVERIFY(room.acquire(key, tokens(1), midnight));
        QVERIFY((room.usage(key, midnight).total == Spend{1, 5, 0}));
    }

    void aTotalNeverComesBack()
    {
        VirtualKeyRoom room;
        const VirtualKey key = keyWith(budgetOf(0.5, BudgetUnit::Usd, BudgetPeriod::Total));
        room.settle(std::move(room.acquire(key, tokens(1), noon)->lease), answered(1, 0.5), noon);
        const auto refused = room.acquire(key, tokens(1), noon + std::chrono::hours(24 * 1000));
        QVERIFY(!refused && !refused.error().wait);
        QVERIFY(room.acquire(keyWith(budgetOf(0.6, BudgetUnit::Usd, BudgetPeriod::Total)), tokens(1), noon));
    }

    void theLastRequestMayOverdrawATokenBudgetButOnlyAlone()
    {
        VirtualKeyRoom room;
        const VirtualKey key = keyWith(budgetOf(100, BudgetUnit::Tokens));
        auto large = room.acquire(key, tokens(4000), noon);
        QVERIFY(large);
        const auto beside = room.acquire(key, tokens(1), noon);
        QVERIFY(!beside && beside.error().limit == Limit::Budget && beside.error().wait == Millis(1000));
        room.settle(std::move(large->lease), answered(30), noon);
        auto next = room.acquire(key, tokens(4000), noon);
        QVERIFY(next);
        room.settle(std::move(next->lease), answered(90), noon);
        QVERIFY(!room.acquire(key, tokens(0), noon));
    }

    void aBudgetOfNothingLetsNothingThrough()
    {
        VirtualKeyRoom room;
        for (const auto unit : {BudgetUnit::Tokens, BudgetUnit::Requests, BudgetUnit::Usd})
            QVERIFY(!room.acquire(keyWith(budgetOf(0, unit)), tokens(0), noon));
    }

    void changedLimitsCountOnFromWhereTheyWere()
    {
        VirtualKeyRoom room;
        VirtualKeyLimits limits = budgetOf(5, BudgetUnit::Requests);
        limits.rpm = 2;
        for (int i = 0; i < 2; ++i)
            room.settle(std::move(room.acquire(keyWith(limits), tokens(1), noon)->lease), answered(), noon);
        QVERIFY(!room.acquire(keyWith(limits), tokens(1), noon));
        limits.rpm = 3;
        QVERIFY(room.acquire(keyWith(limits), tokens(1), noon));
        QVERIFY(!room.acquire(keyWith(limits), tokens(1), noon));
        room.keepOnly(VirtualKeyTable({keyWith(limits)}));
        QVERIFY(!room.acquire(keyWith(limits), tokens(1), noon));
        room.keepOnly(VirtualKeyTable());
        QVERIFY(room.usage(keyWith(limits), noon).total == Spend{});
    }

    void aKeyDeletedWhileItsRequestRunsDoesNoHarm()
    {
        VirtualKeyRoom room;
        auto admitted = room.acquire(keyWith({}), tokens(1), noon);
        room.keepOnly(VirtualKeyTable());
        room.settle(std::move(admitted->lease), answered(9), noon);
        QCOMPARE(room.inFlight("vk_1"), std::int64_t(0));
    }

    void useIsGivenOutOnceAndTakenBackAtStart()
    {
        VirtualKeyRoom room;
        const VirtualKey key = keyWith(budgetOf(3, BudgetUnit::Requests));
        room.settle(std::move(room.acquire(key, tokens(1), noon)->lease), answered(7, 0.25), noon);
        const auto changed = room.takeChanged();
        QCOMPARE(changed.size(), std::size_t(1));
        QVERIFY(room.takeChanged().empty());
        room.keepChanged(changed); // the disk was full
        QVERIFY(room.takeChanged() == changed);

        VirtualKeyRoom later;
        later.restore(changed);
        QVERIFY(later.usage(key, noon) == room.usage(key, noon));
        QVERIFY(later.takeChanged().empty());
        QVERIFY(later.acquire(key, tokens(1), noon) && later.acquire(key, tokens(1), noon));
        QVERIFY(!later.acquire(key, tokens(1), noon));
    }

    void aRefusedKeyIsToldOfOnceASecond()
    {
        VirtualKeyRoom room;
        const VirtualKey key = keyWith({.rpm = 1, .tpm = {}, .maxParallel = {}, .budget = {}});
        QVERIFY(room.acquire(key, tokens(1), noon));
        QVERIFY(room.takeLimited().empty());
        for (int i = 0; i < 100; ++i)
            QVERIFY(!room.acquire(key, tokens(1), noon + Millis(i)));
        const auto limited = room.takeLimited();
        QCOMPARE(limited.size(), std::size_t(1));
        QCOMPARE(limited[0].id, std::string("vk_1"));
        QVERIFY(limitName(limited[0].limit) == "rpm_limit");
        QVERIFY(room.takeLimited().empty());
        QVERIFY(!room.acquire(key, tokens(1), noon + 1s));
        QCOMPARE(room.takeLimited().size(), std::size_t(1));
    }

    void ofTwoLimitsTheScarcerIsTold()
    {
        VirtualKeyRoom room;
        VirtualKeyLimits limits = budgetOf(2, BudgetUnit::Requests);
        limits.rpm = 100;
        const auto admitted = room.acquire(keyWith(limits), tokens(1), noon);
        QCOMPARE(admitted->figures.requests->limit, std::int64_t(2));
        QCOMPARE(admitted->figures.requests->remaining, std::int64_t(1));
        QVERIFY(!admitted->figures.tokens);
    }

    void noOrderOfEventsBreaksALimit()
    {
        QVERIFY(rc::check("limits hold and everything is given back", [] {
            VirtualKeyLimits limits = budgetOf(*rc::gen::inRange(1, 60), BudgetUnit::Requests);
            limits.rpm = *rc::gen::inRange(1, 20);
            limits.maxParallel = *rc::gen::inRange(1, 6);
            const VirtualKey key = keyWith(limits);
            VirtualKeyRoom room;
            std::vector<std::pair<VirtualKeyRoom::Lease, TimePoint>> running;
            std::vector<TimePoint> sent;
            std::int64_t paid = 0;
            TimePoint now = noon;
            for (int i = 0; i < 300; ++i) {
                now += Millis(*rc::gen::inRange(0, 3000));
                if (*rc::gen::inRange(0, 2) == 0) {
                    if (auto admitted = room.acquire(key, tokens(1), now))
                        running.emplace_back(std::move(admitted->lease), now);
                } else if (!running.empty()) {
                    auto [lease, at] = std::move(running.back());
                    running.pop_back();
                    const int how = *rc::gen::inRange(0, 3);
                    room.settle(std::move(lease),
                                how == 0   ? VirtualKeyRoom::Outcome{}
                                : how == 1 ? VirtualKeyRoom::Outcome{.spend = {}, .sent = true}
                                           : answered(),
                                now);
                    if (how > 0)
                        sent.push_back(at);
                    paid += how == 2 ? 1 : 0;
                }
                const auto inMinute =
                    std::count_if(sent.begin(), sent.end(), [&](TimePoint t) { return t + 60s > now; }) +
                    std::count_if(running.begin(), running.end(), [&](const auto &r) { return r.second + 60s > now; });
                RC_ASSERT(inMinute <= *limits.rpm);
                RC_ASSERT(std::int64_t(running.size()) <= *limits.maxParallel);
                RC_ASSERT(double(paid + std::int64_t(running.size())) <= limits.budget->amount);
            }
            for (auto &[lease, at] : running)
                room.settle(std::move(lease), {}, now);
            RC_ASSERT(room.inFlight(key.id) == 0);
            RC_ASSERT(room.usage(key, now).total.requests == paid);
        }));
    }

    void threadsTogetherGetExactlyWhatThereIs()
    {
        VirtualKeyLimits limits = budgetOf(500, BudgetUnit::Requests);
        limits.rpm = 700;
        const VirtualKey key = keyWith(limits);
        VirtualKeyRoom room;
        std::mutex mutex;
        std::atomic<int> passed = 0;
        constexpr int threads = 8;
        std::barrier start(threads);
        std::vector<std::thread> all;
        for (int t = 0; t < threads; ++t)
            all.emplace_back([&] {
                start.arrive_and_wait();
                for (int i = 0; i < 250; ++i) {
                    auto admitted = [&] {
                        const std::lock_guard lock(mutex);
                        return room.acquire(key, tokens(1), noon);
                    }();
                    if (!admitted)
                        continue;
                    ++passed;
                    const std::lock_guard lock(mutex);
                    room.settle(std::move(admitted->lease), answered(2), noon);
                }
            });
        for (std::thread &thread : all)
            thread.join();
        QCOMPARE(passed.load(), 500);
        QVERIFY((room.usage(key, noon).total == Spend{500, 1000, 0}));
    }
};

QTEST_APPLESS_MAIN(TestVirtualKeyRoom)
#include "test_virtualkeyroom.moc"
