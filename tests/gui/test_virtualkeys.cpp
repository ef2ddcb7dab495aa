// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/desk.h"
#include "support/goodanswers.h"
#include "support/pooltext.h"
#include "widgets/page.h"
#include "window/budgetwatch.h"
#include "window/tray.h"

#include <QClipboard>
#include <QDialog>
#include <QLineEdit>
#include <QTableView>

using namespace Qt::StringLiterals;
using namespace keymux::gui;
using namespace keymux::gui::testing;
using namespace keymux::testing;

/// A virtual key is made, copied, used, and revoked.
class TestVirtualKeys : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aKeyIsMintedCopiedUsedAndRevoked()
    {
        ScriptedUpstream upstream;
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.showPage(u"virtualkeys"_s));
        auto *table = desk.find<QTableView>(u"virtualKeysTable"_s);
        QVERIFY(table);
        const ModelTesters tester(table->model());
        QVERIFY(waitFor([&] { return table->model()->rowCount() == 1; }));
        QVERIFY(desk.trigger(u"New…"_s));
        QVERIFY(waitFor([&] { return desk.find<QDialog>(u"virtualKeyDialog"_s) != nullptr; }));
        QVERIFY(desk.type(u"Name"_s, u"build server"_s));
        QVERIFY(desk.type(u"Requests a minute"_s, u"5"_s));
        QVERIFY(desk.type(u"Budget"_s, u"2"_s));
        Desk::shoot(*desk.find<QDialog>(u"virtualKeyDialog"_s), u"virtualkey-dialog-light"_s);
        QVERIFY(desk.click(u"Make the key"_s));
        QVERIFY(waitFor([&] { return desk.find<QLineEdit>(u"newKey"_s) != nullptr; }));
        Desk::shoot(*desk.find<QDialog>(u"newKeyDialog"_s), u"virtualkey-new-light"_s);
        QVERIFY(desk.click(u"Copy"_s));
        const QString key = QApplication::clipboard()->text();
        QVERIFY(key.startsWith(u"sk-"_s));
        QVERIFY(desk.click(u"Close"_s));
        HttpClient client(daemon.url(),
                          {{"Authorization", "Bearer " + key.toStdString()}, {"Content-Type", "application/json"}});
        QCOMPARE(client.post("/v1/chat/completions", chatBody("gemini-2.0-flash", false)).status, 200);
        QVERIFY(waitFor([&] { return table->model()->rowCount() == 2; }));
        QCOMPARE(table->model()->index(0, 0).data().toString(), u"build server"_s);
        QVERIFY(waitFor([&] { return table->model()->index(0, 6).data().toString() != u"never"_s; }));
        Desk::shoot(desk.window(), u"virtualkeys-light"_s);
        table->selectRow(0);
        QVERIFY(desk.trigger(u"Revoke"_s));
        QVERIFY(waitFor([&] { return desk.window().currentPage()->messages().isShown(); }));
        QVERIFY(desk.window().currentPage()->messages().text().contains(u"build server"_s));
        QVERIFY(desk.click(u"Revoke"_s));
        QVERIFY(waitFor([&] { return table->model()->rowCount() == 1; }));
        QCOMPARE(client.post("/v1/chat/completions", chatBody("gemini-2.0-flash", false)).status, 401);
    }

    void aBudgetThatIsNearlySpentIsTold()
    {
        ScriptedUpstream upstream;
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        const auto made = daemon.admin().post(
            "/admin/v1/virtual-keys", R"({"name":"small","budget":{"amount":5,"unit":"requests","period":"total"}})");
        QCOMPARE(made.status, 201);
        const std::string key = Json::parse(made.body)["key"];
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        auto *tray = desk.window().findChild<Tray *>();
        auto *watch = desk.window().findChild<BudgetWatch *>();
        QVERIFY(tray && watch);
        const QSignalSpy told(tray, &Tray::told);
        HttpClient client(daemon.url(), {{"Authorization", "Bearer " + key}, {"Content-Type", "application/json"}});
        const auto use = [&](int requests) {
            for (int i = 0; i < requests; ++i)
                QCOMPARE(client.post("/v1/chat/completions", chatBody("gemini-2.0-flash", false)).status, 200);
        };
        const QSignalSpy looked(watch, &BudgetWatch::looked);
        use(3);
        watch->look();
        QVERIFY(waitFor([&] { return looked.count() >= 1; }));
        QCOMPARE(told.count(), 0);
        use(1);
        watch->look();
        QVERIFY(waitFor([&] { return told.count() == 1; }));
        QCOMPARE(told.first().at(1).toString(), u"Virtual key small has spent 80 % of its budget."_s);
        const auto before = looked.count();
        watch->look();
        QVERIFY(waitFor([&] { return looked.count() > before; }));
        QCOMPARE(told.count(), 1);
    }

    void aKeyIsChanged()
    {
        Daemon daemon(DaemonOptions{.config = "{\"providers\":{}}"});
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.showPage(u"virtualkeys"_s));
        auto *table = desk.find<QTableView>(u"virtualKeysTable"_s);
        QVERIFY(waitFor([&] { return table->model()->rowCount() == 1; }));
        table->selectRow(0);
        QVERIFY(desk.trigger(u"Edit…"_s));
        QVERIFY(desk.type(u"Models"_s, u"gpt-*, gemini-2.0-flash"_s));
        QVERIFY(desk.click(u"Save"_s));
        QVERIFY(waitFor([&] { return table->model()->index(0, 3).data().toString() == u"gpt-*, gemini-2.0-flash"_s; }));
    }
};

QTEST_MAIN(TestVirtualKeys)
#include "test_virtualkeys.moc"
