// SPDX-License-Identifier: GPL-3.0-or-later
#include "keypoolfixture.h"

#include <QTest>
#include <map>

using namespace keymux;
using namespace keymux::test;

namespace {

Feedback refused(AnswerClass klass, std::optional<Millis> hint = std::nullopt)
{
    Feedback feedback = answer(klass);
    feedback.restFor = hint;
    return feedback;
}

std::vector<KeyEntry> manyKeys(int count)
{
    std::vector<KeyEntry> keys;
    for (int i = 0; i < count; ++i)
        keys.push_back(key("k" + std::to_string(i)));
    return keys;
}

} // namespace

class TestKeyPoolRests : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aHintIsFollowedAndThenTheRestSimplyEnds()
    {
        Bench b({key("a")});
        b.call(refused(AnswerClass::MinuteLimit, 20s));
        b.now += 20s - 1ms;
        QVERIFY(!b.hasRoom());
        b.now += 1ms;
        const auto first = b.acquire(), second = b.acquire();
        QVERIFY(first.has_value() && second.has_value());
        QVERIFY(!first->trial && !second->trial);
    }

    void hintsAreKeptWithinOneSecondAndTheCap()
    {
        Bench b({key("a")});
        b.call(refused(AnswerClass::MinuteLimit, 0ms));
        QCOMPARE(b.state("a/m").cooldown->until, noon + 1s);
        b.now += 2s;
        b.call(refused(AnswerClass::MinuteLimit, 48h));
        QCOMPARE(b.state("a/m").cooldown->until, b.now + 1h);
    }

    void withoutAHintEachRefusalInARowDoublesTheRestUpToTheCap()
    {
        Bench b({key("a")});
        for (const auto length : {30s, 60s, 120s, 240s, 480s, 960s, 1920s, 3600s, 3600s}) {
            const auto lease = b.acquire();
            QVERIFY(lease.has_value());
            b.pool.settle(*lease, refused(AnswerClass::MinuteLimit), b.now);
            QCOMPARE(b.state("a/m").cooldown->until, b.now + length);
            b.now += length;
        }
        b.call();
        b.call(refused(AnswerClass::MinuteLimit));
        QCOMPARE(b.state("a/m").cooldown->until, b.now + 30s);
    }

    void aShorterRestNeverShortensALongerOne()
    {
        Bench b({key("a")});
        const Lease first = b.send(), second = b.send();
        b.pool.settle(first, refused(AnswerClass::MinuteLimit, 60s), b.now);
        b.pool.settle(second, refused(AnswerClass::MinuteLimit, 1s), b.now);
        QCOMPARE(b.state("a/m").cooldown->until, noon + 60s);
        b.now += 10s;
        QVERIFY(!b.hasRoom());
    }

    void aLongerRestTakesThePlaceOfAShorterOne()
    {
        Bench b({key("a")});
        const Lease first = b.send(), second = b.send();
        b.pool.settle(first, refused(AnswerClass::MinuteLimit, 1s), b.now);
        b.pool.settle(second, refused(AnswerClass::MinuteLimit, 60s), b.now);
        QCOMPARE(b.state("a/m").cooldown->until, noon + 60s);
    }

    void failuresOfCallsThatBeganBeforeTheRestDoNotDoubleIt()
    {
        Bench b({key("a")});
        std::vector<Lease> running;
        for (int i = 0; i < 5; ++i)
            running.push_back(b.send());
        for (const Lease &lease : running)
            b.pool.settle(lease, refused(AnswerClass::MinuteLimit), b.now);
        QCOMPARE(b.state("a/m").cooldown->until, noon + 30s);
        b.now += 30s;
        b.call(refused(AnswerClass::MinuteLimit));
        QCOMPARE(b.state("a/m").cooldown->until, b.now + 60s);
    }

    void aQuotaOfTheDayRestsUntilTheDayTurnsWhateverTheHint()
    {
        PoolConfig config;
        config.providers = {provider("p", {key("a")})};
        config.providers[0].rpdResetZone = "America/Los_Angeles";
        Bench b(config);
        b.call(refused(AnswerClass::DayQuota, 1s));
        QCOMPARE(b.state("a/m").cooldown->until, noon + 20h + 250ms);
        QCOMPARE(b.state("a/m").cooldown->reason, RestReason::DayQuota);
        b.now = noon + 20h + 250ms;
        QVERIFY(b.hasRoom());
    }

    void noQuotaAtAllBlocksTheDeploymentForADay()
    {
        Bench b({key("a", {}, {model("m"), model("n", 1, 2)})});
        b.call(refused(AnswerClass::NoQuota));
        QCOMPARE(b.state("a/m").status, DeploymentStatus::Blocked);
        QCOMPARE(b.acquire("m").error().why, NoRoom::Why::Unusable);
        QCOMPARE(b.call(), std::string("a/n"));
        b.now += 24h;
        QVERIFY(b.hasRoom("m"));
    }

    void oneFailureDoesNotRestAndThreeInARowDo()
    {
        for (const AnswerClass klass :
             {AnswerClass::Overload, AnswerClass::Timeout, AnswerClass::Network, AnswerClass::Broken}) {
            Bench b({key("a")});
            b.call(answer(klass));
            b.call(answer(klass));
            QVERIFY(b.hasRoom());
            b.call();
            b.call(answer(klass));
            b.call(answer(klass));
            QVERIFY(b.hasRoom()); // the success in between ended the count
            b.call(answer(klass));
            QCOMPARE(b.state("a/m").cooldown->until, noon + 10s);
            QCOMPARE(b.state("a/m").cooldown->reason, RestReason::Overload);
        }
    }

    void afterAnOverloadOneTrialAtATimeIsLetThrough()
    {
        Bench b({key("a")});
        for (int i = 0; i < 3; ++i)
            b.call(answer(AnswerClass::Overload));
        b.now += 10s;
        QCOMPARE(b.state("a/m").status, DeploymentStatus::Probing);
        const auto trial = b.acquire();
        QVERIFY(trial.has_value() && trial->trial);
        const auto other = b.acquire();
        QCOMPARE(other.error().why, NoRoom::Why::Busy);
        b.pool.markSent(*trial, b.now);
        b.pool.settle(*trial, answer(AnswerClass::Overload), b.now);
        QCOMPARE(b.state("a/m").cooldown->until, b.now + 20s);
        b.now += 20s;
        const auto again = b.acquire();
        QVERIFY(again.has_value() && again->trial);
        b.pool.settle(*again, success(), b.now);
        QVERIFY(!b.acquire()->trial);
        QCOMPARE(b.state("a/m").status, DeploymentStatus::Ready);
    }

    void aTrialThatSaysNothingLetsTheNextOneTry()
    {
        for (const AnswerClass klass : {AnswerClass::Cancelled, AnswerClass::NeverSent, AnswerClass::ClientFault}) {
            Bench b({key("a")});
            b.call(refused(AnswerClass::BadKey));
            b.now += 1h;
            const Lease trial = *b.acquire();
            QVERIFY(trial.trial);
            QVERIFY(!b.acquire());
            b.pool.settle(trial, answer(klass), b.now);
            QVERIFY(b.acquire()->trial);
        }
    }

    void whoWaitedForATrialThatFailedIsFoundAgainWhenTheLongerRestEnds()
    {
        Bench b({key("a", {}, {model("m"), model("n", 1, 2)})});
        b.call(refused(AnswerClass::BadKey));
        b.now += 1h;
        const Lease trial = *b.acquire();
        QVERIFY(!b.acquire()); // n waits for the trial of m
        b.pool.settle(trial, refused(AnswerClass::BadKey), b.now);
        QCOMPARE(b.acquire("n").error().why, NoRoom::Why::Unusable);
        b.now += 1h;
        QVERIFY(b.acquire("n").has_value());
    }

    void aServersHintOnAnOverloadIsUsedWhenItIsLonger()
    {
        Bench b({key("a")});
        for (int i = 0; i < 3; ++i)
            b.call(refused(AnswerClass::Overload, 45s));
        QCOMPARE(b.state("a/m").cooldown->until, noon + 45s);
    }

    void whatIsNotTheKeysFaultIsNeverPunished()
    {
        Bench b({key("a")});
        for (int i = 0; i < 20; ++i) {
            for (const AnswerClass klass : {AnswerClass::Cancelled, AnswerClass::ClientFault, AnswerClass::UnknownField,
                                            AnswerClass::WrongAuthStyle, AnswerClass::NeverSent})
                b.call(answer(klass));
        }
        QVERIFY(!b.state("a/m").cooldown);
        QCOMPARE(b.state("a/m").errors, 0);
    }

    void aBadKeyRestsWithAllItsModelsButNotItsGroup()
    {
        KeyEntry first = key("a", {}, {model("m"), model("n")}), second = key("b", {}, {model("m")});
        first.quotaGroup = second.quotaGroup = "project";
        Bench b({first, second});
        QCOMPARE(b.call(refused(AnswerClass::BadKey)), std::string("a/m"));
        QCOMPARE(b.state("a/n").status, DeploymentStatus::Blocked);
        QCOMPARE(b.state("a/n").cooldown->scope, RestScope::Key);
        QCOMPARE(b.state("b/m").status, DeploymentStatus::Ready);
        QCOMPARE(b.call(), std::string("b/m"));
    }

    void spentCreditRestsTheKeyAndItsGroup()
    {
        KeyEntry first = key("a"), second = key("b"), other = key("c");
        first.quotaGroup = second.quotaGroup = "organisation";
        Bench b({first, second, other});
        QCOMPARE(b.call(refused(AnswerClass::Billing)), std::string("a/m"));
        QCOMPARE(b.state("b/m").status, DeploymentStatus::Blocked);
        QCOMPARE(b.state("b/m").cooldown->until, noon + 1h);
        QCOMPARE(b.call(), std::string("c/m"));
    }

    void aRestTheProviderNamedTheEndOfIsHonoured()
    {
        Bench b({key("a")});
        Feedback broke = refused(AnswerClass::Billing);
        broke.restUntil = noon + 50h;
        b.call(broke);
        QCOMPARE(b.state("a/m").cooldown->until, noon + 50h);
    }

    void aLimitOfAGroupPausesItsSiblingsForThatModelOnly()
    {
        KeyEntry first = key("a", {}, {model("m"), model("n", 1, 2)}),
                 second = key("b", {}, {model("m"), model("n", 1, 2)});
        first.quotaGroup = second.quotaGroup = "project";
        Bench b({first, second});
        b.call(refused(AnswerClass::MinuteLimit, 30s));
        QVERIFY(b.state("b/m").cooldown.has_value());
        QCOMPARE(b.state("b/m").cooldown->scope, RestScope::QuotaGroup);
        QCOMPARE(b.call(), std::string("a/n"));
    }

    void aLimitOfOneModelLeavesTheKeysOtherModels()
    {
        Bench b({key("a", {}, {model("m"), model("n", 1, 2)})});
        b.call(refused(AnswerClass::MinuteLimit, 30s));
        QCOMPARE(b.call(), std::string("a/n"));
    }

    void aMissingModelRestsForThatEndpointOnly()
    {
        Bench b({key("a")});
        b.call(refused(AnswerClass::ModelMissing));
        QVERIFY(!b.hasRoom());
        b.endpoint = Endpoint::Completions;
        QVERIFY(b.hasRoom());
        b.endpoint = Endpoint::Chat;
        QCOMPARE(*b.acquire().error().nextFree, noon + 1h);
        b.now += 1h;
        QVERIFY(b.acquire()->trial);
    }

    void aDenialRestsThatDeploymentForAnHour()
    {
        Bench b({key("a", {}, {model("m"), model("n", 1, 2)})});
        b.call(refused(AnswerClass::Denied));
        QCOMPARE(b.state("a/m").cooldown->until, noon + 1h);
        QCOMPARE(b.call(), std::string("a/n"));
    }

    void aRefusedRegionRestsTheProviderAndDoublesToTenMinutes()
    {
        Bench b(std::vector<Provider>{provider("p", {key("a", {}, {model("m")})}),
                                      provider("q", {key("b", {}, {model("x", 1, 2)})})});
        for (const auto length : {60s, 120s, 240s, 480s, 600s, 600s}) {
            QCOMPARE(b.call(refused(AnswerClass::Region)), std::string("a/m"));
            QCOMPARE(b.state("a/m").cooldown->until, b.now + length);
            QCOMPARE(b.state("a/m").cooldown->scope, RestScope::Provider);
            QCOMPARE(b.call(), std::string("b/x"));
            b.now += length;
        }
    }

    void manyKeysRefusedAtOnceWithoutEvidenceRestTheProviderNotTheKeys()
    {
        Bench b(manyKeys(10));
        Feedback bare = refused(AnswerClass::MinuteLimit);
        bare.limitEvidence = false;
        std::vector<Lease> running;
        for (int i = 0; i < 10; ++i)
            running.push_back(b.send());
        for (const Lease &lease : running) {
            b.pool.settle(lease, bare, b.now);
            b.now += 100ms;
        }
        QCOMPARE(b.state("k9/m").cooldown->reason, RestReason::AddressLimit);
        QCOMPARE(b.state("k9/m").cooldown->scope, RestScope::Provider);
        b.now += 59700ms; // a minute after the fifth refusal
        const auto trial = b.acquire();
        QVERIFY(trial.has_value() && trial->trial);
        QVERIFY(!b.acquire());
        b.pool.settle(*trial, success(), b.now);
        QVERIFY(b.hasRoom());
    }

    void refusalsWithEvidenceOrSpreadOverTimeAreAboutTheKeys()
    {
        Bench b(manyKeys(10));
        for (int i = 0; i < 10; ++i) {
            Feedback bare = refused(AnswerClass::MinuteLimit, 20s);
            bare.limitEvidence = i % 2 == 0;
            b.call(bare);
            b.now += 400ms;
        }
        QCOMPARE(b.state("k9/m").cooldown->scope, RestScope::Deployment);
    }

    void aModelRestsAtItsProviderWhenMostOfItsKeysFailTogether()
    {
        Bench b(manyKeys(5));
        for (int i = 0; i < 3; ++i)
            b.call(answer(AnswerClass::Overload));
        QVERIFY(b.hasRoom()); // three of five is not most
        b.call(answer(AnswerClass::Overload));
        QVERIFY(!b.hasRoom());
        QCOMPARE(b.state("k4/m").cooldown->scope, RestScope::ProviderModel);
        b.now += 10s;
        const auto trial = b.acquire();
        QVERIFY(trial->trial);
        b.pool.settle(*trial, answer(AnswerClass::Overload), b.now);
        QCOMPARE(b.state("k4/m").cooldown->until, b.now + 20s);
    }

    void twoKeysFailingAreNotYetTheirProviderFailing()
    {
        Bench b(manyKeys(2));
        b.call(answer(AnswerClass::Overload));
        b.call(answer(AnswerClass::Overload));
        QVERIFY(b.hasRoom());
    }

    void failuresLongApartAreNotCorrelated()
    {
        Bench b(manyKeys(3));
        for (int i = 0; i < 3; ++i) {
            b.call(answer(AnswerClass::Overload));
            b.now += 16s;
        }
        QVERIFY(b.hasRoom());
        QVERIFY(!b.state("k0/m").cooldown);
    }

    void aLengthOfZeroMeansNeverToRest()
    {
        PoolConfig config;
        config.providers = {provider("p", {key("a")})};
        config.routing.cooldown.minute = config.routing.cooldown.overload = Millis(0);
        config.routing.cooldown.billing = config.routing.cooldown.badKey = Millis(0);
        Bench b(config);
        for (const AnswerClass klass :
             {AnswerClass::MinuteLimit, AnswerClass::Overload, AnswerClass::Billing, AnswerClass::BadKey}) {
            for (int i = 0; i < 5; ++i)
                QVERIFY(!b.call(answer(klass)).empty());
        }
        QVERIFY(!b.state("a/m").cooldown);
    }

    void theOperatorsResetEndsRestsAndDoublingButNotCounters()
    {
        KeyEntry first = key("a", {.rpm = 10}), second = key("b", {.rpm = 10});
        first.quotaGroup = second.quotaGroup = "project";
        Bench b({first, second});
        b.call(refused(AnswerClass::Billing));
        QVERIFY(!b.hasRoom());
        QVERIFY(b.pool.resetKey("a", b.now));
        QVERIFY(b.hasRoom());
        QCOMPARE(b.state("a/m").rpm.used, 1);
        b.call(refused(AnswerClass::Billing));
        QCOMPARE(b.state("a/m").cooldown->until, b.now + 1h);
        QVERIFY(!b.pool.resetKey("nobody", b.now));
    }

    void eventsTellWhatHappenedOncePerRest()
    {
        KeyEntry entry = key("a", {}, {model("m"), model("n"), model("o")});
        Bench b({entry});
        Feedback bad = refused(AnswerClass::BadKey);
        bad.detail = "key is suspended";
        b.call(bad);
        auto events = b.pool.takeEvents(b.now);
        QCOMPARE(events.size(), std::size_t(1));
        QCOMPARE(events[0].kind, PoolEvent::Kind::RestStarted);
        QCOMPARE(events[0].subject, std::string("a"));
        QCOMPARE(events[0].scope, RestScope::Key);
        QCOMPARE(events[0].detail, std::string("key is suspended"));
        b.now += 1h;
        const Lease trial = *b.acquire();
        b.pool.settle(trial, success(), b.now);
        events = b.pool.takeEvents(b.now);
        QCOMPARE(events.size(), std::size_t(2));
        QCOMPARE(events[0].kind, PoolEvent::Kind::TrialStarted);
        QCOMPARE(events[1].kind, PoolEvent::Kind::RestEnded);
        QVERIFY(b.pool.takeEvents(b.now).empty());
    }

    void aRestThatSimplyEndsIsToldEvenWhenNobodyAsks()
    {
        Bench b({key("a")});
        b.call(refused(AnswerClass::MinuteLimit, 20s));
        QCOMPARE(b.pool.takeEvents(b.now).size(), std::size_t(1));
        QVERIFY(b.pool.takeEvents(b.now + 19s).empty());
        const auto events = b.pool.takeEvents(b.now + 20s);
        QCOMPARE(events.size(), std::size_t(1));
        QCOMPARE(events[0].kind, PoolEvent::Kind::RestEnded);
        QCOMPARE(events[0].subject, std::string("a/m"));
        QVERIFY(b.pool.takeEvents(b.now + 21s).empty());
    }

    void eventsNobodyTakesAreBounded()
    {
        Bench b({key("a")});
        for (int i = 0; i < 6000; ++i) {
            b.call(refused(AnswerClass::MinuteLimit, 1s));
            b.now += 2s;
        }
        QCOMPARE(b.pool.takeEvents(b.now).size(), std::size_t(4096));
    }

    void readinessCountsLimitedKeysButNotBlockedOnes()
    {
        Bench b({key("a")});
        b.call(refused(AnswerClass::MinuteLimit, 60s));
        QVERIFY(b.pool.ready(b.now));
        b.now += 60s;
        b.call(refused(AnswerClass::BadKey));
        QVERIFY(!b.pool.ready(b.now));
    }
};

QTEST_APPLESS_MAIN(TestKeyPoolRests)
#include "test_keypool_rests.moc"
