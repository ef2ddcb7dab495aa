// SPDX-License-Identifier: GPL-3.0-or-later
// Every page as it looks with nothing, with the usual, with a great deal, and when things go wrong.
#include "gui/walk.h"
#include "models/poolmodel.h"
#include "support/goodanswers.h"
#include "support/pooltext.h"
#include "widgets/page.h"

#include <QLabel>
#include <QLineEdit>
#include <QTabWidget>
#include <QTreeView>
#include <csignal>

using namespace Qt::StringLiterals;
using namespace keymux::gui;
using namespace keymux::gui::testing;
using namespace keymux::testing;

namespace {

/// Looks at every page, and at each view of Live.
void lookAtAll(Desk &desk, const QString &state)
{
    for (Page *page : desk.window().pages()) {
        QVERIFY(desk.showPage(page->iconName()));
        if (auto *name = desk.find<QLineEdit>(u"Model name"_s))
            name->setText(state == "empty"_L1 ? QString() : u"gpt-4"_s);
        QTest::qWait(200); // what a page asks for comes
        const QString name = u"page-%1-%2"_s.arg(page->iconName(), state);
        look(desk, desk.window(), name);
        auto *views = page->findChild<QTabWidget *>();
        for (int i = 1; views && i < views->count(); ++i) {
            views->setCurrentIndex(i);
            QTest::qWait(200);
            look(desk, desk.window(), u"%1-view%2"_s.arg(name).arg(i + 1));
        }
        if (views)
            views->setCurrentIndex(0);
    }
}

/// A pool of which some keys are spent, refused, switched off or without a secret.
PoolText usualPool(ScriptedUpstream &upstream)
{
    for (const char *spent : {"key-3", "key-7"})
        upstream.limit(secretOf(spent), "*", {.rpm = 2});
    Behaviour refused;
    refused.status = 401;
    refused.body = R"({"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}})";
    upstream.on({.key = secretOf("key-5")}, refused);
    PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(24, R"("rpm_limit": 15, "rpd_limit": 1500)")};
    pool.keys.push_back({"key-off", R"("enabled": false)"});
    pool.keys.push_back({"key-lost", {}, false});
    pool.models = R"([{"model": "gemini-2.0-flash", "priority": 1}, {"model": "gemini-1.5-pro", "priority": 2}])";
    pool.routing =
        R"("model_map": [{"match": "gpt-4*", "models": ["gemini-2.0-flash", "gemini-1.5-pro"]}, {"match": "*", "models": ["*"]}])";
    return pool;
}

/// 1,200 deployments with long names, and many rules.
PoolText largePool(ScriptedUpstream &upstream)
{
    const Json limits{{"rpm_limit", 15}, {"tpm_limit", 1000000}, {"rpd_limit", 1500}, {"max_parallel", 4}};
    const std::string fields = limits.dump();
    PoolText pool{.baseUrl = upstream.baseUrl(), .keys = {}};
    for (int i = 1; i <= 400; ++i)
        pool.keys.push_back({"production-eu-west-batch-" + std::to_string(i), fields.substr(1, fields.size() - 2)});
    Json models = Json::array(), names = Json::array(), rules = Json::array();
    for (const char *name :
         {"gemini-2.0-flash-exp-image-generation", "gemini-1.5-pro-latest", "gemini-1.5-flash-8b-001-tuning"}) {
        names.push_back(name);
        models.push_back({{"model", name}, {"priority", names.size()}});
    }
    for (int i = 1; i <= 40; ++i)
        rules.push_back({{"match", "team-" + std::to_string(i) + "-*"}, {"models", names}});
    rules.push_back({{"match", "*"}, {"models", Json::array({"*"})}});
    pool.models = models.dump();
    pool.routing = "\"model_map\": " + rules.dump();
    return pool;
}

void mint(const Daemon &daemon, const std::string &fields)
{
    const auto made = daemon.admin().post("/admin/v1/virtual-keys", fields);
    QVERIFY2(made.status == 201, made.body.c_str());
}

void use(const Daemon &daemon, int requests)
{
    auto client = daemon.client();
    for (int i = 0; i < requests; ++i)
        QCOMPARE(client.post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
}

} // namespace

class TestGallery : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void beforeTheFirstConnection()
    {
        Desk desk;
        desk.open();
        look(desk, desk.window(), u"page-start-empty"_s);
        desk.window().begin();
        qputenv("PATH", "/nowhere");
        QVERIFY(desk.click(u"Try the demo here"_s));
        QVERIFY(waitFor([&] { return desk.find<MessageBar>(u"messageBar"_s) != nullptr; }));
        QVERIFY(waitFor([&] { return !desk.find<MessageBar>(u"messageBar"_s)->text().contains(u"…"_s); }));
        look(desk, desk.window(), u"page-start-error"_s);
    }

    void withNothingYet()
    {
        Daemon daemon(DaemonOptions{.config = "{\"providers\":{}}"});
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        lookAtAll(desk, u"empty"_s);
    }

    void onAnOrdinaryDay()
    {
        ScriptedUpstream upstream;
        Daemon daemon(usualPool(upstream).options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        mint(daemon, R"({"name":"build server","rpm_limit":60,"budget":{"amount":20,"unit":"usd","period":"month"}})");
        mint(daemon,
             R"({"name":"notebooks","models":["gpt-4*"],"budget":{"amount":500,"unit":"requests","period":"day"}})");
        Desk desk;
        QVERIFY(desk.connectTo(daemon, u"Production"_s));
        use(daemon, 160); // its fallbacks and cooldowns are seen as they happen
        lookAtAll(desk, u"typical"_s);
    }

    void withAGreatDealOfEverything()
    {
        ScriptedUpstream upstream;
        Daemon daemon(largePool(upstream).options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        for (int i = 1; i <= 60; ++i) {
            mint(daemon, Json{{"name", "a team with a rather long name, number " + std::to_string(i)},
                              {"models", {"gpt-4*", "gemini-*", "claude-3-*"}},
                              {"rpm_limit", 1200},
                              {"budget", {{"amount", 1234.5}, {"unit", "usd"}, {"period", "month"}}}}
                             .dump());
        }
        use(daemon, 300);
        Desk desk;
        QVERIFY(desk.connectTo(daemon, u"Production, Europe West, batch"_s));
        QVERIFY(desk.showPage(u"pool"_s));
        auto *tree = desk.find<QTreeView>(u"poolTree"_s);
        QVERIFY(waitFor([&] { return tree->model()->rowCount() == 1; }));
        lookAtAll(desk, u"full"_s);
    }

    void whenTheGatewayIsLost()
    {
        ScriptedUpstream upstream;
        Daemon daemon(usualPool(upstream).options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        use(daemon, 60);
        Desk desk;
        QVERIFY(desk.connectTo(daemon, u"Production"_s));
        QVERIFY(desk.showPage(u"pool"_s));
        auto *tree = desk.find<QTreeView>(u"poolTree"_s);
        QVERIFY(waitFor([&] { return tree->model()->rowCount() == 1; }));
        QAbstractItemModel &model = *tree->model();
        QVERIFY(model.setData(model.index(1, PoolModel::Rpm, model.index(0, 0)), u"0"_s));
        daemon.process().signal(SIGKILL);
        QVERIFY(daemon.process().wait().has_value());
        QVERIFY(waitFor([&] { return desk.window().session().isStale(); }, 20000));
        lookAtAll(desk, u"error"_s);
    }
};

QTEST_MAIN(TestGallery)
#include "test_gallery.moc"
