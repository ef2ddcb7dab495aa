// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/configreading.h"

using namespace keymux;
using namespace keymux::test;

namespace {

Provider providerOf(const std::string &members)
{
    return configOf(withProvider(members)).providers.at(0);
}

KeyEntry keyOf(const std::string &members)
{
    return configOf(withKey(members)).providers.at(0).keys.at(0);
}

ModelEntry modelOf(const std::string &members)
{
    return configOf(withModel(members)).providers.at(0).keys.at(0).models.at(0);
}

Provider named(const std::string &name, const std::string &members = "")
{
    return configOf("{\"providers\":{\"" + name + "\":{" + members + "}}}").providers.at(0);
}

/// One key whose `priority_models` is this.
std::string withModels(const std::string &list)
{
    return withProvider("\"keys\":[{\"api_key\":\"env:K\",\"key_id\":\"k\",\"priority_models\":" + list + "}]");
}

/// A row for each (document, path, words of the complaint).
void rows(std::initializer_list<std::tuple<const char *, std::string, const char *, const char *>> list)
{
    QTest::addColumn<QByteArray>("document");
    QTest::addColumn<QByteArray>("path");
    QTest::addColumn<QByteArray>("words");
    for (const auto &[name, document, path, words] : list)
        QTest::newRow(name) << QByteArray::fromStdString(document) << QByteArray(path) << QByteArray(words);
}

void checkRow()
{
    QFETCH(QByteArray, document);
    QFETCH(QByteArray, path);
    QFETCH(QByteArray, words);
    const auto reading = readPoolConfig(document.toStdString());
    QVERIFY2(contains(complaintAt(document.toStdString(), path.toStdString()), words.toStdString()),
             listed(reading.problems).c_str());
    QVERIFY2(reading.problems.size() == 1, listed(reading.problems).c_str());
}

} // namespace

class TestPoolConfigProviders : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyProviderFieldHasItsDefault()
    {
        Provider expected;
        expected.name = "p";
        expected.baseUrl = std::string("http:/") + "/127.0.0.1:1/v1";
        QVERIFY(providerOf("\"keys\":[]") == expected);
        QVERIFY(expected.api == Api::OpenAi && expected.auth == AuthStyle::Bearer && !expected.google);
        QCOMPARE(expected.timeouts.connect, Millis(10000));
        QCOMPARE(expected.timeouts.firstByte, Millis(300000));
        QCOMPARE(expected.timeouts.idle, Millis(120000));
        QCOMPARE(expected.rpdResetZone, std::string("UTC"));
        QVERIFY(!expected.streamUsage);
    }

    void everyProviderFieldIsRead()
    {
        const Provider p = providerOf(
            R"("api":"openai","auth":"x-api-key","headers":{"X-One":"1","X-Two":"2"},"forward_headers":["X-Trace"],)"
            R"("drop_params":["seed","user"],"rename_params":{"max_completion_tokens":"max_tokens"},)"
            R"("timeouts":{"connect_ms":1,"first_byte_ms":2,"idle_ms":3},)"
            R"("limits":{"rpm_limit":4,"tpm_limit":5,"rpd_limit":6,"max_parallel":7},"models":[{"model":"m"}],)"
            R"("rpd_reset_zone":"Europe/Berlin","stream_usage":true,"proxy":"socks5h:proxy","ca_file":"ca.pem",)"
            R"("keys":[{"api_key":"env:K","key_id":"k"}])");
        QVERIFY(p.auth == AuthStyle::XApiKey);
        QVERIFY(p.headers == (std::vector<NamedValue>{{"X-One", "1"}, {"X-Two", "2"}}));
        QVERIFY(p.forwardHeaders == std::vector<std::string>{"x-trace"});
        QVERIFY(p.dropParams == (std::vector<std::string>{"seed", "user"}));
        QVERIFY(p.renameParams == (std::vector<NamedValue>{{"max_completion_tokens", "max_tokens"}}));
        QVERIFY(p.timeouts == (Timeouts{Millis(1), Millis(2), Millis(3)}));
        QVERIFY(p.limits == (Limits{4, 5, 6, 7}));
        QCOMPARE(p.models.size(), std::size_t(1));
        QCOMPARE(p.rpdResetZone, std::string("Europe/Berlin"));
        QVERIFY(p.streamUsage);
        QCOMPARE(p.proxy, std::string("socks5h:proxy"));
        QCOMPARE(p.caFile, std::string("ca.pem"));
        QVERIFY(p.keys.at(0).models == p.models); // its provider's, for it has none of its own
    }

    void everyKeyFieldHasItsDefault()
    {
        const KeyEntry key = keyOf("");
        QVERIFY(key.enabled && key.limits == Limits{} && key.limitsScope == LimitsScope::Model);
        QVERIFY(key.quotaGroup.empty() && key.tags.empty());
    }

    void everyKeyFieldIsRead()
    {
        const KeyEntry key = keyOf(R"("enabled":false,"rpm_limit":1,"tpm_limit":2,"rpd_limit":3,"max_parallel":4,)"
                                   R"("limits_scope":"key","quota_group":"project-1","tags":["a","b"])");
        QVERIFY(!key.enabled && key.limits == (Limits{1, 2, 3, 4}) && key.limitsScope == LimitsScope::Key);
        QCOMPARE(key.quotaGroup, std::string("project-1"));
        QVERIFY(key.tags == (std::vector<std::string>{"a", "b"}));
    }

    void everyModelFieldHasItsDefault()
    {
        const ModelEntry entry = modelOf("");
        QCOMPARE(entry.weight, 1.0);
        QCOMPARE(entry.priority, 1);
        QVERIFY(entry.limits == Limits{} && !entry.contextWindow);
        QVERIFY(entry.endpoints == (EndpointSet{Endpoint::Chat, Endpoint::Completions}));
    }

    void everyModelFieldIsRead()
    {
        const ModelEntry entry =
            modelOf(R"("weight":0.25,"priority":7,"rpm_limit":1,"tpm_limit":2,"rpd_limit":3,"max_parallel":4,)"
                    R"("context_window":1048576,"endpoints":["embeddings","chat"])");
        QCOMPARE(entry.weight, 0.25);
        QCOMPARE(entry.priority, 7);
        QVERIFY(entry.limits == (Limits{1, 2, 3, 4}));
        QCOMPARE(*entry.contextWindow, std::int64_t(1048576));
        QVERIFY(entry.endpoints == (EndpointSet{Endpoint::Chat, Endpoint::Embeddings}));
    }

    void aModelWithEmbedInItsNameEmbeds()
    {
        const auto models = configOf(withModels(R"([{"model":"text-embedding-3-small"},{"model":"nomic-embed-text"},)"
                                                R"({"model":"embed-chat","endpoints":["chat"]}])"))
                                .providers[0]
                                .keys[0]
                                .models;
        QVERIFY(models[0].endpoints == EndpointSet{Endpoint::Embeddings});
        QVERIFY(models[1].endpoints == EndpointSet{Endpoint::Embeddings});
        QVERIFY(models[2].endpoints == EndpointSet{Endpoint::Chat});
    }

    void weightZeroIsAllowed() { QCOMPARE(modelOf(R"("weight":0)").weight, 0.0); }

    void authIsWrittenInFiveWays()
    {
        const std::pair<const char *, AuthStyle> styles[] = {{"bearer", AuthStyle::Bearer},
                                                             {"x-goog-api-key", AuthStyle::GoogleApiKey},
                                                             {"x-api-key", AuthStyle::XApiKey},
                                                             {"api-key", AuthStyle::ApiKey},
                                                             {"none", AuthStyle::None}};
        for (const auto &[word, style] : styles)
            QVERIFY(providerOf("\"auth\":\"" + std::string(word) + "\"").auth == style);
    }

    void knownProvidersHaveAnAddressAndAskForUsage_data()
    {
        QTest::addColumn<QByteArray>("host");
        for (const auto &[name, host] : std::initializer_list<std::pair<const char *, const char *>>{
                 {"gemini", "generativelanguage.googleapis.com"},
                 {"openai", "api.openai.com"},
                 {"mistral", "api.mistral.ai"},
                 {"groq", "api.groq.com"},
                 {"deepseek", "api.deepseek.com"},
                 {"openrouter", "openrouter.ai"},
                 {"together", "api.together.xyz"},
                 {"xai", "api.x.ai"},
                 {"cohere", "api.cohere.ai"},
                 {"ollama", "127.0.0.1:11434"}})
            QTest::newRow(name) << QByteArray(host);
    }
    void knownProvidersHaveAnAddressAndAskForUsage()
    {
        QFETCH(QByteArray, host);
        const Provider p = named(QTest::currentDataTag());
        QVERIFY(contains(p.baseUrl, host.toStdString()));
        QVERIFY(p.streamUsage && p.api == Api::OpenAi && p.auth == AuthStyle::Bearer);
        QVERIFY(!named(QTest::currentDataTag(), R"("stream_usage":false)").streamUsage);
        QCOMPARE(p.rpdResetZone, std::string(p.name == "gemini" ? "America/Los_Angeles" : "UTC"));
    }

    void googleIsKnownByItsAddressToo()
    {
        const std::string url = std::string("https:/") + "/generativelanguage.googleapis.com/v1beta/openai";
        const Provider p = named("my-google", "\"base_url\":\"" + url + "\"");
        QVERIFY(p.google);
        QCOMPARE(p.rpdResetZone, std::string("America/Los_Angeles"));
        QCOMPARE(named("gemini", R"("rpd_reset_zone":"UTC")").rpdResetZone, std::string("UTC"));
    }

    void slashesAtTheEndOfAnAddressAreTakenOff()
    {
        const std::string url = std::string("https:/") + "/example.com/v1";
        QCOMPARE(named("x", "\"base_url\":\"" + url + "//\"").baseUrl, url);
    }

    void aKeylessProviderNeedsNoApiKey()
    {
        const auto config = configOf(
            R"({"providers":{"ollama":{"auth":"none","keys":[{"key_id":"local","priority_models":[{"model":"m"}]}]}}})");
        QVERIFY(config.providers[0].keys[0].apiKey.empty());
    }

    void referencesOfThisVersionAreTaken()
    {
        for (const char *reference : {"env:NAME", "NAME_PLACEHOLDER", "file:/run/secrets/x", "file:relative.txt",
                                      "store:NAME", "keychain:NAME"}) {
            const auto config = configOf(withProvider("\"keys\":[{\"api_key\":\"" + std::string(reference) +
                                                      "\",\"key_id\":\"k\",\"priority_models\":[{\"model\":\"m\"}]}]"));
            QCOMPARE(config.providers[0].keys[0].apiKey, std::string(reference));
        }
    }

    static std::string withEntry(const std::string &members)
    {
        return withProvider("\"keys\":[{" + members + ",\"priority_models\":[{\"model\":\"m\"}]}]");
    }

    void aSetNeedsNoIdOrOneWithAStar()
    {
        for (const char *reference : {"env:KEY_*", "store:*", "file:/run/secrets/KEY_*", "file:*_KEY"}) {
            const std::string apiKey = "\"api_key\":\"" + std::string(reference) + "\"";
            QVERIFY(configOf(withEntry(apiKey)).providers[0].keys[0].keyId.empty());
            QCOMPARE(configOf(withEntry(apiKey + ",\"key_id\":\"k-*\"")).providers[0].keys[0].keyId,
                     std::string("k-*"));
        }
    }

    void setsThatCannotBeRightAreRefused_data()
    {
        const char *id = "providers.p.keys[0].key_id", *key = "providers.p.keys[0].api_key";
        const auto withSet = [](const std::string &reference, const std::string &keyId) {
            return withEntry("\"api_key\":\"" + reference + "\",\"key_id\":\"" + keyId + "\"");
        };
        rows({{"one id for many", withSet("env:KEY_*", "k"), id, "different ids"},
              {"an id of other characters", withSet("env:KEY_*", "k *"), id, "different ids"},
              {"a star in the id of one", withSet("env:KEY", "k-*"), id, "a name of 1 to 64"},
              {"a star in a folder", withSet("file:/run/*/KEY", "k-*"), key, "the last part of the path"},
              {"a keychain", withSet("keychain:KEY_*", "k-*"), key, "cannot be searched"}});
    }
    void setsThatCannotBeRightAreRefused() { checkRow(); }

    void whatThisVersionCannotDoIsSaidSo_data()
    {
        const auto reference = [](const char *text) {
            return withProvider("\"keys\":[{\"api_key\":\"" + std::string(text) +
                                "\",\"key_id\":\"k\",\"priority_models\":[{\"model\":\"m\"}]}]");
        };
        const char *no = "not supported in this version";
        const char *key = "providers.p.keys[0].api_key";
        rows({{"infisical without its section", reference("infisical:NAME"), key, "needs `secrets.infisical`"},
              {"vault without its section", reference("vault:secret/llm#key"), key, "needs `secrets.vault`"},
              {"gemini's own dialect", R"({"providers":{"gemini":{"api":"gemini"}}})", "providers.gemini.api", no},
              {"anthropic's own dialect", withProvider(R"("api":"anthropic")"), "providers.p.api", no},
              {"anthropic by its name", R"({"providers":{"anthropic":{}}})", "providers.anthropic.api", no}});
    }
    void whatThisVersionCannotDoIsSaidSo() { checkRow(); }

    void providersThatCannotBeRightAreRefused_data()
    {
        const auto url = [](const std::string &text) {
            return "{\"providers\":{\"x\":{\"base_url\":\"" + text + "\"}}}";
        };
        const std::string http = std::string("http:/") + "/";
        const char *expected = "an http or https URL";
        rows({{"a bad name", R"({"providers":{"a b":{"base_url":"x"}}})", "", ""},
              {"no address", R"({"providers":{"x":{}}})", "providers.x.base_url", "missing"},
              {"an address without scheme", url("example.com"), "providers.x.base_url", expected},
              {"another scheme", url("ftp:" + http.substr(5) + "example.com"), "providers.x.base_url", expected},
              {"no host", url(http), "providers.x.base_url", expected},
              {"a credential in it", url(http + "user:pw@example.com"), "providers.x.base_url", expected},
              {"a query", url(http + "example.com/v1?key=1"), "providers.x.base_url", expected},
              {"a space", url(http + "exa mple.com"), "providers.x.base_url", expected},
              {"an address of the wrong type", R"({"providers":{"groq":{"base_url":1}}})", "providers.groq.base_url",
               ""},
              {"no object", R"({"providers":{"groq":[]}})", "providers.groq", "an object"},
              {"no providers", R"({"providers":[]})", "providers", "an object"},
              {"an unknown dialect", withProvider(R"("api":"bedrock")"), "providers.p.api", "one of `openai`"},
              {"an unknown auth", withProvider(R"("auth":"basic")"), "providers.p.auth", "one of `bearer`"},
              {"a credential header", withProvider(R"("headers":{"Authorization":"x"})"),
               "providers.p.headers.Authorization", "`auth`"},
              {"a hop header", withProvider(R"("headers":{"Transfer-Encoding":"x"})"),
               "providers.p.headers.Transfer-Encoding", "by the gateway"},
              {"a header with a space", withProvider(R"("headers":{"X A":"x"})"), "providers.p.headers.X A",
               "no header"},
              {"a header of two lines", withProvider("\"headers\":{\"X-A\":\"a\\r\\nb\"}"), "providers.p.headers.X-A",
               "no header"},
              {"a header that is a number", withProvider(R"("headers":{"X-A":1})"), "providers.p.headers.X-A",
               "a string is expected"},
              {"the client's cookie", withProvider(R"("forward_headers":["Cookie"])"), "providers.p.forward_headers",
               "never passed on"},
              {"the client's key", withProvider(R"("forward_headers":["authorization"])"),
               "providers.p.forward_headers", "never passed on"},
              {"no header's name", withProvider(R"("forward_headers":["a b"])"), "providers.p.forward_headers",
               "name is expected"},
              {"a param that is a number", withProvider(R"("drop_params":["a",1])"), "providers.p.drop_params[1]",
               "a string"},
              {"params as text", withProvider(R"("drop_params":"a")"), "providers.p.drop_params", "a list of strings"},
              {"renames as a list", withProvider(R"("rename_params":[])"), "providers.p.rename_params",
               "an object of strings"},
              {"no time at all", withProvider(R"("timeouts":{"connect_ms":0})"), "providers.p.timeouts.connect_ms",
               "from 1 to"},
              {"a fraction of a time", withProvider(R"("timeouts":{"idle_ms":1.5})"), "providers.p.timeouts.idle_ms",
               "a whole number"},
              {"an endless time", withProvider(R"("timeouts":{"first_byte_ms":99999999999})"),
               "providers.p.timeouts.first_byte_ms", "from 1 to"},
              {"an unknown limit", withProvider(R"("limits":{"rpm":1})"), "providers.p.limits.rpm", "unknown field"},
              {"a day that never turns", withProvider(R"("rpd_reset_zone":"Mars/Olympus")"),
               "providers.p.rpd_reset_zone", "IANA"},
              {"a word for yes", withProvider(R"("stream_usage":"yes")"), "providers.p.stream_usage", "true or false"},
              {"a proxy of the wrong type", withProvider(R"("proxy":1)"), "providers.p.proxy", "a string"},
              {"a ca_file of the wrong type", withProvider(R"("ca_file":[])"), "providers.p.ca_file", "a string"},
              {"keys as an object", withProvider(R"("keys":{})"), "providers.p.keys", "a list of keys"},
              {"models as text", withProvider(R"("models":"m")"), "providers.p.models", "a list of models"}});
    }
    void providersThatCannotBeRightAreRefused()
    {
        if (qstrcmp(QTest::currentDataTag(), "a bad name") == 0) {
            const std::string problems = problemsOf(R"({"providers":{"a b":{"auth":"none"}}})");
            QVERIFY2(contains(problems, "a provider's name has 1 to 64 of"), problems.c_str());
            return;
        }
        checkRow();
    }

    void keysThatCannotBeRightAreRefused_data()
    {
        const auto id = [](const std::string &text) {
            return withProvider("\"keys\":[{\"api_key\":\"env:K\",\"key_id\":\"" + text +
                                "\",\"priority_models\":[{\"model\":\"m\"}]}]");
        };
        const std::string one = R"({"api_key":"env:K","key_id":"k","priority_models":[{"model":"m"}]})";
        const char *path = "providers.p.keys[0].key_id";
        const char *words = "1 to 64 of A-Z";
        rows(
            {{"no id", withProvider(R"("keys":[{"api_key":"env:K","priority_models":[{"model":"m"}]}])"), path,
              "missing"},
             {"an empty id", id(""), path, words},
             {"an id with a slash", id("a/b"), path, words},
             {"an id with a star", id("a*"), path, words},
             {"an id with umlauts", id("schlüssel"), path, words},
             {"a long id", id(std::string(65, 'a')), path, words},
             {"an id that is a number", withProvider(R"("keys":[{"api_key":"env:K","key_id":1,"models":[]}])"), "", ""},
             {"one id twice", withProvider("\"keys\":[" + one + "," + one + "]"), "providers.p.keys[1].key_id",
              "ids are unique"},
             {"one id at two providers",
              R"({"providers":{"groq":{"keys":[)" + one + R"(]},"openai":{"keys":[)" + one + "]}}}",
              "providers.openai.keys[0].key_id", "ids are unique"},
             {"no secret", withProvider(R"("keys":[{"key_id":"k","priority_models":[{"model":"m"}]}])"),
              "providers.p.keys[0].api_key", "missing"},
             {"a secret of the wrong type",
              withProvider(R"("keys":[{"api_key":7,"key_id":"k","priority_models":[{"model":"m"}]}])"),
              "providers.p.keys[0].api_key", "a string is expected"},
             {"no models", withProvider(R"("keys":[{"api_key":"env:K","key_id":"k"}])"),
              "providers.p.keys[0].priority_models", "at least one model"},
             {"a list without models", withModels("[]"), "providers.p.keys[0].priority_models", "at least one model"},
             {"models as an object", withModels("{}"), "providers.p.keys[0].priority_models", "a list of models"},
             {"enabled as a word", withKey(R"("enabled":"no")"), "providers.p.keys[0].enabled", "true or false"},
             {"another scope", withKey(R"("limits_scope":"pool")"), "providers.p.keys[0].limits_scope",
              "one of `model`, `key`"},
             {"a group of the wrong type", withKey(R"("quota_group":1)"), "providers.p.keys[0].quota_group",
              "a string"},
             {"tags as text", withKey(R"("tags":"a")"), "providers.p.keys[0].tags", "a list of strings"},
             {"an empty tag", withKey(R"("tags":["a",""])"), "providers.p.keys[0].tags[1]", "not empty"},
             {"no requests at all", withKey(R"("rpm_limit":0)"), "providers.p.keys[0].rpm_limit", "from 1 to"},
             {"fewer than none", withKey(R"("tpm_limit":-1)"), "providers.p.keys[0].tpm_limit", "from 1 to"},
             {"half a request", withKey(R"("rpd_limit":0.5)"), "providers.p.keys[0].rpd_limit", "a whole number"},
             {"in exponents", withKey(R"("rpd_limit":1e3)"), "providers.p.keys[0].rpd_limit", "a whole number"},
             {"beyond 64 bits", withKey(R"("rpm_limit":99999999999999999999)"), "providers.p.keys[0].rpm_limit",
              "from 1 to"},
             {"a number in quotes", withKey(R"("max_parallel":"4")"), "providers.p.keys[0].max_parallel",
              "not a string"},
             {"no key at all", withProvider(R"("keys":["k"])"), "providers.p.keys[0]", "an object"}});
    }
    void keysThatCannotBeRightAreRefused()
    {
        if (qstrcmp(QTest::currentDataTag(), "an id that is a number") == 0) {
            const std::string problems = complaintAt(
                withProvider(R"("keys":[{"api_key":"env:K","key_id":1,"priority_models":[{"model":"m"}]}])"),
                "providers.p.keys[0].key_id");
            QVERIFY2(contains(problems, "a string is expected, not a number"), problems.c_str());
            return;
        }
        checkRow();
    }

    void modelsThatCannotBeRightAreRefused_data()
    {
        const char *model = "providers.p.keys[0].priority_models[0].model";
        rows(
            {{"no name", withModels(R"([{"weight":1}])"), model, "missing"},
             {"an empty name", withModels(R"([{"model":""}])"), model, "1 to 256 bytes"},
             {"a long name", withModels("[{\"model\":\"" + std::string(257, 'm') + "\"}]"), model, "1 to 256 bytes"},
             {"a control character", withModels("[{\"model\":\"a\\u0001b\"}]"), model, "1 to 256 bytes"},
             {"a glob", withModels(R"([{"model":"gemini-*"}])"), model, "routing.model_map"},
             {"a glob alone", withModels(R"([{"model":"*"}])"), model, "routing.model_map"},
             {"one model twice", withModels(R"([{"model":"a"},{"model":"a"}])"),
              "providers.p.keys[0].priority_models[1].model", "there twice"},
             {"no object", withModels(R"([{"model":"a"},"b"])"), "providers.p.keys[0].priority_models[1]", "an object"},
             {"negative weight", withModel(R"("weight":-1)"), "providers.p.keys[0].priority_models[0].weight",
              "at least 0"},
             {"endless weight", withModel(R"("weight":1e400)"), "providers.p.keys[0].priority_models[0].weight",
              "a number"},
             {"priority 0", withModel(R"("priority":0)"), "providers.p.keys[0].priority_models[0].priority",
              "from 1 to"},
             {"a half priority", withModel(R"("priority":1.5)"), "providers.p.keys[0].priority_models[0].priority",
              "a whole number"},
             {"no context", withModel(R"("context_window":0)"), "providers.p.keys[0].priority_models[0].context_window",
              "from 1 to"},
             {"an unknown endpoint", withModel(R"("endpoints":["chat","images"])"),
              "providers.p.keys[0].priority_models[0].endpoints[1]", "one of `chat`"},
             {"endpoints as text", withModel(R"("endpoints":"chat")"),
              "providers.p.keys[0].priority_models[0].endpoints", "a list of strings"},
             {"a limit of none", withModel(R"("rpm_limit":0)"), "providers.p.keys[0].priority_models[0].rpm_limit",
              "from 1 to"},
             {"a field of keys", withModel(R"("tags":[])"), "providers.p.keys[0].priority_models[0].tags",
              "unknown field"}});
    }
    void modelsThatCannotBeRightAreRefused() { checkRow(); }

    void aBadEndpointBehindAnEmptyOneIsFoundInItsPlace()
    {
        const auto reading = readPoolConfig(withModel(R"("endpoints":["","images"])"));
        QCOMPARE(reading.problems.size(), std::size_t(2));
        QCOMPARE(reading.problems[0].path, std::string("providers.p.keys[0].priority_models[0].endpoints[0]"));
        QCOMPARE(reading.problems[1].path, std::string("providers.p.keys[0].priority_models[0].endpoints[1]"));
    }

    void aKeyMayHaveNoModelsWhereItsProviderHasSome()
    {
        const Provider p = providerOf(R"("models":[{"model":"a","weight":3},{"model":"b"}],)"
                                      R"("keys":[{"api_key":"env:A","key_id":"one"},)"
                                      R"({"api_key":"env:B","key_id":"two","priority_models":[{"model":"c"}]}])");
        QVERIFY(p.keys[0].models == p.models);
        QCOMPARE(p.keys[1].models.size(), std::size_t(1));
        QCOMPARE(p.keys[1].models[0].model, std::string("c"));
    }
};

QTEST_APPLESS_MAIN(TestPoolConfigProviders)
#include "test_poolconfigproviders.moc"
