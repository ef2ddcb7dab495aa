// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/litellmproviders.h"
#include "core/router.h"
#include "importing.h"

#include <memory>

using namespace keymux;
using namespace keymux::test;
using Kind = ImportNote::Kind;

namespace {

/// LiteLLM's documents are YAML; JSON is YAML, too.
PoolImport importOf(const std::string &json, const ImportOptions &options = {})
{
    const JsonReading reading = readJsonText(json);
    if (!reading.value)
        qFatal("not JSON: %s", json.c_str());
    auto import = importLiteLlm(*reading.value, options);
    if (!import)
        qFatal("%s", import.error().message.c_str());
    return std::move(*import);
}

/// An item of `model_list`.
std::string entry(const std::string &name, const std::string &model, const std::string &more = {},
                  const std::string &info = {})
{
    return "{\"model_name\": \"" + name + "\", \"litellm_params\": {\"model\": \"" + model + "\"" +
           (more.empty() ? "" : ", " + more) + "}" + (info.empty() ? "" : ", \"model_info\": {" + info + "}") + "}";
}

std::string document(const std::vector<std::string> &entries, const std::string &more = {})
{
    std::string list;
    for (const std::string &item : entries)
        list += (list.empty() ? "" : ",\n") + item;
    return "{\"model_list\": [" + list + "]" + (more.empty() ? "" : ",\n" + more) + "}";
}

std::string key(const std::string &name)
{
    return "\"api_key\": \"os.environ/" + name + "\"";
}

/// `match: models`, one rule a line.
std::string rulesOf(const PoolConfig &config)
{
    std::string text;
    for (const ModelRule &rule : config.routing.modelMap) {
        text += rule.match + ':';
        for (const std::string &model : rule.models)
            text += ' ' + model;
        text += '\n';
    }
    return text;
}

} // namespace

class TestKeyImportLiteLlm : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPoolOfKeysBehindOneName()
    {
        PoolImport import = importOf(document({
            entry("gpt-4", "gemini/gemini-2.0-flash", key("GEMINI_KEY_1") + ", \"rpm\": 15, \"weight\": 10"),
            entry("gpt-4", "gemini/gemini-2.0-flash-exp", key("GEMINI_KEY_1") + ", \"rpm\": 10, \"order\": 2"),
            entry("gpt-4", "gemini/gemini-2.0-flash", key("GEMINI_KEY_2") + ", \"rpm\": 15, \"tpm\": 1000000"),
        }));
        const PoolConfig config = configOf(documentOf(import));
        QCOMPARE(config.providers.size(), 1U);
        QCOMPARE(keysOf(config),
                 (std::vector<std::string>{"gemini-key-1 env:GEMINI_KEY_1", "gemini-key-2 env:GEMINI_KEY_2"}));
        const KeyEntry &first = config.providers[0].keys[0], &second = config.providers[0].keys[1];
        QCOMPARE(first.models.size(), 2U);
        QCOMPARE(first.models[0].weight, 10.0);
        QCOMPARE(first.models[0].limits.rpm.value(), 15);
        QCOMPARE(first.models[1].priority, 2);
        QCOMPARE(first.models[1].limits.rpm.value(), 10);
        QCOMPARE(second.limits.rpm.value(), 15);
        QCOMPARE(second.limits.tpm.value(), 1000000);
        QCOMPARE(rulesOf(config), std::string("gpt-4: gemini/gemini-2.0-flash gemini/gemini-2.0-flash-exp\n*: *\n"));
        QVERIFY(notesOf(import, Kind::NotMapped).empty());
    }

    void whatServedANameServesItStill()
    {
        PoolImport import = importOf(document({
            entry("fast", "groq/llama-3.3-70b-versatile", key("A")),
            entry("fast", "gemini/gemini-2.0-flash", key("B") + ", \"order\": 2"),
        }));
        const Router router(std::make_shared<const PoolConfig>(configOf(documentOf(import))));
        const Route route = router.route("fast", Endpoint::Chat);
        QVERIFY(route.plan);
        std::vector<std::string> walk;
        for (const TierIndex tier : route.plan->tiers)
            for (const DeploymentIndex member : router.tiers()[tier].members)
                walk.push_back(router.deployments()[member].id);
        QCOMPARE(walk, (std::vector<std::string>{"a/llama-3.3-70b-versatile", "b/gemini-2.0-flash"}));
    }

    void literalKeysBecomeReferences()
    {
        const std::string text = document({
            entry("a", "openai/gpt-4o", "\"api_key\": \"sk-literal-one-1234\""),
            entry("b", "openai/gpt-4o-mini", "\"api_key\": \"sk-literal-one-1234\""),
            entry("c", "openai/gpt-4o", "\"api_key\": \"sk-literal-two-1234\""),
            entry("d", "openai/gpt-4o", key("OPENAI_KEY_2")),
        });
        PoolImport import = importOf(text);
        const std::string pool = documentOf(import);
        QCOMPARE(keysOf(configOf(pool)), (std::vector<std::string>{"openai-key-1 OPENAI_KEY_1_PLACEHOLDER",
                                                                   "openai-key-2-2 OPENAI_KEY_2_2_PLACEHOLDER",
                                                                   "openai-key-2 env:OPENAI_KEY_2"}));
        QCOMPARE(import.secrets.size(), 2U);
        for (const ImportNote &note : import.notes)
            QVERIFY(!contains(note.what + note.message, "literal"));
        QVERIFY(!contains(pool, "sk-"));
        ImportOptions options;
        options.secretDir = "/s";
        PoolImport filed = importOf(text, options);
        QCOMPARE(keysOf(configOf(documentOf(filed)))[0], std::string("openai-key-1 file:/s/OPENAI_KEY_1"));
    }

    void providersAreWhereTheyWere_data()
    {
        QTest::addColumn<QByteArray>("model");
        QTest::addColumn<QByteArray>("base");
        QTest::addColumn<QByteArray>("expected"); // provider base_url model; or part of the reason
        QTest::newRow("gemini") << QByteArray("gemini/g") << QByteArray() << QByteArray("gemini  g");
        QTest::newRow("bare") << QByteArray("gpt-4o") << QByteArray() << QByteArray("openai  gpt-4o");
        QTest::newRow("claude") << QByteArray("claude-3-5-haiku-latest") << QByteArray()
                                << QByteArray("anthropic  claude-3-5-haiku-latest");
        QTest::newRow("the usual address")
            << QByteArray("openai/gpt-4o") << QByteArray("https://api.openai.com/v1/") << QByteArray("openai  gpt-4o");
        QTest::newRow("own server") << QByteArray("hosted_vllm/meta/q") << QByteArray("http://gpu:8000/v1/")
                                    << QByteArray("gpu-8000 http://gpu:8000/v1 meta/q");
        QTest::newRow("openai elsewhere") << QByteArray("openai/q") << QByteArray("https://llm.example.com/v1")
                                          << QByteArray("llm.example.com https://llm.example.com/v1 q");
        QTest::newRow("ollama") << QByteArray("ollama_chat/q") << QByteArray("http://box:11434")
                                << QByteArray("ollama-box-11434 http://box:11434/v1 q");
        QTest::newRow("openrouter") << QByteArray("openrouter/google/g") << QByteArray()
                                    << QByteArray("openrouter  google/g");
        QTest::newRow("fireworks") << QByteArray("fireworks_ai/accounts/x") << QByteArray()
                                   << QByteArray("fireworks https://api.fireworks.ai/inference/v1 accounts/x");
        QTest::newRow("azure") << QByteArray("azure/d") << QByteArray("https://x.openai.azure.com")
                               << QByteArray("!api-version");
        QTest::newRow("azure v1") << QByteArray("azure/d") << QByteArray("https://x.openai.azure.com/openai/v1")
                                  << QByteArray("x.openai.azure.com https://x.openai.azure.com/openai/v1 d");
        QTest::newRow("vertex") << QByteArray("vertex_ai/g") << QByteArray() << QByteArray("!signed");
        QTest::newRow("bedrock") << QByteArray("bedrock/g") << QByteArray() << QByteArray("!signed");
        QTest::newRow("unknown") << QByteArray("nobody/g") << QByteArray() << QByteArray("!nobody");
        QTest::newRow("unknown bare") << QByteArray("mystery") << QByteArray() << QByteArray("!which provider");
        QTest::newRow("nowhere") << QByteArray("hosted_vllm/q") << QByteArray() << QByteArray("!no api_base");
        QTest::newRow("variable") << QByteArray("openai/q") << QByteArray("os.environ/BASE")
                                  << QByteArray("!write the address");
        QTest::newRow("credentials") << QByteArray("openai/q") << QByteArray("https://u:p@x/v1")
                                     << QByteArray("!credentials");
    }
    void providersAreWhereTheyWere()
    {
        QFETCH(QByteArray, model);
        QFETCH(QByteArray, base);
        QFETCH(QByteArray, expected);
        const auto target = liteLlmTarget(model.toStdString(), base.toStdString());
        if (expected.startsWith('!')) {
            QVERIFY(!target);
            QVERIFY2(contains(target.error().message, expected.mid(1).toStdString()), target.error().message.c_str());
        } else {
            QVERIFY2(target.has_value(), target ? "" : target.error().message.c_str());
            QCOMPARE(QByteArray::fromStdString(target->provider + ' ' + target->baseUrl + ' ' + target->model),
                     expected);
        }
    }

    void keysThatAreNotNamedComeFromLiteLlmsVariables()
    {
        PoolImport import = importOf(document({
            entry("a", "groq/x"),
            entry("b", "openai/y", "\"api_base\": \"http://gpu/v1\", \"api_key\": \"none\""),
            entry("c", "ollama/z"),
        }));
        const PoolConfig config = configOf(documentOf(import));
        QCOMPARE(keysOf(config), (std::vector<std::string>{"groq-api-key env:GROQ_API_KEY", "gpu ", "ollama "}));
        QVERIFY(config.providers[1].auth == AuthStyle::None);
    }

    void credentialsAreFollowed()
    {
        PoolImport import = importOf(document(
            {entry("a", "openai/x", "\"litellm_credential_name\": \"c\"")},
            "\"credential_list\": [{\"credential_name\": \"c\", \"credential_values\": {" + key("CK") + "}}]"));
        QCOMPARE(keysOf(configOf(documentOf(import))), std::vector<std::string>{"ck env:CK"});
    }

    void whatAModelIsForIsKept()
    {
        PoolImport import = importOf(document({
            entry("e", "openai/vectors", key("K"), "\"mode\": \"embedding\", \"max_input_tokens\": 8192"),
            entry("c", "text-completion-openai/old", key("K")),
            entry("i", "openai/dall-e-3", key("K"), "\"mode\": \"image_generation\""),
        }));
        const PoolConfig config = configOf(documentOf(import));
        const auto &models = config.providers[0].keys[0].models;
        QCOMPARE(models.size(), 2U);
        QVERIFY(models[0].endpoints == EndpointSet{Endpoint::Embeddings});
        QCOMPARE(models[0].contextWindow.value(), 8192);
        QVERIFY(models[1].endpoints == EndpointSet{Endpoint::Completions});
        QVERIFY(contains(notesOf(import, Kind::NotMapped), "model i: requests of the kind `image_generation`"));
    }

    void wildcardsNeedNames()
    {
        const std::string text = document({entry("groq/*", "groq/*", key("K")), entry("gpt-*", "gemini/g", key("G"))});
        PoolImport import = importOf(text);
        QCOMPARE(rulesOf(configOf(documentOf(import))), std::string("gpt-*: gemini/g\n*: *\n"));
        QVERIFY(contains(notesOf(import, Kind::NotMapped), "model groq/*: it stands for every model of groq"));
        ImportOptions options;
        options.models = {"m1", "m2"};
        PoolImport named = importOf(text, options);
        QCOMPARE(configOf(documentOf(named)).providers[0].keys[0].models.size(), 2U);
    }

    void theMostSpecificPatternIsAskedFirst()
    {
        PoolImport import =
            importOf(document({entry("*", "gemini/g", key("G")), entry("gpt-*", "gemini/h", key("G")),
                               entry("gpt-4*", "gemini/i", key("G")), entry("gpt-4", "gemini/j", key("G"))}));
        QCOMPARE(rulesOf(configOf(documentOf(import))),
                 std::string("gpt-4: gemini/j\ngpt-4*: gemini/i\ngpt-*: gemini/h\n*: gemini/g\n"));
    }

    void settingsOfTheRouterAreTakenOver()
    {
        PoolImport import = importOf(document(
            {entry("a", "gemini/a", key("G")), entry("b", "groq/x", key("Q")), entry("c", "gemini/c", key("G"))},
            "\"router_settings\": {\"num_retries\": 2, \"cooldown_time\": 7.5, \"allowed_fails\": 3, \"timeout\": 30, "
            "\"routing_strategy\": \"simple-shuffle\", \"model_group_alias\": {\"q\": \"b\", \"y\": {\"model\": \"a\", "
            "\"hidden\": true}, "
            "\"c\": \"b\", \"z\": \"gone\"}, \"fallbacks\": [{\"a\": [\"b\"]}, {\"b\": [\"c\", \"none\"]}, {\"none\": "
            "[\"a\"]}], "
            "\"brand_new\": 1}, "
            "\"litellm_settings\": {\"num_retries\": 9, \"default_fallbacks\": [\"a\"]}, "
            "\"general_settings\": {\"master_key\": \"sk-master-key-secret\", \"database_url\": "
            "\"postgres://u:p@h/d\"}, "
            "\"extra\": 1 "));
        const PoolConfig config = configOf(documentOf(import));
        QCOMPARE(config.routing.maxAttempts, 3);
        QCOMPARE(config.routing.deadline.count(), 30000);
        QCOMPARE(config.routing.cooldown.minute.count(), 7500);
        QCOMPARE(config.routing.cooldown.overload.count(), 7500);
        QCOMPARE(config.routing.cooldown.failures, 4);
        QCOMPARE(rulesOf(config), std::string("b: groq/x gemini/c\nq: groq/x\ny: gemini/a\n*: gemini/a\n"));
        const std::vector<std::pair<std::string, std::vector<std::string>>> fallbacks{{"a", {"groq/x"}},
                                                                                      {"c", {"gemini/a"}}};
        QCOMPARE(config.routing.fallbacks, fallbacks);
        const std::string not_mapped = notesOf(import, Kind::NotMapped);
        for (const char *what : {"routing_strategy", "model_group_alias.c", "model_group_alias.z", "brand_new",
                                 "general_settings.master_key: give it to the server itself: --admin-token-from",
                                 "general_settings.database_url", "extra", "called none"})
            QVERIFY2(contains(not_mapped, what), what);
        QVERIFY(!contains(not_mapped, "sk-master") && !contains(not_mapped, "postgres"));
    }

    void aNameOfThePoolKeepsItsOthersAsFallbacks()
    {
        PoolImport import =
            importOf(document({entry("gpt-4o", "openai/gpt-4o", key("O")), entry("gpt-4o", "gemini/g", key("G"))}));
        const PoolConfig config = configOf(documentOf(import));
        QCOMPARE(config.routing.fallbacks.size(), 1U);
        QCOMPARE(config.routing.fallbacks[0].second, std::vector<std::string>{"gemini/g"});
    }

    void rulesGoInFrontOfTheOneForEverything()
    {
        const std::string target =
            "{\"providers\": {\"gemini\": {\"models\": [{\"model\": \"m\"}], \"keys\": [\n"
            "{\"key_id\": \"a\", \"api_key\": \"env:A\"}]}}, \"routing\": {\"max_attempts\": 9, \"model_map\": [\n"
            "{\"match\": \"mine\", \"models\": [\"m\"]},\n"
            "// everything\n"
            "{\"match\": \"*\", \"models\": [\"*\"]}]}}\n";
        PoolImport import = importOf(document({entry("x", "groq/g", key("Q")), entry("mine", "groq/g", key("Q"))},
                                              "\"router_settings\": {\"num_retries\": 1, \"allowed_fails\": 1}"));
        const std::string text = documentOf(import, target);
        QVERIFY(contains(text, "// everything"));
        const PoolConfig config = configOf(text);
        QCOMPARE(rulesOf(config), std::string("mine: m\nx: groq/g\n*: *\n"));
        QCOMPARE(config.routing.maxAttempts, 9);
        QCOMPARE(config.routing.cooldown.failures, 2);
        QVERIFY(contains(notesOf(import, Kind::Skipped), "routing.max_attempts"));
        QVERIFY(contains(notesOf(import, Kind::Skipped), "name mine"));
    }

    void limitsThatCannotBeUsedAreSaid()
    {
        PoolImport import = importOf(document(
            {entry("a", "gemini/a", key("G") + ", \"rpm\": 0, \"weight\": -1, \"order\": \"x\", \"temperature\": 1")}));
        const PoolConfig config = configOf(documentOf(import));
        QVERIFY(!config.providers[0].keys[0].limits.rpm);
        for (const char *what : {"rpm is no number", "weight is no number", "order is no number", "temperature"})
            QVERIFY2(contains(notesOf(import, Kind::NotMapped), what), what);
    }

    void somethingElseIsNotTakenForIt()
    {
        for (const char *text : {"{}", "[]", "1", "{\"model_list\": 1}"})
            QCOMPARE(importLiteLlm(*readJsonText(text).value, {}).error().code, std::string("not_litellm"));
        for (const char *text : {"{\"model_list\": [1, {}, {\"litellm_params\": 3}]}"})
            QVERIFY(importLiteLlm(*readJsonText(text).value, {})->providers.empty());
    }
};

QTEST_APPLESS_MAIN(TestKeyImportLiteLlm)
#include "test_keyimport_litellm.moc"
