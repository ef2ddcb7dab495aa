// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/latestore.h"

#include <QTemporaryDir>
#include <QtTest>
#include <random>

using namespace keymux;

namespace {

constexpr TimePoint t0{Millis(1'800'000'000'000)};

LateReport fullReport()
{
    LateReport report;
    report.writer = "writer";
    report.uses = {{.id = "vk",
                    .period = {.requests = 1, .tokens = 2, .costUsd = 0.25},
                    .total = {.requests = 3, .tokens = 4, .costUsd = 0.5},
                    .since = t0,
                    .lastUsedAt = t0 + Millis(1)}};
    RestMemory rest;
    rest.holder = RestMemory::Holder::Endpoint;
    rest.subject = "p\na/m";
    rest.endpoint = Endpoint::Embeddings;
    rest.reason = RestReason::DayQuota;
    rest.startedAt = t0;
    rest.until = t0 + Millis(90000);
    rest.needsTrial = true;
    rest.hits = 3;
    rest.secretVersion = 0xfedcba9876543210;
    report.learned = {{{"unit", 5, t0 + Millis(9)}}, {rest}};
    report.keysHeld = {{"vk", 2, {.requests = 2, .tokens = 7, .costUsd = 0.125}}};
    report.unitsHeld = {{"unit", 4}};
    report.keyWindows = {{"vk", {{t0, 1, 10}, {t0 + Millis(5), 2, 20}}}};
    report.pool.windows = {{"unit", {{t0, 3, 30}}}};
    report.pool.rests = {rest};
    return report;
}

} // namespace

/// What a server that finishes leaves for the one that serves.
class LateStoreTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aReportReadsAsItWasWritten()
    {
        const LateReport report = fullReport(), read = lateReportFrom(toJson(report));
        QCOMPARE(read.writer, report.writer);
        QVERIFY(read.uses == report.uses);
        QVERIFY(read.learned == report.learned);
        QVERIFY(read.keysHeld == report.keysHeld);
        QVERIFY(read.unitsHeld == report.unitsHeld);
        QVERIFY(read.keyWindows == report.keyWindows);
        QVERIFY(read.pool.windows == report.pool.windows);
        QVERIFY(read.pool.rests == report.pool.rests);
        QVERIFY(!read.empty());
    }

    void whatIsNoReportDoesNoHarm()
    {
        for (const char *text : {"", "x", "[]", "1", "{\"uses\":1}", "{\"uses\":[1,{}]}", "{\"days\":[[1]]}",
                                 "{\"rests\":[{\"holder\":7}]}", "{\"keys_held\":{\"a\":1}}"})
            QVERIFY(lateReportFrom(text).learned.rests.empty());
        std::mt19937 dice(1);
        const std::string good = toJson(fullReport());
        for (int i = 0; i < 5000; ++i) {
            std::string text = good;
            for (unsigned changes = 1 + dice() % 4; changes > 0; --changes)
                text[dice() % text.size()] = char(dice() % 128);
            (void)lateReportFrom(text);
        }
    }

    void eachReportIsTakenOnceInOrder()
    {
        const QTemporaryDir folder;
        auto writing = LateStore::open(*Database::open(folder.path().toStdString()));
        auto reading = LateStore::open(*Database::open(folder.path().toStdString()));
        QVERIFY(writing && reading);
        QVERIFY((*reading)->take());
        LateReport report = fullReport();
        for (int i = 1; i <= 3; ++i) {
            report.unitsHeld.front().inFlight = i;
            QVERIFY((*writing)->leave(report));
        }
        QVERIFY((*reading)->mayHaveNews());
        const auto taken = (*reading)->take();
        QVERIFY(taken);
        QCOMPARE(taken->size(), std::size_t(3));
        for (int i = 0; i < 3; ++i)
            QCOMPARE((*taken)[std::size_t(i)].unitsHeld.front().inFlight, std::int64_t(i + 1));
        QVERIFY((*reading)->take()->empty());
        QVERIFY(!(*reading)->mayHaveNews());
    }

    void whatIsWithdrawnIsGone()
    {
        const QTemporaryDir folder;
        auto store = LateStore::open(*Database::open(folder.path().toStdString()));
        LateReport other = fullReport();
        other.writer = "other";
        QVERIFY((*store)->leave(fullReport()));
        QVERIFY((*store)->leave(other));
        QVERIFY((*store)->withdraw("writer"));
        const auto left = (*store)->take();
        QCOMPARE(left->size(), std::size_t(1));
        QCOMPARE(left->front().writer, "other");
    }
};

QTEST_GUILESS_MAIN(LateStoreTest)
#include "test_latestore.moc"
