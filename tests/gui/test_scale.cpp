// SPDX-License-Identifier: GPL-3.0-or-later
// A pool of ten thousand keys, and a thousand deployments that change four times a second. Times are printed; what must
// hold at any speed is checked.
#include "document/pooldocument.h"
#include "gui/desk.h"
#include "models/deploymentsmodel.h"
#include "models/poolfilter.h"
#include "page/live/livedelegate.h"
#include "support/sanitized.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonArray>
#include <QScrollBar>
#include <QSortFilterProxyModel>
#include <QTableView>
#include <QTreeView>
#include <cstdio>
#include <ctime>

using namespace Qt::StringLiterals;
using namespace keymux::gui;
using namespace keymux::gui::testing;
using keymux::testing::sanitized;

namespace {

void tell(const char *what, qint64 ms)
{
    std::printf("%-58s %5lld ms\n", what, static_cast<long long>(ms));
    std::fflush(stdout);
}

template <typename Work>
qint64 timed(Work work)
{
    QElapsedTimer timer;
    timer.start();
    work();
    QCoreApplication::processEvents();
    return timer.elapsed();
}

/// What this process holds in memory; 0 when it cannot be told.
qint64 residentMib()
{
    QFile file(u"/proc/self/status"_s);
    if (!file.open(QIODevice::ReadOnly))
        return 0;
    for (const QByteArray &line : file.readAll().split('\n')) {
        if (line.startsWith("VmRSS:"))
            return line.mid(6).trimmed().split(' ').first().toLongLong() / 1024;
    }
    return 0;
}

QByteArray poolOf(int keys)
{
    Json list = Json::array();
    for (int i = 1; i <= keys; ++i) {
        const std::string n = std::to_string(i);
        list.push_back(
            {{"api_key", "store:gemini-key-" + n}, {"key_id", "gemini-key-" + n}, {"rpm_limit", 15 + i % 7}});
    }
    Json models =
        Json::array({{{"model", "gemini-2.0-flash"}, {"priority", 1}}, {{"model", "gemini-1.5-pro"}, {"priority", 2}}});
    return QByteArray::fromStdString(Json{{"providers", {{"gemini", {{"models", models}, {"keys", list}}}}}}.dump(2));
}

QJsonObject deployment(int n, int used)
{
    const auto window = [](int limit, int now) {
        return QJsonObject{{"limit"_L1, limit}, {"used"_L1, now}, {"resets_at"_L1, {}}};
    };
    return {{"id"_L1, u"key-%1/gemini-2.0-flash"_s.arg(n)},
            {"provider"_L1, "gemini"_L1},
            {"key_id"_L1, u"key-%1"_s.arg(n)},
            {"model"_L1, "gemini-2.0-flash"_L1},
            {"priority"_L1, 1},
            {"weight"_L1, 1},
            {"status"_L1, used % 15 == 14 ? "limited"_L1 : "ready"_L1},
            {"windows"_L1, QJsonObject{{"rpm"_L1, window(15, used % 15)},
                                       {"tpm"_L1, window(100000, used * 20)},
                                       {"rpd"_L1, window(1500, used)}}},
            {"in_flight"_L1, used % 3},
            {"requests"_L1, used},
            {"errors"_L1, 0}};
}

QJsonObject message(int count, int tick)
{
    QJsonArray deployments;
    for (int i = 0; i < count; ++i)
        deployments.append(deployment(i, tick + i));
    return {{"at"_L1, "2026-11-26T12:00:00.000Z"_L1},
            {"deployments"_L1, deployments},
            {"totals"_L1, QJsonObject{{"deployments"_L1, count}}}};
}

} // namespace

class TestScale : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void tenThousandKeysAreOpenedFilteredSortedAndEdited()
    {
        GatewaySession session;
        PoolDocument document;
        PoolModel model(document, session);
        PoolFilter sorted(model);
        QTreeView tree;
        tree.setUniformRowHeights(true);
        tree.setModel(&sorted);
        tree.resize(1100, 700);
        tree.show();
        const QByteArray text = poolOf(10000);
        tell("open 10,000 keys", timed([&] {
                 QVERIFY(document.load(text, "e"));
                 tree.expandToDepth(0);
             }));
        QCOMPARE(model.rowCount(model.index(0, 0)), 10000);
        qint64 worst = 0;
        for (const QString &typed : {u"7"_s, u"77"_s, u"777"_s, u"7777"_s})
            worst = std::max(worst, timed([&] { sorted.setText(typed); }));
        tell("filter by one more letter (the slowest of four)", worst);
        QCOMPARE(sorted.rowCount(sorted.index(0, 0)), 1);
        tell("take the filter away", timed([&] { sorted.setText({}); }));
        tell("sort by requests a minute", timed([&] { sorted.sort(PoolModel::Rpm, Qt::DescendingOrder); }));
        sorted.sort(-1);
        worst = 0;
        QScrollBar *bar = tree.verticalScrollBar();
        for (int i = 0; i <= 10; ++i)
            worst = std::max(worst, timed([&] {
                                 bar->setValue(bar->maximum() / 10 * i);
                                 tree.viewport()->repaint();
                             }));
        tell("scroll to another place (the slowest of eleven)", worst);
        const QModelIndex cell = model.index(5000, PoolModel::Rpm, model.index(0, 0));
        tell("edit a cell", timed([&] { QVERIFY(model.setData(cell, u"99"_s)); }));
        QCOMPARE(document.changeCount(), 1);
        tell("look for problems in the whole document", timed([&] { document.checkNow(); }));
        QVERIFY(document.problems().isEmpty());
        tell("undo", timed([&] { document.undoStack().undo(); }));
        QVERIFY(!document.isChanged());
    }

    void aThousandDeploymentsFourTimesASecondKeepSelectionAndPlace()
    {
        // One minute; ten in the soak.
        constexpr int usualSeconds = 60;
        bool given = false;
        const int seconds = qEnvironmentVariableIntValue("KEYMUX_SOAK_SECONDS", &given);
        const int ticks = 4 * (given ? seconds : usualSeconds);
        GatewaySession session;
        DeploymentsModel model(session);
        QSortFilterProxyModel sorted;
        sorted.setSourceModel(&model);
        sorted.setSortRole(DeploymentsModel::SortRole);
        QTableView table;
        table.setModel(&sorted);
        table.setItemDelegate(new LiveDelegate(&table));
        table.resize(1280, 700);
        table.show();
        Q_EMIT session.feed().snapshot(message(1000, 0));
        QCOMPARE(model.rowCount(), 1000);
        table.selectRow(500);
        const QString selected = table.currentIndex().data(DeploymentsModel::IdRole).toString();
        const int place = table.verticalScrollBar()->value();
        const std::clock_t began = std::clock();
        QElapsedTimer timer;
        timer.start();
        int tick = 0;
        // Every row changes with every tick, at the feed's own pace.
        while (tick < ticks) {
            Q_EMIT session.feed().delta(message(1000, ++tick));
            QTest::qWait(std::max<int>(1, int(tick * 250 - timer.elapsed())));
        }
        const double share = 100.0 * double(std::clock() - began) / CLOCKS_PER_SEC / (double(timer.elapsed()) / 1000);
        std::printf("%-58s %5.1f %% of a core\n", "1,000 deployments, all changing at 4 Hz", share);
        const qint64 mib = residentMib();
        std::printf("%-58s %5lld MiB after %d s\n", "memory of it", static_cast<long long>(mib), ticks / 4);
        std::fflush(stdout);
        QVERIFY(mib > 0);
        if (!sanitized) // what a sanitizer adds is not ours
            QVERIFY2(mib < 200, qPrintable(QString::number(mib)));
        QCOMPARE(table.currentIndex().data(DeploymentsModel::IdRole).toString(), selected);
        QCOMPARE(table.verticalScrollBar()->value(), place);
        QCOMPARE(model.index(3, DeploymentsModel::Requests).data(DeploymentsModel::SortRole).toInt(), ticks + 3);
    }
};

QTEST_MAIN(TestScale)
#include "test_scale.moc"
