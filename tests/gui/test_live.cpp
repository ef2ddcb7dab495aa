// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/desk.h"
#include "models/deploymentsmodel.h"
#include "page/live/historycharts.h"
#include "support/goodanswers.h"
#include "support/pooltext.h"
#include "widgets/page.h"

#include <QComboBox>
#include <QElapsedTimer>
#include <QLabel>
#include <QTabWidget>
#include <QTableView>

using namespace Qt::StringLiterals;
using namespace keymux::gui;
using namespace keymux::gui::testing;
using namespace keymux::testing;

namespace {

int rowOf(const QAbstractItemModel &model, const QString &id)
{
    for (int row = 0; row < model.rowCount(); ++row) {
        if (model.index(row, 0).data(DeploymentsModel::IdRole).toString() == id)
            return row;
    }
    return -1;
}

} // namespace

/// A burst exhausts a key, and it is seen: spent, cooling, back.
class TestLive : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theNumbersOnTheScreenAreTheUpstreams()
    {
        ScriptedUpstream upstream;
        upstream.limit("*", "*", {.rpm = 4});
        const PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2, R"("rpm_limit": 4)")};
        Daemon daemon(pool.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.showPage(u"live"_s));
        auto *table = desk.find<QTableView>(u"liveTable"_s);
        QVERIFY(table);
        QCOMPARE(table->model()->rowCount(), 2);
        const ModelTesters tester(table->model());
        table->selectRow(1);
        const QString selected = table->currentIndex().data(DeploymentsModel::IdRole).toString();
        auto client = daemon.client();
        int good = 0;
        for (int i = 0; i < 8; ++i)
            good += client.post("/v1/chat/completions", chatBody("gemini-2.0-flash", false)).status == 200;
        QCOMPARE(good, 8);
        const auto refused = client.post("/v1/chat/completions", chatBody("gemini-2.0-flash", false));
        QCOMPARE(refused.status, 429);
        const QString id = u"key-1/gemini-2.0-flash"_s;
        QVERIFY(waitFor([&] {
            const int row = rowOf(*table->model(), id);
            return row >= 0 &&
                   table->model()->index(row, DeploymentsModel::Requests).data(DeploymentsModel::SortRole).toInt() == 4;
        }));
        const int row = rowOf(*table->model(), id);
        QCOMPARE(table->model()->index(row, DeploymentsModel::RequestsMinute).data().toString(), u"4 / 4"_s);
        QCOMPARE(table->model()->index(row, DeploymentsModel::Room).data().toString(), u"0 %"_s);
        std::size_t served = 0;
        for (const std::string &line : walkOf(upstream))
            served += line.starts_with("key-1/gemini-2.0-flash");
        QCOMPARE(served, std::size_t(4));
        QCOMPARE(table->currentIndex().data(DeploymentsModel::IdRole).toString(), selected);
        Desk::shoot(desk.window(), u"live-table-light"_s);
        auto *tabs = desk.window().currentPage()->findChild<QTabWidget *>();
        tabs->setCurrentIndex(1);
        QTest::qWait(50);
        Desk::shoot(desk.window(), u"live-heatmap-light"_s);
        tabs->setCurrentIndex(2);
        QTest::qWait(800);
        Desk::shoot(desk.window(), u"live-charts-light"_s);
    }

    void aBurstExhaustsAKeyWhichCoolsAndRecovers()
    {
        ScriptedUpstream upstream;
        upstream.on({.key = secretOf("key-1"), .nth = 3, .times = 1}, upstream::retryAfter(3));
        const PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2, R"("rpm_limit": 60)")};
        Daemon daemon(pool.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.showPage(u"live"_s));
        const QAbstractItemModel &live = *desk.find<QTableView>(u"liveTable"_s)->model();
        const auto cell = [&](int row, int column, int role = Qt::DisplayRole) {
            return live.index(row, column).data(role);
        };
        const auto status = [&] {
            return LiveStatus(cell(rowOf(live, u"key-1/gemini-2.0-flash"_s), 0, DeploymentsModel::StatusRole).toInt());
        };
        auto client = daemon.client();
        for (int i = 0; i < 10; ++i)
            QCOMPARE(client.post("/v1/chat/completions", chatBody("gemini-2.0-flash", false)).status, 200);
        QVERIFY(waitFor([&] { return status() == LiveStatus::Cooling; }));
        QVERIFY(!cell(rowOf(live, u"key-1/gemini-2.0-flash"_s), DeploymentsModel::Rests).toString().isEmpty());
        Desk::shoot(desk.window(), u"live-cooling-light"_s);
        QVERIFY(waitFor([&] { return status() == LiveStatus::Ready || status() == LiveStatus::Probing; }));
        // The trial after the rest is answered, and the key serves as before.
        for (int i = 0; i < 6; ++i)
            QCOMPARE(client.post("/v1/chat/completions", chatBody("gemini-2.0-flash", false)).status, 200);
        QVERIFY(waitFor([&] { return status() == LiveStatus::Ready; }));
        const auto same = [&] {
            const auto state = Json::parse(daemon.admin().get("/admin/v1/state").body);
            for (const auto &d : state["deployments"]) {
                const QString id = QString::fromStdString(d["id"]);
                const int row = rowOf(live, id);
                if (row < 0 ||
                    cell(row, DeploymentsModel::Requests, DeploymentsModel::SortRole).toInt() != d["requests"] ||
                    cell(row, DeploymentsModel::Errors, DeploymentsModel::SortRole).toInt() != d["errors"] ||
                    cell(row, DeploymentsModel::RequestsMinute).toString() !=
                        u"%1 / 60"_s.arg(d["windows"]["rpm"]["used"].get<int>()))
                    return false;
            }
            return state["deployments"].size() == 2;
        };
        QVERIFY(waitFor(same));
        for (const char *key : {"key-1", "key-2"}) {
            const int row = rowOf(live, QString::fromLatin1(key) + u"/gemini-2.0-flash"_s);
            QCOMPARE(std::size_t(cell(row, DeploymentsModel::Requests, DeploymentsModel::SortRole).toInt()),
                     upstream.ledger().countOf(secretOf(key)));
        }
        QCOMPARE(upstream.ledger().count(), std::size_t(17)); // 16 answered, and the one that was refused
    }

    void theChartsLastPointIsNeverOlderThanTwoIntervals()
    {
        ScriptedUpstream upstream;
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.showPage(u"live"_s));
        auto client = daemon.client();
        QCOMPARE(client.post("/v1/chat/completions", chatBody("gemini-2.0-flash", false)).status, 200);
        auto *tabs = desk.window().currentPage()->findChild<QTabWidget *>();
        tabs->setCurrentIndex(2);
        const auto *charts = desk.window().findChild<HistoryCharts *>();
        QVERIFY(waitFor([&] { return charts->newestMs() > 0; }));
        constexpr qint64 intervalMs = 30000;
        // Looked at over more than an interval, so that a point that stands still is found.
        QElapsedTimer timer;
        timer.start();
        qint64 oldest = 0, first = charts->newestMs();
        while (timer.elapsed() < intervalMs + 8000) {
            QTest::qWait(500);
            oldest = std::max(oldest, QDateTime::currentMSecsSinceEpoch() - charts->newestMs());
        }
        QVERIFY(charts->newestMs() > first);
        QVERIFY2(oldest <= 2 * intervalMs, qPrintable(QString::number(oldest)));
        qInfo("the oldest last point seen: %lld ms", oldest);
    }

    void theLastMinuteIsToldSecondBySecond()
    {
        ScriptedUpstream upstream;
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.showPage(u"live"_s));
        desk.window().currentPage()->findChild<QTabWidget *>()->setCurrentIndex(2);
        auto *range = desk.find<QComboBox>(u"Range"_s);
        QVERIFY(range);
        range->setCurrentIndex(range->findText(u"1 minute"_s));
        const auto *charts = desk.window().findChild<HistoryCharts *>();
        auto client = daemon.client();
        for (int i = 0; i < 12; ++i) {
            QCOMPARE(client.post("/v1/chat/completions", chatBody("gemini-2.0-flash", false)).status, 200);
            QTest::qWait(i % 4 == 0 ? 1100 : 50);
        }
        const auto title = [&](const QString &text) { return desk.find<QLabel>(text) != nullptr; };
        QVERIFY(title(u"Attempts a second"_s));
        // What is drawn is what was sent, within the seconds that are told.
        const auto sum = [&] {
            double all = 0;
            const QStringList rows = charts->csv().split(u"\r\n"_s, Qt::SkipEmptyParts).mid(1);
            for (const QString &row : rows)
                all += row.section(u',', 1, 1).toDouble() * desk.window().session().feed().intervalMs() / 1000;
            return all;
        };
        QVERIFY2(waitFor([&] { return std::abs(sum() - 12) < 0.01; }), qPrintable(QString::number(sum())));
        QVERIFY(QDateTime::currentMSecsSinceEpoch() - charts->newestMs() < 2500);
        Desk::shoot(desk.window(), u"live-minute-light"_s);
        range->setCurrentIndex(range->findText(u"1 hour"_s));
        QVERIFY(title(u"Requests a minute"_s));
        QVERIFY(waitFor([&] { return charts->newestMs() > 0; }));
    }

    void aKeyIsSwitchedOffAndOnAgain()
    {
        ScriptedUpstream upstream;
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(3)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.showPage(u"live"_s));
        auto *table = desk.find<QTableView>(u"liveTable"_s);
        table->selectRow(0);
        const auto status = [&] {
            return LiveStatus(table->model()->index(0, 0).data(DeploymentsModel::StatusRole).toInt());
        };
        QVERIFY(desk.trigger(u"Switch key off"_s));
        QVERIFY(waitFor([&] { return status() == LiveStatus::Disabled; }));
        QVERIFY(desk.trigger(u"Switch key on"_s));
        QVERIFY(waitFor([&] { return status() == LiveStatus::Ready; }));
    }

    void aLostConnectionIsSaidAndTakenUpAgain()
    {
        ScriptedUpstream upstream;
        const PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(3)};
        DaemonOptions options = pool.options();
        const TemporaryFolder folder;
        options.folder = folder.path();
        auto daemon = std::make_unique<Daemon>(options);
        QVERIFY2(daemon->ready(), daemon->log().c_str());
        Desk desk;
        QVERIFY(desk.connectTo(*daemon));
        LiveFeed &feed = desk.window().session().feed();
        QVERIFY(waitFor([&] { return feed.status() == LiveFeed::Status::Live; }));
        const std::string address = daemon->adminUrl();
        daemon.reset();
        QVERIFY(waitFor([&] { return feed.status() == LiveFeed::Status::Waiting; }));
        const auto said = [&] {
            for (const QLabel *label : desk.window().findChildren<QLabel *>()) {
                if (label->isVisible() && label->text().startsWith("Reconnecting"_L1) &&
                    label->text().contains("stale since"_L1))
                    return true;
            }
            return false;
        };
        QVERIFY(waitFor(said));
        QVERIFY(desk.showPage(u"live"_s));
        Desk::shoot(desk.window(), u"live-lost-light"_s);
        options.flags = {"--admin-listen", address.substr(address.find("//") + 2)};
        Daemon again(options);
        QVERIFY2(again.ready(), again.log().c_str());
        QVERIFY(desk.trigger(u"Reconnect now"_s));
        QVERIFY(waitFor([&] { return feed.status() == LiveFeed::Status::Live; }, 40000));
        QCOMPARE(desk.find<QTableView>(u"liveTable"_s)->model()->rowCount(), 3);
    }
};

QTEST_MAIN(TestLive)
#include "test_live.moc"
