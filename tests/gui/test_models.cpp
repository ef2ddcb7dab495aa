// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/desk.h"
#include "models/planmodel.h"
#include "support/goodanswers.h"
#include "support/pooltext.h"
#include "widgets/page.h"

#include <QClipboard>
#include <QLineEdit>
#include <QTableView>

using namespace Qt::StringLiterals;
using namespace keymux::gui;
using namespace keymux::gui::testing;
using namespace keymux::testing;

class TestModels : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aNameShowsWhereARequestWouldGoAndThereItGoes()
    {
        ScriptedUpstream upstream;
        PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2, R"("rpm_limit": 2)")};
        pool.models = R"([{"model": "gemini-2.0-flash", "priority": 1}, {"model": "gemini-1.5-pro", "priority": 2}])";
        pool.routing = R"("model_map": [{"match": "gpt-4*", "models": ["gemini-2.0-flash", "gemini-1.5-pro"]}])";
        Daemon daemon(pool.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.showPage(u"models"_s));
        auto *rules = desk.find<QTableView>(u"rulesTable"_s), *plan = desk.find<QTableView>(u"planTable"_s);
        const ModelTesters rulesTester(rules->model()), planTester(plan->model());
        QVERIFY(waitFor([&] { return rules->model()->rowCount() == 1; }));
        QVERIFY(desk.type(u"Model name"_s, u"gpt-4"_s));
        QVERIFY(waitFor([&] { return plan->model()->rowCount() == 4; }));
        const auto verdict = [&](int row) { return plan->model()->index(row, PlanModel::Verdict).data().toString(); };
        QVERIFY(waitFor([&] { return verdict(0) == u"is tried first, in turn with others of its rank"_s; }));
        QCOMPARE(verdict(2), u"in reserve"_s);
        auto client = daemon.client();
        QCOMPARE(client.post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
        const QString first = plan->model()->index(0, PlanModel::Key).data().toString() + u'/' +
                              plan->model()->index(0, PlanModel::Model).data().toString();
        QVERIFY(QString::fromStdString(walkOf(upstream).front()).startsWith(first));
        for (int i = 0; i < 3; ++i)
            QCOMPARE(client.post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
        QVERIFY(waitFor([&] { return verdict(0) == u"passed over: at its limit"_s; }));
        QVERIFY(verdict(2).startsWith(u"is tried first"_s));
        Desk::shoot(desk.window(), u"models-light"_s);
        QVERIFY(desk.type(u"Model name"_s, u"claude-3-opus"_s));
        QCOMPARE(plan->model()->rowCount(), 0);
    }

    void rulesAreAddedEditedMovedAndUndone()
    {
        ScriptedUpstream upstream;
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)}.options());
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.showPage(u"models"_s));
        auto *rules = desk.find<QTableView>(u"rulesTable"_s);
        const ModelTesters tester(rules->model());
        QVERIFY(waitFor([&] { return desk.window().document().isLoaded(); }));
        const int before = rules->model()->rowCount();
        QVERIFY(desk.trigger(u"Add rule"_s));
        QCOMPARE(rules->model()->rowCount(), before + 1);
        auto *field = rules->viewport()->findChild<QLineEdit *>();
        QVERIFY(field);
        field->selectAll();
        QTest::keyClicks(field, u"claude-*"_s);
        QTest::keyClick(field, Qt::Key_Return);
        QVERIFY(desk.type(u"Model name"_s, u"claude-3-opus"_s));
        auto *plan = desk.find<QTableView>(u"planTable"_s);
        QVERIFY(waitFor([&] { return plan->model()->rowCount() == 1; }));
        QVERIFY(desk.trigger(u"Undo"_s));
        QVERIFY(desk.trigger(u"Undo"_s));
        QCOMPARE(rules->model()->rowCount(), before);
        QVERIFY(!desk.window().document().isChanged());
    }

    void theLogIsFollowedFilteredAndCopied()
    {
        ScriptedUpstream upstream;
        upstream.limit("*", "*", {.rpm = 1});
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.showPage(u"logs"_s));
        auto *table = desk.find<QTableView>(u"logTable"_s);
        const ModelTesters tester(table->model());
        QVERIFY(waitFor([&] { return table->model()->rowCount() > 0; }));
        auto client = daemon.client();
        for (int i = 0; i < 3; ++i)
            client.post("/v1/chat/completions", chatBody("gemini-2.0-flash"));
        const auto shows = [&](const QString &text) {
            for (int row = 0; row < table->model()->rowCount(); ++row) {
                if (table->model()->index(row, 3).data().toString().contains(text))
                    return true;
            }
            return false;
        };
        QVERIFY(waitFor([&] { return shows(u"key-1/gemini-2.0-flash"_s); }));
        Desk::shoot(desk.window(), u"logs-light"_s);
        QVERIFY(desk.type(u"Search this page"_s, u"no line has this"_s));
        QCOMPARE(table->model()->rowCount(), 0);
        QVERIFY(desk.type(u"Search this page"_s, QString()));
        QVERIFY(desk.trigger(u"Copy"_s));
        QVERIFY(QApplication::clipboard()->text().contains(u"config applied"_s));
    }
};

QTEST_MAIN(TestModels)
#include "test_models.moc"
