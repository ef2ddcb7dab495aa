// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/configreading.h"

#include <QtTest>

using namespace keymux;
using namespace keymux::test;

/// `secrets.infisical` and `secrets.vault`: what is read, what is missing, what is refused.
class PoolConfigSecretsTest : public QObject {
    Q_OBJECT

    static PoolConfigReading read(const std::string &secrets)
    {
        return readPoolConfig("{\"providers\":{},\"secrets\":{" + secrets + "}}");
    }
    static std::string infisical(const std::string &members)
    {
        return "\"infisical\":{\"project_id\":\"p\",\"environment\":\"prod\",\"client_id\":\"env:ID\",\"client_"
               "secret\":"
               "\"file:/run/secret\"" +
               members + "}";
    }

private Q_SLOTS:
    void infisicalIsRead()
    {
        const auto plain = read(infisical(""));
        QVERIFY2(plain.valid(), plain.valid() ? "" : plain.problems[0].message.c_str());
        InfisicalOptions expected;
        expected.projectId = "p";
        expected.environment = "prod";
        expected.clientId = "env:ID";
        expected.clientSecret = "file:/run/secret";
        QVERIFY(plain.config.secrets.infisical == expected);
        QCOMPARE(expected.refresh, Millis(60000));
        QCOMPARE(expected.path, std::string("/"));

        const auto full =
            read(infisical(",\"url\":\"https:\\/\\/infisical.example/\",\"path\":\"llm/keys\",\"refresh_s\":1.5,"
                           "\"ca_file\":\"ca.pem\""));
        QVERIFY(full.valid());
        expected.url = std::string("https:/") + "/infisical.example";
        expected.path = "/llm/keys";
        expected.refresh = Millis(1500);
        expected.caFile = "ca.pem";
        QVERIFY(full.config.secrets.infisical == expected);
    }

    void vaultIsRead()
    {
        const auto reading =
            read("\"vault\":{\"url\":\"http:\\/\\/127.0.0.1:8200\",\"role_id\":\"env:ROLE\",\"secret_id\":"
                 "\"SECRET_ID_PLACEHOLDER\",\"namespace\":\"team/a\",\"refresh_s\":1,\"ca_file\":\"ca\"}");
        QVERIFY2(reading.valid(), reading.valid() ? "" : reading.problems[0].message.c_str());
        VaultOptions expected;
        expected.url = std::string("http:/") + "/127.0.0.1:8200";
        expected.roleId = "env:ROLE";
        expected.secretId = "SECRET_ID_PLACEHOLDER";
        expected.nameSpace = "team/a";
        expected.refresh = Millis(1000);
        expected.caFile = "ca";
        QVERIFY(reading.config.secrets.vault == expected);
        QVERIFY(read("\"vault\":null,\"infisical\":null").valid());
    }

    void referencesToThemAreTaken()
    {
        const std::string document =
            "{\"providers\":{\"openai\":{\"models\":[{\"model\":\"m\"}],\"keys\":[{\"key_id\":\"a\",\"api_key\":"
            "\"infisical:A\"},{\"key_id\":\"b\",\"api_key\":\"vault:secret/llm#b\"}]}},\"secrets\":{" +
            infisical("") + ",\"vault\":{\"url\":\"http:\\/\\/v\",\"token\":\"env:T\"}}}";
        const auto reading = readPoolConfig(document);
        QVERIFY2(reading.valid(), reading.valid() ? "" : reading.problems[0].message.c_str());
    }

    void aSetInVaultHasItsStarInPathOrField()
    {
        const auto with = [](const std::string &reference) {
            return readPoolConfig(
                "{\"providers\":{\"openai\":{\"models\":[{\"model\":\"m\"}],\"keys\":[{\"api_key\":\"" + reference +
                "\"}]}},\"secrets\":{\"vault\":{\"url\":\"http:\\/\\/v\",\"token\":\"env:T\"}}}");
        };
        for (const char *good : {"vault:secret/llm/K_*#key", "vault:secret/llm#K_*"})
            QVERIFY2(with(good).valid(), good);
        for (const char *bad : {"vault:secret/llm/K_*#K_*", "vault:secret/*/llm#key"}) {
            const auto reading = with(bad);
            QCOMPARE(reading.problems.size(), std::size_t(1));
            QVERIFY2(reading.problems[0].message.find("of a set stands in") != std::string::npos, bad);
        }
    }

    void whatCannotBeRightIsRefused_data()
    {
        QTest::addColumn<QByteArray>("secrets");
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("words");
        const auto row = [](const char *name, const std::string &secrets, const char *path, const char *words) {
            QTest::newRow(name) << QByteArray::fromStdString(secrets) << QByteArray(path) << QByteArray(words);
        };
        const std::string http = std::string("http:/") + "/v";
        row("no project", "\"infisical\":{\"environment\":\"e\",\"client_id\":\"env:A\",\"client_secret\":\"env:B\"}",
            "secrets.infisical.project_id", "missing");
        row("a literal client secret",
            "\"infisical\":{\"project_id\":\"p\",\"environment\":\"e\",\"client_id\":\"env:A\",\"client_secret\":"
            "\"planted-literal\"}",
            "secrets.infisical.client_secret", "literal secret");
        row("a client secret from itself",
            "\"infisical\":{\"project_id\":\"p\",\"environment\":\"e\",\"client_id\":\"env:A\",\"client_secret\":"
            "\"infisical:B\"}",
            "secrets.infisical.client_secret", "on this machine");
        row("a set of client ids",
            "\"infisical\":{\"project_id\":\"p\",\"environment\":\"e\",\"client_id\":\"env:A_*\",\"client_secret\":"
            "\"env:B\"}",
            "secrets.infisical.client_id", "on this machine");
        row("a query in the address", infisical(",\"url\":\"" + http + "?token=1\""), "secrets.infisical.url",
            "without credentials");
        row("credentials in the address", infisical(",\"url\":\"http:\\/\\/a:b@v\""), "secrets.infisical.url",
            "without credentials");
        row("a line break in the path", infisical(",\"path\":\"a\\nb\""), "secrets.infisical.path", "visible");
        row("refreshed all the time", infisical(",\"refresh_s\":0.5"), "secrets.infisical.refresh_s", "at least 1");
        row("an unknown field", infisical(",\"project\":\"x\""), "secrets.infisical.project", "unknown field");
        row("vault without an address", "\"vault\":{\"token\":\"env:T\"}", "secrets.vault.url", "missing");
        row("vault without a login", "\"vault\":{\"url\":\"" + http + "\"}", "secrets.vault", "either `token`");
        row("vault with two logins",
            "\"vault\":{\"url\":\"" + http + "\",\"token\":\"env:T\",\"role_id\":\"env:R\",\"secret_id\":\"env:S\"}",
            "secrets.vault", "either `token`");
        row("half an AppRole", "\"vault\":{\"url\":\"" + http + "\",\"role_id\":\"env:R\"}", "secrets.vault.secret_id",
            "missing");
    }
    void whatCannotBeRightIsRefused()
    {
        QFETCH(QByteArray, secrets);
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, words);
        const auto reading = read(secrets.toStdString());
        QCOMPARE(reading.problems.size(), std::size_t(1));
        QCOMPARE(reading.problems[0].path, path.toStdString());
        QVERIFY2(reading.problems[0].message.find(words.toStdString()) != std::string::npos,
                 reading.problems[0].message.c_str());
        QVERIFY(reading.problems[0].message.find("planted") == std::string::npos);
    }
};

QTEST_APPLESS_MAIN(PoolConfigSecretsTest)
#include "test_poolconfigsecrets.moc"
