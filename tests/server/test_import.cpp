// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/commandline.h"
#include "core/poolconfigjson.h"
#include "support/daemon.h"
#include "support/pooltext.h"
#include "support/show.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <sys/stat.h>

using namespace keymux;
using namespace keymux::testing;

namespace {

struct Ran {
    int exit = -1;
    std::string out, err;
};

Ran run(std::vector<std::string> words)
{
    words.insert(words.begin(), "keymuxd");
    std::vector<const char *> argv;
    for (const std::string &word : words)
        argv.push_back(word.c_str());
    std::ostringstream out, err;
    const int exitCode = runCommandLine(int(argv.size()), argv.data(),
                                        {.serve = [](const ServeOptions &) { return 1; }, .out = out, .err = err});
    return {exitCode, out.str(), err.str()};
}

std::string contentOf(const std::filesystem::path &path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

int modeOf(const std::filesystem::path &path)
{
    return int(std::filesystem::status(path).permissions()) & 0777;
}

bool contains(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

const char *liteLlm = "# LiteLLM\n"
                      "defaults: &defaults\n"
                      "  rpm: 15\n"
                      "model_list:\n"
                      "  - model_name: gpt-4\n"
                      "    litellm_params:\n"
                      "      <<: *defaults\n"
                      "      model: gemini/gemini-2.0-flash\n"
                      "      api_base: @URL@\n"
                      "      api_key: os.environ/GEMINI_KEY_1\n"
                      "  - model_name: gpt-4\n"
                      "    litellm_params:\n"
                      "      model: gemini/gemini-2.0-flash\n"
                      "      api_base: @URL@\n"
                      "      api_key: 'secret-of-the-second'\n"
                      "router_settings:\n"
                      "  num_retries: 2\n"
                      "general_settings:\n"
                      "  master_key: sk-master-of-all-1234\n";

} // namespace

/// `keymuxd import` from files to a config that serves.
class ImportTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;

    std::string path(const std::string &name) const { return (m_folder->path() / name).string(); }
    std::string file(const std::string &name, const std::string &text) const
    {
        std::ofstream(path(name), std::ios::binary) << text;
        return path(name);
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<TemporaryFolder>(); }

    void wrongUsageIs2()
    {
        const std::vector<std::vector<std::string>> wrong{{"import"},
                                                          {"import", "env"},
                                                          {"import", "csv"},
                                                          {"import", "litellm"},
                                                          {"import", "tsv", "x"},
                                                          {"import", "csv", "x", "--rpm-limit", "0"},
                                                          {"import", "csv", "x", "--base-url", "http://x"}};
        for (const auto &words : wrong) {
            const Ran ran = run(words);
            QCOMPARE(ran.exit, 2);
            QVERIFY(ran.out.empty());
            QVERIFY(!ran.err.empty());
        }
    }

    void whatCannotBeReadIsSaid()
    {
        for (const char *kind : {"litellm", "env", "csv"}) {
            const Ran ran = run({"import", kind, path("none")});
            QCOMPARE(ran.exit, 1);
            QVERIFY(contains(ran.err, path("none")));
        }
        const Ran yaml = run({"import", "litellm", file("bad.yaml", "a: [sk-secret-in-here\nb: }")});
        QCOMPARE(yaml.exit, 1);
        QVERIFY(contains(yaml.err, "no YAML: line"));
        QVERIFY(!contains(yaml.err, "sk-secret"));
        QCOMPARE(run({"import", "litellm", file("other.yaml", "a: 1\n")}).exit, 1);
        QCOMPARE(run({"import", "env", file("empty.env", "# nothing\n")}).exit, 1);
    }

    void aDocumentThatGrowsByItsReferencesIsRefused()
    {
        std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
        for (int i = 1; i < 9; ++i) {
            const std::string before = "*a" + std::to_string(i - 1);
            bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
            for (int j = 1; j < 10; ++j)
                bomb += ", " + before;
            bomb += "]\n";
        }
        const Ran ran = run({"import", "litellm", file("bomb.yaml", bomb + "model_list: *a8\n")});
        QCOMPARE(ran.exit, 1);
        QVERIFY2(contains(ran.err, "200,000 values"), ran.err.c_str());
        const Ran deep = run({"import", "litellm", file("deep.yaml", "model_list: " + std::string(5000, '['))});
        QCOMPARE(deep.exit, 1);
    }

    void aLiteLlmConfigBecomesAPoolConfig()
    {
        const std::string source = file(
            "config.yaml", filled(filled(liteLlm, "URL", "http://127.0.0.1:1/v1"), "URL", "http://127.0.0.1:1/v1"));
        const Ran ran = run({"import", "litellm", source});
        QCOMPARE(ran.exit, 0);
        const PoolConfigReading reading = readPoolConfig(ran.out);
        QVERIFY2(reading.valid(), ran.out.c_str());
        QCOMPARE(reading.config.providers.size(), 1U);
        QCOMPARE(reading.config.providers[0].keys.size(), 2U);
        QCOMPARE(reading.config.providers[0].keys[0].limits.rpm.value_or(0), 15);
        QVERIFY(contains(ran.err, "line 5: model gpt-4: key gemini-key-1"));
        QVERIFY(contains(ran.err, "general_settings.master_key: give it to the server itself"));
        QVERIFY(contains(ran.err, "put this key into the environment variable"));
        for (const char *secret : {"secret-of", "sk-master"})
            QVERIFY(!contains(ran.out + ran.err, secret));
    }

    void secretsGoToFilesOfTheirOwn()
    {
        const std::string source = file("keys.csv", "provider,key_id,api_key,models\n"
                                                    "gemini,g1,AIzaSecretNumberOne,m\n");
        const std::vector<std::string> command{"import",          "csv",           source,         "--into",
                                               path("pool.json"), "--secrets-dir", path("secrets")};
        auto dry = command;
        dry.emplace_back("--dry-run");
        const Ran tried = run(dry);
        QCOMPARE(tried.exit, 0);
        QVERIFY(contains(tried.err, "nothing was written"));
        QVERIFY(readPoolConfig(tried.out).valid());
        QVERIFY(!std::filesystem::exists(path("pool.json")) && !std::filesystem::exists(path("secrets")));

        const Ran ran = run(command);
        QCOMPARE(ran.exit, 0);
        QVERIFY(ran.out.empty());
        QCOMPARE(contentOf(path("secrets/G1")), std::string("AIzaSecretNumberOne\n"));
        QCOMPARE(modeOf(path("secrets/G1")), 0600);
        QCOMPARE(modeOf(path("secrets")), 0700);
        QVERIFY(contains(contentOf(path("pool.json")), "\"file:" + path("secrets/G1") + "\""));
        QVERIFY(!contains(contentOf(path("pool.json")) + ran.err, "AIza"));

        const std::string before = contentOf(path("pool.json"));
        const Ran again = run(command);
        QCOMPARE(again.exit, 0);
        QCOMPARE(contentOf(path("pool.json")), before);
        QVERIFY(contains(again.err, "stays as it is"));

        file("keys.csv", "provider,key_id,api_key,models\ngemini,g1,AIzaAnotherSecret,m\n");
        const Ran other = run(command);
        QCOMPARE(other.exit, 1);
        QVERIFY(contains(other.err, "holds something else already"));
        QCOMPARE(contentOf(path("secrets/G1")), std::string("AIzaSecretNumberOne\n"));
    }

    void aWrongRowStopsEverythingButWithSkipBad()
    {
        const std::string source = file("keys.csv", "provider,key_id,api_key,models,rpm\n"
                                                    "gemini,g1,env:A,m,ten\ngemini,g2,env:B,m,10\n");
        const Ran refused = run({"import", "csv", source, "--into", path("pool.json")});
        QCOMPARE(refused.exit, 1);
        QVERIFY(contains(refused.err, "line 2, column 19: rpm_limit"));
        QVERIFY(!std::filesystem::exists(path("pool.json")));
        const Ran taken = run({"import", "csv", source, "--into", path("pool.json"), "--skip-bad"});
        QCOMPARE(taken.exit, 0);
        QCOMPARE(readPoolConfig(contentOf(path("pool.json"))).config.providers[0].keys.size(), 1U);
        QCOMPARE(modeOf(path("pool.json")), 0600);
    }

    void aConfigThatIsInvalidOrReadOnlyStaysAsItIs()
    {
        const std::string source = file(".env", "GEMINI_KEY_1=abc\n");
        const std::string broken = file("broken.json", "{\"providers\": {\"gemini\": {\"kes\": []}}}");
        const Ran invalid = run({"import", "env", source, "--into", broken});
        QCOMPARE(invalid.exit, 1);
        QVERIFY(contains(invalid.err, "did you mean"));
        const std::string fixed = file("fixed.json", "{\"providers\": {}}");
        QCOMPARE(chmod(fixed.c_str(), 0444), 0);
        const Ran readOnly = run({"import", "env", source, "--into", fixed});
        QCOMPARE(readOnly.exit, 1);
        QCOMPARE(contentOf(fixed), std::string("{\"providers\": {}}"));
    }

    void theReportIsJsonForPrograms()
    {
        const std::string source = file(".env", "GEMINI_KEY_1=abc\nDB_KEY=x\n");
        const Ran ran = run({"import", "env", source, "--json"});
        QCOMPARE(ran.exit, 0);
        QVERIFY(ran.err.empty());
        QCOMPARE(jsonAt(ran.out, "/keys_added"), std::string("1"));
        QCOMPARE(jsonAt(ran.out, "/config/providers/gemini/keys/0/api_key"), std::string("env:GEMINI_KEY_1"));
        QCOMPARE(jsonAt(ran.out, "/not_mapped/0/what"), std::string("DB_KEY"));
        QCOMPARE(jsonAt(ran.out, "/not_mapped/0/line"), std::string("2"));
    }

    /// Five hundred variables of the environment, by a real process.
    void fiveHundredKeysByOneCommand()
    {
        std::vector<std::string> environment{"PATH=/usr/bin:/bin", "OPENAI_API_KEY=not-this-one"};
        for (int i = 1; i <= 500; ++i)
            environment.push_back("GEMINI_KEY_" + std::to_string(i) + "=value-of-" + std::to_string(i));
        Process process({daemonProgram(), "import", "env", "--match", "GEMINI_KEY_*", "--into", path("pool.json")},
                        environment);
        QCOMPARE(process.wait().value_or(-1), 0);
        process.waitForEnd();
        const std::string text = contentOf(path("pool.json"));
        const PoolConfigReading reading = readPoolConfig(text);
        QVERIFY(reading.valid());
        QCOMPARE(reading.config.providers.size(), 1U);
        QCOMPARE(reading.config.providers[0].keys.size(), 500U);
        QCOMPARE(reading.config.providers[0].keys[499].keyId, std::string("gemini-key-500"));
        QVERIFY(!contains(text + process.out() + process.err(), "value-of"));
        QVERIFY(contains(process.err(), "… 480 more"));
        QVERIFY(contains(process.err(), "its model gemini-2.0-flash was assumed"));
    }

    /// What is imported serves: both keys, under the name that LiteLLM's clients used.
    void anImportedConfigServes()
    {
        ScriptedUpstream upstream;
        const std::string source =
            file("config.yaml", filled(filled(liteLlm, "URL", upstream.baseUrl()), "URL", upstream.baseUrl()));
        QCOMPARE(run({"import", "litellm", source, "--into", path("pool.json"), "--secrets-dir", path("s")}).exit, 0);
        Daemon daemon({.config = contentOf(path("pool.json")), .environment = {{"GEMINI_KEY_1", "secret-of-first"}}});
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpClient client = daemon.client();
        for (int i = 0; i < 4; ++i)
            QCOMPARE(client.post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
        QCOMPARE(upstream.ledger().countOf("secret-of-first", "gemini-2.0-flash"), 2U);
        QCOMPARE(upstream.ledger().countOf("secret-of-the-second", "gemini-2.0-flash"), 2U);
    }
};

QTEST_APPLESS_MAIN(ImportTest)
#include "test_import.moc"
