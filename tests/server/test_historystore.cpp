// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/historystore.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace keymux;

namespace {

/// The last seconds of a fine slot, and of nothing coarser.
constexpr TimePoint lateInSlot{Millis(1'700'000'100'000 / 30'000 * 30'000 + 28'000)};

void countOne(History &history, TimePoint now)
{
    RequestTrace trace;
    trace.status = 200;
    history.count(trace, now);
}

std::int64_t requestsIn(const History &history, TimePoint now)
{
    HistoryQuery query;
    query.from = now - std::chrono::minutes(30);
    query.to = now;
    std::int64_t sum = 0;
    for (const auto &point : history.answer(query, now).points)
        sum += point ? point->counts.requests : 0;
    return sum;
}

} // namespace

class TestHistoryStore : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    /// What a server that starts at that moment knows.
    std::int64_t storedAt(TimePoint now)
    {
        History history;
        auto store = HistoryStore::open(*Database::open(m_folder.path().toStdString()));
        return (*store)->load(history, now) ? requestsIn(history, now) : -1;
    }

private Q_SLOTS:
    void whatWasCountedBeforeTheFirstWriteIsWrittenAlsoWhenItsSlotIsOver()
    {
        History history;
        auto store = HistoryStore::open(*Database::open(m_folder.path().toStdString()));
        QVERIFY((*store)->load(history, lateInSlot).has_value());
        countOne(history, lateInSlot + Millis(100));
        const TimePoint next = lateInSlot + Millis(10'000);
        history.advance(next);
        QVERIFY((*store)->write(history, next).has_value());
        QCOMPARE(storedAt(next), std::int64_t(1));

        // And once more on what was stored: nothing is counted twice.
        countOne(history, next);
        QVERIFY((*store)->write(history, next + Millis(40'000)).has_value());
        QCOMPARE(storedAt(next + Millis(40'000)), std::int64_t(2));
    }

    void aDayLaterItIsGone() { QCOMPARE(storedAt(lateInSlot + std::chrono::hours(30)), std::int64_t(0)); }
};

QTEST_GUILESS_MAIN(TestHistoryStore)
#include "test_historystore.moc"
