// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/load.h"
#include "support/pooltext.h"
#include "support/show.h"

#include <csignal>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";

} // namespace

/// The file is the truth: what is edited there is what serves, and nobody notices the change.
class ReloadTest : public QObject {
    Q_OBJECT

private:
    static Json deployment(const Daemon &daemon, const std::string &id)
    {
        const Json state = Json::parse(daemon.admin().get("/admin/v1/state").body, nullptr, false);
        if (!state.is_object() || !state.contains("deployments"))
            return nullptr;
        for (const Json &one : state["deployments"])
            if (one.value("id", "") == id)
                return one;
        return nullptr;
    }
    static std::string at(const Json &json, const std::string &pointer) { return jsonAt(json.dump(), pointer); }

    /// A condition that the daemon reaches by itself, asked again until it holds.
    template <typename Condition>
    static bool soon(Condition condition, Ms timeout = Ms(5000))
    {
        const Moment deadline = Clock::now() + timeout;
        while (!condition()) {
            if (Clock::now() > deadline)
                return false;
            QTest::qSleep(20);
        }
        return true;
    }

private Q_SLOTS:
    void editsUnderLoadFailNoRequest()
    {
        ScriptedUpstream upstream;
        PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(4)};
        PoolText large{.baseUrl = upstream.baseUrl(), .keys = poolKeys(6)};
        DaemonOptions options = pool.options();
        options.environment = large.environment();
        Daemon daemon(options);
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        const auto asked = [&](const std::string &key) { return upstream.ledger().countOf(secretOf(key)); };

        Load load(daemon, 4);
        QVERIFY(soon([&] { return asked("key-1") > 10; }));
        daemon.replaceConfig(large.text()); // two keys join
        QVERIFY2(soon([&] { return asked("key-5") > 0 && asked("key-6") > 0; }), daemon.log().c_str());

        PoolText small{.baseUrl = upstream.baseUrl(), .keys = {{"key-2"}, {"key-5"}}};
        daemon.replaceConfig(small.text()); // four leave
        QVERIFY(soon([&] { return deployment(daemon, "key-1/gemini-2.0-flash").is_null(); }));
        const std::size_t before = asked("key-5");
        QVERIFY(soon([&] { return asked("key-5") > before + 20; }));

        small.keys = {{"key-2", R"("rpm_limit": 100000)"}, {"key-5"}};
        daemon.overwriteConfig(small.text()); // written in place
        QVERIFY(
            soon([&] { return at(deployment(daemon, "key-2/gemini-2.0-flash"), "/windows/rpm/limit") == "100000"; }));
        load.stop();
        QVERIFY(load.asked() > 100);
        QCOMPARE(load.failures(), Texts());
        qInfo("%d requests, none failed", load.asked());
    }

    void aChangeIsAppliedWithinHalfASecond()
    {
        ScriptedUpstream upstream;
        PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)};
        Daemon daemon(pool.options());
        const Moment edited = Clock::now();
        pool.keys[0].fields = R"("rpm_limit": 77)";
        daemon.replaceConfig(pool.text());
        QVERIFY(soon([&] { return at(deployment(daemon, "key-1/gemini-2.0-flash"), "/windows/rpm/limit") == "77"; }));
        const Ms took = std::chrono::duration_cast<Ms>(Clock::now() - edited);
        qInfo("applied after %d ms", int(took.count()));
        QVERIFY(took < Ms(3000));
    }

    void countersOfWhatStaysAreKept()
    {
        ScriptedUpstream upstream;
        PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2, R"("rpm_limit": 5)")};
        DaemonOptions options = pool.options();
        options.environment = PoolText{.baseUrl = "", .keys = poolKeys(3)}.environment();
        Daemon daemon(options);
        HttpClient client = daemon.client();
        for (int i = 0; i < 8; ++i)
            QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(at(deployment(daemon, "key-1/gemini-2.0-flash"), "/windows/rpm/used"), "4");
        pool.keys = poolKeys(3, R"("rpm_limit": 5)");
        daemon.replaceConfig(pool.text());
        QVERIFY(soon([&] { return !deployment(daemon, "key-3/gemini-2.0-flash").is_null(); }));
        QCOMPARE(at(deployment(daemon, "key-1/gemini-2.0-flash"), "/windows/rpm/used"), "4");
        QCOMPARE(at(deployment(daemon, "key-3/gemini-2.0-flash"), "/windows/rpm/used"), "0");
        for (int i = 0; i < 7; ++i)
            QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 429);
        for (const char *key : {"key-1", "key-2", "key-3"})
            QCOMPARE(upstream.ledger().countOf(secretOf(key)), 5U);
    }

    void aCooldownSurvivesAnEdit()
    {
        ScriptedUpstream upstream;
        upstream.on({.key = secretOf("key-1")}, upstream::minuteLimit(40));
        PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2)};
        Daemon daemon(pool.options());
        QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(at(deployment(daemon, "key-1/gemini-2.0-flash"), "/status"), "cooling");
        pool.keys[1].fields = R"("rpm_limit": 9)";
        daemon.replaceConfig(pool.text());
        QVERIFY(soon([&] { return at(deployment(daemon, "key-2/gemini-2.0-flash"), "/windows/rpm/limit") == "9"; }));
        QCOMPARE(at(deployment(daemon, "key-1/gemini-2.0-flash"), "/status"), "cooling");
    }

    void aBrokenEditChangesNothingAndIsReported()
    {
        ScriptedUpstream upstream;
        PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)};
        Daemon daemon(pool.options());
        std::string broken = pool.text();
        broken.replace(broken.find("\"models\""), 8, "\"modells\"");
        daemon.replaceConfig(broken);
        QVERIFY2(daemon.waitForLog("modells"), daemon.log().c_str());
        QVERIFY2(daemon.log().find("did you mean `models`?") != std::string::npos, daemon.log().c_str());
        HttpClient client(daemon.url());
        QVERIFY(soon([&] { return client.get("/health").body.find("modells") != std::string::npos; }));
        QCOMPARE(client.get("/health/readiness").status, 200);
        QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 200);
        QVERIFY(jsonAt(daemon.admin().get("/admin/v1/state").body, "/config/error") != "null");
        daemon.replaceConfig(pool.text() + "\n");
        QVERIFY(soon([&] { return jsonAt(daemon.admin().get("/admin/v1/state").body, "/config/error") == "null"; }));
        QVERIFY(client.get("/health").body.find("modells") == std::string::npos);
    }

    void aHangUpReadsConfigAndSecretsAgain()
    {
        ScriptedUpstream upstream;
        TemporaryFolder secrets;
        const auto write = [&](const std::string &value) {
            std::FILE *file = std::fopen((secrets.path() / "KEY").c_str(), "w");
            std::fputs(value.c_str(), file);
            std::fclose(file);
        };
        write("secret-one\n");
        std::string config = R"({"providers": {"gemini": {"base_url": "@URL@", "keys": [{"key_id": "k",)"
                             R"("api_key": "file:@FILE@", "priority_models": [{"model": "gemini-2.0-flash"}]}]}}})";
        config = filled(config, "URL", upstream.baseUrl());
        config = filled(config, "FILE", (secrets.path() / "KEY").string());
        Daemon daemon({.config = config});
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpClient client = daemon.client();
        QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(upstream.ledger().calls().back().key, "secret-one");
        write("secret-two\n");
        daemon.process().signal(SIGHUP);
        QVERIFY(soon([&] {
            client.post(chat, chatBody("gpt-4"));
            return upstream.ledger().calls().back().key == "secret-two";
        }));
    }

    void mountedFoldersThatSwapTheirLinkAreSeen()
    {
        ScriptedUpstream upstream;
        TemporaryFolder mount;
        PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)};
        const auto version = [&](const std::string &name, const std::string &text) {
            std::filesystem::create_directory(mount.path() / name);
            std::FILE *file = std::fopen((mount.path() / name / "pool.json").c_str(), "w");
            std::fputs(text.c_str(), file);
            std::fclose(file);
            std::filesystem::create_directory_symlink(name, mount.path() / "..data_tmp");
            std::filesystem::rename(mount.path() / "..data_tmp", mount.path() / "..data");
        };
        version("..1", pool.text());
        std::filesystem::create_symlink("..data/pool.json", mount.path() / "pool.json");
        DaemonOptions options = pool.options();
        options.config.clear();
        options.flags = {"--config", (mount.path() / "pool.json").string()};
        Daemon daemon(options);
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        for (const int limit : {33, 44}) {
            pool.keys[0].fields = "\"rpm_limit\": " + std::to_string(limit);
            version(".." + std::to_string(limit), pool.text());
            QVERIFY(soon([&] {
                return at(deployment(daemon, "key-1/gemini-2.0-flash"), "/windows/rpm/limit") == std::to_string(limit);
            }));
        }
    }
};

QTEST_APPLESS_MAIN(ReloadTest)
#include "test_reload.moc"
