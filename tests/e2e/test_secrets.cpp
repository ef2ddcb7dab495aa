// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/load.h"
#include "support/pooltext.h"
#include "support/show.h"

#include <atomic>
#include <csignal>
#include <fstream>
#include <mutex>
#include <sys/stat.h>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";

void write(const std::filesystem::path &path, const std::string &text)
{
    const std::filesystem::path fresh = path.string() + ".new";
    std::ofstream(fresh) << text;
    std::filesystem::rename(fresh, path);
}

/// A condition that the daemon reaches by itself, asked again until it holds.
template <typename Condition>
bool soon(Condition condition, Ms timeout = Ms(10000))
{
    const Moment deadline = Clock::now() + timeout;
    while (!condition()) {
        if (Clock::now() > deadline)
            return false;
        QTest::qSleep(20);
    }
    return true;
}

} // namespace

/// Secrets come, change and go at their sources while the server serves.
class SecretsTest : public QObject {
    Q_OBJECT

private:
    /// One entry whose `api_key` is this reference.
    static std::string configOf(const ScriptedUpstream &upstream, const std::string &entries)
    {
        std::string text = "{\"providers\": {\"gemini\": {\"base_url\": \"@URL@\", \"models\": "
                           "[{\"model\": \"gemini-2.0-flash\"}], \"keys\": [@KEYS@]}}}";
        return filled(filled(text, "URL", upstream.baseUrl()), "KEYS", entries);
    }
    static std::string entry(const std::string &reference, const std::string &more = {})
    {
        return "{\"api_key\": \"" + reference + "\"" + more + "}";
    }
    static std::string idOf(const std::string &id) { return ", \"key_id\": \"" + id + "\""; }
    static std::vector<std::string> keyIds(const Daemon &daemon)
    {
        std::vector<std::string> ids;
        const Json state = Json::parse(daemon.admin().get("/admin/v1/state").body, nullptr, false);
        if (state.is_object())
            for (const Json &key : state["keys"])
                ids.push_back(key.value("key_id", ""));
        return ids;
    }
    static std::string secretOfKey(const Daemon &daemon, int index)
    {
        return jsonAt(daemon.admin().get("/admin/v1/state").body, "/keys/" + std::to_string(index) + "/secret");
    }
    static int setSecret(const Daemon &daemon, const std::string &name, const std::string &value)
    {
        return daemon.run({"secret", "set", name, "--state", daemon.stateFolder().string()}, value).exitCode;
    }

private Q_SLOTS:
    void aSetGrowsAndShrinksUnderLoadWithoutAFailedRequest()
    {
        ScriptedUpstream upstream;
        TemporaryFolder folder;
        for (const char *n : {"1", "2"})
            write(folder.path() / (std::string("GEMINI_KEY_") + n), std::string("value-of-") + n + "\n");
        Daemon daemon({.config = configOf(upstream, entry("file:" + folder.path().string() + "/GEMINI_KEY_*"))});
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        QCOMPARE(keyIds(daemon), (std::vector<std::string>{"gemini-key-1", "gemini-key-2"}));
        const auto asked = [&](const char *secret) { return upstream.ledger().countOf(secret); };

        Load load(daemon, 3);
        QVERIFY(soon([&] { return asked("value-of-1") > 5 && asked("value-of-2") > 5; }));
        write(folder.path() / "GEMINI_KEY_10", "value-of-10\n"); // one joins
        QVERIFY2(soon([&] { return asked("value-of-10") > 5; }), daemon.log().c_str());
        QCOMPARE(keyIds(daemon), (std::vector<std::string>{"gemini-key-1", "gemini-key-2", "gemini-key-10"}));
        write(folder.path() / "GEMINI_KEY_2", "another-2\n"); // one is rotated
        QVERIFY2(soon([&] { return asked("another-2") > 5; }), daemon.log().c_str());
        std::filesystem::remove(folder.path() / "GEMINI_KEY_1"); // one leaves
        QVERIFY2(soon([&] { return keyIds(daemon).size() == 2; }), daemon.log().c_str());
        const std::size_t before = asked("value-of-10");
        QVERIFY(soon([&] { return asked("value-of-10") > before + 20; }));
        load.stop();
        QVERIFY(load.asked() > 50);
        QCOMPARE(load.failures(), Texts());
        QCOMPARE(jsonAt(daemon.admin().get("/admin/v1/pool").body, "/providers/gemini/keys/0/api_key"),
                 "file:" + folder.path().string() + "/GEMINI_KEY_*"); // as it is written
    }

    void aMountThatSwapsItsLinkIsFollowed()
    {
        ScriptedUpstream upstream;
        TemporaryFolder mount;
        const auto version = [&](const std::string &name, const std::vector<std::string> &keys) {
            std::filesystem::create_directory(mount.path() / name);
            for (const std::string &key : keys) {
                write(mount.path() / name / key, key + "-of-" + name + "\n");
                std::error_code ignored;
                std::filesystem::create_symlink("..data/" + key, mount.path() / key, ignored);
            }
            std::filesystem::create_directory_symlink(name, mount.path() / "..data_tmp");
            std::filesystem::rename(mount.path() / "..data_tmp", mount.path() / "..data");
        };
        version("..1", {"K_1"});
        Daemon daemon({.config = configOf(upstream, entry("file:" + mount.path().string() + "/K_*", idOf("gem-*")))});
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        QCOMPARE(keyIds(daemon), std::vector<std::string>{"gem-1"});
        QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(upstream.ledger().calls().back().key, "K_1-of-..1");
        version("..2", {"K_1", "K_2"});
        QVERIFY2(soon([&] { return keyIds(daemon).size() == 2; }), daemon.log().c_str());
        HttpClient client = daemon.client();
        for (int i = 0; i < 2; ++i)
            QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(upstream.ledger().countOf("K_1-of-..2"), std::size_t(1));
        QCOMPARE(upstream.ledger().countOf("K_2-of-..2"), std::size_t(1));
    }

    void whatTheCommandLineStoresIsUsedWithinASecond()
    {
        ScriptedUpstream upstream;
        Daemon daemon({.config = configOf(upstream, entry("store:FIRST", idOf("first")) + "," + entry("store:TEAM_*") +
                                                        "," + entry("LATER_PLACEHOLDER", idOf("later")))});
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        QVERIFY2(daemon.waitForLog("keymuxd secret set FIRST"), daemon.log().c_str());
        QCOMPARE(jsonAt(HttpClient(daemon.url()).get("/health").body, "/secrets/missing"), "2");
        QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 503);
        const auto usedAfter = [&](const std::string &secret) {
            const Moment begin = Clock::now();
            HttpClient client = daemon.client();
            const bool used = soon([&] {
                client.post(chat, chatBody("gpt-4"));
                return upstream.ledger().countOf(secret) > 0;
            });
            return used ? int(std::chrono::duration_cast<Ms>(Clock::now() - begin).count()) : 99999;
        };
        QCOMPARE(setSecret(daemon, "FIRST", "stored-one"), 0);
        const int first = usedAfter("stored-one");
        QCOMPARE(setSecret(daemon, "FIRST", "stored-two"), 0);
        const int rotated = usedAfter("stored-two");
        QCOMPARE(setSecret(daemon, "TEAM_7", "stored-seven"), 0);
        const int joined = usedAfter("stored-seven");
        QCOMPARE(setSecret(daemon, "LATER", "stored-later"), 0);
        const int placed = usedAfter("stored-later");
        qInfo("used after %d, %d, %d, %d ms", first, rotated, joined, placed);
        QVERIFY(std::max({first, rotated, joined, placed}) < 3000);
        QCOMPARE(keyIds(daemon), (std::vector<std::string>{"first", "team-7", "later"}));
        QCOMPARE(daemon.run({"secret", "rekey", "--state", daemon.stateFolder().string()}).exitCode, 0);
        QCOMPARE(daemon.run({"secret", "remove", "TEAM_7", "--state", daemon.stateFolder().string()}).exitCode, 0);
        QVERIFY(soon([&] { return keyIds(daemon).size() == 2; }));
        QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 200);
    }

    void theStoreWithAWrongKeyKeepsTheLastGoodValues()
    {
        ScriptedUpstream upstream;
        TemporaryFolder folder;
        DaemonOptions options{.config = configOf(upstream, entry("store:FIRST", idOf("first"))),
                              .folder = folder.path()};
        Daemon daemon(options);
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        QCOMPARE(setSecret(daemon, "FIRST", "stored-one"), 0);
        QVERIFY(soon([&] { return secretOfKey(daemon, 0) == "resolved"; }));
        const auto key = daemon.stateFolder() / "master-key";
        write(key, std::string(64, 'a') + "\n");
        QCOMPARE(chmod(key.c_str(), 0600), 0);
        QCOMPARE(setSecret(daemon, "FIRST", "stored-two"), 1);
        daemon.process().signal(SIGHUP);
        // The store has not changed since it was read.
        QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(upstream.ledger().calls().back().key, "stored-one");
        daemon.process().signal(SIGTERM);
        QCOMPARE(daemon.process().wait(), std::optional<int>(0));
        Daemon again(options);
        QVERIFY2(again.waitForLog("does not open the sealed store"), again.log().c_str());
        QCOMPARE(secretOfKey(again, 0), "missing");
    }

    void fiveHundredKeysResolveWithinASecond()
    {
        ScriptedUpstream upstream;
        TemporaryFolder folder;
        for (int i = 1; i <= 500; ++i)
            write(folder.path() / ("KEY_" + std::to_string(i)), "value-of-" + std::to_string(i));
        Daemon daemon({.config = configOf(upstream, entry("env:FIRST", idOf("first"))),
                       .environment = {{"FIRST", "value-of-first"}}});
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        const Moment begin = Clock::now();
        daemon.replaceConfig(configOf(upstream, entry("file:" + folder.path().string() + "/KEY_*")));
        QVERIFY(soon([&] { return keyIds(daemon).size() == 500; }));
        const auto took = std::chrono::duration_cast<Ms>(Clock::now() - begin);
        qInfo("500 keys of files serve %d ms after the document changed", int(took.count()));
        QCOMPARE(jsonAt(HttpClient(daemon.url()).get("/health").body, "/secrets/missing"), "0");
        QVERIFY(took < Ms(5000));
    }
};

QTEST_APPLESS_MAIN(SecretsTest)
#include "test_secrets.moc"
