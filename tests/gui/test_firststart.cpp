// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/desk.h"
#include "models/deploymentsmodel.h"
#include "support/goodanswers.h"

#include <QClipboard>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QTableView>

using namespace Qt::StringLiterals;
using namespace keymux::gui;
using namespace keymux::gui::testing;
using namespace keymux::testing;

/// From nothing to the first answered request.
class TestFirstStart : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theDemoRunsAndAnswersARequest()
    {
        Desk desk;
        MainWindow &window = desk.open();
        Desk::shoot(window, u"start-light"_s);
        QVERIFY(desk.click(u"Try the demo here"_s));
        QVERIFY(waitFor([&] { return window.session().live().known(); }, 20000));
        QVERIFY(window.session().live().totals().deployments > 0);
        Desk::shoot(window, u"overview-light"_s);
        desk.theme().choose(Theme::Choice::Dark);
        Desk::shoot(window, u"overview-dark"_s);
        desk.theme().choose(Theme::Choice::Light);
        QVERIFY(desk.showPage(u"virtualkeys"_s));
        QVERIFY(desk.trigger(u"New…"_s));
        QVERIFY(waitFor([&] { return desk.find<QDialog>(u"virtualKeyDialog"_s) != nullptr; }));
        QVERIFY(desk.type(u"Name"_s, u"my first key"_s));
        QVERIFY(desk.click(u"Make the key"_s));
        QVERIFY(waitFor([&] { return desk.find<QLineEdit>(u"newKey"_s) != nullptr; }));
        QVERIFY(desk.click(u"Copy"_s));
        const QString key = QApplication::clipboard()->text();
        QVERIFY(desk.click(u"Close"_s));
        const QUrl address = window.session().connection().clientAddress();
        HttpClient client(address.toString().toStdString(),
                          {{"Authorization", "Bearer " + key.toStdString()}, {"Content-Type", "application/json"}});
        const auto answer = client.post("/v1/chat/completions", chatBody("gpt-4", false));
        QVERIFY2(answer.status == 200, answer.body.c_str());
        QVERIFY(desk.showPage(u"live"_s));
        const QAbstractItemModel *live = desk.find<QTableView>(u"liveTable"_s)->model();
        QVERIFY(waitFor([&] {
            int requests = 0;
            for (int row = 0; row < live->rowCount(); ++row)
                requests += live->index(row, DeploymentsModel::Requests).data(DeploymentsModel::SortRole).toInt();
            return requests == 1;
        }));
    }

    void aGatewayIsConnectedByItsAddressAndToken()
    {
        Daemon daemon(DaemonOptions{.config = "{\"providers\":{}}"});
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Desk desk;
        MainWindow &window = desk.open();
        QVERIFY(desk.click(u"Connect to a gateway…"_s));
        QVERIFY(waitFor([&] { return desk.find<QLineEdit>(u"Admin token"_s) != nullptr; }));
        QVERIFY(desk.type(u"Name"_s, u"Here"_s));
        QVERIFY(desk.type(u"Admin address"_s, QString::fromStdString(daemon.adminUrl())));
        QVERIFY(desk.type(u"Admin token"_s, u"wrong"_s));
        QVERIFY(desk.click(u"Test"_s));
        QVERIFY(waitFor([&] {
            auto *bar = desk.find<MessageBar>(u"messageBar"_s, desk.find<QWidget>(u"connectionsDialog"_s));
            return bar && bar->text().contains(u"refuses the admin token"_s);
        }));
        QVERIFY(desk.type(u"Admin token"_s, QString::fromStdString(daemon.adminToken())));
        QVERIFY(desk.click(u"Save and connect"_s));
        QVERIFY(waitFor([&] { return window.session().live().known(); }));
        QCOMPARE(window.windowTitle(), u"Here – Keymux"_s);
    }
};

QTEST_MAIN(TestFirstStart)
#include "test_firststart.moc"
