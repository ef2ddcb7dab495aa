// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/configreading.h"

using namespace keymux;
using namespace keymux::test;

namespace {

/// The document people write today; it must work unchanged.
const char example[] = R"({
  "providers": {
    "gemini": {
      "keys": [
        {
          "api_key": "GEMINI_KEY_1_PLACEHOLDER",
          "key_id": "gemini-key-1",
          "rpm_limit": 15,
          "priority_models": [
            {"model": "gemini-2.0-flash", "weight": 10, "priority": 1},
            {"model": "gemini-2.0-flash-exp", "weight": 5, "priority": 2},
            {"model": "gemini-1.5-pro-latest", "weight": 1, "priority": 3}
          ]
        }
      ]
    }
  }
})";

std::vector<std::string> pathsOf(const PoolConfigReading &reading)
{
    std::vector<std::string> paths;
    for (const Problem &problem : reading.problems)
        paths.push_back(problem.path);
    return paths;
}

/// A document of `count` unknown members at its root.
std::string manyMembers(int count)
{
    std::string text = R"({"providers":{})";
    for (int i = 0; i < count; ++i)
        text += ",\"x" + std::to_string(i) + "\":1";
    return text + "}";
}

} // namespace

class TestPoolConfigJson : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theExampleIsReadUnchanged()
    {
        const PoolConfig config = configOf(example);
        QCOMPARE(config.providers.size(), std::size_t(1));
        const Provider &gemini = config.providers[0];
        QCOMPARE(gemini.name, std::string("gemini"));
        QVERIFY(gemini.api == Api::OpenAi);
        QCOMPARE(gemini.baseUrl, std::string("https://generativelanguage.googleapis.com/v1beta/openai"));
        QVERIFY(gemini.auth == AuthStyle::Bearer && gemini.google && gemini.streamUsage);
        QCOMPARE(gemini.rpdResetZone, std::string("America/Los_Angeles"));
        QCOMPARE(gemini.keys.size(), std::size_t(1));
        const KeyEntry &key = gemini.keys[0];
        QCOMPARE(key.keyId, std::string("gemini-key-1"));
        QCOMPARE(key.apiKey, std::string("GEMINI_KEY_1_PLACEHOLDER"));
        QVERIFY(key.enabled && key.limitsScope == LimitsScope::Model);
        QVERIFY(key.limits == (Limits{.rpm = 15}));
        QCOMPARE(key.models.size(), std::size_t(3));
        QCOMPARE(key.models[0].model, std::string("gemini-2.0-flash"));
        QCOMPARE(key.models[0].weight, 10.0);
        QCOMPARE(key.models[0].priority, 1);
        QCOMPARE(key.models[1].model, std::string("gemini-2.0-flash-exp"));
        QCOMPARE(key.models[1].weight, 5.0);
        QCOMPARE(key.models[1].priority, 2);
        QCOMPARE(key.models[2].model, std::string("gemini-1.5-pro-latest"));
        QCOMPARE(key.models[2].weight, 1.0);
        QCOMPARE(key.models[2].priority, 3);
        QVERIFY(config.routing == Routing{} && config.server == ServerOptions{} && config.secrets == SecretSources{});
    }

    void commentsAndTrailingCommasChangeNothing()
    {
        std::string text = "\xef\xbb\xbf// a comment first\n";
        for (const char c : std::string(example)) {
            if (c == '}' || c == ']')
                text += ", /* after a\ntrailing comma */ ";
            text += c;
        }
        QVERIFY(configOf(text + " // and last") == configOf(example));
    }

    void stringsMayHoldWhatLooksLikeAComment()
    {
        const std::string odd = "/a/"
                                "/b/"
                                "*c*/,]";
        QCOMPARE(configOf(withSection("\"secrets\":{\"dir\":\"" + odd + "\"}")).secrets.dir, odd);
    }

    void nullCountsAsAbsent()
    {
        QVERIFY(configOf(withSection(R"("routing":null,"server":null,"secrets":null)")) == configOf(withSection("")));
        QVERIFY(configOf(withKey(R"("rpm_limit":null,"tags":null,"enabled":null)")) == configOf(withKey("")));
        QVERIFY(contains(complaintAt(R"({"providers":null})", "providers"), "missing"));
    }

    void everyProblemIsReportedAtOnceWithItsPlace()
    {
        const std::string text = "{\n"                                                         // 1
                                 "  \"providers\": {\n"                                        // 2
                                 "    \"groq\": {\n"                                           // 3
                                 "      \"keys\": [\n"                                         // 4
                                 "        {\"api_key\": \"env:A\", \"key_id\": \"a b\",\n"     // 5
                                 "         \"rmp_limit\": 3, \"priority_models\": []},\n"      // 6
                                 "        {\"key_id\": \"b\", \"rpm_limit\": 0,\n"             // 7
                                 "         \"priority_models\": [{\"model\": \"llama-*\"}]}\n" // 8
                                 "      ]\n"                                                   // 9
                                 "    }\n"                                                     // 10
                                 "  },\n"                                                      // 11
                                 "  \"routing\": {\"max_attempts\": \"six\"},\n"               // 12
                                 "  \"sever\": {}\n"                                           // 13
                                 "}\n";
        const std::string expected =
            "5:40: providers.groq.keys[0].key_id: a name of 1 to 64 of A-Z a-z 0-9 . _ - is expected\n"
            "6:10: providers.groq.keys[0].rmp_limit: unknown field `rmp_limit`; did you mean `rpm_limit`?\n"
            "6:45: providers.groq.keys[0].priority_models: a key needs at least one model, its own or its provider's "
            "`models`\n"
            "7:9: providers.groq.keys[1].api_key: `api_key` is missing: a reference such as `env:NAME`\n"
            "7:38: providers.groq.keys[1].rpm_limit: a whole number from 1 to 1000000000000 is expected, not 0\n"
            "8:40: providers.groq.keys[1].priority_models[0].model: a model is named in full; `*` belongs into "
            "routing.model_map\n"
            "12:31: routing.max_attempts: a whole number is expected, not a string\n"
            "13:3: sever: unknown field `sever`; did you mean `server`?\n";
        QVERIFY2(problemsOf(text) == expected, problemsOf(text).c_str());
    }

    void aProblemIsWrittenAsEditorsJumpToIt()
    {
        QCOMPARE(toString(Problem{3, 7, "a.b", "is wrong"}, "pool.json"), std::string("pool.json:3:7: a.b: is wrong"));
    }

    void columnsCountCharactersAndNotBytes()
    {
        const auto reading = readPoolConfig("{\"providers\":{}, /* grüße 😀 */ \"x\": 1}");
        QCOMPARE(reading.problems.size(), std::size_t(1));
        QCOMPARE(reading.problems[0].column, 32);
    }

    void syntaxErrorsSayWhereAndWhat_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("problem");
        QTest::newRow("empty") << QByteArray("") << QByteArray("1:1: document: the document ends where a value");
        QTest::newRow("open") << QByteArray("{\n \"providers\": {") << QByteArray("2:16: document: this object is not");
        QTest::newRow("colon") << QByteArray("{\"providers\" {}}") << QByteArray("1:14: document: a colon is expected");
        QTest::newRow("comma") << QByteArray("{\"a\":1 \"b\":2}") << QByteArray("1:8: document: a comma or }");
        QTest::newRow("quote") << QByteArray("{\"a\":\"b\n\"}") << QByteArray("1:8: document: this string is not");
        QTest::newRow("comment") << QByteArray("{} /* x") << QByteArray("1:4: document: this comment is not closed");
        QTest::newRow("more") << QByteArray("{}\n{}") << QByteArray("2:1: document: there is more text");
        QTest::newRow("list") << QByteArray("[]") << QByteArray("1:1: document: an object { } is expected, not a list");
        QTest::newRow("number") << QByteArray("{\"a\":01}") << QByteArray("1:6: document: a value is expected");
    }
    void syntaxErrorsSayWhereAndWhat()
    {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, problem);
        const std::string problems = problemsOf(text.toStdString());
        QVERIFY2(problems.starts_with(problem.toStdString()), problems.c_str());
    }

    void aMisspeltNameGetsASuggestion_data()
    {
        QTest::addColumn<QByteArray>("document");
        QTest::addColumn<QByteArray>("suggestion");
        const auto row = [](const char *suggestion, const std::string &document) {
            QTest::newRow(suggestion) << QByteArray::fromStdString(document) << QByteArray(suggestion);
        };
        row("providers", R"({"provider":{}})");
        row("base_url", R"({"providers":{"p":{"baseurl":""}}})");
        row("rpd_reset_zone", withProvider(R"("rpd_reset_zon":"UTC")"));
        row("rpm_limit", withKey(R"("rpm_limits":1)"));
        row("max_parallel", withKey(R"("max_paralel":1)"));
        row("quota_group", withKey(R"("quotagroup":"g")"));
        row("weight", withModel(R"("wieght":1)"));
        row("priority", withModel(R"("prioirty":1)"));
        row("model_map", routing(R"("modelmap":[])"));
        row("bad_key_s", routing(R"("cooldown":{"badkey_s":1})"));
        row("connect_ms", withProvider(R"("timeouts":{"conect_ms":1})"));
        row("admin_listen", server(R"("adminlisten":"")"));
        row("cert_file", server(R"("tls":{"certfile":"c"})"));
        row("x-api-key", withProvider(R"("auth":"x-apikey")"));
        row("embeddings", withModel(R"("endpoints":["embedings"])"));
        row("llama-3", R"({"providers":{"ollama":{"auth":"none","keys":[{"key_id":"k","priority_models":[)"
                       R"({"model":"llama-3"}]}]}},"routing":{"fallbacks":{"llama-3":["lama-3"]}}})");
    }
    void aMisspeltNameGetsASuggestion()
    {
        QFETCH(QByteArray, document);
        QFETCH(QByteArray, suggestion);
        const std::string problems = problemsOf(document.toStdString());
        QVERIFY2(contains(problems, "did you mean `" + suggestion.toStdString() + "`?"), problems.c_str());
    }

    void aNameNobodyCouldMeanGetsNone()
    {
        const std::string problems = problemsOf(withSection(R"("zzzzzzzz":1)"));
        QVERIFY(contains(problems, "unknown field `zzzzzzzz`\n"));
    }

    void aNameThereTwiceIsReported_data()
    {
        QTest::addColumn<QByteArray>("document");
        QTest::addColumn<QByteArray>("path");
        const auto row = [](const char *path, const std::string &document) {
            QTest::newRow(path) << QByteArray::fromStdString(document) << QByteArray(path);
        };
        row("providers", R"({"providers":{},"providers":{}})");
        row("providers.p", R"({"providers":{"p":{},"p":{}}})");
        row("providers.p.auth", withProvider(R"("auth":"none","auth":"none")"));
        row("providers.p.headers.X-A", withProvider(R"("headers":{"X-A":"1","X-A":"2"})"));
        row("providers.p.rename_params.a", withProvider(R"("rename_params":{"a":"b","a":"c"})"));
        row("providers.p.keys[0].rpm_limit", withKey(R"("rpm_limit":1,"rpm_limit":1)"));
        row("providers.p.keys[0].priority_models[0].weight", withModel(R"("weight":1,"weight":1)"));
        row("routing.fallbacks.m", routing(R"("fallbacks":{"m":["n"],"m":["n"]})"));
        row("server.listen", server(R"("listen":":1","listen":":2")"));
    }
    void aNameThereTwiceIsReported()
    {
        QFETCH(QByteArray, document);
        QFETCH(QByteArray, path);
        const std::string complaint = complaintAt(document.toStdString(), path.toStdString());
        QVERIFY2(contains(complaint, "there twice"), problemsOf(document.toStdString()).c_str());
    }

    void aLiteralSecretIsRefusedAndNeverRepeated_data()
    {
        QTest::addColumn<QByteArray>("secret");
        for (const char *secret :
             {"AIzaSyA-1234567890abcdefghijklmnopqrstu", "sk-proj-abcdef0123456789", "gsk_0123456789",
              "0123456789abcdef0123456789abcdef", "my secret", "ENV:NAME", "env:A B", ""})
            QTest::newRow(secret) << QByteArray(secret);
    }
    void aLiteralSecretIsRefusedAndNeverRepeated()
    {
        QFETCH(QByteArray, secret);
        const std::string value = secret.toStdString();
        for (const std::string &document :
             {withProvider("\"keys\":[{\"api_key\":\"" + value +
                           "\",\"key_id\":\"k\",\"priority_models\":[{\"model\":\"m\"}]}]"),
              server("\"virtual_key_from\":\"" + value + "\""), server("\"admin_token_from\":\"" + value + "\""),
              server("\"metrics_token\":\"" + value + "\"")}) {
            const auto reading = readPoolConfig(document);
            const std::string problems = listed(reading.problems);
            QCOMPARE(reading.problems.size(), std::size_t(1));
            QVERIFY2(contains(problems, "`env:NAME`"), problems.c_str());
            QVERIFY(value.empty() || !contains(problems, value));
            // Nor does it stay behind in what was read.
            QVERIFY(reading.config.server.virtualKeyFrom.empty() && reading.config.server.adminTokenFrom.empty() &&
                    reading.config.server.metricsToken.empty());
            QVERIFY(reading.config.providers[0].keys[0].apiKey == "env:K" ||
                    reading.config.providers[0].keys[0].apiKey.empty());
        }
    }

    void aSecretInTheWrongPlaceIsNotRepeatedEither_data()
    {
        QTest::addColumn<QByteArray>("document");
        const std::string s = "sk-proj-abcdef0123456789";
        const auto row = [](const char *name, const std::string &document) {
            QTest::newRow(name) << QByteArray::fromStdString(document);
        };
        row("as a word", withProvider("\"auth\":\"" + s + "\""));
        row("as a dialect", withProvider("\"api\":\"" + s + "\""));
        row("as a name", withKey("\"" + s + "\":1"));
        row("as a name at the root", withSection("\"" + s + "\":1"));
        row("as a name twice", withKey("\"" + s + "\":1,\"" + s + "\":1"));
        row("as a name without a colon", "{\"" + s + "\"}");
        row("as a header", withProvider("\"headers\":{\"Authorization\":\"Bearer " + s + "\"}"));
        row("in a URL", "{\"providers\":{\"q\":{\"base_url\":\"https://x/v1?key=" + s + "\"}}}");
        row("as a model", routing("\"fallbacks\":{\"m\":[\"" + s + "\"]}"));
        row("as a model's name", routing("\"fallbacks\":{\"" + s + "\":[\"m\"]}"));
        row("as a list of keys", withProvider("\"keys\":{\"k\":\"" + s + "\"}"));
        row("as a key", withProvider("\"keys\":[\"" + s + "\"]"));
        row("as a provider", "{\"providers\":{\"" + s + "\":{\"keys\":1}}}");
        row("as the key's id", withProvider("\"keys\":[{\"key_id\":\"" + s + " \"}]"));
        row("as a reference to a set", withProvider("\"keys\":[{\"api_key\":\"" + s + "*\"}]"));
    }
    void aSecretInTheWrongPlaceIsNotRepeatedEither()
    {
        QFETCH(QByteArray, document);
        const std::string problems = problemsOf(document.toStdString());
        QVERIFY(!problems.empty());
        QVERIFY2(!contains(problems, "abcdef0123456789"), problems.c_str());
    }

    void literalKeysPassOnlyWhereTheyAreAllowed()
    {
        const std::string document =
            withProvider(R"("keys":[{"api_key":"sk-literal","key_id":"k","priority_models":[{"model":"m"}]}])");
        QVERIFY(!readPoolConfig(document).valid());
        QCOMPARE(configOf(document, {.allowLiteralKeys = true}).providers[0].keys[0].apiKey, std::string("sk-literal"));
        const std::string empty =
            withProvider(R"("keys":[{"api_key":"","key_id":"k","priority_models":[{"model":"m"}]}])");
        QVERIFY(!readPoolConfig(empty, {.allowLiteralKeys = true}).valid());
    }

    void whatIsNotUtf8IsRefusedWhereItStands()
    {
        for (const char *bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xc3"}) {
            const std::string text = "{\n\"providers\":{},\"x\":\"" + std::string(bad) + "\"}";
            QCOMPARE(problemsOf(text), std::string("2:21: document: this is not UTF-8\n"));
        }
    }

    void aHugeDocumentIsRefusedUnread()
    {
        QCOMPARE(problemsOf(std::string((16 << 20) + 1, ' ')),
                 std::string("1:1: document: the document is larger than 16 MiB\n"));
    }

    void aDeepDocumentIsRefused()
    {
        for (const int depth : {66, 1000000}) {
            const std::string problems = problemsOf("{\"x\":" + std::string(std::size_t(depth), '['));
            QVERIFY2(contains(problems, "nested more than 64 deep"), problems.c_str());
        }
    }

    void manyNamesAndManyProblemsStayBounded()
    {
        // Looking at each name beside each other, or listing every one, would not come to an end here.
        const auto reading = readPoolConfig(manyMembers(200000));
        QVERIFY(reading.problems.size() > 100 && reading.problems.size() <= 1001);
        QVERIFY(contains(reading.problems.back().message, "more problems"));
        std::string models = R"("models":[{"model":"m0"})";
        for (int i = 1; i < 100000; ++i)
            models += ",{\"model\":\"m" + std::to_string(i) + "\"}";
        QCOMPARE(configOf(withProvider(models + "]")).providers[0].models.size(), std::size_t(100000));
        std::string rules = R"("fallbacks":{"m":["n"])";
        for (int i = 1; i < 100000; ++i)
            rules += ",\"m" + std::to_string(i) + "\":[\"n\"]";
        QVERIFY(readPoolConfig(routing(rules + "}")).problems.size() <= 1001);
    }

    void messagesStayShortWhateverTheDocumentHolds()
    {
        const std::string longName(100000, 'x');
        for (const std::string &document :
             {withKey("\"" + longName + "\":1"), withProvider("\"auth\":\"" + longName + "\""),
              withProvider("\"headers\":{\"" + longName + "\":1}"), withSection("\"" + longName + "\":{}"),
              routing("\"fallbacks\":{\"" + longName + "\":[\"m\"]}"),
              withKey("\"rpm_limit\":1" + std::string(9999, '0')), "{\"" + longName + "\"}",
              "{\"providers\":{\"" + longName + "\":{\"keys\":1}}}"}) {
            for (const Problem &problem : readPoolConfig(document).problems)
                QVERIFY2(toString(problem, "f").size() < 600, problem.message.substr(0, 600).c_str());
        }
        const std::string odd = problemsOf(withKey("\"a\\u0000\\u001b[31m\\nb\":1"));
        QVERIFY(contains(odd, "a??[31m?b"));
        // A name is cut between characters.
        std::string wide = "x";
        for (int i = 0; i < 60; ++i)
            wide += "é";
        for (const Problem &problem : readPoolConfig(withKey("\"" + wide + "\":1")).problems)
            QVERIFY(QString::fromStdString(problem.message).toUtf8().toStdString() == problem.message);
    }

    void everyPathIsThatOfTheField()
    {
        const auto reading =
            readPoolConfig(routing(R"("model_map":[{"match":"a","models":["m",1]}],"deadline_ms":-1)"));
        QCOMPARE(pathsOf(reading), (std::vector<std::string>{"routing.model_map[0].models[1]", "routing.deadline_ms"}));
    }

    void nothingIsAskedOfAPoolWithoutKeys()
    {
        QVERIFY(configOf(R"({"providers":{},"routing":{"fallbacks":{"a":["b"]}}})").providers.empty());
        QVERIFY(configOf(R"({"$schema":"pool-config.schema.json","providers":{}})").providers.empty());
    }
};

QTEST_APPLESS_MAIN(TestPoolConfigJson)
#include "test_poolconfigjson.moc"
