// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

#include <QScopeGuard>
#include <csignal>
#include <fstream>
#include <sstream>
#include <sys/mount.h>
#include <sys/stat.h>

using namespace keymux::testing;

/// Operators change the pool through the admin API: nothing answered is lost, nothing refused appears.
class PoolEditsTest : public QObject {
    Q_OBJECT

private:
    static constexpr const char *pool = "/admin/v1/pool";

    static PoolText textWith(const std::string &fields)
    {
        return {.baseUrl = "http://127.0.0.1:9/v1", .keys = {{"key-1", fields}, {"key-2"}}};
    }
    static std::string limited(int rpm) { return textWith("\"rpm_limit\": " + std::to_string(rpm)).text(); }
    static std::string at(const HttpResponse &answer, const std::string &pointer)
    {
        return jsonAt(answer.body, pointer);
    }
    static std::string etag(HttpClient &admin) { return std::string(admin.get(pool).header("etag")); }
    static HttpResponse put(HttpClient &admin, const std::string &text, const std::string &tag)
    {
        return admin.request("PUT", pool, text, {{"If-Match", tag}});
    }
    static std::string limitInForce(HttpClient &admin)
    {
        return at(admin.get("/admin/v1/state"), "/deployments/0/windows/rpm/limit");
    }
    static std::string fileOf(const Daemon &daemon)
    {
        std::ostringstream text;
        text << std::ifstream(daemon.configFile()).rdbuf();
        return text.str();
    }
    static std::string code(const HttpResponse &answer) { return at(answer, "/error/code"); }

private Q_SLOTS:
    void aDocumentThatWasPutIsInForceAndInTheFile()
    {
        Daemon daemon(textWith("\"rpm_limit\": 5").options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        chmod(daemon.configFile().c_str(), 0640);
        HttpClient admin = daemon.admin();
        const std::string text = "// mine\n" + limited(6);
        const HttpResponse done = put(admin, text, etag(admin));
        QVERIFY2(done.status == 200, done.body.c_str());
        QCOMPARE(at(done, "/revision"), "2");
        QCOMPARE(at(done, "/summary"), "key key-1 (limits) changed");
        QCOMPARE(at(admin.get("/admin/v1/state"), "/config/revision"), "2"); // in the very next answer
        QCOMPARE(limitInForce(admin), "6");
        QCOMPARE(std::string(done.header("etag")), etag(admin));
        QCOMPARE(fileOf(daemon), text);
        struct stat file {};
        QCOMPARE(stat(daemon.configFile().c_str(), &file), 0);
        QCOMPARE(int(file.st_mode & 07777), 0640);
        QVERIFY(admin.get(pool).body.find("mine") == std::string::npos); // plain JSON
        QVERIFY(at(admin.get("/admin/v1/pool/revisions/2"), "/text").find("// mine") != std::string::npos);
        QCOMPARE(at(admin.get("/admin/v1/audit"), "/items/0/action"), "pool.put");
        QCOMPARE(at(admin.get("/admin/v1/audit"), "/items/0/address"), "127.0.0.1");
    }

    void anEditIsAppliedOnce()
    {
        Daemon daemon(textWith("\"rpm_limit\": 5").options());
        HttpClient admin = daemon.admin();
        QCOMPARE(put(admin, limited(6), etag(admin)).status, 200);
        QTest::qWait(500); // several looks at the file that the server itself wrote: what is tested
        const auto timesApplied = [&](const std::string &revision) {
            const std::string log = daemon.log(), line = "config applied: revision " + revision + ",";
            int times = 0;
            for (std::size_t at = log.find(line); at != std::string::npos; at = log.find(line, at + 1))
                ++times;
            return times;
        };
        QCOMPARE(timesApplied("2"), 1);
        // An editor's change of the same file is seen as ever.
        std::ofstream(daemon.configFile()) << limited(7);
        QVERIFY(daemon.waitForLog("config applied: revision 3,"));
        QCOMPARE(timesApplied("3"), 1);
        QCOMPARE(limitInForce(admin), "7");
    }

    void theSecondOfTwoOperatorsIsToldAndLosesNothing()
    {
        Daemon daemon(textWith("\"rpm_limit\": 5").options());
        HttpClient one = daemon.admin(), two = daemon.admin();
        const std::string tagOne = etag(one), tagTwo = etag(two);
        QCOMPARE(put(one, limited(6), tagOne).status, 200);
        const HttpResponse late = put(two, limited(7), tagTwo);
        QCOMPARE(late.status, 412);
        QVERIFY2(late.body.find("revision 2") != std::string::npos, late.body.c_str());
        QCOMPARE(limitInForce(two), "6");
        QCOMPARE(put(two, limited(7), std::string(late.header("etag"))).status, 200);
        QCOMPARE(one.request("PUT", pool, limited(8)).status, 428);
        QCOMPARE(limitInForce(one), "7");
    }

    void aNewerFileIsNotOverwritten()
    {
        Daemon daemon(textWith("\"rpm_limit\": 5").options());
        HttpClient admin = daemon.admin();
        const std::string tag = etag(admin);
        daemon.overwriteConfig("{ broken"); // what is not valid counts as well
        QCOMPARE(put(admin, limited(6), tag).status, 412);
        QCOMPARE(fileOf(daemon), std::string("{ broken"));
        QCOMPARE(limitInForce(admin), "5");
        // A restore needs no If-Match and mends the file; with one it is as careful.
        QCOMPARE(admin.request("POST", "/admin/v1/pool/revisions/1/restore", "", {{"If-Match", tag}}).status, 412);
        const HttpResponse restored = admin.post("/admin/v1/pool/revisions/1/restore", "");
        QVERIFY2(restored.status == 200, restored.body.c_str());
        QCOMPARE(fileOf(daemon), limited(5));
    }

    void everyRevisionCanBeRestored()
    {
        Daemon daemon(textWith("\"rpm_limit\": 1").options());
        HttpClient admin = daemon.admin();
        for (int i = 2; i <= 4; ++i)
            QCOMPARE(put(admin, limited(i), etag(admin)).status, 200);
        for (const int i : {1, 3, 2}) {
            const std::string path = "/admin/v1/pool/revisions/" + std::to_string(i) + "/restore";
            QCOMPARE(admin.post(path, "").status, 200);
            QCOMPARE(limitInForce(admin), std::to_string(i));
        }
        const HttpResponse page = admin.get("/admin/v1/pool/revisions?limit=3");
        QCOMPARE(at(page, "/items/0/n"), "7");
        const HttpResponse rest = admin.get("/admin/v1/pool/revisions?cursor=" + at(page, "/next"));
        QCOMPARE(at(rest, "/items/0/n"), "4");
        QCOMPARE(at(rest, "/items/3/by"), "start");
        QCOMPARE(at(rest, "/next"), "null");
        QCOMPARE(admin.get("/admin/v1/pool/revisions?cursor=zzz").status, 400);
        QCOMPARE(admin.post("/admin/v1/pool/revisions/99/restore", "").status, 404);
    }

    void whatIsWrongIsNamedAndChangesNothing()
    {
        Daemon daemon(textWith("\"rpm_limit\": 5").options());
        HttpClient admin = daemon.admin();
        const std::string before = fileOf(daemon);
        const HttpResponse typo = put(admin, textWith("\"rpm_limits\": 5, \"tpm_limit\": -1").text(), etag(admin));
        QCOMPARE(typo.status, 422);
        QVERIFY2(at(typo, "/problems/0/path").find("keys[0]") != std::string::npos, typo.body.c_str());
        QVERIFY(at(typo, "/problems/1/message") != "null");
        std::string literal = limited(5);
        const std::size_t reference = literal.find("api_key") + 11;
        literal.replace(reference, literal.find('"', reference) - reference, "literal-secret-0815");
        const HttpResponse refused = put(admin, literal, etag(admin));
        QCOMPARE(refused.status, 422);
        QVERIFY(refused.body.find("0815") == std::string::npos);
        QCOMPARE(admin.post("/admin/v1/pool/validate", literal).status, 422);
        QCOMPARE(admin.post("/admin/v1/pool/validate", limited(9)).status, 200);
        QCOMPARE(put(admin, std::string((16 << 20) + 1, ' '), etag(admin)).status, 413);
        QCOMPARE(fileOf(daemon), before);
        QCOMPARE(at(admin.get("/admin/v1/pool/revisions"), "/items/1"), "(absent)");
        QVERIFY(daemon.log().find("0815") == std::string::npos);
    }

    void aReadOnlyConfigIsSaidToBeOne()
    {
        Daemon daemon(textWith("\"rpm_limit\": 5").options());
        HttpClient admin = daemon.admin();
        QCOMPARE(at(admin.get("/admin/v1/state"), "/config/writable"), "true");
        chmod(daemon.configFile().c_str(), 0444);
        QCOMPARE(at(admin.get("/admin/v1/state"), "/config/writable"), "false");
        const HttpResponse answer = put(admin, limited(6), etag(admin));
        QCOMPARE(answer.status, 409);
        QCOMPARE(code(answer), "config_read_only");
        QCOMPARE(limitInForce(admin), "5");
        QCOMPARE(at(admin.get("/admin/v1/pool/revisions"), "/items/1"), "(absent)");
    }

    void aFullDiskChangesNothing()
    {
        TemporaryFolder folder;
        if (mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=64k") != 0)
            QSKIP("mounting is not allowed here");
        const auto unmount = qScopeGuard([&] { umount2(folder.path().c_str(), MNT_DETACH); });
        PoolText text = textWith("\"rpm_limit\": 5");
        std::ofstream(folder.path() / "pool.json") << text.text();
        {
            DaemonOptions options = text.options();
            options.config.clear();
            options.flags = {"--config", (folder.path() / "pool.json").string()};
            Daemon daemon(options);
            HttpClient admin = daemon.admin();
            std::ofstream(folder.path() / "filler") << std::string(128 << 10, 'x');
            const HttpResponse answer = put(admin, limited(6), etag(admin));
            QCOMPARE(answer.status, 507);
            QCOMPARE(code(answer), "disk_full");
            QCOMPARE(limitInForce(admin), "5");
            std::filesystem::remove(folder.path() / "filler");
            QCOMPARE(put(admin, limited(6), etag(admin)).status, 200);
        }
    }

    void overridesOutliveARestartAndTheDocumentWins()
    {
        TemporaryFolder folder;
        DaemonOptions options =
            PoolText{.baseUrl = "http://127.0.0.1:9/v1", .keys = {{"key-1"}, {"key-2", "\"enabled\": false"}}}
                .options();
        options.folder = folder.path();
        {
            Daemon daemon(options);
            HttpClient admin = daemon.admin();
            const std::string tag = etag(admin);
            const HttpResponse off = admin.post("/admin/v1/keys/key-1/disable", "");
            QVERIFY2(off.status == 200, off.body.c_str());
            QCOMPARE(at(off, "/disabled_by"), "operator");
            QCOMPARE(etag(admin), tag);
            const HttpResponse on = admin.post("/admin/v1/keys/key-2/enable", "");
            QCOMPARE(at(on, "/enabled"), "false");
            QCOMPARE(at(on, "/disabled_by"), "config");
            QCOMPARE(admin.post("/admin/v1/keys/nobody/disable", "").status, 404);
            QCOMPARE(admin.get("/admin/v1/keys/key-1/disable").status, 405);
            QCOMPARE(at(admin.get("/admin/v1/state"), "/deployments/0/status"), "disabled");
            daemon.process().signal(SIGKILL);
            daemon.process().wait();
        }
        Daemon again(options);
        HttpClient admin = again.admin();
        QCOMPARE(at(admin.get("/admin/v1/state"), "/keys/0/disabled_by"), "operator");
        QCOMPARE(at(admin.get("/admin/v1/state"), "/config/revision"), "1"); // the same document
        QCOMPARE(at(admin.post("/admin/v1/keys/key-1/enable", ""), "/enabled"), "true");
        QCOMPARE(at(admin.get("/admin/v1/audit"), "/items/0/subject"), "key-1");
    }

    void wrongTokensAndPathTricksLeadNowhere()
    {
        Daemon daemon(textWith("\"rpm_limit\": 5").options());
        HttpClient admin = daemon.admin();
        for (const char *path : {"/admin/v1/pool/", "/admin//v1/pool", "/admin/v1/../v1/pool",
                                 "/admin/v1/x/%2e%2e/pool", "/admin%2Fv1/pool", "/admin/v1/keys//disable"})
            QCOMPARE(admin.get(path).status, 404);
        const HttpResponse method = admin.request("DELETE", pool);
        QCOMPARE(method.status, 405);
        QCOMPARE(std::string(method.header("allow")), std::string("GET, PUT"));
        HttpClient client(daemon.adminUrl(), {{"Authorization", "Bearer " + daemon.virtualKey()}});
        const HttpResponse virtualKey = client.get(pool);
        QCOMPARE(virtualKey.status, 401);
        QVERIFY(virtualKey.body.find("virtual key") != std::string::npos);
        HttpClient wrong(daemon.adminUrl(), {{"Authorization", "Bearer wrong"}});
        for (int i = 0; i < 18; ++i)
            QCOMPARE(wrong.get(pool).status, 401);
        const HttpResponse throttled = wrong.get(pool);
        QCOMPARE(throttled.status, 429);
        QVERIFY(!throttled.header("retry-after").empty());
        QCOMPARE(admin.get(pool).status, 200);
    }

    void nothingAnsweredIsLostWhenTheServerIsKilled()
    {
        const int rounds = qEnvironmentVariableIntValue("KEYMUX_SOAK_ROUNDS") > 0
                               ? qEnvironmentVariableIntValue("KEYMUX_SOAK_ROUNDS")
                               : 10;
        TemporaryFolder folder;
        DaemonOptions options = textWith("\"rpm_limit\": 1").options();
        options.folder = folder.path();
        options.logLevel = "warning";
        int answered = 1, sent = 1;
        for (int round = 0; round < rounds; ++round) {
            Daemon daemon(options);
            QVERIFY2(daemon.ready(), daemon.log().c_str());
            options.config.clear(); // from here on the file is the server's
            HttpClient admin = daemon.admin();
            const int found = std::stoi(limitInForce(admin));
            QVERIFY2(found == answered || found == sent, std::to_string(found).c_str());
            answered = sent = found;
            std::thread killer([&] {
                QTest::qSleep(5 + (round * 7) % 60);
                daemon.process().signal(SIGKILL);
            });
            while (true) {
                const std::string tag = etag(admin);
                const HttpResponse wrong = put(admin, limited(sent + 100000), "\"stale\"");
                if (tag.empty() || wrong.status != 412)
                    break;
                sent = answered + 1;
                if (put(admin, limited(sent), tag).status != 200)
                    break;
                answered = sent;
            }
            killer.join();
            daemon.process().wait();
        }
        qInfo("%d changes were answered in %d rounds", answered - 1, rounds);
        QVERIFY(answered > rounds / 2);
    }
};

QTEST_APPLESS_MAIN(PoolEditsTest)
#include "test_pooledits.moc"
