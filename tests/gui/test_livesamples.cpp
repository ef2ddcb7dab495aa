// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/livesamples.h"

#include <QJsonArray>
#include <QtTest>

using namespace Qt::StringLiterals;
using namespace keymux::gui;

namespace {

constexpr qint64 startMs = 1'800'000'000'000;

QJsonObject deployment(const QString &key, int requests, int errors, int tokens)
{
    return {{"id"_L1, key + "/m"_L1},
            {"key_id"_L1, key},
            {"model"_L1, u"m"_s},
            {"status"_L1, u"ready"_s},
            {"windows"_L1, QJsonObject{{"tpm"_L1, QJsonObject{{"used"_L1, tokens}}}}},
            {"requests"_L1, requests},
            {"errors"_L1, errors}};
}

QJsonObject message(qint64 atMs, const QJsonArray &deployments)
{
    return {{"at"_L1, QDateTime::fromMSecsSinceEpoch(atMs).toUTC().toString(Qt::ISODateWithMs)},
            {"deployments"_L1, deployments}};
}

/// A feed of two keys, told once a second.
struct Feed {
    LiveState state;
    LiveSamples samples;

    Feed() { snapshot(0, {deployment(u"a"_s, 100, 1, 50), deployment(u"b"_s, 200, 2, 0)}); }
    void snapshot(int second, const QJsonArray &deployments)
    {
        const LiveChange change = state.applySnapshot(message(startMs + second * 1000, deployments));
        samples.add(state, change, 1000);
    }
    void delta(int second, const QJsonArray &deployments)
    {
        const LiveChange change = state.applyDelta(message(startMs + second * 1000, deployments));
        samples.add(state, change, 1000);
    }
    QList<LiveSamples::Point> points(int second, const QString &key = {}, bool live = true) const
    {
        return samples.points(state, startMs + second * 1000, live,
                              [&](const LiveDeployment &d) { return key.isEmpty() || d.keyId == key; });
    }
};

/// `second:attempts/errors/tokens`, `|` for a gap.
QString text(const QList<LiveSamples::Point> &points)
{
    QStringList all;
    for (const LiveSamples::Point &p : points)
        all.append(p.gap ? u"|"_s
                         : u"%1:%2/%3/%4"_s.arg((p.atMs - startMs) / 1000).arg(p.attempts).arg(p.errors).arg(p.tokens));
    return all.join(u' ');
}

} // namespace

class TestLiveSamples : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatCameInEachSecond()
    {
        Feed feed;
        feed.delta(1, {deployment(u"a"_s, 103, 1, 80), deployment(u"b"_s, 201, 2, 10)});
        feed.delta(2, {deployment(u"a"_s, 104, 2, 90)});
        QCOMPARE(text(feed.points(2)), u"| 1:4/0/90 2:1/1/100"_s);
        QCOMPARE(text(feed.points(2, u"b"_s)), u"| 1:1/0/10 2:0/0/10"_s);
    }

    void silenceIsNothingWhileItIsTold()
    {
        Feed feed;
        feed.delta(1, {deployment(u"a"_s, 103, 1, 80)});
        feed.delta(5, {deployment(u"a"_s, 105, 1, 90)});
        QCOMPARE(text(feed.points(9)), u"| 1:3/0/80 2:0/0/80 4:0/0/80 5:2/0/90 6:0/0/90 9:0/0/90"_s);
        QCOMPARE(text(feed.points(9, {}, false)), u"| 1:3/0/80 2:0/0/80 4:0/0/80 5:2/0/90"_s);
    }

    void aLostConnectionIsAGapAndItsRequestsAreNoPeak()
    {
        Feed feed;
        feed.delta(1, {deployment(u"a"_s, 103, 1, 80)});
        feed.samples.breakOff();
        QCOMPARE(feed.samples.toldSinceMs(), 0);
        feed.snapshot(20, {deployment(u"a"_s, 900, 1, 80), deployment(u"b"_s, 200, 2, 0)});
        feed.delta(21, {deployment(u"a"_s, 901, 1, 81)});
        QCOMPARE(feed.samples.toldSinceMs(), startMs + 20000);
        const QString said = text(feed.points(21));
        QVERIFY2(said.startsWith(u"| 1:3/0/80"_s) && said.endsWith(u"| 21:1/0/81"_s), qPrintable(said));
        QVERIFY2(!said.contains(u"19:"_s), qPrintable(said));
    }

    void otherRowsBeginAnew()
    {
        Feed feed;
        feed.delta(1, {deployment(u"a"_s, 103, 1, 80)});
        feed.snapshot(2, {deployment(u"b"_s, 200, 2, 0)});
        QCOMPARE(text(feed.points(2)), u"|"_s);
    }

    void onlyTheLastMinuteIsKept()
    {
        Feed feed;
        for (int second = 1; second <= 600; ++second)
            feed.delta(second, {deployment(u"a"_s, 100 + second, 1, 50)});
        const auto points = feed.points(600);
        QVERIFY(points.size() >= 60 && points.size() <= 62);
        QCOMPARE(points.last().attempts, 1.0);
    }
};

QTEST_MAIN(TestLiveSamples)
#include "test_livesamples.moc"
