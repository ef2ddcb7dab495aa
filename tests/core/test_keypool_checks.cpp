// SPDX-License-Identifier: GPL-3.0-or-later
#include "keypoolfixture.h"

#include <QtTest>
#include <algorithm>
#include <set>

using namespace keymux;
using namespace keymux::test;

namespace {

constexpr Millis hour{3600000};
using Ids = std::vector<std::string>;

std::vector<KeyEntry> keysOf(int count)
{
    std::vector<KeyEntry> keys;
    for (int i = 1; i <= count; ++i)
        keys.push_back(key("k" + std::to_string(i)));
    return keys;
}

} // namespace

class TestKeyPoolChecks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void newKeysAreCheckedOneAfterTheOtherOverTheInterval()
    {
        Bench bench(keysOf(3));
        QCOMPARE(bench.pool.takeDueChecks(hour, 10, bench.now), Ids{});
        bench.now += hour / 4;
        QCOMPARE(bench.pool.takeDueChecks(hour, 10, bench.now), Ids{"k1"});
        QCOMPARE(bench.pool.takeDueChecks(hour, 10, bench.now), Ids{});
        bench.now += hour / 4;
        QCOMPARE(bench.pool.takeDueChecks(hour, 10, bench.now), Ids{"k2"});
        bench.now += hour / 4;
        QCOMPARE(bench.pool.takeDueChecks(hour, 10, bench.now), Ids{"k3"});
        bench.now += hour / 2;
        QCOMPARE(bench.pool.takeDueChecks(hour, 10, bench.now), Ids{"k1"});
    }

    void aKeyThatAnsweredWellNeedsNoCheck()
    {
        Bench bench(keysOf(1));
        QCOMPARE(bench.pool.takeDueChecks(hour, 10, bench.now), Ids{});
        bench.now += hour / 4;
        QCOMPARE(bench.call(), std::string("k1/m"));
        bench.now += hour / 2;
        QCOMPARE(bench.pool.takeDueChecks(hour, 10, bench.now), Ids{});
        bench.now += hour / 2;
        QCOMPARE(bench.pool.takeDueChecks(hour, 10, bench.now), Ids{"k1"});
    }

    void aFailureIsNoGoodAnswer()
    {
        Bench bench(keysOf(1));
        (void)bench.pool.takeDueChecks(hour, 10, bench.now);
        bench.now += hour / 4;
        bench.call(answer(AnswerClass::Timeout));
        bench.now += hour / 4;
        QCOMPARE(bench.pool.takeDueChecks(hour, 10, bench.now), Ids{"k1"});
    }

    void keysThatAreOffOrUnresolvedAreLeftOut()
    {
        Bench bench(keysOf(3));
        bench.readiness[0].resolved = false;
        bench.readiness[1].operatorDisabled = true;
        bench.apply();
        (void)bench.pool.takeDueChecks(hour, 10, bench.now);
        bench.now += hour;
        QCOMPARE(bench.pool.takeDueChecks(hour, 10, bench.now), Ids{"k3"});
    }

    void neverMoreAtOnceThanAskedForAndNoneIsForgotten()
    {
        Bench bench(keysOf(50));
        (void)bench.pool.takeDueChecks(hour, 4, bench.now);
        bench.now += hour;
        std::set<std::string> seen;
        for (int i = 0; i < 13; ++i) {
            const Ids due = bench.pool.takeDueChecks(hour, 4, bench.now);
            QVERIFY(due.size() <= 4);
            seen.insert(due.begin(), due.end());
            bench.now += Millis(1000);
        }
        QCOMPARE(seen.size(), std::size_t(50));
    }

    void aRefusedKeyIsCheckedOnAndTakenBack()
    {
        Bench bench(keysOf(1));
        (void)bench.pool.takeDueChecks(hour, 10, bench.now);
        bench.now += hour;
        QCOMPARE(bench.pool.takeDueChecks(hour, 10, bench.now), Ids{"k1"});
        QVERIFY(bench.pool.noteProbe("k1", 0, answer(AnswerClass::BadKey), bench.now));
        QCOMPARE(bench.state("k1/m").status, DeploymentStatus::Blocked);
        bench.now += hour;
        QCOMPARE(bench.pool.takeDueChecks(hour, 10, bench.now), Ids{"k1"});
        QVERIFY(bench.pool.noteProbe("k1", 0, success(), bench.now));
        QCOMPARE(bench.state("k1/m").status, DeploymentStatus::Ready);
    }
};

QTEST_GUILESS_MAIN(TestKeyPoolChecks)
#include "test_keypool_checks.moc"
