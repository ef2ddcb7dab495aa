// SPDX-License-Identifier: GPL-3.0-or-later
#include "keypoolfixture.h"

#include <QTest>

using namespace keymux;
using namespace keymux::test;

namespace {

Feedback refused(AnswerClass klass, std::optional<Millis> hint = std::nullopt)
{
    Feedback feedback = answer(klass);
    feedback.restFor = hint;
    return feedback;
}

} // namespace

class TestKeyPoolReconfigure : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void windowsRestsAndLeasesOfWhatStaysAreKept()
    {
        Bench b({key("a", {.rpm = 10}), key("b")});
        const Lease running = b.send("any");
        QCOMPARE(b.idOf(running), std::string("a/m"));
        QCOMPARE(b.call(refused(AnswerClass::MinuteLimit, 60s)), std::string("b/m"));
        b.config.providers[0].keys.insert(b.config.providers[0].keys.begin(), key("new"));
        b.apply();
        QCOMPARE(b.state("a/m").rpm.used, 1);
        QCOMPARE(b.state("a/m").inFlight, 1);
        QCOMPARE(b.state("b/m").cooldown->until, noon + 60s);
        b.pool.settle(running, success(), b.now);
        QCOMPARE(b.state("a/m").inFlight, 0);
    }

    void aChangedLimitKeepsWhatWasUsed()
    {
        Bench b({key("a", {.rpm = 10})});
        for (int i = 0; i < 5; ++i)
            b.call();
        b.config.providers[0].keys[0].limits.rpm = 5;
        b.apply();
        QVERIFY(!b.hasRoom());
        b.config.providers[0].keys[0].limits.rpm = 6;
        b.apply();
        QVERIFY(!b.call().empty());
        QVERIFY(b.call().empty());
    }

    void aLeaseOfARemovedDeploymentCanStillBeSettled()
    {
        Bench b({key("a", {.maxParallel = 1}), key("b")});
        const Lease running = b.send();
        b.config.providers[0].keys.erase(b.config.providers[0].keys.begin());
        b.apply();
        b.pool.takeEvents(b.now);
        b.pool.settle(running, refused(AnswerClass::BadKey), b.now);
        QCOMPARE(b.call(), std::string("b/m"));
        b.pool.takeEvents(b.now);
        QCOMPARE(b.pool.snapshot(b.now).deployments.size(), std::size_t(1));
    }

    void whatReturnsAfterItWasForgottenBeginsAnew()
    {
        Bench b({key("a", {.rpm = 1})});
        b.call();
        const auto keys = b.config.providers[0].keys;
        b.config.providers[0].keys = {key("b")};
        b.apply();
        b.pool.takeEvents(b.now);
        b.config.providers[0].keys = keys;
        b.apply();
        QCOMPARE(b.state("a/m").rpm.used, 0);
    }

    void aPlanOfAnEarlierConfigStillWorksAndSharesTodaysWindows()
    {
        Bench b({key("a", {.rpm = 2}), key("gone", {.rpm = 1}, {model("m", 1, 2)})});
        const auto oldRouter = b.router;
        const AcquireRequest oldRequest = b.request();
        b.config.providers[0].keys.pop_back();
        b.config.providers[0].keys.push_back(key("new", {}, {model("m", 1, 3)}));
        b.apply();
        b.call();
        const auto first = b.pool.acquire(oldRequest, b.now), second = b.pool.acquire(oldRequest, b.now);
        QVERIFY(first.has_value() && second.has_value());
        QCOMPARE(oldRouter->deployments()[first->deployment].id, std::string("a/m"));
        QCOMPARE(oldRouter->deployments()[second->deployment].id, std::string("gone/m"));
        b.pool.markSent(*second, b.now);
        QCOMPARE(b.pool.acquire(oldRequest, b.now).error().why,
                 NoRoom::Why::Busy); // the limits of what is gone still hold
        QVERIFY(b.pool.nextFree(oldRequest, b.now).has_value());
        QCOMPARE(b.call(), std::string("new/m"));
        b.pool.settle(*first, success(), b.now);
        b.pool.settle(*second, success(), b.now);
    }

    void aNewSecretEndsTheKeysRestsAndTheirDoubling()
    {
        Bench b({key("a")});
        b.call(refused(AnswerClass::MinuteLimit));
        b.now += 30s;
        b.call(refused(AnswerClass::MinuteLimit));
        b.readiness[0].secretVersion = 2;
        b.apply();
        QVERIFY(b.hasRoom());
        b.call(refused(AnswerClass::MinuteLimit));
        QCOMPARE(b.state("a/m").cooldown->until, b.now + 30s);
        b.readiness[0].secretVersion = 3;
        b.apply();
        b.call(refused(AnswerClass::BadKey));
        b.apply();
        QVERIFY(!b.hasRoom()); // the same secret: the rest stays
        b.readiness[0].secretVersion = 4;
        b.apply();
        QVERIFY(b.hasRoom());
    }

    void aNewSecretOfOneKeyDoesNotEndTheRestOfItsGroup()
    {
        KeyEntry first = key("a"), second = key("b");
        first.quotaGroup = second.quotaGroup = "project";
        Bench b({first, second});
        b.call(refused(AnswerClass::MinuteLimit, 60s));
        b.readiness[0].secretVersion = 7;
        b.apply();
        QVERIFY(!b.hasRoom());
    }

    void movingToAGroupCountsInTheGroupFromThenOn()
    {
        Bench b({key("a", {.rpm = 2}), key("b", {.rpm = 2})});
        const Lease running = *b.acquire();
        b.config.providers[0].keys[0].quotaGroup = b.config.providers[0].keys[1].quotaGroup = "project";
        b.apply();
        b.pool.markSent(running, b.now);
        b.pool.settle(running, success(), b.now); // where it was taken
        QVERIFY(!b.call().empty());
        QVERIFY(!b.call().empty());
        QVERIFY(b.call().empty());
        QCOMPARE(b.state("a/m").inFlight, 0);
    }

    void aTrialWhoseDeploymentChangesItsGroupLeavesNobodyWaiting()
    {
        KeyEntry first = key("a"), second = key("b");
        first.quotaGroup = second.quotaGroup = "project";
        Bench b({first, second});
        b.call(refused(AnswerClass::MinuteLimit));
        b.now += 30s;
        const Lease trial = *b.acquire();
        QVERIFY(trial.trial);
        b.config.providers[0].keys[trial.deployment].quotaGroup.clear();
        b.apply();
        b.pool.settle(trial, answer(AnswerClass::Cancelled), b.now);
        b.tried = {trial.deployment};
        const auto next = b.acquire();
        QVERIFY(next.has_value() && next->trial);
    }

    void disablingAndEnablingKeepsTheCounters()
    {
        Bench b({key("a", {.rpm = 5})});
        b.call();
        b.readiness[0].operatorDisabled = true;
        b.apply();
        QCOMPARE(b.state("a/m").status, DeploymentStatus::Disabled);
        QVERIFY(!b.hasRoom());
        b.readiness[0].operatorDisabled = false;
        b.apply();
        QCOMPARE(b.state("a/m").rpm.used, 1);
        QVERIFY(b.hasRoom());
    }

    void anotherZoneMovesTheDayTurnButKeepsTheDaysCount()
    {
        Bench b({key("a", {.rpd = 1})});
        b.call();
        QCOMPARE(*b.acquire().error().nextFree, noon + 12h + 250ms);
        b.config.providers[0].rpdResetZone = "America/Los_Angeles";
        b.apply();
        QCOMPARE(*b.acquire().error().nextFree, noon + 20h + 250ms);
    }

    void tenThousandDeploymentsAreTakenInAtOnce()
    {
        std::vector<KeyEntry> keys;
        for (int i = 0; i < 10000; ++i)
            keys.push_back(key("k" + std::to_string(i), {.rpm = 15}));
        Bench b(keys);
        const Lease lease = b.send();
        b.apply();
        b.pool.settle(lease, success(), b.now);
        QCOMPARE(b.state("k0/m").requests, 1);
    }
};

QTEST_APPLESS_MAIN(TestKeyPoolReconfigure)
#include "test_keypool_reconfigure.moc"
