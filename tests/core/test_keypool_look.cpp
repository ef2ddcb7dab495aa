// SPDX-License-Identifier: GPL-3.0-or-later
#include "keypoolfixture.h"

#include <QTest>

using namespace keymux;
using namespace keymux::test;

/// Who was passed over for a request and why; and what a probe of a key changes.
class TestKeyPoolLook : public QObject {
    Q_OBJECT

private:
    /// `key/model why`, in order.
    static std::vector<std::string> told(const Bench &b, const RouteLook &look)
    {
        std::vector<std::string> list;
        for (const PassedOver &entry : look.passedOver)
            list.push_back(b.router->deployments()[entry.deployment].id + " " + std::string(passedOverName(entry.why)));
        return list;
    }
    static RouteLook lookFor(Bench &b, std::int64_t tokens = 0, std::string_view name = "any")
    {
        RouteLook look;
        const auto lease = b.pool.acquire(b.request(name, tokens), b.now, &look);
        if (lease)
            b.pool.settle(*lease, answer(AnswerClass::NeverSent), b.now);
        return look;
    }
    using List = std::vector<std::string>;

private Q_SLOTS:
    void whereOnlyEqualsWerePassedOverNothingIsLookedAt()
    {
        Bench b({key("a"), key("b"), key("c")});
        const RouteLook look = lookFor(b);
        QVERIFY(!look.made);
        QVERIFY(look.passedOver.empty());
    }

    void everyReasonIsTold()
    {
        Limits oneRequest, oneDay, parallel, tokens, small;
        oneRequest.rpm = 1;
        oneDay.rpd = 1;
        parallel.maxParallel = 1;
        tokens.tpm = 100;
        small.tpm = 10;
        Bench b({key("off"), key("lost"), key("bad"), key("resting"), key("rpm", oneRequest), key("rpd", oneDay),
                 key("busy", parallel), key("tpm", tokens), key("small", small), key("trial"), key("tried"),
                 key("last"), key("lower")});
        // The last two alone stay free: each of the others is brought to its state first.
        const auto only = [&](std::size_t index) {
            b.tried.clear();
            for (DeploymentIndex i = 0; i < b.router->deployments().size(); ++i)
                if (i != index)
                    b.tried.push_back(i);
        };
        only(2);
        b.call(answer(AnswerClass::BadKey));
        only(9); // a rest without a hint: when it is over, one request finds out
        b.call(answer(AnswerClass::MinuteLimit));
        b.now += 31s;
        only(9);
        const Lease trial = b.send();
        QVERIFY(trial.trial);
        only(3);
        Feedback limited = answer(AnswerClass::MinuteLimit);
        limited.restFor = 20s;
        b.call(limited);
        only(4);
        b.call();
        only(5);
        b.call();
        only(6);
        b.send();
        only(7);
        b.call(success(90), "any", 90);
        b.readiness[0].operatorDisabled = true;
        b.readiness[1].resolved = false;
        b.apply();
        b.tried = {10};

        RouteLook look;
        const auto lease = b.pool.acquire(b.request("any", 50), b.now, &look);
        QVERIFY(lease.has_value());
        QVERIFY(look.made);
        const std::string chosen = b.idOf(*lease);
        QVERIFY(chosen == "last/m" || chosen == "lower/m");
        const std::string other = chosen == "last/m" ? "lower/m" : "last/m";
        const List expected = {"off/m disabled",        "lost/m unresolved", "bad/m blocked",
                               "resting/m resting",     "rpm/m rpm",         "rpd/m rpd",
                               "busy/m parallel",       "tpm/m tpm",         "small/m too_large",
                               "trial/m trial_running", "tried/m tried",     other + " ranked_lower"};
        QCOMPARE(told(b, look), expected);
        QCOMPARE(look.passedOver[3].until, std::optional(b.now + 20s));
        QCOMPARE(look.passedOver[3].reason, std::optional(RestReason::MinuteLimit));
        QCOMPARE(look.passedOver[2].reason, std::optional(RestReason::BadKey));
        QCOMPARE(look.passedOver[2].scope, RestScope::Key);
        QVERIFY(look.passedOver[4].until > b.now);
        QVERIFY(!look.passedOver[6].until.has_value());
    }

    void lowerTiersAreCountedAsNotReached()
    {
        Limits one;
        one.rpm = 1;
        Bench b({key("a", one, {model("m", 1, 1)}), key("b", {}, {model("m", 1, 2)}), key("c", {}, {model("m", 1, 3)}),
                 key("d", {}, {model("m", 1, 3)})});
        b.call();
        const RouteLook look = lookFor(b);
        QCOMPARE(told(b, look), List{"a/m rpm"});
        QCOMPARE(look.notReached, 2U);
    }

    void aRefusalTellsOfAllThereAre()
    {
        Limits one;
        one.rpm = 1;
        Bench b({key("a", one), key("b", one, {model("m", 1, 2)})});
        b.call();
        b.call();
        const RouteLook look = lookFor(b);
        QCOMPARE(told(b, look), (List{"a/m rpm", "b/m rpm"}));
        QCOMPARE(look.notReached, 0U);
    }

    void theListIsBoundedAndTheRestCounted()
    {
        std::vector<KeyEntry> keys;
        for (int i = 0; i < 1000; ++i)
            keys.push_back(key("k" + std::to_string(i)));
        Bench b(std::move(keys));
        b.readiness[3].operatorDisabled = true;
        b.readiness[700].operatorDisabled = true;
        b.apply();
        lookFor(b, 0);                 // who is off is found out on the way
        for (int i = 0; i < 1000; ++i) // and everybody has had a turn
            b.call();
        const RouteLook look = lookFor(b);
        QVERIFY(look.made);
        QCOMPARE(look.passedOver.size(), RouteLook::bound);
        const RouteLook::Others &others = look.others;
        QCOMPARE(others.off, 1U);
        QCOMPARE(others.resting + others.blocked + others.busy + others.unknown, 0U);
        QVERIFY(others.ready >= 948U && others.ready <= 950U);
    }

    void lookingChangesNothing()
    {
        Limits parallel;
        parallel.maxParallel = 1;
        Bench looked({key("a", parallel), key("b", parallel), key("c", {}, {model("m", 3, 2)})});
        Bench other({key("a", parallel), key("b", parallel), key("c", {}, {model("m", 3, 2)})});
        for (int i = 0; i < 20; ++i) {
            RouteLook look;
            const auto one = looked.pool.acquire(looked.request(), looked.now, &look);
            const auto two = other.acquire();
            QCOMPARE(one.has_value(), two.has_value());
            QCOMPARE(one->deployment, two->deployment);
            looked.pool.markSent(*one, looked.now);
            other.pool.markSent(*two, other.now);
            if (i % 3 == 2) {
                looked.pool.settle(*one, success(), looked.now);
                other.pool.settle(*two, success(), other.now);
            }
        }
        QVERIFY(looked.pool.snapshot(looked.now) == other.pool.snapshot(other.now));
    }

    void aRequestOfAnEarlierConfigIsToldToo()
    {
        Limits one;
        one.rpm = 1;
        Bench b({key("a", one), key("b", {}, {model("m", 1, 2)})});
        b.call();
        const auto before = b.router;
        const AcquireRequest request = b.request();
        b.apply();
        RouteLook look;
        QVERIFY(b.pool.acquire(request, b.now, &look).has_value());
        QVERIFY(look.made);
        QCOMPARE(told(b, look), List{"a/m rpm"});
    }

    void aRefusedProbeRestsTheKeyAndAGoodOneEndsThat()
    {
        Bench b({key("a")});
        b.readiness[0].secretVersion = 7;
        b.apply();
        QVERIFY(!b.pool.noteProbe("a", 6, answer(AnswerClass::BadKey), b.now)); // of an earlier secret
        QVERIFY(!b.pool.noteProbe("x", 7, answer(AnswerClass::BadKey), b.now));
        QVERIFY(b.hasRoom());
        QVERIFY(b.pool.noteProbe("a", 7, answer(AnswerClass::BadKey), b.now));
        QCOMPARE(b.state("a/m").status, DeploymentStatus::Blocked);
        QCOMPARE(b.state("a/m").cooldown->until, b.now + 1h);
        QVERIFY(b.pool.noteProbe("a", 7, answer(AnswerClass::Timeout), b.now));
        QVERIFY(!b.hasRoom());
        QVERIFY(b.pool.noteProbe("a", 7, success(), b.now));
        QVERIFY(b.hasRoom());
    }

    void aGoodProbeSaysNothingOfLimitsAndMoney()
    {
        Bench b({key("a")});
        b.call(answer(AnswerClass::Billing));
        QVERIFY(b.pool.noteProbe("a", 0, success(), b.now));
        QCOMPARE(b.state("a/m").status, DeploymentStatus::Blocked);
    }
};

QTEST_APPLESS_MAIN(TestKeyPoolLook)
#include "test_keypool_look.moc"
