// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/snapshot.h"

#include "keypoolfixture.h"

#include <QTest>
#include <set>

using namespace keymux;
using namespace keymux::test;

class TestSnapshot : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void itListsDeploymentsAndKeysInDocumentOrder()
    {
        KeyEntry grouped = key("b", {.rpm = 15, .rpd = 100}, {model("m", 10), model("n", 5, 2)});
        grouped.quotaGroup = "project";
        KeyEntry off = key("c");
        off.enabled = false;
        Bench b({key("a"), grouped, off});
        const PoolSnapshot s = b.pool.snapshot(b.now);
        QCOMPARE(s.at, noon);
        QCOMPARE(s.deployments.size(), std::size_t(4));
        QCOMPARE(s.deployments[2].id, std::string("b/n"));
        QCOMPARE(s.deployments[2].provider, std::string("p"));
        QCOMPARE(s.deployments[2].keyId, std::string("b"));
        QCOMPARE(s.deployments[2].model, std::string("n"));
        QCOMPARE(s.deployments[2].priority, 2);
        QCOMPARE(s.deployments[2].weight, 5.0);
        QCOMPARE(s.deployments[2].rpm.limit, std::optional<std::int64_t>(15));
        QVERIFY(!s.deployments[2].tpm.limit);
        QCOMPARE(s.deployments[3].status, DeploymentStatus::Disabled);
        QCOMPARE(s.keys[1].quotaGroup, std::string("project"));
        QCOMPARE(s.keys[2].disabledBy, std::string("config"));
        QVERIFY(!s.keys[2].enabled);
    }

    void windowsSayWhatIsUsedAndWhenTheyAreEmptyAgain()
    {
        Bench b({key("a", {.rpm = 2, .tpm = 1000, .rpd = 50})});
        b.call(success(40), "any", 100);
        b.now += 3s;
        b.send("any", 100);
        const DeploymentState s = b.state("a/m");
        QCOMPARE(s.status, DeploymentStatus::Limited);
        QCOMPARE(s.rpm.used, 2);
        QCOMPARE(s.tpm.used, 140);
        QCOMPARE(s.rpd.used, 2);
        QCOMPARE(*s.rpm.resetsAt, noon + 63250ms);
        QCOMPARE(*s.rpd.resetsAt, noon + 12h + 250ms);
        QCOMPARE(s.inFlight, 1);
        QCOMPARE(s.requests, 1);
        b.now += 61s;
        QCOMPARE(b.state("a/m").rpm.used, 0);
        QVERIFY(!b.state("a/m").rpm.resetsAt);
    }

    void roomIsTheSmallestFreeFractionOfAllLimits()
    {
        Bench b({key("a", {.rpm = 4, .tpm = 1000, .rpd = 50})});
        QCOMPARE(b.state("a/m").room, 1.0);
        b.call(success(600), "any", 600);
        QCOMPARE(b.state("a/m").room, 0.4);
        QCOMPARE(b.pool.snapshot(b.now + 2min).deployments[0].room, 0.98); // the minute is over, the day is not
        Bench one({key("a", {.rpm = 4, .maxParallel = 1})});
        one.send();
        QCOMPARE(one.state("a/m").room, 0.0); // its one place is taken
        Bench endless({key("a")});
        endless.send();
        QCOMPARE(endless.state("a/m").room, 1.0);
    }

    void lookingChangesNothing()
    {
        Bench b({key("a", {.rpm = 2}), key("b")});
        b.call();
        const PoolSnapshot later = b.pool.snapshot(b.now + 1h);
        QCOMPARE(later.deployments[0].rpm.used, 0);
        QCOMPARE(b.state("a/m").rpm.used, 1);
        QVERIFY(b.pool.snapshot(b.now) == b.pool.snapshot(b.now));
    }

    void latenciesAreOverTheLastSixtyFourAnswers()
    {
        Bench b({key("a")});
        QVERIFY(!b.state("a/m").latencyP50);
        for (int i = 1; i <= 164; ++i) {
            Feedback feedback = success();
            feedback.latency = Millis(i <= 100 ? 100000 : i - 100);
            b.call(feedback);
        }
        QCOMPARE(*b.state("a/m").latencyP50, 32ms);
        QCOMPARE(*b.state("a/m").latencyP95, 60ms);
    }

    void errorsAreWhatTheDeploymentGotWrong()
    {
        Bench b({key("a")});
        b.call();
        b.call(answer(AnswerClass::Overload));
        b.call(answer(AnswerClass::ClientFault));
        QCOMPARE(b.state("a/m").requests, 3);
        QCOMPARE(b.state("a/m").errors, 1);
    }

    void theCooldownShownIsTheOneThatEndsLast()
    {
        Bench b({key("a")});
        const Lease first = b.send(), second = b.send();
        Feedback limited = answer(AnswerClass::MinuteLimit);
        limited.restFor = 20s;
        b.pool.settle(first, limited, b.now);
        b.pool.settle(second, answer(AnswerClass::BadKey), b.now);
        const DeploymentState s = b.state("a/m");
        QCOMPARE(s.status, DeploymentStatus::Blocked);
        QCOMPARE(*s.cooldown, (CooldownState{noon + 1h, RestReason::BadKey, RestScope::Key}));
    }

    void everyNameIsUniqueAndAsTheAdminApiWritesIt()
    {
        std::set<std::string_view> names;
        for (int i = 0; i <= int(DeploymentStatus::Unresolved); ++i)
            names.insert(statusName(DeploymentStatus(i)));
        QCOMPARE(names.size(), std::size_t(7));
        QVERIFY(names.contains("ready") && names.contains("cooling") && names.contains("probing"));
        names.clear();
        for (int i = 0; i <= int(RestReason::AddressLimit); ++i)
            names.insert(restReasonName(RestReason(i)));
        QCOMPARE(names.size(), std::size_t(10));
        names.clear();
        for (int i = 0; i <= int(RestScope::Provider); ++i)
            names.insert(restScopeName(RestScope(i)));
        QCOMPARE(names.size(), std::size_t(6));
    }
};

QTEST_APPLESS_MAIN(TestSnapshot)
#include "test_snapshot.moc"
