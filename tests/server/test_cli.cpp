// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commandline.h"
#include "cli/keycommands.h"
#include "cli/table.h"
#include "core/clock.h"
#include "support/daemon.h"
#include "support/show.h"

#include <filesystem>
#include <fstream>
#include <sstream>

using namespace keymux;
using namespace keymux::testing;

namespace {

struct Ran {
    int exit = -1;
    std::string out, err;
};

const char *goodConfig = R"({"providers": {"gemini": {"keys": [{"api_key": "env:NO_SUCH_VARIABLE", "key_id": "k",
    "priority_models": [{"model": "gemini-2.0-flash"}]}]}}})";

} // namespace

/// The command line from its words to its exit code, without a process.
class CliTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::optional<ServeOptions> m_served;

    Ran run(std::vector<std::string> words)
    {
        words.insert(words.begin(), "keymuxd");
        std::vector<const char *> argv;
        for (const std::string &word : words)
            argv.push_back(word.c_str());
        std::ostringstream out, err;
        m_served.reset();
        const CommandLine io{.serve =
                                 [this](const ServeOptions &options) {
                                     m_served = options;
                                     return 0;
                                 },
                             .out = out,
                             .err = err};
        Ran ran;
        ran.exit = runCommandLine(int(argv.size()), argv.data(), io);
        ran.out = out.str();
        ran.err = err.str();
        return ran;
    }
    Ran key(std::vector<std::string> words)
    {
        words.insert(words.begin(), "key");
        words.insert(words.end(), {"--state", m_folder->path().string()});
        return run(words);
    }
    std::string file(const std::string &text) const
    {
        const std::string path = (m_folder->path() / "config.json").string();
        std::ofstream(path) << text;
        return path;
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<TemporaryFolder>(); }

    void withoutACommandHelpIsPrinted()
    {
        const Ran ran = run({});
        QCOMPARE(ran.exit, 0);
        for (const char *command : {"serve", "bootstrap", "check", "key", "import", "status"})
            QVERIFY2(ran.out.find(command) != std::string::npos, command);
        QVERIFY(ran.err.empty());
    }

    void everyCommandHasHelp_data()
    {
        QTest::addColumn<QString>("words");
        for (const char *words :
             {"", "serve", "bootstrap", "check", "key", "key mint", "key list", "key show", "key update", "key rotate",
              "key revoke", "import", "import litellm", "import env", "import csv", "status"})
            QTest::newRow(words) << QString::fromLatin1(words);
    }

    void everyCommandHasHelp()
    {
        QFETCH(QString, words);
        std::vector<std::string> all;
        for (const QString &word : words.split(u' ', Qt::SkipEmptyParts))
            all.push_back(word.toStdString());
        all.emplace_back("--help");
        const Ran ran = run(all);
        QCOMPARE(ran.exit, 0);
        QVERIFY(ran.out.find("--help") != std::string::npos);
        QVERIFY(ran.err.empty());
        QVERIFY(!m_served);
    }

    void theVersionIsTold()
    {
        const Ran ran = run({"--version"});
        QCOMPARE(ran.exit, 0);
        QCOMPARE(ran.out, std::string("keymuxd " KEYMUX_VERSION "\n"));
    }

    void wrongUsageIs2_data()
    {
        QTest::addColumn<QString>("words");
        for (const char *words : {"nonsense",
                                  "--nonsense",
                                  "serve --nonsense",
                                  "serve extra",
                                  "serve --workers 0",
                                  "serve --workers many",
                                  "serve --log-format xml",
                                  "serve --log-level loud",
                                  "serve --listen",
                                  "check",
                                  "check a b",
                                  "key",
                                  "key nonsense",
                                  "key show",
                                  "key revoke",
                                  "key mint --expires never --state /tmp",
                                  "key update",
                                  "key update a --state /tmp",
                                  "key rotate a --grace soon",
                                  "key mint --rpm-limit 0 --state /tmp",
                                  "key mint --budget 5 --state /tmp",
                                  "key mint --budget 5eur/day --state /tmp",
                                  "key mint --metadata [] --state /tmp",
                                  "status extra"})
            QTest::newRow(words) << QString::fromLatin1(words);
    }

    void wrongUsageIs2()
    {
        QFETCH(QString, words);
        std::vector<std::string> all;
        for (const QString &word : words.split(u' '))
            all.push_back(word.toStdString());
        const Ran ran = run(all);
        QCOMPARE(ran.exit, 2);
        QVERIFY(!ran.err.empty());
        QVERIFY2(ran.out.empty(), ran.out.c_str());
        QVERIFY(!m_served);
    }

    void serveIsToldItsFlagsAndTheLastOfARepeatedOneCounts()
    {
        const Ran ran =
            run({"serve", "--config", "c.json", "--state", "s", "--listen", "127.0.0.1:1", "--listen", "127.0.0.1:2",
                 "--workers", "3", "--log-format", "json", "--log-level", "warning", "--demo"});
        QCOMPARE(ran.exit, 0);
        QVERIFY(m_served.has_value());
        QCOMPARE(m_served->config.value(), std::string("c.json"));
        QCOMPARE(m_served->listen.value(), std::string("127.0.0.1:2"));
        QVERIFY(!m_served->adminListen);
        QCOMPARE(m_served->workers, 3);
        QCOMPARE(m_served->logFormat + m_served->logLevel, std::string("jsonwarning"));
        QVERIFY(m_served->demo && !m_served->allowLiteralKeys);
    }

    void checkSaysThatAGoodConfigIsValid()
    {
        const std::string path = file(goodConfig);
        const Ran ran = run({"check", path});
        QCOMPARE(ran.exit, 0);
        QVERIFY(ran.out.empty());
        QVERIFY(ran.err.find("valid") != std::string::npos);
        const Ran json = run({"check", "--json", path});
        QCOMPARE(json.exit, 0);
        QCOMPARE(jsonAt(json.out, "/valid"), std::string("true"));
        QCOMPARE(jsonAt(json.out, "/problems"), std::string("[]"));
    }

    void checkTellsEveryProblemWithItsPlace()
    {
        const std::string path = file("{\"providers\": {\n  \"gemini\": {\"kees\": [],\n  \"keys\": [{}]}}}");
        const Ran ran = run({"check", path});
        QCOMPARE(ran.exit, 1);
        QVERIFY2(ran.out.find(path + ":2:") != std::string::npos, ran.out.c_str());
        QVERIFY2(ran.out.find(path + ":3:") != std::string::npos, ran.out.c_str());
        QVERIFY(ran.out.find("did you mean") != std::string::npos);
        const Ran json = run({"check", path, "--json"});
        QCOMPARE(json.exit, 1);
        QCOMPARE(jsonAt(json.out, "/valid"), std::string("false"));
        QCOMPARE(jsonAt(json.out, "/problems/0/file"), path);
        QCOMPARE(jsonAt(json.out, "/problems/0/line"), std::string("2"));
        QVERIFY(jsonAt(json.out, "/problems/1/message") != "(absent)");
    }

    void aLiteralKeyIsNeverRepeated()
    {
        std::string text = goodConfig;
        const std::string secret = "AIzaSyPlantedSecret0123456789";
        text.replace(text.find("env:NO_SUCH_VARIABLE"), 20, secret);
        for (const auto &words : {std::vector<std::string>{"check", file(text)}, {"check", "--json", file(text)}}) {
            const Ran ran = run(words);
            QCOMPARE(ran.exit, 1);
            QVERIFY2((ran.out + ran.err).find(secret) == std::string::npos, ran.out.c_str());
        }
    }

    void aFileThatIsNotThereIs1()
    {
        const Ran ran = run({"check", "/nowhere/config.json"});
        QCOMPARE(ran.exit, 1);
        QVERIFY(ran.err.find("/nowhere/config.json") != std::string::npos);
    }

    void aKeyIsMintedListedShownAndRevoked()
    {
        const Ran minted = key({"mint", "alice", "--models", "gpt-4*,gemini-2.0-flash", "--models", "o1", "--model",
                                "o3", "--expires", "30d", "--expose-route", "--json"});
        QVERIFY2(minted.exit == 0, minted.err.c_str());
        const std::string clear = jsonAt(minted.out, "/key"), id = jsonAt(minted.out, "/id");
        QVERIFY(clear.starts_with("sk-"));
        QCOMPARE(jsonAt(minted.out, "/models"), std::string(R"(["gpt-4*","gemini-2.0-flash","o1","o3"])"));
        QCOMPARE(jsonAt(minted.out, "/expose_route"), std::string("true"));
        for (const auto &words :
             {std::vector<std::string>{"list"}, {"list", "--json"}, {"show", "alice"}, {"show", id, "--json"}}) {
            const Ran ran = key(words);
            QCOMPARE(ran.exit, 0);
            QVERIFY(ran.out.find("alice") != std::string::npos && ran.out.find("active") != std::string::npos);
            QVERIFY2(ran.out.find(clear) == std::string::npos, "a list shows a key");
        }
        QCOMPARE(jsonAt(key({"list", "--json"}).out, "/0/id"), id);
        QCOMPARE(key({"revoke", "alice"}).exit, 0);
        QCOMPARE(key({"revoke", id}).exit, 0);
        QCOMPARE(jsonAt(key({"show", "alice", "--json"}).out, "/status"), std::string("revoked"));
    }

    void limitsAreMintedChangedAndTakenAway()
    {
        const Ran minted = key({"mint", "limited", "--rpm-limit", "5", "--tpm-limit", "1000", "--max-parallel", "2",
                                "--budget", "2.5tokens/month", "--metadata", R"({"team": 1})", "--json"});
        QVERIFY2(minted.exit == 0, minted.err.c_str());
        QCOMPARE(jsonAt(minted.out, "/rpm_limit"), std::string("5"));
        QCOMPARE(jsonAt(minted.out, "/budget"), std::string(R"({"amount":2.5,"unit":"tokens","period":"month"})"));
        const Ran updated =
            key({"update", "limited", "--rpm-limit", "none", "--budget", "100000 tokens/day", "--block", "--json"});
        QVERIFY2(updated.exit == 0, updated.err.c_str());
        QCOMPARE(jsonAt(updated.out, "/rpm_limit"), std::string("null"));
        QCOMPARE(jsonAt(updated.out, "/tpm_limit"), std::string("1000"));
        QCOMPARE(jsonAt(updated.out, "/budget/amount"), std::string("100000"));
        QCOMPARE(jsonAt(updated.out, "/status"), std::string("blocked"));
        const Ran renamed = key({"update", "limited", "--models", "gpt-4*", "--json"});
        QCOMPARE(jsonAt(renamed.out, "/status"), std::string("blocked")); // what is not named stays
        QCOMPARE(jsonAt(key({"update", "limited", "--unblock", "--json"}).out, "/status"), std::string("active"));
        const Ran rotated = key({"rotate", "limited", "--grace", "1h", "--json"});
        QCOMPARE(rotated.exit, 0);
        QVERIFY(jsonAt(rotated.out, "/key") != jsonAt(minted.out, "/key"));
        QVERIFY(jsonAt(rotated.out, "/old_key_until") != "null");
        const Ran shown = key({"show", "limited"});
        QVERIFY2(shown.out.find("100000 tokens/day") != std::string::npos, shown.out.c_str());
        QVERIFY(key({"list"}).out.find("tpm 1000") != std::string::npos);
    }

    void aMintedKeyAloneIsOnStdout()
    {
        const Ran ran = key({"mint", "--name", "bob"});
        QCOMPARE(ran.exit, 0);
        QCOMPARE(ran.out.size(), std::size_t(47)); // so that $(keymuxd key mint) is the key
        QVERIFY(ran.err.find("bob") != std::string::npos);
    }

    void aKeyThatIsNotThereIs1()
    {
        key({"mint", "somebody"});
        for (const char *command : {"show", "revoke"}) {
            const Ran ran = key({command, "nobody"});
            QCOMPARE(ran.exit, 1);
            QVERIFY2(ran.err.find("`nobody`") != std::string::npos, ran.err.c_str());
            QVERIFY(ran.out.empty());
        }
    }

    void statusWithoutAServerSaysHowToNameOne()
    {
        const Ran ran = run({"status", "--state", m_folder->path().string()});
        QCOMPARE(ran.exit, 1);
        QVERIFY2(ran.err.find("--server") != std::string::npos, ran.err.c_str());
        std::ofstream(m_folder->path() / "admin-token") << "planted-token-0123456789\n";
        const Ran refused = run({"status", "--state", m_folder->path().string(), "--server", "http://127.0.0.1:1"});
        QCOMPARE(refused.exit, 1);
        QVERIFY(refused.err.find("http://127.0.0.1:1") != std::string::npos);
        QVERIFY(refused.err.find("planted") == std::string::npos);
    }

    void bootstrapMintsOnceAndTellsOfMissingSecrets()
    {
        std::string text = goodConfig;
        const std::string config = file(text);
        const auto bootstrap = [&] {
            return run({"bootstrap", "--config", config, "--state", m_folder->path().string()});
        };
        const Ran none = bootstrap();
        QCOMPARE(none.exit, 1); // no key of the pool is usable
        QVERIFY2(none.err.find("NO_SUCH_VARIABLE") != std::string::npos, none.err.c_str());
        qputenv("NO_SUCH_VARIABLE", "planted-secret-of-a-provider");
        const Ran good = bootstrap();
        qunsetenv("NO_SUCH_VARIABLE");
        QCOMPARE(good.exit, 0);
        QVERIFY((none.out + good.out).find("Virtual Key: sk-") != std::string::npos);
        QVERIFY((good.out + good.err).find("planted") == std::string::npos);
        QVERIFY(std::filesystem::exists(m_folder->path() / "virtual-key"));
    }

    void expiriesAreReadAsPeopleWriteThem()
    {
        const TimePoint now{Millis(1700000000000)};
        const auto after = [&](const char *text) {
            const auto at = parseExpiry(text, now);
            return at ? (*at - now).count() : -1;
        };
        QCOMPARE(after("90m"), std::int64_t(90 * 60000));
        QCOMPARE(after("12h"), std::int64_t(12 * 3600000));
        QCOMPARE(after("30d"), std::int64_t(30) * 86400000);
        QCOMPARE(after("4w"), std::int64_t(28) * 86400000);
        QCOMPARE(parseExpiry("2027-01-31T12:00:00Z", now).value().time_since_epoch().count(),
                 std::int64_t(1801396800000));
        QCOMPARE(parseExpiry("2027-01-31T13:00:00+01:00", now), parseExpiry("2027-01-31T12:00:00Z", now));
        for (const char *bad :
             {"", "0d", "-1d", "d", "5", "5x", "5dd", "tomorrow", "2027-13-01T00:00:00Z", "999999999d"})
            QVERIFY2(!parseExpiry(bad, now), bad);
    }

    void tablesAreAlignedByCharactersAndHoldNoControlOnes()
    {
        std::ostringstream out;
        printTable(out, {{"NAME", "X"}, {"J\xc3\xbcrgen", "1"}, {"a\x1b[2Jb\n", "2"}});
        QCOMPARE(out.str(), std::string("NAME     X\nJ\xc3\xbcrgen   1\na?[2Jb?  2\n"));
    }
};

QTEST_APPLESS_MAIN(CliTest)
#include "test_cli.moc"
