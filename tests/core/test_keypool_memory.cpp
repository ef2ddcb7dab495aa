// SPDX-License-Identifier: GPL-3.0-or-later
#include "keypoolfixture.h"

#include <QTest>
#include <rapidcheck.h>

using namespace keymux;
using namespace keymux::test;

namespace {

Feedback refused(AnswerClass klass, std::optional<Millis> hint = std::nullopt)
{
    Feedback feedback = answer(klass);
    feedback.restFor = hint;
    return feedback;
}

/// A pool as it is after a restart, with what the earlier one remembered.
Bench restarted(const Bench &before, const PoolMemory &memory, Millis down = Millis(0))
{
    Bench after(before.config);
    after.now = before.now + down;
    after.readiness = before.readiness;
    after.apply();
    after.pool.restore(memory, after.now);
    return after;
}

Bench restarted(const Bench &before, Millis down = Millis(0))
{
    return restarted(before, before.pool.memory(before.now), down);
}

KeyEntry inGroup(std::string id)
{
    KeyEntry entry = key(std::move(id), {}, {model("m"), model("n")});
    entry.quotaGroup = "project";
    return entry;
}

} // namespace

class TestKeyPoolMemory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theDaysCountGoesOnUntilTheDayTurns()
    {
        Bench before({key("a", {.rpd = 3})});
        before.call();
        before.call();
        Bench after = restarted(before, 1min);
        QCOMPARE(after.state("a/m").rpd.used, 2);
        QVERIFY(!after.call().empty());
        QVERIFY(after.call().empty());
        QCOMPARE(after.pool.memory(after.now).days.at(0).used, 3);
        Bench tomorrow = restarted(after, 13h);
        QCOMPARE(tomorrow.state("a/m").rpd.used, 0);
        QVERIFY(tomorrow.hasRoom());
    }

    void restsOfMoreThanAMinuteGoOnWithTheirReasonAndEnd()
    {
        Bench before({key("a"), key("b"), key("c")});
        before.call(refused(AnswerClass::DayQuota));
        before.call(refused(AnswerClass::MinuteLimit, 60s));
        before.call(refused(AnswerClass::BadKey));
        Bench after = restarted(before, 10s);
        QCOMPARE(after.state("a/m").cooldown, before.state("a/m").cooldown);
        QVERIFY(!after.state("b/m").cooldown); // a minute is not more than a minute
        QCOMPARE(after.state("c/m").cooldown, before.state("c/m").cooldown);
        QCOMPARE(after.state("c/m").status, DeploymentStatus::Blocked);
        QCOMPARE(after.call(), std::string("b/m"));
        after.pool.takeEvents(noon + 12h + 1s);
        QVERIFY(!after.pool.snapshot(noon + 12h + 1s).deployments[0].cooldown);
    }

    void theTrialAndTheDoublingOfARestAreRemembered()
    {
        Bench before({key("a")});
        for (int i = 0; i < 3; ++i) {
            before.call(refused(AnswerClass::MinuteLimit));
            before.now = i < 2 ? before.state("a/m").cooldown->until : before.now;
        }
        Bench after = restarted(before); // rests for 120 s
        QVERIFY(!after.hasRoom());
        after.now += 120s;
        const auto trial = after.acquire();
        QVERIFY(trial.has_value() && trial->trial);
        QVERIFY(!after.acquire().has_value());
        after.pool.markSent(*trial, after.now);
        after.pool.settle(*trial, refused(AnswerClass::MinuteLimit), after.now);
        QCOMPARE(after.state("a/m").cooldown->until, after.now + 240s);
    }

    void aRestThatWaitsForItsTrialStillDoesAfterwards()
    {
        Bench before({key("a")});
        before.call(refused(AnswerClass::BadKey));
        Bench after = restarted(before, 2h);
        const auto first = after.acquire(), second = after.acquire();
        QVERIFY(first.has_value() && first->trial);
        QVERIFY(!second.has_value());
    }

    void whatKeysEarnedEndsWithTheirSecret()
    {
        Bench before({key("a"), key("b")});
        before.readiness[0].secretVersion = before.readiness[1].secretVersion = 7;
        before.apply();
        before.call(refused(AnswerClass::BadKey));
        before.call(refused(AnswerClass::DayQuota));
        const PoolMemory memory = before.pool.memory(before.now);
        before.readiness[1].secretVersion = 8;
        Bench after = restarted(before, memory);
        QVERIFY(after.state("a/m").cooldown.has_value());
        QVERIFY(!after.state("b/m").cooldown.has_value());
    }

    void aSecretThatIsNotThereYetIsJudgedWhenItIs()
    {
        for (const bool same : {true, false}) {
            Bench before({key("a")});
            before.readiness[0].secretVersion = 7;
            before.apply();
            before.call(refused(AnswerClass::BadKey));
            const PoolMemory memory = before.pool.memory(before.now);
            before.readiness[0] = {.resolved = false};
            Bench after = restarted(before, memory);
            QCOMPARE(after.pool.memory(after.now).rests, memory.rests);
            after.readiness[0] = {.secretVersion = same ? 7U : 8U};
            after.apply();
            QCOMPARE(after.state("a/m").cooldown.has_value(), same);
        }
    }

    void sharedRestsAreRememberedForAllWhoShareThem()
    {
        Bench before({inGroup("a"), inGroup("b")});
        before.readiness[0].secretVersion = 7;
        before.apply();
        before.call(refused(AnswerClass::DayQuota), "m");
        const PoolMemory memory = before.pool.memory(before.now);
        before.readiness[0].secretVersion = 8; // says nothing about the group
        Bench after = restarted(before, memory);
        for (const char *id : {"a/m", "b/m"}) {
            QCOMPARE(after.state(id).cooldown->scope, RestScope::QuotaGroup);
            QCOMPARE(after.state(id).cooldown->reason, RestReason::DayQuota);
        }
        QVERIFY(!after.state("a/n").cooldown);
        after.call(refused(AnswerClass::Billing), "n");
        after = restarted(after);
        QCOMPARE(after.state("b/n").cooldown->reason, RestReason::Billing);
    }

    void keyEndpointModelAndProviderRestsAreRemembered()
    {
        KeyEntry perKey = key("a", {.rpm = 50}, {model("m"), model("n")});
        perKey.limitsScope = LimitsScope::Key;
        Bench before(
            {provider("p", {perKey}), provider("q", {key("x"), key("y"), key("z")}), provider("r", {key("r")})});
        before.config.routing.cooldown.overload = 120s;
        before.apply();
        Feedback spent = refused(AnswerClass::DayQuota);
        const auto callOf = [&](const std::string &id, const Feedback &feedback) {
            before.tried.clear();
            for (DeploymentIndex i = 0; i < before.router->deployments().size(); ++i) {
                if (before.router->deployments()[i].id != id)
                    before.tried.push_back(i);
            }
            QCOMPARE(before.call(feedback), id);
        };
        callOf("a/m", spent);
        for (int i = 0; i < 3; ++i) {
            for (const char *id : {"x/m", "y/m", "z/m"}) {
                if (before.state(id).status == DeploymentStatus::Ready)
                    callOf(id, refused(AnswerClass::Overload));
            }
        }
        before.endpoint = Endpoint::Completions;
        callOf("r/m", refused(AnswerClass::ModelMissing));
        const PoolMemory memory = before.pool.memory(before.now);
        Bench after = restarted(before, memory, 1s);
        for (const DeploymentState &s : before.pool.snapshot(before.now).deployments) {
            QVERIFY2(s.cooldown.has_value(), s.id.c_str());
            QCOMPARE(after.state(s.id).cooldown, s.cooldown);
        }
        QCOMPARE(after.state("a/n").cooldown->scope, RestScope::Key);
        QCOMPARE(after.state("x/m").cooldown->scope, RestScope::ProviderModel);
        QCOMPARE(after.state("r/m").cooldown->scope, RestScope::Endpoint);
        QCOMPARE(after.pool.memory(after.now).rests.size(), memory.rests.size());
        after.tried.clear();
        QVERIFY(after.hasRoom()); // r/m, for chat
        after.endpoint = Endpoint::Completions;
        QVERIFY(!after.hasRoom());

        Bench region({provider("p", {key("a")})});
        region.call(refused(AnswerClass::Region));
        region.now += 60s;
        region.call(refused(AnswerClass::Region)); // 120 s
        Bench there = restarted(region, 1s);
        QCOMPARE(there.state("a/m").cooldown->scope, RestScope::Provider);
    }

    void whatTheConfigNoLongerHasIsLeftOut()
    {
        Bench before({key("a", {.rpd = 5}), key("b", {.rpd = 5})});
        before.call(refused(AnswerClass::BadKey));
        before.call(refused(AnswerClass::DayQuota));
        const PoolMemory memory = before.pool.memory(before.now);
        before.config.providers[0].keys = {key("c", {.rpd = 5})};
        before.readiness.resize(1);
        Bench after = restarted(before, memory);
        QCOMPARE(after.pool.memory(after.now), PoolMemory());
        QVERIFY(after.hasRoom());
    }

    void aClockThatWasSetBackMakesNoRestLonger()
    {
        Bench before({key("a", {.rpd = 5})});
        before.call(refused(AnswerClass::BadKey));
        before.call();
        Bench after(before.config);
        after.now = noon - std::chrono::hours(24 * 365);
        KeyPool pool;
        pool.reconfigure(after.router, after.readiness, after.now);
        pool.restore(before.pool.memory(before.now), after.now);
        const DeploymentState state = pool.snapshot(after.now).deployments[0];
        QCOMPARE(state.cooldown->until, after.now + 1h);
        QCOMPARE(state.rpd.used, 0); // of another day
    }

    void onlyWhatChangedIsHandedOutAndAllOfItInTheEnd()
    {
        Bench b({key("a"), key("b"), key("c")});
        b.pool.takeMemoryChanges(b.now, 100);
        const PoolMemoryChanges nothing = b.pool.takeMemoryChanges(b.now, 100);
        QVERIFY(nothing.days.empty() && !nothing.rests);
        for (int i = 0; i < 6; ++i)
            b.call();
        std::size_t seen = 0;
        for (const std::size_t most : {2U, 2U}) {
            for (const DayMemory &day : b.pool.takeMemoryChanges(b.now, most).days) {
                QCOMPARE(day.used, 2);
                ++seen;
            }
        }
        QCOMPARE(seen, std::size_t(3));
        b.call(refused(AnswerClass::BadKey));
        QCOMPARE(b.pool.takeMemoryChanges(b.now, 100).rests->size(), std::size_t(1));
        QVERIFY(!b.pool.takeMemoryChanges(b.now, 100).rests);
        b.pool.resetKey("a", b.now);
        QVERIFY(b.pool.takeMemoryChanges(b.now, 100).rests->empty());
    }

    void aRemovedDeploymentsCountIsNotHandedOut()
    {
        Bench b({key("a"), key("b")});
        b.call();
        b.call();
        b.config.providers[0].keys.pop_back();
        b.readiness.clear();
        b.apply();
        b.pool.takeEvents(b.now);
        QCOMPARE(b.pool.takeMemoryChanges(b.now, 100).days.size(), std::size_t(1));
    }

    void afterARestartTheSameIsFreeAndTheSameRests()
    {
        QVERIFY(rc::check("what is remembered decides as before, and remembering it again gives the same", [] {
            std::vector<KeyEntry> keys;
            const int count = *rc::gen::inRange(1, 6);
            for (int i = 0; i < count; ++i) {
                KeyEntry entry =
                    key("k" + std::to_string(i), {.rpd = *rc::gen::inRange(1, 20)}, {model("m"), model("n")});
                entry.quotaGroup = *rc::gen::element("", "", "g");
                entry.limitsScope = *rc::gen::element(LimitsScope::Model, LimitsScope::Key);
                keys.push_back(entry);
            }
            Bench b(keys);
            b.config.routing.cooldown.overload = 120s;
            b.apply();
            const int steps = *rc::gen::inRange(1, 60);
            for (int i = 0; i < steps; ++i) {
                b.endpoint = *rc::gen::element(Endpoint::Chat, Endpoint::Completions);
                // A region's first rest is a minute, which is not kept.
                const auto klass = AnswerClass(*rc::gen::inRange(0, int(AnswerClass::Broken) + 1));
                Feedback feedback = answer(klass == AnswerClass::Region ? AnswerClass::Denied : klass);
                feedback.restFor = Millis(*rc::gen::inRange(61000, 100000));
                b.call(*rc::gen::arbitrary<bool>() ? feedback : success(), *rc::gen::element("any", "m", "n"));
                b.now += Millis(*rc::gen::element(10, 61000, 3600000));
            }
            b.now += 61s; // the minute's windows, which are not kept, are empty
            b.pool.takeEvents(b.now);
            const PoolMemory memory = b.pool.memory(b.now);
            Bench after = restarted(b, memory);
            const auto sorted = [](PoolMemory m) {
                std::sort(m.days.begin(), m.days.end(), [](auto &x, auto &y) { return x.unit < y.unit; });
                std::sort(m.rests.begin(), m.rests.end(), [](auto &x, auto &y) {
                    return std::tie(x.holder, x.subject, x.endpoint) < std::tie(y.holder, y.subject, y.endpoint);
                });
                return m;
            };
            RC_ASSERT(sorted(after.pool.memory(after.now)) == sorted(memory));
            const auto was = b.pool.snapshot(b.now).deployments, is = after.pool.snapshot(after.now).deployments;
            for (std::size_t i = 0; i < was.size(); ++i) {
                RC_ASSERT(was[i].status == is[i].status);
                RC_ASSERT(was[i].cooldown == is[i].cooldown);
                RC_ASSERT(was[i].rpd == is[i].rpd);
            }
            for (const Endpoint endpoint : {Endpoint::Chat, Endpoint::Completions}) {
                b.endpoint = after.endpoint = endpoint;
                const auto x = b.pool.nextFree(b.request(), b.now), y = after.pool.nextFree(after.request(), b.now);
                RC_ASSERT(x == y);
                RC_ASSERT(b.hasRoom() == after.hasRoom());
            }
        }));
    }
};

QTEST_APPLESS_MAIN(TestKeyPoolMemory)
#include "test_keypool_memory.moc"
