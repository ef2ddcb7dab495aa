// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

using namespace keymux::testing;

/// The recent log lines, as the admin API lists them.
class LogsTest : public QObject {
    Q_OBJECT

private:
    static constexpr const char *logs = "/admin/v1/logs";

    static DaemonOptions options()
    {
        return PoolText{.baseUrl = "http://127.0.0.1:9/v1", .keys = poolKeys(1)}.options();
    }
    static std::string at(const HttpResponse &answer, const std::string &pointer)
    {
        return jsonAt(answer.body, pointer);
    }

private Q_SLOTS:
    void recentLinesAreListedNewestFirst()
    {
        Daemon daemon(options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpClient admin = daemon.admin();
        daemon.overwriteConfig("{ broken");
        QVERIFY(daemon.waitForLog("stays in force"));
        const HttpResponse answer = admin.get(std::string(logs) + "?level=warning");
        QCOMPARE(answer.status, 200);
        QCOMPARE(at(answer, "/items/0/level"), "warning");
        QCOMPARE(at(answer, "/items/0/category"), "config");
        QVERIFY2(at(answer, "/items/0/message").find("stays in force") != std::string::npos, answer.body.c_str());
        QVERIFY(at(answer, "/items/0/at").ends_with("Z"));
        const std::string newest = at(answer, "/items/0/n");
        QCOMPARE(at(admin.get(std::string(logs) + "?level=warning&after=" + newest), "/items"), "[]");
        // A number of an earlier run must not hide what is new.
        QVERIFY(at(admin.get(std::string(logs) + "?level=warning&after=999999"), "/items/0") != "(absent)");
    }

    void pagesFollowEachOtherWithoutAGap()
    {
        Daemon daemon(options());
        HttpClient admin = daemon.admin();
        daemon.overwriteConfig("{ broken");
        QVERIFY(daemon.waitForLog("stays in force"));
        const HttpResponse all = admin.get(std::string(logs) + "?level=info");
        const Json items = Json::parse(all.body).at("items");
        QVERIFY2(items.size() >= 3, all.body.c_str());
        std::string cursor;
        for (const Json &expected : items) {
            const HttpResponse page = admin.get(std::string(logs) + "?level=info&limit=1" + cursor);
            QCOMPARE(at(page, "/items/0"), expected.dump());
            QCOMPARE(at(page, "/items/1"), "(absent)");
            cursor = "&cursor=" + at(page, "/next");
        }
        QCOMPARE(cursor, "&cursor=null");
    }

    void whatMakesNoSenseIsRefused()
    {
        Daemon daemon(options());
        HttpClient admin = daemon.admin();
        for (const char *query : {"?level=loud", "?after=-1", "?after=x", "?after=", "?limit=0", "?cursor=zz"})
            QCOMPARE(admin.get(std::string(logs) + query).status, 400);
        QCOMPARE(admin.request("POST", logs, "").status, 405);
        QCOMPARE(daemon.client().get(logs).status, 404);
    }

    void noSecretIsInThem()
    {
        ScriptedUpstream upstream;
        upstream.on({.key = secretOf("key-1")}, upstream::keyInvalid());
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2)}.options());
        QCOMPARE(daemon.client().post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
        QVERIFY(daemon.waitForLog("cooldown: key key-1 rests"));
        const std::string lines = daemon.admin().get(std::string(logs) + "?limit=500").body;
        QVERIFY(lines.find("key-1") != std::string::npos);
        QVERIFY(lines.find("secret-of-") == std::string::npos);
        QVERIFY(lines.find(daemon.virtualKey()) == std::string::npos);
        QVERIFY(lines.find(daemon.adminToken()) == std::string::npos);
    }
};

QTEST_APPLESS_MAIN(LogsTest)
#include "test_logs.moc"
