// SPDX-License-Identifier: GPL-3.0-or-later
#include "demoprovider/demolimits.h"

#include <QTest>
#include <rapidcheck.h>
#include <vector>

using namespace keymux;

class DemoLimitsTest : public QObject {
    Q_OBJECT

private:
    static TimePoint at(std::int64_t ms) { return TimePoint(Millis(1795000000000 + ms)); }

private Q_SLOTS:
    void theRequestAfterTheLimitIsRefusedUntilTheFirstIsAMinuteOld()
    {
        DemoMeter meter;
        const DemoLimits limits{.rpm = 2, .tpm = 0, .rpd = 0};
        QVERIFY(!meter.take("k", "m", limits, 1, at(0)));
        QVERIFY(!meter.take("k", "m", limits, 1, at(20000)));
        const auto refused = meter.take("k", "m", limits, 1, at(30000));
        QVERIFY(refused);
        QVERIFY(refused->quota == DemoQuota::RequestsPerMinute);
        QCOMPARE(refused->limit, 2);
        QCOMPARE(refused->retryIn.count(), 30000);
        QVERIFY(meter.take("k", "m", limits, 1, at(59999)));
        QVERIFY(!meter.take("k", "m", limits, 1, at(60000)));
        QVERIFY(meter.take("k", "m", limits, 1, at(60001)));
    }

    void everyKeyAndModelHasALimitOfItsOwn()
    {
        DemoMeter meter;
        const DemoLimits limits{.rpm = 1, .tpm = 0, .rpd = 0};
        QVERIFY(!meter.take("k", "m", limits, 1, at(0)));
        QVERIFY(!meter.take("k", "other", limits, 1, at(0)));
        QVERIFY(!meter.take("other", "m", limits, 1, at(0)));
        QVERIFY(meter.take("k", "m", limits, 1, at(0)));
    }

    void tokensAreCountedByTheMinute()
    {
        DemoMeter meter;
        const DemoLimits limits{.rpm = 0, .tpm = 100, .rpd = 0};
        QVERIFY(!meter.take("k", "m", limits, 60, at(0)));
        const auto refused = meter.take("k", "m", limits, 60, at(1000));
        QVERIFY(refused);
        QVERIFY(refused->quota == DemoQuota::TokensPerMinute);
        QCOMPARE(refused->retryIn.count(), 59000);
        QVERIFY(!meter.take("k", "m", limits, 40, at(2000)));
    }

    void theDayTurnsEightHoursAfterUtc()
    {
        DemoMeter meter;
        const DemoLimits limits{.rpm = 0, .tpm = 0, .rpd = 1};
        const Millis day = std::chrono::hours(24);
        const TimePoint midnight(day * 20000 + std::chrono::hours(8));
        QVERIFY(!meter.take("k", "m", limits, 1, midnight - Millis(2)));
        const auto refused = meter.take("k", "m", limits, 1, midnight - Millis(1));
        QVERIFY(refused);
        QVERIFY(refused->quota == DemoQuota::RequestsPerDay);
        QCOMPARE(refused->retryIn.count(), 1);
        QVERIFY(!meter.take("k", "m", limits, 1, midnight));
    }

    void noMinuteEverHoldsMoreThanTheLimit()
    {
        const bool held = rc::check("no minute holds more than the limit", [] {
            DemoMeter meter;
            const int rpm = *rc::gen::inRange(1, 8);
            std::vector<std::int64_t> accepted;
            std::int64_t now = 0;
            for (const int step : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 20000))) {
                now += step;
                if (!meter.take("k", "m", {.rpm = rpm, .tpm = 0, .rpd = 0}, 1, at(now)))
                    accepted.push_back(now);
            }
            for (std::size_t i = std::size_t(rpm); i < accepted.size(); ++i)
                RC_ASSERT(accepted[i] - accepted[i - std::size_t(rpm)] >= 60000);
        });
        QVERIFY(held);
    }
};

QTEST_APPLESS_MAIN(DemoLimitsTest)
#include "test_demolimits.moc"
