// SPDX-License-Identifier: GPL-3.0-or-later
#include "keypoolfixture.h"

#include <QTest>
#include <map>
#include <rapidcheck.h>
#include <set>

using namespace keymux;
using namespace keymux::test;

namespace {

/// The pool's rules written as plainly as can be: every question walks every event. It knows windows, parallel
/// requests, groups, hints of minute limits, and the order of picks; the tests that use it produce nothing else.
class NaivePool {
public:
    struct Member {
        std::string id, unit;
        double weight;
        int priority;
        std::optional<std::int64_t> contextWindow;
        double virtualTime = 0;
    };
    struct Unit {
        Limits limits;
        struct Use {
            std::uint64_t lease;
            TimePoint at;
            bool sent;
            std::int64_t tokens;
        };
        std::vector<Use> uses;
        std::set<std::uint64_t> running;
        TimePoint restsUntil{};
    };

    explicit NaivePool(const std::vector<KeyEntry> &keys)
    {
        for (const KeyEntry &k : keys) {
            for (const ModelEntry &m : k.models) {
                const std::string unit = (k.quotaGroup.empty() ? "k " + k.keyId : "g " + k.quotaGroup) +
                                         (k.limitsScope == LimitsScope::Model ? " " + m.model : "");
                members.push_back({k.keyId + '/' + m.model, unit, m.weight, m.priority, m.contextWindow});
                Limits &limits = units[unit].limits;
                const auto smaller = [](auto &limit, const auto &other) {
                    if (other)
                        limit = limit ? std::min(*limit, *other) : *other;
                };
                smaller(limits.rpm, k.limits.rpm);
                smaller(limits.tpm, k.limits.tpm);
                smaller(limits.maxParallel, k.limits.maxParallel);
            }
        }
    }

    static bool counts(const Unit::Use &use, TimePoint now) { return !use.sent || use.at + 60250ms > now; }

    bool windowHasRoom(const Unit &unit, std::int64_t tokens, TimePoint now) const
    {
        std::int64_t requests = 1, used = tokens;
        for (const Unit::Use &use : unit.uses) {
            if (counts(use, now)) {
                ++requests;
                used += use.tokens;
            }
        }
        return (!unit.limits.rpm || requests <= *unit.limits.rpm) && (!unit.limits.tpm || used <= *unit.limits.tpm);
    }

    bool isFree(const Member &m, std::int64_t tokens, TimePoint now) const
    {
        const Unit &unit = units.at(m.unit);
        return now >= unit.restsUntil && (!m.contextWindow || tokens <= *m.contextWindow) &&
               windowHasRoom(unit, tokens, now) &&
               (!unit.limits.maxParallel || std::int64_t(unit.running.size()) < *unit.limits.maxParallel);
    }

    bool anyFree(std::int64_t tokens, TimePoint now, const std::set<std::string> &tried = {}) const
    {
        return std::any_of(members.begin(), members.end(),
                           [&](const Member &m) { return !tried.contains(m.id) && isFree(m, tokens, now); });
    }

    int bestPriority(std::int64_t tokens, TimePoint now, const std::set<std::string> &tried) const
    {
        int best = std::numeric_limits<int>::max();
        for (const Member &m : members) {
            if (!tried.contains(m.id) && isFree(m, tokens, now))
                best = std::min(best, m.priority);
        }
        return best;
    }

    /// The first moment with room, if nobody gives anything back: only the ends of windows and rests can be that
    /// moment.
    std::optional<TimePoint> nextFree(std::int64_t tokens, TimePoint now, const std::set<std::string> &tried) const
    {
        std::optional<TimePoint> best;
        for (const Member &m : members) {
            const Unit &unit = units.at(m.unit);
            std::vector<TimePoint> moments{unit.restsUntil};
            for (const Unit::Use &use : unit.uses)
                moments.push_back(use.at + 60250ms);
            for (TimePoint at : moments) {
                if (at > now && (!best || at < *best) && !tried.contains(m.id) && isFree(m, tokens, at))
                    best = at;
            }
        }
        return best;
    }

    double room(const Unit &unit, TimePoint now) const
    {
        double requests = 0, tokens = 0, result = 1;
        for (const Unit::Use &use : unit.uses) {
            if (counts(use, now)) {
                ++requests;
                tokens += double(use.tokens);
            }
        }
        if (unit.limits.rpm)
            result = std::min(result, 1 - requests / double(*unit.limits.rpm));
        if (unit.limits.tpm)
            result = std::min(result, 1 - tokens / double(*unit.limits.tpm));
        if (unit.limits.maxParallel)
            result = std::min(result, 1 - double(unit.running.size()) / double(*unit.limits.maxParallel));
        return std::max(result, 0.01);
    }

    Member &member(const std::string &id)
    {
        return *std::find_if(members.begin(), members.end(), [&](const Member &m) { return m.id == id; });
    }

    std::vector<Member> members;
    std::map<std::string, Unit> units;
};

struct Running {
    Lease lease;
    std::string id;
    std::int64_t tokens;
    bool sent;
};

std::vector<KeyEntry> someKeys(bool withTokens)
{
    std::vector<KeyEntry> keys;
    const int count = *rc::gen::inRange(1, 7);
    for (int i = 0; i < count; ++i) {
        ModelEntry first = model("m", *rc::gen::element(1.0, 2.0, 0.5), *rc::gen::inRange(1, 3));
        std::vector<ModelEntry> models{first};
        if (*rc::gen::inRange(0, 3) == 0)
            models.push_back(model("n", 1, *rc::gen::inRange(1, 3)));
        KeyEntry entry = key("k" + std::to_string(i), {}, models);
        if (*rc::gen::inRange(0, 4) != 0)
            entry.limits.rpm = *rc::gen::inRange(1, 5);
        if (withTokens && *rc::gen::inRange(0, 2) == 0)
            entry.limits.tpm = *rc::gen::inRange(100, 400);
        if (*rc::gen::inRange(0, 3) == 0)
            entry.limits.maxParallel = *rc::gen::inRange(1, 3);
        if (*rc::gen::inRange(0, 3) == 0)
            entry.quotaGroup = *rc::gen::element(std::string("g"), std::string("h"));
        if (*rc::gen::inRange(0, 3) == 0)
            entry.limitsScope = LimitsScope::Key;
        keys.push_back(entry);
    }
    return keys;
}

/// Drives the pool and the naive one side by side with random calls, and compares every answer.
class Duel {
public:
    explicit Duel(bool tokens) : withTokens(tokens), keys(someKeys(tokens)), b(keys), naive(keys) {}

    void acquire()
    {
        const std::int64_t tokens = withTokens ? *rc::gen::inRange(0, 100) : 0;
        std::set<std::string> tried;
        b.tried.clear();
        for (DeploymentIndex i = 0; i < b.router->deployments().size(); ++i) {
            if (*rc::gen::inRange(0, 8) == 0) {
                b.tried.push_back(i);
                tried.insert(b.router->deployments()[i].id);
            }
        }
        const auto lease = b.acquire("any", tokens);
        if (lease) {
            const std::string id = b.idOf(*lease);
            NaivePool::Member &m = naive.member(id);
            RC_ASSERT(!tried.contains(id));
            RC_ASSERT(naive.isFree(m, tokens, b.now));
            RC_ASSERT(m.priority == naive.bestPriority(tokens, b.now, tried));
            NaivePool::Unit &unit = naive.units.at(m.unit);
            unit.uses.push_back({lease->id, b.now, false, tokens});
            unit.running.insert(lease->id);
            running.push_back({*lease, id, tokens, false});
            return;
        }
        RC_ASSERT(!naive.anyFree(tokens, b.now, tried));
        const NoRoom &why = lease.error();
        if (tried.size() == naive.members.size()) {
            RC_ASSERT(why.why == NoRoom::Why::Exhausted);
            return;
        }
        RC_ASSERT(why.why == NoRoom::Why::Busy);
        // Exact once all is dated and nobody waits for a parallel slot.
        const bool dated = std::all_of(running.begin(), running.end(), [](const Running &r) { return r.sent; });
        if (dated && running.empty())
            RC_ASSERT(why.nextFree == naive.nextFree(tokens, b.now, tried));
    }

    void send()
    {
        if (running.empty())
            return;
        Running &r = running[std::size_t(*rc::gen::inRange(0, int(running.size())))];
        b.pool.markSent(r.lease, b.now);
        r.sent = true;
        for (auto &use : naive.units.at(naive.member(r.id).unit).uses) {
            if (use.lease == r.lease.id) {
                use.at = b.now;
                use.sent = true;
            }
        }
    }

    void settle(std::size_t at)
    {
        const Running r = running[at];
        running.erase(running.begin() + std::ptrdiff_t(at));
        NaivePool::Unit &unit = naive.units.at(naive.member(r.id).unit);
        unit.running.erase(r.lease.id);
        Feedback feedback = answer(AnswerClass::Success);
        const auto use =
            std::find_if(unit.uses.begin(), unit.uses.end(), [&](const auto &u) { return u.lease == r.lease.id; });
        if (!r.sent) {
            feedback.klass = AnswerClass::NeverSent;
            unit.uses.erase(use);
        } else if (*rc::gen::inRange(0, 6) == 0) {
            feedback.klass = AnswerClass::MinuteLimit;
            feedback.restFor = Millis(*rc::gen::inRange(0, 90000));
            unit.restsUntil = std::max(unit.restsUntil, b.now + std::max(*feedback.restFor, Millis(1000)));
        } else if (withTokens && *rc::gen::inRange(0, 2) == 0) {
            feedback.tokensUsed = *rc::gen::inRange<std::int64_t>(0, r.tokens + 1);
            if (use->at + 60250ms > b.now)
                use->tokens = *feedback.tokensUsed;
        }
        b.pool.settle(r.lease, feedback, b.now);
    }

    void step()
    {
        switch (*rc::gen::inRange(0, 8)) {
        case 0:
        case 1:
        case 2:
            return acquire();
        case 3:
        case 4:
            return send();
        case 5:
        case 6:
            if (!running.empty())
                settle(std::size_t(*rc::gen::inRange(0, int(running.size()))));
            return;
        default:
            b.now += Millis(*rc::gen::element(1, 500, 5000, 30000, 60250));
        }
    }

    void settleAll()
    {
        while (!running.empty())
            settle(running.size() - 1);
    }

    bool withTokens;
    std::vector<KeyEntry> keys;
    Bench b;
    NaivePool naive;
    std::vector<Running> running;
};

} // namespace

class TestKeyPoolProperties : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void busyIsSaidOnlyWhenNobodyHasRoom_data() { both(); }
    void busyIsSaidOnlyWhenNobodyHasRoom()
    {
        QFETCH(bool, tokens);
        QVERIFY(rc::check("the pool and the naive pool agree on who is free", [tokens] {
            Duel duel(tokens);
            const int steps = *rc::gen::inRange(10, 250);
            for (int i = 0; i < steps; ++i)
                duel.step();
            duel.settleAll();
            for (const DeploymentState &s : duel.b.pool.snapshot(duel.b.now).deployments)
                RC_ASSERT(s.inFlight == 0);
            duel.acquire();
        }));
    }

    void theNextFreeMomentIsExact_data() { both(); }
    void theNextFreeMomentIsExact()
    {
        QFETCH(bool, tokens);
        QVERIFY(rc::check("with nothing running the moment is the naive one, and there is room then and not before",
                          [tokens] {
                              Duel duel(tokens);
                              Bench &b = duel.b;
                              const int steps = *rc::gen::inRange(1, 60);
                              for (int i = 0; i < steps; ++i) {
                                  duel.acquire();
                                  for (Running &r : duel.running) {
                                      b.pool.markSent(r.lease, b.now);
                                      r.sent = true;
                                      for (auto &use : duel.naive.units.at(duel.naive.member(r.id).unit).uses) {
                                          if (use.lease == r.lease.id)
                                              use = {use.lease, b.now, true, use.tokens};
                                      }
                                  }
                                  duel.settleAll();
                                  b.now += Millis(*rc::gen::element(0, 1, 700, 9000));
                              }
                              b.tried.clear();
                              const std::int64_t size = tokens ? 99 : 0;
                              const auto at = b.pool.nextFree(b.request("any", size), b.now);
                              if (duel.naive.anyFree(size, b.now)) {
                                  RC_ASSERT(at == b.now);
                                  return;
                              }
                              RC_ASSERT(at == duel.naive.nextFree(size, b.now, {}));
                              b.now = *at - 1ms;
                              RC_ASSERT(!b.hasRoom("any", size));
                              b.now = *at;
                              RC_ASSERT(b.hasRoom("any", size));
                          }));
    }

    void noSlidingMinuteEverHoldsMoreThanTheLimits()
    {
        QVERIFY(rc::check("in every minute at most rpm requests and tpm tokens were sent", [] {
            const std::int64_t rpm = *rc::gen::inRange(1, 12), tpm = *rc::gen::inRange(100, 2000);
            Bench b({key("a", {.rpm = rpm, .tpm = tpm})});
            struct Sent {
                TimePoint at;
                std::int64_t tokens;
            };
            std::vector<Sent> sent;
            const int steps = *rc::gen::inRange(1, 200);
            for (int i = 0; i < steps; ++i) {
                b.now += Millis(*rc::gen::inRange(0, 9000));
                const std::int64_t estimate = *rc::gen::inRange(1, 100);
                const auto lease = b.acquire("any", estimate);
                if (!lease)
                    continue;
                b.now += Millis(*rc::gen::inRange(0, 50));
                b.pool.markSent(*lease, b.now);
                const std::int64_t used = *rc::gen::inRange<std::int64_t>(0, estimate + 1);
                sent.push_back({b.now, used});
                b.now += Millis(*rc::gen::inRange(0, 3000));
                b.pool.settle(*lease, success(used), b.now);
            }
            for (std::size_t i = 0; i < sent.size(); ++i) {
                std::int64_t requests = 0, tokens = 0;
                for (std::size_t j = i; j < sent.size() && sent[j].at - sent[i].at <= 60s; ++j) {
                    ++requests;
                    tokens += sent[j].tokens;
                }
                RC_ASSERT(requests <= rpm);
                RC_ASSERT(tokens <= tpm);
            }
        }));
    }

    void picksFollowTheSmallestVirtualTime()
    {
        QVERIFY(rc::check("among members that always have room each pick is the naive argmin", [] {
            std::vector<KeyEntry> keys;
            const int count = *rc::gen::inRange(1, 8);
            for (int i = 0; i < count; ++i)
                keys.push_back(key("k" + std::to_string(i), {.rpm = *rc::gen::inRange(40, 1000)},
                                   {model("m", *rc::gen::element(1.0, 3.0, 10.0, 0.3))}));
            Bench b(keys);
            NaivePool naive(keys);
            for (int i = 0; i < 39; ++i) {
                auto best = naive.members.begin();
                for (auto m = naive.members.begin(); m != naive.members.end(); ++m) {
                    if (m->virtualTime < best->virtualTime)
                        best = m;
                }
                const Lease lease = b.send();
                RC_ASSERT(b.idOf(lease) == best->id);
                NaivePool::Unit &unit = naive.units.at(best->unit);
                unit.uses.push_back({lease.id, b.now, true, 0});
                best->virtualTime += 1 / (best->weight * naive.room(unit, b.now));
                b.now += Millis(*rc::gen::inRange(0, 500));
            }
        }));
    }

    void restsOnlyEverGrow()
    {
        QVERIFY(rc::check("the end of a rest is the latest of all that were asked for", [] {
            Bench b({key("a")});
            std::vector<Lease> running;
            for (int i = 0; i < 10; ++i)
                running.push_back(b.send());
            TimePoint latest{};
            for (const Lease &lease : running) {
                b.now += Millis(*rc::gen::inRange(0, 900));
                Feedback feedback = answer(AnswerClass::MinuteLimit);
                feedback.restFor = Millis(*rc::gen::inRange(1000, 100000));
                latest = std::max(latest, b.now + *feedback.restFor);
                b.pool.settle(lease, feedback, b.now);
                if (b.now < latest)
                    RC_ASSERT(b.state("a/m").cooldown->until == latest);
            }
        }));
    }

    void nothingIsLostOverAnyNumberOfReconfigurations()
    {
        QVERIFY(rc::check(
            "in-flight counts match the leases, all classes of answers, and in the end everybody comes back", [] {
                Bench b(someKeys(true));
                std::vector<std::pair<std::shared_ptr<const Router>, Lease>> running;
                const int steps = *rc::gen::inRange(10, 200);
                for (int i = 0; i < steps; ++i) {
                    const int what = *rc::gen::inRange(0, 12);
                    if (what == 0) {
                        auto keys = someKeys(true);
                        if (*rc::gen::inRange(0, 2) == 0)
                            keys.front().models.front().endpoints.insert(Endpoint::Embeddings);
                        b.config.providers[0].keys = keys;
                        b.readiness.assign(keys.size(), {});
                        b.readiness.front().secretVersion = *rc::gen::inRange<std::uint64_t>(0, 2);
                        b.apply();
                    } else if (what < 6) {
                        b.endpoint = *rc::gen::element(Endpoint::Chat, Endpoint::Completions);
                        if (const auto lease = b.acquire("any", *rc::gen::inRange(0, 500))) {
                            running.emplace_back(b.router, *lease);
                            if (*rc::gen::inRange(0, 4) != 0)
                                b.pool.markSent(*lease, b.now);
                        }
                    } else if (what < 10 && !running.empty()) {
                        const auto at = running.begin() + *rc::gen::inRange(0, int(running.size()));
                        Feedback feedback = answer(AnswerClass(*rc::gen::inRange(0, int(AnswerClass::Broken) + 1)));
                        feedback.limitEvidence = *rc::gen::arbitrary<bool>();
                        if (*rc::gen::arbitrary<bool>())
                            feedback.restFor = Millis(*rc::gen::inRange(-1000, 100000));
                        b.pool.settle(at->second, feedback, b.now);
                        running.erase(at);
                    } else {
                        b.now += Millis(*rc::gen::element(10, 10000, 60000, 3600000));
                        b.pool.takeEvents(b.now);
                    }
                }
                std::map<std::string, std::int64_t> expected;
                for (const auto &[router, lease] : running)
                    ++expected[router->deployments()[lease.deployment].id];
                for (const DeploymentState &s : b.pool.snapshot(b.now).deployments)
                    RC_ASSERT(s.inFlight <= expected[s.id]); // less, where one was removed and returned as another
                for (const auto &[router, lease] : running)
                    b.pool.settle(lease, answer(AnswerClass::Cancelled), b.now);
                running.clear();
                b.now += 48h;
                b.pool.takeEvents(b.now);
                for (const DeploymentState &s : b.pool.snapshot(b.now).deployments) {
                    RC_ASSERT(s.inFlight == 0);
                    RC_ASSERT(s.rpm.used == 0 && s.tpm.used == 0 && s.rpd.used == 0);
                }
                // Everybody is reachable again: each answers once, whatever trials that takes.
                std::set<std::string> served;
                for (b.endpoint = Endpoint::Chat; served.size() < b.router->deployments().size();) {
                    const auto lease = b.acquire();
                    RC_ASSERT(lease.has_value());
                    served.insert(b.idOf(*lease));
                    b.tried.push_back(lease->deployment);
                    b.pool.settle(*lease, success(), b.now);
                }
            }));
    }

private:
    static void both()
    {
        QTest::addColumn<bool>("tokens");
        QTest::newRow("requests only") << false;
        QTest::newRow("requests and tokens") << true;
    }
};

QTEST_APPLESS_MAIN(TestKeyPoolProperties)
#include "test_keypool_properties.moc"
