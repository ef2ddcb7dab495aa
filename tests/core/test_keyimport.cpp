// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/csvtext.h"
#include "core/keyimport_names.h"
#include "importing.h"

using namespace keymux;
using namespace keymux::test;
using Kind = ImportNote::Kind;

/// Variables and tables into a pool config.
class TestKeyImport : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void namesTellTheirProvider()
    {
        QCOMPARE(providerInName("GEMINI_KEY_1").value(), std::string("gemini"));
        QCOMPARE(providerInName("GOOGLE_API_KEY").value(), std::string("gemini"));
        QCOMPARE(providerInName("MY_OPENAI_API_KEY").value(), std::string("openai"));
        QCOMPARE(providerInName("OPENROUTER_API_KEY").value(), std::string("openrouter"));
        QCOMPARE(providerInName("ANTHROPIC_API_KEY2").value(), std::string("anthropic"));
        QVERIFY(!providerInName("DATABASE_KEY"));
        QVERIFY(namesAKey("GEMINI_KEY1") && namesAKey("X_APIKEY") && namesAKey("HF_TOKEN"));
        QVERIFY(!namesAKey("OPENAI_BASE_URL") && !namesAKey("MONKEY") && !namesAKey("KEYBOARD"));
    }

    void numbersInNamesAreNumbers()
    {
        QVERIFY(naturallyLess("KEY_2", "KEY_10"));
        QVERIFY(!naturallyLess("KEY_10", "KEY_2"));
        QVERIFY(naturallyLess("KEY_01", "KEY_1") != naturallyLess("KEY_1", "KEY_01"));
        QVERIFY(!naturallyLess("KEY_1", "KEY_1"));
        QVERIFY(naturallyLess("A_9", "B_1"));
        QVERIFY(naturallyLess("KEY", "KEY_1"));
    }

    void fiveHundredVariablesAreFiveHundredKeysInTheirOrder()
    {
        std::vector<Variable> variables{{"PATH", "/bin"}, {"OPENAI_API_KEY", "sk-other"}};
        for (int i = 500; i >= 1; --i)
            variables.push_back({"GEMINI_KEY_" + std::to_string(i), "value-" + std::to_string(i)});
        ImportOptions options;
        options.match = "GEMINI_KEY_*";
        options.models = {"gemini-2.0-flash", "gemini-2.0-flash-exp"};
        options.limits.rpm = 15;
        PoolImport import = importVariables(std::move(variables), options);
        const std::string text = documentOf(import);
        const PoolConfig config = configOf(text);
        QCOMPARE(config.providers.size(), 1U);
        const Provider &gemini = config.providers.front();
        QCOMPARE(gemini.name, std::string("gemini"));
        QCOMPARE(gemini.limits.rpm.value(), 15);
        QCOMPARE(gemini.keys.size(), 500U);
        for (std::size_t i = 0; i < 500; ++i) {
            QCOMPARE(gemini.keys[i].keyId, "gemini-key-" + std::to_string(i + 1));
            QCOMPARE(gemini.keys[i].apiKey, "env:GEMINI_KEY_" + std::to_string(i + 1));
            QCOMPARE(gemini.keys[i].models.size(), 2U);
        }
        QVERIFY(!contains(text, "value-"));
        QVERIFY(import.secrets.empty());
        QVERIFY(notesOf(import, Kind::NotMapped).empty());
    }

    void anEnvFileIsRead()
    {
        PoolImport import;
        const auto variables = readEnvFile("\xef\xbb\xbf# comment\r\n"
                                           "GEMINI_KEY_1=abc # the first\r\n"
                                           "export OPENAI_API_KEY=\"a\\\"b#c\"   # quoted\n"
                                           "\n"
                                           "  GROQ_API_KEY = 'x#y'\n"
                                           "EMPTY_KEY=\n"
                                           "HASH_KEY=a#b",
                                           import);
        QVERIFY(import.notes.empty());
        QCOMPARE(variables.size(), 5U);
        QCOMPARE(variables[0].value, std::string("abc"));
        QCOMPARE(variables[0].line, 2);
        QCOMPARE(variables[1].name, std::string("OPENAI_API_KEY"));
        QCOMPARE(variables[1].value, std::string("a\"b#c"));
        QCOMPARE(variables[2].value, std::string("x#y"));
        QCOMPARE(variables[3].value, std::string());
        QCOMPARE(variables[4].value, std::string("a#b"));
    }

    void wrongLinesOfAnEnvFileAreToldWithoutTheirText()
    {
        PoolImport import;
        const auto variables = readEnvFile("sk-secret-alone\nA_KEY=1\nA_KEY=2\nB_KEY=\"sk-secret\n1X=2\n", import);
        QCOMPARE(variables.size(), 1U);
        QCOMPARE(notesOf(import, Kind::Bad), std::string("1 line: NAME=value is expected\n"
                                                         "3 A_KEY: this name is there twice; keep one\n"
                                                         "4 B_KEY: its quotes do not end where the line ends\n"
                                                         "5 line: NAME=value is expected\n"));
    }

    void whatIsNotTakenIsSaid()
    {
        PoolImport import;
        auto variables = readEnvFile("OPENAI_BASE_URL=http://x\nDATABASE_KEY=1\nGEMINI_KEY_1=\nGEMINI_KEY_2=a\n"
                                     "GEMINI_KEY_3=a\nGEMINI_KEYS=b,c\n",
                                     import);
        import = importVariables(std::move(variables), {}, std::move(import));
        QVERIFY(contains(notesOf(import, Kind::NotMapped), "OPENAI_BASE_URL: its name does not say that it holds"));
        QVERIFY(contains(notesOf(import, Kind::NotMapped), "DATABASE_KEY: its name does not say whose"));
        QVERIFY(contains(notesOf(import, Kind::NotMapped), "GEMINI_KEYS: it holds 2 keys"));
        QVERIFY(contains(notesOf(import, Kind::Skipped), "GEMINI_KEY_1: it is empty"));
        QVERIFY(contains(notesOf(import, Kind::Skipped), "GEMINI_KEY_3: it holds the same key as GEMINI_KEY_2"));
        QCOMPARE(keysOf(configOf(documentOf(import))), std::vector<std::string>{"gemini-key-2 env:GEMINI_KEY_2"});
    }

    void severalKeysInOneVariableGetFilesOfTheirOwn()
    {
        ImportOptions options;
        options.secretDir = "/run/keys";
        PoolImport import = importVariables({{"GEMINI_KEYS", "one, two,one", 1}}, options);
        QCOMPARE(keysOf(configOf(documentOf(import))),
                 (std::vector<std::string>{"gemini-keys-1 file:/run/keys/GEMINI_KEYS_1",
                                           "gemini-keys-2 file:/run/keys/GEMINI_KEYS_2"}));
        QCOMPARE(import.secrets.size(), 2U);
        QCOMPARE(import.secrets[1].value, std::string("two"));
    }

    void modelsNobodyCanGuessMustBeNamed()
    {
        PoolImport import = importVariables({{"OPENROUTER_API_KEY", "a"}}, {});
        const auto merged = mergeImport(emptyPool, import, false);
        QVERIFY(!merged);
        QVERIFY(contains(merged.error().message, "--models"));
    }

    void anthropicGetsItsCompatiblePath()
    {
        PoolImport import = importVariables({{"ANTHROPIC_API_KEY", "a"}}, {});
        const PoolConfig config = configOf(documentOf(import));
        QCOMPARE(config.providers.front().baseUrl, std::string("https://api.anthropic.com/v1"));
        QVERIFY(config.providers.front().api == Api::OpenAi);
    }

    void aConfigIsExtendedAndKeepsItsComments()
    {
        const char *target =
            "// ours\n{\n  \"providers\": {\n    \"gemini\": {\n      \"models\": [{\"model\": \"m\"}], "
            "// default\n      \"keys\": [\n        {\"key_id\": \"a\", \"api_key\": "
            "\"env:GEMINI_KEY_2\"}, // mine\n      ],\n    },\n  },\n}\n";
        PoolImport import =
            importVariables({{"GEMINI_KEY_1", "1"}, {"GEMINI_KEY_2", "2"}, {"OPENAI_API_KEY", "3"}}, {});
        const std::string text = documentOf(import, target);
        for (const char *comment : {"// ours\n", "// default\n", "// mine\n"})
            QVERIFY2(contains(text, comment), text.c_str());
        const PoolConfig config = configOf(text);
        QCOMPARE(keysOf(config), (std::vector<std::string>{"a env:GEMINI_KEY_2", "gemini-key-1 env:GEMINI_KEY_1",
                                                           "openai-api-key env:OPENAI_API_KEY"}));
        QCOMPARE(config.providers[0].keys[1].models.front().model, std::string("m"));
        QVERIFY(contains(notesOf(import, Kind::Skipped), "gemini-key-2: the config has this reference already, as a"));
        // Once more: nothing is new.
        PoolImport again = importVariables({{"GEMINI_KEY_1", "1"}, {"OPENAI_API_KEY", "3"}}, {});
        QCOMPARE(documentOf(again, text), text);
    }

    void anotherAddressIsAnotherProvider()
    {
        const std::string target =
            "{\"providers\": {\"openai\": {\"base_url\": \"http://127.0.0.1:9/v1\", \"keys\": []}}} ";
        PoolImport import = importVariables({{"OPENAI_API_KEY", "1"}}, {});
        const PoolConfig config = configOf(documentOf(import, target));
        QCOMPARE(config.providers.size(), 2U);
        QCOMPARE(config.providers[1].name, std::string("openai-2"));
        QCOMPARE(config.providers[1].baseUrl, std::string("https://api.openai.com/v1"));
    }

    void anInvalidConfigIsNotExtended()
    {
        PoolImport import = importVariables({{"OPENAI_API_KEY", "1"}}, {});
        QCOMPARE(mergeImport("{\"providers\": 1}", import, false).error().code, std::string("config_invalid"));
        QCOMPARE(mergeImport("{", import, false).error().code, std::string("config_invalid"));
    }

    void tablesAreReadAsTheyAreWritten()
    {
        const CsvReading reading = readCsv("\xef\xbb\xbf"
                                           "a;b\r\n\"x;\"\"1\"\"\r\n2\";y\r\n\r\nz;\n");
        QVERIFY(!reading.error);
        QCOMPARE(reading.rows.size(), 3U);
        QCOMPARE(reading.rows[1][0].text, std::string("x;\"1\"\r\n2"));
        QCOMPARE(reading.rows[1][1].text, std::string("y"));
        QCOMPARE(reading.rows[1][1].line, 3);
        QCOMPARE(reading.rows[2][0].line, 5);
        QCOMPARE(reading.rows[2].size(), 2U);
        QCOMPARE(readCsv("a\tb,c\td\n").rows[0].size(), 3U);
        QCOMPARE(readCsv("a,b\n\"c,d\ne").error->line, 2);
        QVERIFY(readCsv("a,b\n\"c\"d,e\n").error);
        QVERIFY(readCsv(std::string(100, ',') + "\n").error);
    }

    void aTableBecomesKeys()
    {
        auto import = importCsv("Provider,Key ID,api_key,models,rpm_limit,tpm_limit,rpd_limit,priority,weight,tags,"
                                "quota_group,note\n"
                                "Gemini,g1,AIzaSecretSecret1,\"a;b\",15,1000,200,2,0.5,x;y,proj,hello\n"
                                "gemini,g2,env:G2,a,,,,,,,,\n"
                                "own,o1,env:O1,c,,,,,,,,\n",
                                {.provider = {},
                                 .baseUrl = "http://127.0.0.1:9/v1",
                                 .models = {},
                                 .limits = {},
                                 .match = {},
                                 .takenNames = {},
                                 .secretDir = {}});
        QVERIFY(import);
        const std::string text = documentOf(*import);
        QVERIFY(!contains(text, "AIza"));
        const PoolConfig config = configOf(text);
        QCOMPARE(keysOf(config), (std::vector<std::string>{"g1 G1_PLACEHOLDER", "g2 env:G2", "o1 env:O1"}));
        const KeyEntry &g1 = config.providers[0].keys[0];
        QCOMPARE(g1.limits.rpm.value(), 15);
        QCOMPARE(g1.limits.tpm.value(), 1000);
        QCOMPARE(g1.limits.rpd.value(), 200);
        QCOMPARE(g1.quotaGroup, std::string("proj"));
        QCOMPARE(g1.tags, (std::vector<std::string>{"x", "y"}));
        QCOMPARE(g1.models.size(), 2U);
        QCOMPARE(g1.models[1].model, std::string("b"));
        QCOMPARE(g1.models[1].priority, 2);
        QCOMPARE(g1.models[1].weight, 0.5);
        QCOMPARE(import->secrets.size(), 1U);
        QCOMPARE(import->secrets[0].value, std::string("AIzaSecretSecret1"));
        QVERIFY(contains(notesOf(*import, Kind::NotMapped), "column note"));
    }

    void wrongCellsAreToldByLineAndColumn_data()
    {
        QTest::addColumn<QByteArray>("row");
        QTest::addColumn<int>("column");
        QTest::addColumn<QByteArray>("message");
        QTest::newRow("no provider") << QByteArray(",k,env:A,,1") << 1 << QByteArray("provider's name");
        QTest::newRow("no key") << QByteArray("gemini,k,,,1") << 1 << QByteArray("missing");
        QTest::newRow("rpm") << QByteArray("gemini,k,env:A,,zero") << 17 << QByteArray("whole number");
        QTest::newRow("rpm 0") << QByteArray("gemini,k,env:A,,0") << 17 << QByteArray("whole number");
        QTest::newRow("two words") << QByteArray("gemini,k,a b,,1") << 10 << QByteArray("one word");
        QTest::newRow("a key as an id") << QByteArray("gemini,sk-abcdefghijkl,x,,1") << 8
                                        << QByteArray("looks like a key");
        QTest::newRow("too many") << QByteArray("gemini,k,env:A,,1,2") << 19 << QByteArray("more cells");
        QTest::newRow("again") << QByteArray("gemini,first,env:B,,1") << 1 << QByteArray("line 2");
    }
    void wrongCellsAreToldByLineAndColumn()
    {
        QFETCH(QByteArray, row);
        QFETCH(int, column);
        QFETCH(QByteArray, message);
        const auto import =
            importCsv("provider,key_id,api_key,models,rpm\ngemini,first,env:F,,1\n" + row.toStdString() + "\n", {});
        QVERIFY(import);
        QVERIFY(import->hasBad());
        const auto bad = std::find_if(import->notes.begin(), import->notes.end(),
                                      [](const ImportNote &note) { return note.kind == Kind::Bad; });
        QCOMPARE(bad->line, 3);
        QCOMPARE(bad->column, column);
        QVERIFY2(contains(bad->message, message.toStdString()), bad->message.c_str());
        QVERIFY(!contains(bad->what + bad->message, "sk-abc"));
        QCOMPARE(import->providers.front().keys.size(), 1U);
    }

    void aKeyThatIsThereTwiceJoinsItsModels()
    {
        auto import = importCsv("provider,key,models\ngemini,AIzaSame1234,a\ngemini,AIzaSame1234,b;a\n", {});
        const PoolConfig config = configOf(documentOf(*import));
        QCOMPARE(config.providers[0].keys.size(), 1U);
        QCOMPARE(config.providers[0].keys[0].models.size(), 2U);
        QVERIFY(contains(notesOf(*import, Kind::Skipped), "the same key as in line 2"));
    }

    void tablesWithoutWhatIsNeededAreRefused()
    {
        QVERIFY(!importCsv("", {}));
        QVERIFY(contains(importCsv("provider,models\n", {}).error().message, "`api_key`"));
        QVERIFY(contains(importCsv("api_key\nx\n", {}).error().message, "--provider"));
        QVERIFY(contains(importCsv("api_key,key,provider\nx\n", {}).error().message, "two columns"));
    }

    void aLiteralNeverTakesTheNameOfAVariableInUse()
    {
        ImportOptions options;
        options.takenNames = {"GEMINI_KEY_1"};
        const auto import = importCsv("provider,api_key,models\ngemini,AIzaAnotherKey,a\n", options);
        QCOMPARE(import->secrets.front().name, std::string("GEMINI_KEY_1_2"));
    }
};

QTEST_APPLESS_MAIN(TestKeyImport)
#include "test_keyimport.moc"
