// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/history.h"

#include "keypoolfixture.h"

#include <QTest>
#include <malloc.h>
#include <rapidcheck.h>

using namespace keymux;
using namespace keymux::test;

namespace {

constexpr HistoryCounts one{.requests = 1, .errors = 0, .tokens = 10, .rateLimited = 0, .fallbacks = 0};

PoolSnapshot snapshotOf(std::initializer_list<const char *> ids, double room = 1)
{
    PoolSnapshot snapshot;
    for (const char *id : ids) {
        DeploymentState state;
        state.id = id;
        state.room = room;
        snapshot.deployments.push_back(state);
    }
    return snapshot;
}

HistoryQuery query(TimePoint from, TimePoint to, Millis step = fineStep)
{
    HistoryQuery result;
    result.from = from;
    result.to = to;
    result.step = step;
    return result;
}

HistoryCounts sumOf(const HistoryAnswer &answer)
{
    HistoryCounts sum;
    for (const auto &point : answer.points) {
        if (point)
            sum += point->counts;
    }
    return sum;
}

std::shared_ptr<const Router> routerOf(std::vector<KeyEntry> keys)
{
    PoolConfig config;
    config.providers = {provider("p", std::move(keys))};
    return std::make_shared<const Router>(std::make_shared<const PoolConfig>(std::move(config)));
}

} // namespace

class TestHistory : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aSlotIsPackedWithoutLoss()
    {
        HistorySlot slot;
        slot.counts = {.requests = 65534, .errors = 300, .tokens = 16'777'215, .rateLimited = 2, .fallbacks = 65534};
        slot.marks = {1, 2, 3, 100, 200, 255};
        slot.room = 1;
        QCOMPARE(PackedSlot::pack(slot)->unpack() == slot, true);
        slot.room.reset();
        QCOMPARE(PackedSlot::pack(slot)->unpack() == slot, true);
        slot.room = 0;
        QCOMPARE(PackedSlot::pack(slot)->unpack() == slot, true);
        slot.counts.tokens = 16'777'216;
        QVERIFY(!PackedSlot::pack(slot));
        slot.counts = {.requests = 65535};
        QVERIFY(!PackedSlot::pack(slot));
        QVERIFY(PackedSlot().isAbsent());
        QVERIFY(PackedSlot::elsewhere().isElsewhere());
    }

    void latenciesKeepTheirSizeWithinThreePercent()
    {
        for (int ms = 1; ms < 700000; ms = ms * 5 / 4 + 1) {
            const double back = LatencyHistogram::millisOf(LatencyHistogram::stepOf(Millis(ms)));
            QVERIFY2(std::abs(back - ms) <= ms * 0.0275 + 0.5, std::to_string(ms).c_str());
        }
        QCOMPARE(int(LatencyHistogram::stepOf(Millis(0))), 1);
        QCOMPARE(int(LatencyHistogram::stepOf(Millis(1'000'000'000))), 255);
    }

    void veryLargeCountsAreKeptInFull()
    {
        HistorySeries series;
        const HistoryCounts much{
            .requests = 70000, .errors = 1, .tokens = 3'000'000'000, .rateLimited = 5, .fallbacks = 9};
        series.count(much, std::nullopt, noon);
        series.advance(noon + 1h);
        QCOMPARE(series.slot(HistoryLevel::Fine, slotAt(HistoryLevel::Fine, noon))->counts == much, true);
        QCOMPARE(series.slot(HistoryLevel::Coarse, slotAt(HistoryLevel::Coarse, noon))->counts == much, true);
        const std::size_t withMuch = series.bytes();
        for (int hours = 2; hours < 30; ++hours)
            series.advance(noon + std::chrono::hours(hours));
        QVERIFY(!series.slot(HistoryLevel::Coarse, slotAt(HistoryLevel::Coarse, noon)));
        QVERIFY(series.bytes() + 2 * sizeof(HistorySlot) < withMuch); // nothing of it stays behind but an empty table
    }

    void whatIsIdleTakesLittleAndIsToldAllTheSame()
    {
        HistorySeries idle, used;
        TimePoint now = noon + 7s;
        const auto first = slotAt(HistoryLevel::Fine, now);
        for (int i = 0; i < 400; ++i, now += 15s) { // an hour and forty minutes
            idle.sampleRoom(0.5, now);
            used.sampleRoom(0.5, now);
        }
        QVERIFY(idle.bytes() <= sizeof idle);
        used.count(one, 20ms, now);
        used.advance(now + 30s);
        idle.sampleRoom(0.25, now); // and another room than ever before
        idle.advance(now + 30s);
        QVERIFY(used.bytes() > 4 * sizeof used && idle.bytes() == used.bytes());
        int told = 0;
        for (const HistoryLevel level : {HistoryLevel::Fine, HistoryLevel::Coarse}) {
            for (auto n = slotAt(level, noon) - 2; n < slotAt(level, now); ++n) {
                QVERIFY(idle.slot(level, n) == used.slot(level, n));
                if (const auto slot = used.slot(level, n)) {
                    ++told;
                    QVERIFY(std::abs(*slot->room - 0.5) < 0.005);
                }
            }
        }
        QVERIFY(told >= 20 + 100);
        QVERIFY(!idle.slot(HistoryLevel::Coarse, slotAt(HistoryLevel::Coarse, noon) - 1));
        QVERIFY(!idle.slot(HistoryLevel::Fine, first - 1));
        QVERIFY(std::abs(*idle.slot(HistoryLevel::Fine, slotAt(HistoryLevel::Fine, now))->room - 0.375) < 0.13);
    }

    void theSumOverAnyRangeIsWhatWasFed()
    {
        QVERIFY(rc::check("fine and coarse spans hold exactly what was counted in them", [] {
            HistorySeries series;
            std::vector<std::pair<TimePoint, HistoryCounts>> fed;
            TimePoint now = noon;
            const int steps = *rc::gen::inRange(1, 120);
            for (int i = 0; i < steps; ++i) {
                now += Millis(*rc::gen::element(0, 10, 29999, 30000, 61000, 300000, 3600000));
                const HistoryCounts counts{.requests = *rc::gen::element(1, 7, 70000),
                                           .errors = *rc::gen::inRange(0, 2),
                                           .tokens = *rc::gen::element(0, 900, 20'000'000),
                                           .rateLimited = *rc::gen::inRange(0, 2),
                                           .fallbacks = *rc::gen::inRange(0, 3)};
                series.count(counts, Millis(*rc::gen::inRange(1, 5000)), now);
                fed.emplace_back(now, counts);
            }
            for (const HistoryLevel level : {HistoryLevel::Fine, HistoryLevel::Coarse}) {
                const std::int64_t last = slotAt(level, now);
                const std::int64_t kept = level == HistoryLevel::Fine ? 120 : 288;
                for (std::int64_t number = last - kept; number <= last; ++number) {
                    HistoryCounts expected;
                    bool any = false;
                    for (const auto &[at, counts] : fed) {
                        if (slotAt(level, at) != number)
                            continue;
                        expected += counts;
                        any = true;
                    }
                    const auto slot = series.slot(level, number);
                    RC_ASSERT(slot.has_value() == any);
                    RC_ASSERT(!slot || slot->counts == expected);
                }
            }
        }));
    }

    void nobodyCountingIsAGapAndNoRequestsIsZero()
    {
        History history;
        history.sample(snapshotOf({"a/m"}, 0.5), noon);
        history.sample(snapshotOf({"a/m"}, 0.25), noon + 10s);
        history.sample(snapshotOf({"a/m"}, 1), noon + 60s);
        const HistoryAnswer answer = history.answer(query(noon - 30s, noon + 90s), noon + 90s);
        QCOMPARE(answer.points.size(), std::size_t(4));
        QVERIFY(!answer.points[0] && !answer.points[2]);
        QCOMPARE(answer.points[1]->counts.requests, 0);
        QVERIFY(std::abs(*answer.points[1]->room - 0.375) < 0.003);
        QVERIFY(!answer.points[1]->p50);
        QCOMPARE(*answer.points[3]->room, 1.0);
    }

    void percentilesComeFromAllRequestsTogether()
    {
        HistorySeries fast, slow;
        for (int i = 0; i < 95; ++i)
            fast.count(one, Millis(100), noon);
        for (int i = 0; i < 5; ++i)
            slow.count(one, Millis(9000), noon);
        HistorySum sum;
        for (const HistorySeries *series : {&fast, &slow})
            sum.add(*series->slot(HistoryLevel::Fine, slotAt(HistoryLevel::Fine, noon)));
        QVERIFY(std::abs(*sum.latency(0.5) - 100) <= 3); // the mean of the two would be 4550
        QVERIFY(std::abs(*sum.latency(0.95) - 100) <= 3);
        QVERIFY(std::abs(*sum.latency(0.99) - 9000) <= 250);
    }

    void tracesCountForThePoolOnceAndForEachDeploymentTried()
    {
        History history;
        RequestTrace trace;
        trace.router = routerOf({key("a"), key("b"), key("c", {}, {model("n/x")})});
        trace.startedAt = noon;
        trace.answeredAt = noon + 400ms;
        trace.status = 200;
        trace.usage = TokenUsage{.prompt = 30, .completion = 12, .total = 42};
        AttemptTrace limited, good;
        limited.klass = AnswerClass::MinuteLimit;
        good.deployment = 1;
        good.firstByte = Millis(300);
        trace.attempts = {limited, good};
        history.count(trace, noon);
        RequestTrace refused;
        refused.router = trace.router;
        refused.end = RequestEnd::Refused;
        refused.status = 429;
        history.count(refused, noon);
        history.sample(snapshotOf({"a/m", "b/m", "c/n/x"}), noon);
        HistoryQuery q = query(noon, noon + 30s);
        const auto counts = [&](HistoryQuery::Of of, const char *name) {
            q.of = of;
            q.name = name;
            return sumOf(history.answer(q, noon + 10s));
        };
        using Of = HistoryQuery::Of;
        QVERIFY((counts(Of::Pool, "") == HistoryCounts{2, 1, 42, 1, 1}));
        QVERIFY((counts(Of::Deployment, "a/m") == HistoryCounts{1, 1, 0, 1, 1}));
        QVERIFY((counts(Of::Key, "b") == HistoryCounts{1, 0, 42, 0, 0}));
        QVERIFY((counts(Of::Model, "m") == HistoryCounts{2, 1, 42, 1, 1}));
        QVERIFY(history.knows(Of::Model, "n/x"));
        QVERIFY(!history.knows(Of::Model, "x") && !history.knows(Of::Key, "m") &&
                !history.knows(Of::Deployment, "pool"));
        q.of = Of::Deployment;
        q.name = "b/m";
        const HistoryAnswer b = history.answer(q, noon + 10s);
        QVERIFY(std::abs(*b.points[0]->p95 - 300) <= 9);
    }

    void stepsAreRoundedToWhatIsKept()
    {
        const HistoryAnswer fine = History::frameOf(query(noon - 1h, noon, 31s), noon);
        QCOMPARE(fine.step, Millis(60s));
        QCOMPARE(History::pointsOf(fine), std::size_t(60));
        const HistoryAnswer day = History::frameOf(query(noon - 24h, noon + 1s, 1s), noon + 1s);
        QCOMPARE(day.step, Millis(300s));
        QCOMPARE(History::pointsOf(day), std::size_t(289));
        QVERIFY(History::pointsOf(History::frameOf(query(TimePoint(), noon, 1s), noon)) > History::mostPoints);
    }

    void whatLeftTheConfigIsKeptForADayAndOfThoseOnlySoMany()
    {
        History history;
        history.sample(snapshotOf({"a/m", "b/m"}), noon);
        history.sample(snapshotOf({"a/m"}), noon + 24h);
        QVERIFY(history.has("b/m"));
        history.sample(snapshotOf({"a/m"}), noon + 26h);
        QVERIFY(!history.has("b/m") && history.has("a/m"));
        TimePoint now = noon + 26h;
        for (int i = 0; i < 3000; ++i) {
            const std::string id = "k" + std::to_string(i) + "/m";
            now += 30s;
            history.sample(snapshotOf({id.c_str()}), now);
        }
        QVERIFY(history.has("k2999/m") && !history.has("k500/m"));
        QVERIFY(history.bytes() < (History::mostGone + 4) * 7900);
    }

    void aThousandDeploymentsInFullUseFitIntoEightMegabytes()
    {
        std::vector<std::string> names;
        for (int i = 0; i < 1000; ++i)
            names.push_back("gemini-key-" + std::to_string(i) + "/gemini-2.0-flash-thinking-exp");
        PoolSnapshot snapshot;
        for (const std::string &name : names) {
            DeploymentState state;
            state.id = name;
            snapshot.deployments.push_back(state);
        }
        const auto before = mallinfo2();
        History history;
        for (int minute = 0; minute < 25 * 60; minute += 5)
            history.sample(snapshot, noon + std::chrono::minutes(minute));
        const auto after = mallinfo2();
        const std::size_t allocated = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
        qInfo("1,000 deployments: %zu bytes by its own count, %zu allocated", history.bytes(), allocated);
        QVERIFY(history.bytes() <= 8'000'000);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        QVERIFY(allocated > 7'000'000 && allocated <= 8'000'000);
#endif
    }
};

QTEST_APPLESS_MAIN(TestHistory)
#include "test_history.moc"
