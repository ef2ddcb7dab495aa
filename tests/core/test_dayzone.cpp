// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dayzone.h"
#include "core/utczone.h"

#include <QDateTime>
#include <QTimeZone>
#include <QtTest>
#include <rapidcheck.h>

using namespace keymux;

namespace {

TimePoint at(const char *utc)
{
    return TimePoint(Millis(QDateTime::fromString(QString::fromLatin1(utc), Qt::ISODateWithMs).toMSecsSinceEpoch()));
}

std::string text(TimePoint t)
{
    return QDateTime::fromMSecsSinceEpoch(t.time_since_epoch().count(), utcZone)
        .toString(Qt::ISODateWithMs)
        .toStdString();
}

const TimePoint around = at("2026-06-01T00:00:00Z");

DayZone zone(const char *name)
{
    const auto found = DayZone::named(name, around);
    if (!found)
        qFatal("this machine does not know %s", name);
    return *found;
}

} // namespace

class TestDayZone : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void utcTurnsAtMidnight()
    {
        for (const DayZone &utc : {DayZone(), zone("UTC")}) {
            QCOMPARE(text(utc.nextMidnight(at("2026-11-23T20:30:00Z"))), std::string("2026-11-24T00:00:00.000Z"));
            QCOMPARE(text(utc.lastMidnight(at("2026-11-23T20:30:00Z"))), std::string("2026-11-23T00:00:00.000Z"));
            QCOMPARE(text(utc.nextMidnight(at("2026-11-23T23:59:59.999Z"))), std::string("2026-11-24T00:00:00.000Z"));
        }
    }

    void midnightItselfBeginsTheDay()
    {
        const TimePoint midnight = at("2026-11-24T00:00:00Z");
        QCOMPARE(text(DayZone().lastMidnight(midnight)), text(midnight));
        QCOMPARE(text(DayZone().nextMidnight(midnight)), std::string("2026-11-25T00:00:00.000Z"));
        const TimePoint pacific = at("2026-11-24T08:00:00Z");
        QCOMPARE(text(zone("America/Los_Angeles").lastMidnight(pacific)), text(pacific));
        QCOMPARE(text(zone("America/Los_Angeles").nextMidnight(pacific)), std::string("2026-11-25T08:00:00.000Z"));
    }

    void timesBeforeTheEpochHaveDaysToo()
    {
        QCOMPARE(text(DayZone().lastMidnight(at("1969-12-31T12:00:00Z"))), std::string("1969-12-31T00:00:00.000Z"));
        QCOMPARE(text(DayZone().nextMidnight(at("1969-12-31T12:00:00Z"))), std::string("1970-01-01T00:00:00.000Z"));
    }

    void pacificMidnightMovesWithTheSeason()
    {
        const DayZone pacific = zone("America/Los_Angeles");
        QCOMPARE(text(pacific.nextMidnight(at("2026-01-15T12:00:00Z"))), std::string("2026-01-16T08:00:00.000Z"));
        QCOMPARE(text(pacific.nextMidnight(at("2026-07-15T12:00:00Z"))), std::string("2026-07-16T07:00:00.000Z"));
        // Still yesterday in California.
        QCOMPARE(text(pacific.nextMidnight(at("2026-07-15T06:59:59.999Z"))), std::string("2026-07-15T07:00:00.000Z"));
    }

    void theDayOfTheSpringChangeHas23Hours()
    {
        // 2026-03-08 02:00 PST becomes 03:00 PDT.
        const DayZone pacific = zone("America/Los_Angeles");
        for (const char *now :
             {"2026-03-08T08:00:00Z", "2026-03-08T09:59:59Z", "2026-03-08T10:00:00Z", "2026-03-09T06:59:59Z"}) {
            QCOMPARE(text(pacific.lastMidnight(at(now))), std::string("2026-03-08T08:00:00.000Z"));
            QCOMPARE(text(pacific.nextMidnight(at(now))), std::string("2026-03-09T07:00:00.000Z"));
        }
    }

    void theDayOfTheAutumnChangeHas25Hours()
    {
        // 2026-11-01 02:00 PDT becomes 01:00 PST.
        const DayZone pacific = zone("America/Los_Angeles");
        for (const char *now :
             {"2026-11-01T07:00:00Z", "2026-11-01T08:30:00Z", "2026-11-01T09:30:00Z", "2026-11-02T07:59:59Z"}) {
            QCOMPARE(text(pacific.lastMidnight(at(now))), std::string("2026-11-01T07:00:00.000Z"));
            QCOMPARE(text(pacific.nextMidnight(at(now))), std::string("2026-11-02T08:00:00.000Z"));
        }
    }

    void aMidnightThatTheClockSkipsStillTurnsTheDay()
    {
        // In Chile the clock goes from 2026-09-06 00:00 to 01:00, so that day begins at 04:00 UTC.
        const DayZone chile = zone("America/Santiago");
        QCOMPARE(text(chile.nextMidnight(at("2026-09-05T20:00:00Z"))), std::string("2026-09-06T04:00:00.000Z"));
        QCOMPARE(text(chile.lastMidnight(at("2026-09-06T12:00:00Z"))), std::string("2026-09-06T04:00:00.000Z"));
    }

    void zonesEastOfGreenwichBeginEarlier()
    {
        QCOMPARE(text(zone("Asia/Kolkata").nextMidnight(at("2026-05-05T12:00:00Z"))),
                 std::string("2026-05-05T18:30:00.000Z"));
        QCOMPARE(text(zone("Pacific/Kiritimati").nextMidnight(at("2026-05-05T12:00:00Z"))),
                 std::string("2026-05-06T10:00:00.000Z"));
    }

    void unknownZonesAreAbsent()
    {
        for (const char *name : {"", "Mars/Olympus", "Berlin", "Europe", "UTCC", "<a/b>", "../zoneinfo/UTC",
                                 "../etc/passwd", "america/los angeles", "\xff"})
            QVERIFY2(!DayZone::named(name, around), name);
        QVERIFY(!DayZone::named(std::string(100000, 'A'), around));
        for (const char *name : {"GMT", "Etc/UTC", "US/Pacific", "CET", "Asia/Calcutta", "Etc/GMT+3"})
            QVERIFY2(DayZone::named(name, around), name);
    }

    void aDayAlwaysContainsNowAndLastsAboutADay()
    {
        const DayZone zones[] = {DayZone(),
                                 zone("America/Los_Angeles"),
                                 zone("Europe/Berlin"),
                                 zone("Asia/Kolkata"),
                                 zone("America/Santiago"),
                                 zone("Australia/Lord_Howe")};
        QVERIFY(rc::check([&] {
            const TimePoint now = around + Millis(*rc::gen::inRange<std::int64_t>(-150000000000, 150000000000));
            for (const DayZone &each : zones) {
                const TimePoint last = each.lastMidnight(now), next = each.nextMidnight(now);
                RC_ASSERT(last <= now);
                RC_ASSERT(now < next);
                RC_ASSERT(next - last >= std::chrono::hours(23));
                RC_ASSERT(next - last <= std::chrono::hours(25));
                // Midnights are the same from every moment of their day.
                RC_ASSERT(each.lastMidnight(next - Millis(1)) == last);
                RC_ASSERT(each.nextMidnight(last) == next);
                RC_ASSERT(each.lastMidnight(next) == next);
            }
        }));
    }

    void itAgreesWithQtAboutTheDate()
    {
        const QTimeZone berlin("Europe/Berlin");
        const DayZone days = zone("Europe/Berlin");
        for (int day = 0; day < 3 * 365; ++day) {
            const TimePoint now = around + std::chrono::hours(24 * day + 11);
            const auto date = [&](TimePoint t) {
                return QDateTime::fromMSecsSinceEpoch(t.time_since_epoch().count(), berlin).date();
            };
            QCOMPARE(date(days.lastMidnight(now)), date(now));
            QCOMPARE(date(days.lastMidnight(now) - Millis(1)), date(now).addDays(-1));
            QCOMPARE(date(days.nextMidnight(now)), date(now).addDays(1));
        }
    }
};

QTEST_APPLESS_MAIN(TestDayZone)
#include "test_dayzone.moc"
