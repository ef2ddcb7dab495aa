// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/forecast.h"

#include <QtTest>

using namespace Qt::StringLiterals;
using namespace keymux::gui;

namespace {

constexpr qint64 minute = 60000;

LiveDeployment deployment(const QString &model, qint64 perMinute, std::optional<qint64> limit, qint64 used,
                          qint64 turnsAt = 0)
{
    LiveDeployment d;
    d.model = model;
    d.status = LiveStatus::Ready;
    d.rpm.used = perMinute;
    d.rpd = {limit, used, turnsAt};
    return d;
}

} // namespace

class TestForecast : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsLeftOfAllKeysLastsSoLong()
    {
        const QList<LiveDeployment> pool{deployment(u"flash"_s, 6, 1000, 940), deployment(u"flash"_s, 4, 1000, 960)};
        QCOMPARE(forecastFor(pool, 0), (QList<Forecast>{{u"flash"_s, 10 * minute}}));
    }

    void nothingIsSaidOfWhatLasts()
    {
        QVERIFY(forecastFor({deployment(u"flash"_s, 0, 1000, 0)}, 0).isEmpty());
        QVERIFY(forecastFor({deployment(u"flash"_s, 9, {}, 50)}, 0).isEmpty());
        QVERIFY(forecastFor({deployment(u"flash"_s, 9, 1000, 999), deployment(u"flash"_s, 1, {}, 1)}, 0).isEmpty());
        QVERIFY(forecastFor({deployment(u"flash"_s, 9, 1000, 1000)}, 0).isEmpty());
        // The day turns before.
        QVERIFY(forecastFor({deployment(u"flash"_s, 1, 1000, 900, 50 * minute)}, 0).isEmpty());
    }

    void keysThatCannotServeDoNotCountAndTheFirstIsFirst()
    {
        LiveDeployment off = deployment(u"flash"_s, 0, 1000, 0);
        off.status = LiveStatus::Disabled;
        const QList<LiveDeployment> pool{off, deployment(u"flash"_s, 10, 100, 0), deployment(u"pro"_s, 10, 50, 0)};
        QCOMPARE(forecastFor(pool, minute), (QList<Forecast>{{u"pro"_s, 6 * minute}, {u"flash"_s, 11 * minute}}));
    }
};

QTEST_MAIN(TestForecast)
#include "test_forecast.moc"
