// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/budget.h"

#include <QDateTime>
#include <QtTest>
#include <rapidcheck.h>

using namespace keymux;

namespace {

TimePoint at(const char *iso)
{
    return TimePoint(Millis(QDateTime::fromString(QString::fromLatin1(iso), Qt::ISODateWithMs).toMSecsSinceEpoch()));
}

} // namespace

class TestBudget : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void periodsAreTheCalendarsInUtc_data()
    {
        QTest::addColumn<int>("period");
        QTest::addColumn<QByteArray>("now");
        QTest::addColumn<QByteArray>("start");
        QTest::addColumn<QByteArray>("end");
        const auto row = [](const char *name, BudgetPeriod period, const char *now, const char *start,
                            const char *end) {
            QTest::newRow(name) << int(period) << QByteArray(now) << QByteArray(start) << QByteArray(end);
        };
        row("day", BudgetPeriod::Day, "2026-02-28T23:59:59.999Z", "2026-02-28T00:00:00Z", "2026-03-01T00:00:00Z");
        row("midnight", BudgetPeriod::Day, "2026-03-01T00:00:00.000Z", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z");
        row("Monday", BudgetPeriod::Week, "2026-11-23T00:00:00Z", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z");
        row("Sunday", BudgetPeriod::Week, "2026-11-29T23:59:59Z", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z");
        row("leap year", BudgetPeriod::Month, "2028-02-29T12:00:00Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z");
        row("December", BudgetPeriod::Month, "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z");
    }

    void periodsAreTheCalendarsInUtc()
    {
        QFETCH(int, period);
        QFETCH(QByteArray, now);
        QFETCH(QByteArray, start);
        QFETCH(QByteArray, end);
        QVERIFY(periodStart(BudgetPeriod(period), at(now)) == at(start));
        QVERIFY(periodEnd(BudgetPeriod(period), at(now)) == at(end));
    }

    void aTotalHasNoEnd()
    {
        QVERIFY(!periodEnd(BudgetPeriod::Total, at("2026-01-01T00:00:00Z")));
        QVERIFY(periodStart(BudgetPeriod::Total, at("2026-01-01T00:00:00Z")) == TimePoint());
    }

    void everyMomentLiesInItsPeriodAndTheNextBeginsWhereItEnds()
    {
        QVERIFY(rc::check("periods follow each other without a gap", [] {
            const auto period = BudgetPeriod(*rc::gen::inRange(0, 3));
            const TimePoint now(Millis(*rc::gen::inRange<std::int64_t>(0, 4102444800000)));
            const TimePoint start = periodStart(period, now), end = periodEnd(period, now).value();
            RC_ASSERT(start <= now && now < end);
            RC_ASSERT(periodStart(period, end) == end);
            RC_ASSERT(periodStart(period, end - Millis(1)) == start);
        }));
    }

    void namesGoBothWays()
    {
        for (const auto unit : {BudgetUnit::Tokens, BudgetUnit::Requests, BudgetUnit::Usd})
            QVERIFY(unitFrom(unitName(unit)) == unit);
        for (const auto period : {BudgetPeriod::Day, BudgetPeriod::Week, BudgetPeriod::Month, BudgetPeriod::Total})
            QVERIFY(periodFrom(periodName(period)) == period);
        QVERIFY(!unitFrom("euro") && !periodFrom("fortnight") && !periodFrom(""));
    }
};

QTEST_APPLESS_MAIN(TestBudget)
#include "test_budget.moc"
