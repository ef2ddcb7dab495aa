// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/virtualkeyroom.h"

#include <QtTest>

using namespace keymux;

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

/// What the virtual keys' room of one process passes on to that of the next.
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
};

QTEST_APPLESS_MAIN(HandoverTest)
#include "test_handover.moc"
