// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/virtualkeyroom.h"
#include "keypoolfixture.h"

#include <QtTest>

using namespace keymux;
using namespace keymux::test;

namespace {

constexpr TimePoint t0{Millis(1'800'000'000'000)};

VirtualKey keyWith(const VirtualKeyLimits &limits)
{
    VirtualKey key;
    key.id = "vk";
    key.limits = limits;
    return key;
}

} // namespace

/// What virtual keys and pool of one process pass on to those of the next.
class HandoverTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsUnderWayElsewhereCountsUntilItsTimeIsOver()
    {
        const VirtualKey key = keyWith({.maxParallel = 2});
        VirtualKeyRoom before, after;
        QVERIFY(before.acquire(key, {}, t0));
        QVERIFY(before.acquire(key, {}, t0));
        after.holdElsewhere(before.held(), t0 + Millis(5000));
        QVERIFY(!after.acquire(key, {}, t0));
        QVERIFY(after.acquire(key, {}, t0 + Millis(5000)));
        after.holdElsewhere({}, t0 + Millis(9000));
        QVERIFY(after.acquire(key, {}, t0 + Millis(5001)));
    }

    void aBudgetHoldsOverBoth()
    {
        const VirtualKey key =
            keyWith({.budget = Budget{.amount = 3, .unit = BudgetUnit::Requests, .period = BudgetPeriod::Day}});
        VirtualKeyRoom before, after;
        auto running = before.acquire(key, {}, t0);
        auto done = before.acquire(key, {}, t0);
        before.settle(done->lease, {.spend = {.requests = 1}, .sent = true}, t0);
        after.restore(before.uses());
        after.holdElsewhere(before.held(), t0 + Millis(5000));
        QVERIFY(after.acquire(key, {}, t0));
        QVERIFY(!after.acquire(key, {}, t0));
        before.settle(running->lease, {.spend = {.requests = 1}, .sent = true}, t0);
        after.holdElsewhere(before.held(), t0 + Millis(6000));
        after.add({{.id = "vk",
                    .period = {.requests = 1},
                    .total = {.requests = 1},
                    .since = before.uses().front().since,
                    .lastUsedAt = t0}});
        QVERIFY(!after.acquire(key, {}, t0));
        QCOMPARE(after.usage(key, t0).total.requests, std::int64_t(2));
        QCOMPARE(after.takeChanged().size(), std::size_t(1));
    }

    void useOfAPeriodThatIsOverAddsToTheTotalAlone()
    {
        const VirtualKey key =
            keyWith({.budget = Budget{.amount = 10, .unit = BudgetUnit::Requests, .period = BudgetPeriod::Day}});
        const TimePoint tomorrow = *periodEnd(BudgetPeriod::Day, t0);
        VirtualKeyRoom room;
        QVERIFY(room.acquire(key, {}, tomorrow));
        room.add({{.id = "vk",
                   .period = {.requests = 4},
                   .total = {.requests = 4},
                   .since = periodStart(BudgetPeriod::Day, t0),
                   .lastUsedAt = t0}});
        QCOMPARE(room.usage(key, tomorrow).period.requests, std::int64_t(0));
        QCOMPARE(room.usage(key, tomorrow).total.requests, std::int64_t(4));
    }

    void theLastMinuteGoesOver()
    {
        const VirtualKey key = keyWith({.rpm = 2});
        VirtualKeyRoom before, after;
        QVERIFY(before.acquire(key, {}, t0));
        QVERIFY(before.acquire(key, {}, t0 + Millis(1000)));
        after.addWindows(before.windows(t0 + Millis(2000)), t0 + Millis(2000));
        QVERIFY(!after.acquire(key, {}, t0 + Millis(2000)));
        QVERIFY(after.acquire(key, {}, t0 + RateWindow::length));
        QVERIFY(!after.acquire(key, {}, t0 + RateWindow::length));
    }

    void aPoolGoesOnWithWindowsAndShortRests()
    {
        const std::vector<KeyEntry> keys{key("a", {.rpm = 1}), key("b"), key("c")};
        Bench before(keys), after(keys);
        QCOMPARE(before.call(), "a/m");
        Feedback limited = answer(AnswerClass::MinuteLimit);
        limited.restFor = 10s;
        QCOMPARE(before.call(limited), "b/m");
        after.pool.takeUp(before.pool.handover(before.now), after.now);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(after.call(), "c/m");
        after.now += 11s;
        QCOMPARE(after.call(), "b/m");
    }

    void whatAPoolHoldsElsewhereCountsForItsParallelLimit()
    {
        const std::vector<KeyEntry> keys{key("a", {.maxParallel = 1})};
        Bench before(keys), after(keys);
        const Lease lease = before.send();
        after.pool.holdElsewhere(before.pool.held(), after.now + 5s, after.now);
        const auto none = after.acquire();
        QVERIFY(!none);
        QCOMPARE(none.error().nextFree, std::optional(after.now + 5s));
        before.pool.settle(lease, success(), before.now);
        after.pool.holdElsewhere(before.pool.held(), after.now + 5s, after.now);
        QVERIFY(after.hasRoom());
        // Nobody says so any more: it is free when its time is over.
        before.send();
        after.pool.holdElsewhere(before.pool.held(), after.now + 5s, after.now);
        QVERIFY(!after.hasRoom());
        after.now += 5s;
        QVERIFY(after.hasRoom());
    }

    void whatWasLearnedLateIsAddedAndStored()
    {
        const std::vector<KeyEntry> keys{key("a", {.rpd = 3})};
        Bench before(keys), after(keys);
        after.call();
        QVERIFY(after.pool.takeMemoryChanges(after.now, 10).days.size() == 1);
        before.call();
        before.call();
        after.pool.add(before.pool.memory(before.now), after.now);
        QVERIFY(!after.hasRoom());
        const auto changes = after.pool.takeMemoryChanges(after.now, 10);
        QCOMPARE(changes.days.size(), std::size_t(1));
        QCOMPARE(changes.days.front().used, std::int64_t(3));
    }

    void aRestLearnedLateHoldsAtOnce()
    {
        const std::vector<KeyEntry> keys{key("a"), key("b")};
        Bench before(keys), after(keys);
        after.call();
        QCOMPARE(before.call(answer(AnswerClass::BadKey)), "a/m");
        after.pool.add(before.pool.memory(before.now), after.now);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(after.call(), "b/m");
    }
};

QTEST_APPLESS_MAIN(HandoverTest)
#include "test_handover.moc"
