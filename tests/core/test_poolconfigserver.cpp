// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/configreading.h"

using namespace keymux;
using namespace keymux::test;

namespace {

Routing routingOf(const std::string &members)
{
    return configOf(routing(members)).routing;
}

ServerOptions serverOf(const std::string &members)
{
    return configOf(server(members)).server;
}

} // namespace

class TestPoolConfigServer : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void routingHasItsDefaults()
    {
        const Routing routing = routingOf("");
        QVERIFY(routing == configOf(withSection("")).routing);
        QVERIFY(routing.modelMap == (std::vector<ModelRule>{{"*", {"*"}}}));
        QVERIFY(!routing.directFallback && routing.fallbacks.empty());
        QCOMPARE(routing.maxAttempts, 6);
        QCOMPARE(routing.deadline, Millis(600000));
        QCOMPARE(routing.cooldown.minute, Millis(30000));
        QCOMPARE(routing.cooldown.cap, Millis(3600000));
        QCOMPARE(routing.cooldown.overload, Millis(10000));
        QCOMPARE(routing.cooldown.failures, 3);
        QCOMPARE(routing.cooldown.billing, Millis(3600000));
        QCOMPARE(routing.cooldown.badKey, Millis(3600000));
    }

    void routingIsRead()
    {
        const Routing routing = routingOf(
            R"("model_map":[{"match":"gpt-4*","models":["n","p/m"]},{"match":"*","models":["*"]}],)"
            R"("direct_fallback":true,"fallbacks":{"n":["m"],"m":["p/n"]},"max_attempts":2,"deadline_ms":5,)"
            R"("max_wait_ms":0,"affinity":"none","validate":{"interval_s":600},)"
            R"("cooldown":{"minute_s":1,"cap_s":2,"overload_s":0.5,"failures":4,"billing_s":5,"bad_key_s":6})");
        QVERIFY(routing.modelMap == (std::vector<ModelRule>{{"gpt-4*", {"n", "p/m"}}, {"*", {"*"}}}));
        QVERIFY(routing.directFallback);
        QCOMPARE(routing.fallbacks.size(), std::size_t(2));
        QCOMPARE(routing.fallbacks[0].first, std::string("n"));
        QVERIFY(routing.fallbacks[1].second == std::vector<std::string>{"p/n"});
        QCOMPARE(routing.maxAttempts, 2);
        QCOMPARE(routing.deadline, Millis(5));
        QCOMPARE(routing.validateInterval, Millis(600000));
        QVERIFY(routing.cooldown ==
                (CooldownPolicy{Millis(1000), Millis(2000), Millis(500), 4, Millis(5000), Millis(6000)}));
    }

    void checksOfKeysAreOffOrNotTooOften()
    {
        QCOMPARE(routingOf(R"("validate":{"interval_s":0})").validateInterval, Millis(0));
        QCOMPARE(routingOf(R"("validate":{})").validateInterval, Millis(0));
        const auto reading = readPoolConfig(routing(R"("validate":{"interval_s":9})"));
        QCOMPARE(reading.problems.size(), std::size_t(1));
        QCOMPARE(reading.problems[0].path, std::string("routing.validate.interval_s"));
        QVERIFY(reading.problems[0].message.find("10 seconds") != std::string::npos);
    }

    void aMapWithoutRulesHasNone() { QVERIFY(routingOf(R"("model_map":[])").modelMap.empty()); }

    void serverHasItsDefaults()
    {
        const ServerOptions options = serverOf("");
        QVERIFY(options == ServerOptions{});
        QCOMPARE(options.listen, std::string("127.0.0.1:4000"));
        QCOMPARE(options.adminListen, std::string("127.0.0.1:4001"));
        QCOMPARE(options.maxBodyBytes, std::int64_t(32) << 20);
        QCOMPARE(options.maxHeaderBytes, std::int64_t(64) << 10);
        QCOMPARE(options.drainDelay, Millis(0));
        QCOMPARE(options.drainTimeout, Millis(30000));
        QCOMPARE(options.streamHeartbeat, Millis(0));
        QVERIFY(!options.tls);
    }

    void serverIsRead()
    {
        const ServerOptions options = serverOf(
            R"("listen":"[::1]:0","admin_listen":":4001","virtual_key_from":"env:V","admin_token_from":"file:t",)"
            R"("metrics_token":"M_PLACEHOLDER",)"
            R"("tls":{"cert_file":"c","key_file":"k"},"max_body_bytes":1024,"max_header_bytes":2048,)"
            R"("max_connections":3,"max_streams":4,"header_timeout_ms":5,"idle_timeout_ms":6,"drain_delay_ms":7,)"
            R"("drain_timeout_ms":8,"stream_heartbeat_ms":9,"cors_origins":["*"],"trusted_proxies":["10.0.0.0/8"])");
        ServerOptions expected;
        expected.listen = "[::1]:0";
        expected.adminListen = ":4001";
        expected.virtualKeyFrom = "env:V";
        expected.adminTokenFrom = "file:t";
        expected.metricsToken = "M_PLACEHOLDER";
        expected.tls = TlsFiles{"c", "k"};
        expected.maxBodyBytes = 1024;
        expected.maxHeaderBytes = 2048;
        expected.maxConnections = 3;
        expected.maxStreams = 4;
        expected.headerTimeout = Millis(5);
        expected.idleTimeout = Millis(6);
        expected.drainDelay = Millis(7);
        expected.drainTimeout = Millis(8);
        expected.streamHeartbeat = Millis(9);
        expected.corsOrigins = {"*"};
        QCOMPARE(options.trustedProxies.size(), std::size_t(1));
        expected.trustedProxies = options.trustedProxies;
        QVERIFY(options == expected);
    }

    void aSecretDirectoryIsRead()
    {
        QCOMPARE(configOf(withSection(R"("secrets":{"dir":"/run/secrets"})")).secrets.dir, std::string("/run/secrets"));
    }

    void whatThisVersionCannotDoIsSaidSo_data()
    {
        QTest::addColumn<QByteArray>("document");
        QTest::addColumn<QByteArray>("path");
        const auto row = [](const char *path, const std::string &document) {
            QTest::newRow(path) << QByteArray::fromStdString(document) << QByteArray(path);
        };
        row("routing.max_wait_ms", routing(R"("max_wait_ms":1000)"));
        row("routing.affinity", routing(R"("affinity":"prompt_prefix")"));
    }
    void whatThisVersionCannotDoIsSaidSo()
    {
        QFETCH(QByteArray, document);
        QFETCH(QByteArray, path);
        const auto reading = readPoolConfig(document.toStdString());
        QCOMPARE(reading.problems.size(), std::size_t(1));
        QCOMPARE(reading.problems[0].path, path.toStdString());
        QVERIFY2(contains(reading.problems[0].message, "not supported in this version"),
                 reading.problems[0].message.c_str());
    }

    void whatCannotBeRightIsRefused_data()
    {
        QTest::addColumn<QByteArray>("document");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char *name, const std::string &document, const char *path, const char *words) {
            QTest::newRow(name) << QByteArray::fromStdString(document) << QByteArray(path) << QByteArray(words);
        };
        row("routing as a list", withSection(R"("routing":[])"), "routing", "an object");
        row("rules as an object", routing(R"("model_map":{})"), "routing.model_map", "a list of rules");
        row("a rule as text", routing(R"("model_map":["*"])"), "routing.model_map[0]", "an object");
        row("a rule without match", routing(R"("model_map":[{"models":["m"]}])"), "routing.model_map[0].match",
            "missing");
        row("a rule without models", routing(R"("model_map":[{"match":"x"}])"), "routing.model_map[0].models",
            "missing");
        row("a rule with an empty list", routing(R"("model_map":[{"match":"x","models":[]}])"),
            "routing.model_map[0].models", "missing");
        row("a rule for a model nobody has", routing(R"("model_map":[{"match":"x","models":["m","zzzzzzzz"]}])"),
            "routing.model_map[0].models[1]", "no key of the pool has this model");
        row("a rule for a glob that fits none", routing(R"("model_map":[{"match":"x","models":["q*"]}])"),
            "routing.model_map[0].models[0]", "no model of the pool matches this");
        row("an unknown field in a rule", routing(R"("model_map":[{"match":"x","models":["m"],"to":1}])"),
            "routing.model_map[0].to", "unknown field");
        row("a fallback nobody has", routing(R"("fallbacks":{"m":["zzzzzzzz"]})"), "routing.fallbacks.m[0]",
            "no key of the pool");
        row("a fallback of nobody", routing(R"("fallbacks":{"zzzzzzzz":["m"]})"), "routing.fallbacks.zzzzzzzz",
            "no key of the pool");
        row("a fallback as text", routing(R"("fallbacks":{"m":"n"})"), "routing.fallbacks.m", "a list of strings");
        row("no attempts", routing(R"("max_attempts":0)"), "routing.max_attempts", "from 1 to 1000");
        row("no time", routing(R"("deadline_ms":0)"), "routing.deadline_ms", "from 1 to");
        row("a word for yes", routing(R"("direct_fallback":1)"), "routing.direct_fallback", "true or false");
        row("another affinity", routing(R"("affinity":"session")"), "routing.affinity", "one of `none`");
        row("a negative wait", routing(R"("max_wait_ms":-1)"), "routing.max_wait_ms", "at least 0");
        row("a negative rest", routing(R"("cooldown":{"minute_s":-1})"), "routing.cooldown.minute_s", "at least 0");
        row("a rest of years", routing(R"("cooldown":{"cap_s":99999999})"), "routing.cooldown.cap_s", "a year");
        row("no failures", routing(R"("cooldown":{"failures":0})"), "routing.cooldown.failures", "from 1 to");
        row("an address without port", server(R"("listen":"127.0.0.1")"), "server.listen", "an address and a port");
        row("a port too high", server(R"("listen":"127.0.0.1:65536")"), "server.listen", "an address and a port");
        row("a port in words", server(R"("admin_listen":"127.0.0.1:http")"), "server.admin_listen",
            "an address and a port");
        row("an address as a number", server(R"("listen":4000)"), "server.listen", "a string");
        row("a certificate alone", server(R"("tls":{"cert_file":"c"})"), "server.tls", "both");
        row("tls as text", server(R"("tls":"c")"), "server.tls", "an object");
        row("a body too small", server(R"("max_body_bytes":1)"), "server.max_body_bytes", "from 1024 to");
        row("a header too large", server(R"("max_header_bytes":1048577)"), "server.max_header_bytes", "to 1048576");
        row("no connections", server(R"("max_connections":0)"), "server.max_connections", "from 1 to");
        row("no streams", server(R"("max_streams":0)"), "server.max_streams", "from 1 to");
        row("no header time", server(R"("header_timeout_ms":0)"), "server.header_timeout_ms", "from 1 to");
        row("no idle time", server(R"("idle_timeout_ms":0)"), "server.idle_timeout_ms", "from 1 to");
        row("a negative drain", server(R"("drain_timeout_ms":-1)"), "server.drain_timeout_ms", "from 0 to");
        row("origins as text", server(R"("cors_origins":"*")"), "server.cors_origins", "a list of strings");
        row("an empty proxy", server(R"("trusted_proxies":[""])"), "server.trusted_proxies[0]", "not empty");
        row("a directory of the wrong type", withSection(R"("secrets":{"dir":1})"), "secrets.dir", "a string");
    }
    void whatCannotBeRightIsRefused()
    {
        QFETCH(QByteArray, document);
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, words);
        const auto reading = readPoolConfig(document.toStdString());
        const std::string all = listed(reading.problems);
        QVERIFY2(reading.problems.size() == 1, all.c_str());
        QVERIFY2(reading.problems[0].path == path.toStdString(), all.c_str());
        QVERIFY2(contains(reading.problems[0].message, words.toStdString()), all.c_str());
    }

    void rulesMayNameModelsInEveryWay()
    {
        for (const char *name : {"m", "p/m", "*", "p/*", "*m", "n"})
            QVERIFY(
                readPoolConfig(routing("\"model_map\":[{\"match\":\"x\",\"models\":[\"" + std::string(name) + "\"]}]"))
                    .valid());
    }
};

QTEST_APPLESS_MAIN(TestPoolConfigServer)
#include "test_poolconfigserver.moc"
