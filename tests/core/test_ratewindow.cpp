// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ratewindow.h"
#include "keypoolfixture.h"

#include <QTest>
#include <deque>
#include <rapidcheck.h>

using namespace keymux;
using namespace keymux::test;

class TestRateWindow : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEntryLeavesAMinuteAndAQuarterSecondAfterItWasSent()
    {
        RateWindow window;
        window.add(noon, 1, 100);
        window.expire(noon + 60249ms);
        QCOMPARE(window.requests(), 1);
        window.expire(noon + 60250ms);
        QCOMPARE(window.requests(), 0);
        QCOMPARE(window.tokens(), 0);
        QVERIFY(!window.emptyAt());
    }

    void theMomentOfRoomIsToldExactly()
    {
        RateWindow window;
        window.add(noon, 1, 100);
        window.add(noon + 10s, 1, 50);
        QVERIFY(!window.whenAtMost(2, std::nullopt));
        QCOMPARE(*window.whenAtMost(1, std::nullopt), noon + 60250ms);
        QCOMPARE(*window.whenAtMost(std::nullopt, 49), noon + 70250ms);
        QCOMPARE(*window.emptyAt(), noon + 70250ms);
    }

    void aCorrectionChangesTheTokensButNotTheDate()
    {
        RateWindow window;
        window.add(noon, 1, 100);
        window.adjust(noon, 0, -60);
        QCOMPARE(window.tokens(), 40);
        QCOMPARE(window.requests(), 1);
        QCOMPARE(*window.emptyAt(), noon + 60250ms);
    }

    void itNeverForgetsWhatTheProviderMayStillCount()
    {
        const bool held = rc::check("merged entries only ever leave late, and not by much", [] {
            RateWindow window;
            std::deque<std::pair<TimePoint, std::int64_t>> exact;
            TimePoint now = noon;
            const int events = *rc::gen::inRange(1, 1500);
            const int step = *rc::gen::element(1, 20, 120, 400);
            for (int i = 0; i < events; ++i) {
                now += Millis(*rc::gen::inRange(0, step));
                const std::int64_t tokens = *rc::gen::inRange(0, 100);
                window.add(now, 1, tokens);
                exact.emplace_back(now, tokens);
                window.expire(now);
                std::int64_t atLeast = 0, atMost = 0, requests = 0;
                for (const auto &[at, count] : exact) {
                    if (at + 60250ms > now) {
                        atLeast += count;
                        ++requests;
                    }
                    if (at + 60250ms + 235ms > now)
                        atMost += count;
                }
                RC_ASSERT(window.requests() >= requests);
                RC_ASSERT(window.tokens() >= atLeast);
                RC_ASSERT(window.tokens() <= atMost);
                while (exact.front().first + 61s < now)
                    exact.pop_front();
            }
            window.expire(now + 60250ms);
            RC_ASSERT(window.requests() == 0 && window.tokens() == 0);
        });
        QVERIFY(held);
    }

    void fewEntriesAreExact()
    {
        const bool held = rc::check("up to 256 entries nothing is merged", [] {
            RateWindow window;
            std::vector<TimePoint> sent;
            TimePoint now = noon;
            const int count = *rc::gen::inRange(1, 256);
            for (int i = 0; i < count; ++i) {
                now += Millis(*rc::gen::inRange(1, 200));
                sent.push_back(now);
                window.add(now, 1, 0);
            }
            const auto mayStay = *rc::gen::inRange(0, count);
            const auto when = window.whenAtMost(mayStay, std::nullopt);
            RC_ASSERT(when == sent[std::size_t(count - 1 - mayStay)] + 60250ms);
        });
        QVERIFY(held);
    }
};

QTEST_APPLESS_MAIN(TestRateWindow)
#include "test_ratewindow.moc"
