// SPDX-License-Identifier: GPL-3.0-or-later
#include "keypoolfixture.h"

#include <QTest>
#include <map>
#include <set>

using namespace keymux;
using namespace keymux::test;

class TestKeyPool : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void exactlyTheLimitPassesAndThenItIsFullUntilTheFirstIsAMinuteOld()
    {
        Bench b({key("a", {.rpm = 3})});
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(b.call(), std::string("a/m"));
            b.now += 1s;
        }
        const auto full = b.acquire();
        QVERIFY(!full);
        QCOMPARE(full.error().why, NoRoom::Why::Busy);
        QCOMPARE(*full.error().nextFree, noon + 60250ms);
        b.now = noon + 60249ms;
        QVERIFY(!b.acquire());
        b.now = noon + 60250ms;
        QVERIFY(b.acquire().has_value());
    }

    void aBurstAcrossAMinuteTurnGetsNoDoubleRoom()
    {
        Bench b({key("a", {.rpm = 10})});
        b.now = noon + 59s; // the last second of a calendar minute
        for (int i = 0; i < 10; ++i)
            QVERIFY(!b.call().empty());
        b.now = noon + 61s;
        QVERIFY(b.call().empty());
    }

    void leasesNotYetSentHoldTheirRoomHoweverLongTheyTake()
    {
        Bench b({key("a", {.rpm = 1})});
        const Lease lease = *b.acquire();
        b.now += 10min;
        QVERIFY(!b.acquire());
        b.pool.markSent(lease, b.now);
        const auto full = b.acquire();
        QCOMPARE(*full.error().nextFree, b.now + 60250ms);
    }

    void aLeaseNeverSentIsRefundedWhole()
    {
        Bench b({key("a", {.rpm = 1, .tpm = 100, .rpd = 1, .maxParallel = 1})});
        for (int i = 0; i < 5; ++i) {
            const auto lease = b.acquire("any", 100);
            QVERIFY(lease.has_value());
            QVERIFY(!b.acquire("any", 1));
            b.pool.settle(*lease, answer(AnswerClass::NeverSent), b.now);
        }
        const DeploymentState s = b.state("a/m");
        QCOMPARE(s.rpm.used, 0);
        QCOMPARE(s.tpm.used, 0);
        QCOMPARE(s.rpd.used, 0);
        QCOMPARE(s.inFlight, 0);
    }

    void whatWasSentStaysCountedWhateverTheAnswer()
    {
        for (const AnswerClass klass : {AnswerClass::Cancelled, AnswerClass::ClientFault, AnswerClass::Overload}) {
            Bench b({key("a", {.rpm = 5})});
            b.call(answer(klass));
            QCOMPARE(b.state("a/m").rpm.used, 1);
            QCOMPARE(b.state("a/m").inFlight, 0);
        }
    }

    void sendingAgainDatesTheRequestAnew()
    {
        Bench b({key("a", {.rpm = 1})});
        const Lease lease = b.send();
        b.now += 30s;
        b.pool.markSent(lease, b.now);
        b.pool.settle(lease, success(), b.now);
        QCOMPARE(b.state("a/m").rpm.used, 1);
        QCOMPARE(*b.acquire().error().nextFree, noon + 90250ms);
    }

    void tokensAreCorrectedWhenTheAnswerSaysHowManyThereWere()
    {
        Bench b({key("a", {.tpm = 1000})});
        const Lease lease = b.send("any", 900);
        QVERIFY(!b.hasRoom("any", 200));
        b.now += 1s;
        b.pool.settle(lease, success(300), b.now);
        QCOMPARE(b.state("a/m").tpm.used, 300);
        QVERIFY(b.hasRoom("any", 700));
        QVERIFY(!b.hasRoom("any", 701));
    }

    void requestsAndTokensHaveWindowsOfTheirOwn()
    {
        Bench b({key("a", {.rpm = 2, .tpm = 100})});
        b.call(success(), "any", 90);
        b.now += 30s;
        b.call(success(), "any", 10);
        b.now = noon + 60250ms; // the 90 tokens are gone, the second request is not
        QVERIFY(b.hasRoom("any", 90));
        QVERIFY(!b.hasRoom("any", 91));
        b.call(success(), "any", 1);
        QCOMPARE(*b.acquire("any", 1).error().nextFree, noon + 90250ms);
    }

    void anAllowanceForTheDayReturnsWhenTheProvidersDayTurns()
    {
        PoolConfig config;
        config.providers = {provider("p", {key("a", {.rpd = 2})})};
        config.providers[0].rpdResetZone = "America/Los_Angeles";
        Bench b(config);
        b.call();
        b.call();
        const TimePoint midnight = noon - 12h + 32h; // 00:00 PST is 08:00 UTC
        QCOMPARE(*b.acquire().error().nextFree, midnight + 250ms);
        b.now = midnight + 249ms;
        QVERIFY(!b.hasRoom());
        b.now = midnight + 250ms;
        QVERIFY(b.hasRoom());
    }

    void parallelRequestsAreCountedUntilTheyAreSettled()
    {
        Bench b({key("a", {.maxParallel = 2})});
        const Lease first = b.send();
        const Lease second = b.send();
        const auto full = b.acquire();
        QCOMPARE(full.error().why, NoRoom::Why::Busy);
        b.now += 10min;
        QVERIFY(!b.hasRoom());
        b.pool.settle(first, answer(AnswerClass::Cancelled), b.now);
        QVERIFY(b.hasRoom());
        b.pool.settle(second, success(), b.now);
        QCOMPARE(b.state("a/m").inFlight, 0);
    }

    void settlingTwiceDoesNothingTheSecondTime()
    {
        Bench b({key("a", {.maxParallel = 1})});
        const Lease lease = b.send();
        b.pool.settle(lease, success(), b.now);
        b.pool.settle(lease, success(), b.now);
        QCOMPARE(b.state("a/m").inFlight, 0);
        QCOMPARE(b.state("a/m").requests, 1);
    }

    void weightsGiveSharesWithinOnePickOfExact()
    {
        Bench b({key("a", {}, {model("m", 10)}), key("b", {}, {model("m", 5)}), key("c", {}, {model("m", 1)})});
        std::map<std::string, int> picks;
        for (int n = 1; n <= 1600; ++n) {
            ++picks[b.call()];
            if (n % 16 == 0) {
                QVERIFY2(std::abs(picks["a/m"] - 10.0 * n / 16) <= 1, std::to_string(n).c_str());
                QVERIFY(std::abs(picks["b/m"] - 5.0 * n / 16) <= 1);
                QVERIFY(std::abs(picks["c/m"] - 1.0 * n / 16) <= 1);
            }
        }
    }

    void theOrderInTheDocumentDoesNotChangeTheShares()
    {
        Bench b({key("c", {}, {model("m", 1)}), key("a", {}, {model("m", 10)})});
        std::map<std::string, int> picks;
        for (int n = 0; n < 1100; ++n)
            ++picks[b.call()];
        QVERIFY(std::abs(picks["a/m"] - 1000) <= 1);
    }

    void weightsBelowOneCount()
    {
        Bench b({key("a", {}, {model("m", 0.9)}), key("b", {}, {model("m", 0.1)})});
        std::map<std::string, int> picks;
        for (int n = 0; n < 1000; ++n)
            ++picks[b.call()];
        QVERIFY(std::abs(picks["a/m"] - 900) <= 1);
    }

    void weightZeroServesOnlyWhenNothingElseOfItsPriorityCan()
    {
        Bench b({key("spare", {}, {model("m", 0)}), key("a", {.rpm = 2}), key("low", {}, {model("m", 1, 2)})});
        QCOMPARE(b.call(), std::string("a/m"));
        QCOMPARE(b.call(), std::string("a/m"));
        QCOMPARE(b.call(), std::string("spare/m"));
    }

    void priorityComesBeforeWeight()
    {
        Bench b({key("low", {}, {model("m", 100, 2)}), key("high", {.rpm = 1}, {model("m", 1, 1)})});
        QCOMPARE(b.call(), std::string("high/m"));
        QCOMPARE(b.call(), std::string("low/m"));
        b.now += 60250ms;
        QCOMPARE(b.call(), std::string("high/m"));
    }

    void trafficFollowsRoomSoThatSmallKeysAreNotSpentFirst()
    {
        Bench b({key("small", {.rpm = 10}), key("large", {.rpm = 100})});
        std::map<std::string, int> picks;
        for (int n = 0; n < 30; ++n)
            ++picks[b.call()];
        QVERIFY(picks["small/m"] < 10);
        QVERIFY(picks["large/m"] > 20);
    }

    void aDeploymentThatWasTriedIsNotPickedAgainByThatRequest()
    {
        Bench b({key("a"), key("b"), key("c"), key("d")});
        std::set<std::string> served;
        for (int i = 0; i < 4; ++i) {
            const auto lease = b.acquire();
            QVERIFY(lease.has_value());
            QVERIFY(served.insert(b.idOf(*lease)).second);
            b.tried.push_back(lease->deployment);
            b.pool.markSent(*lease, b.now);
            b.pool.settle(*lease, answer(i < 3 ? AnswerClass::Overload : AnswerClass::ClientFault), b.now);
        }
        QCOMPARE(b.acquire().error().why, NoRoom::Why::Exhausted);
        b.tried.clear();
        QVERIFY(b.hasRoom());
    }

    void oneRequestThatIsRefusedEverywhereRestsEveryKeyItTried()
    {
        Bench b({key("a"), key("b"), key("c")});
        Feedback refused = answer(AnswerClass::MinuteLimit);
        refused.restFor = 20s;
        for (int i = 0; i < 3; ++i)
            QVERIFY(!b.call(refused).empty());
        const auto full = b.acquire();
        QCOMPARE(full.error().why, NoRoom::Why::Busy);
        QCOMPARE(*full.error().nextFree, noon + 20s);
    }

    void oneModelsLimitLeavesTheOthersOfThatKeyAlone()
    {
        Bench b({key("a", {.rpm = 1}, {model("m"), model("n", 1, 2)})});
        QCOMPARE(b.call(), std::string("a/m"));
        QCOMPARE(b.call(), std::string("a/n"));
        QVERIFY(b.call().empty());
    }

    void withScopeKeyAllModelsCountTogether()
    {
        KeyEntry entry = key("a", {.rpm = 3}, {model("m"), model("n", 1, 2)});
        entry.limitsScope = LimitsScope::Key;
        Bench b({entry});
        b.call(success(), "m");
        b.call(success(), "n");
        b.call(success(), "m");
        QVERIFY(b.call().empty());
        QCOMPARE(b.state("a/n").rpm.used, 3);
    }

    void keysOfOneGroupShareTheirWindowsAndTheSmallestLimitCounts()
    {
        KeyEntry first = key("a", {.rpm = 10}), second = key("b", {.rpm = 4});
        first.quotaGroup = second.quotaGroup = "project";
        Bench b({first, second});
        for (int i = 0; i < 4; ++i)
            QVERIFY(!b.call().empty());
        QVERIFY(b.call().empty());
    }

    void roomGivenBackInAGroupIsFoundByItsOtherKeys()
    {
        KeyEntry first = key("a", {.rpm = 1}), second = key("b", {.rpm = 1});
        first.quotaGroup = second.quotaGroup = "project";
        Bench b({first, second});
        const Lease lease = *b.acquire();
        QVERIFY(!b.acquire());
        b.pool.settle(lease, answer(AnswerClass::NeverSent), b.now);
        b.tried = {lease.deployment};
        QVERIFY(b.hasRoom());
    }

    void aRequestLargerThanEveryTokenLimitTakesTheWholeEmptyWindowOfTheRoomiest()
    {
        Bench b({key("a", {.tpm = 100}), key("b", {.tpm = 500}), key("c", {.tpm = 500})});
        const auto first = b.acquire("any", 900);
        QCOMPARE(b.idOf(*first), std::string("b/m"));
        const auto second = b.acquire("any", 900);
        QCOMPARE(b.idOf(*second), std::string("c/m"));
        b.pool.markSent(*first, b.now);
        b.now += 5s;
        b.pool.markSent(*second, b.now);
        const auto third = b.acquire("any", 900);
        QCOMPARE(third.error().why, NoRoom::Why::Busy);
        QCOMPARE(*third.error().nextFree, noon + 60250ms);
        QVERIFY(b.hasRoom("any", 100)); // the small one is not taken
        b.now = noon + 60250ms;
        QVERIFY(b.hasRoom("any", 900));
    }

    void whereAProviderCountsInputAloneTheAnswersTokensTakeNoRoom()
    {
        Provider google = provider("gemini", {key("g", {.tpm = 100})});
        google.google = true;
        Bench b{{google, provider("other", {key("o", {.tpm = 100})})}};
        AcquireRequest request = b.request("any", 90);
        request.inputTokens = 30;
        const auto take = [&]() -> std::string {
            const auto lease = b.pool.acquire(request, b.now);
            if (!lease)
                return "";
            b.pool.markSent(*lease, b.now);
            return b.idOf(*lease);
        };
        std::vector<std::string> served;
        for (int i = 0; i < 5; ++i)
            served.push_back(take());
        QCOMPARE(std::count(served.begin(), served.end(), "g/m"), 3);
        QCOMPARE(std::count(served.begin(), served.end(), "o/m"), 1);
        QCOMPARE(served.back(), std::string());
        // More than any could hold in all, but not more than what this one counts.
        b.now += 2min;
        request.tokens = 500;
        QCOMPARE(take(), std::string("g/m"));
    }

    void aLargeRequestUsesOnlyThoseThatCanHoldItWhereThereAreSome()
    {
        Bench b({key("a", {.tpm = 100}), key("b", {.tpm = 1000})});
        QCOMPARE(b.call(success(), "any", 900), std::string("b/m"));
        const auto full = b.acquire("any", 900);
        QCOMPARE(full.error().why, NoRoom::Why::Busy);
        QCOMPARE(*full.error().nextFree, noon + 60250ms);
    }

    void whatNoCandidateCouldEverHoldIsTooLarge()
    {
        ModelEntry narrow = model("m");
        narrow.contextWindow = 1000;
        Bench b({key("a", {}, {narrow}), key("b", {.tpm = 500}, {narrow})});
        QVERIFY(b.hasRoom("any", 1000));
        QCOMPARE(b.acquire("any", 1001).error().why, NoRoom::Why::TooLarge);
    }

    void whatIsTooLargeForOneTierGoesToTheNext()
    {
        ModelEntry narrow = model("narrow");
        narrow.contextWindow = 1000;
        Bench b({key("a", {}, {narrow, model("wide", 1, 2)})});
        QCOMPARE(b.call(success(), "any", 500), std::string("a/narrow"));
        QCOMPARE(b.call(success(), "any", 5000), std::string("a/wide"));
    }

    void aSmallRequestFindsRoomWhereALargeOneDidNot()
    {
        Bench b({key("a", {.tpm = 1000}), key("b", {.tpm = 1000})});
        b.send("any", 800);
        b.send("any", 800);
        for (int i = 0; i < 3; ++i) {
            QVERIFY(!b.hasRoom("any", 900));
            QVERIFY(!b.hasRoom("any", 300));
            QVERIFY(b.hasRoom("any", 200));
        }
    }

    void disabledAndUnresolvedKeysAreUnusable()
    {
        Bench b({key("a"), key("b")});
        b.readiness[0].operatorDisabled = true;
        b.readiness[1].resolved = false;
        b.apply();
        QCOMPARE(b.acquire().error().why, NoRoom::Why::Unusable);
        QVERIFY(!b.pool.nextFree(b.request(), b.now));
        QVERIFY(!b.pool.ready(b.now));
        b.readiness[1].resolved = true;
        b.apply();
        QCOMPARE(b.call(), std::string("b/m"));
        QVERIFY(b.pool.ready(b.now));
    }

    void anEmptyPoolHasNobodyToAsk()
    {
        Bench b(std::vector<KeyEntry>{});
        QCOMPARE(b.acquire().error().why, NoRoom::Why::Exhausted);
        QVERIFY(!b.pool.ready(b.now));
        QVERIFY(b.pool.snapshot(b.now).deployments.empty());
    }

    void timeRunningBackwardsGivesNoRoomTwice()
    {
        Bench b({key("a", {.rpm = 1})});
        b.call();
        b.now -= 1h;
        QVERIFY(b.call().empty());
        b.now = noon + 60250ms;
        QVERIFY(!b.call().empty());
    }

    void hundredKeysGiveExactlyTheirSumInABurst()
    {
        std::vector<KeyEntry> keys;
        for (int i = 0; i < 100; ++i)
            keys.push_back(key("k" + std::to_string(i), {.rpm = 15}));
        Bench b(keys);
        std::vector<Lease> leases;
        for (int i = 0; i < 1500; ++i) {
            const auto lease = b.acquire("any", 10);
            QVERIFY(lease.has_value());
            b.pool.markSent(*lease, b.now);
            leases.push_back(*lease);
            if (i % 10 == 0)
                b.now += 1ms;
        }
        const auto full = b.acquire("any", 10);
        QVERIFY(!full);
        QCOMPARE(full.error().why, NoRoom::Why::Busy);
        QCOMPARE(*full.error().nextFree, noon + 60250ms);
        for (const Lease &lease : leases)
            b.pool.settle(lease, success(10), b.now);
        b.now = noon + 60249ms;
        QVERIFY(!b.acquire("any", 10));
        b.now = noon + 60250ms;
        QVERIFY(b.acquire("any", 10).has_value());
    }

    void picksAreTheSameEveryTime()
    {
        const auto picks = [] {
            Bench b({key("a", {.rpm = 7}), key("b", {.rpm = 3}, {model("m", 2)}), key("c", {.rpm = 5})});
            std::string all;
            for (int i = 0; i < 200; ++i) {
                all += b.call(i % 11 == 0 ? answer(AnswerClass::MinuteLimit) : success());
                b.now += Millis(1700);
            }
            return all;
        };
        QCOMPARE(picks(), picks());
    }
};

QTEST_APPLESS_MAIN(TestKeyPool)
#include "test_keypool.moc"
