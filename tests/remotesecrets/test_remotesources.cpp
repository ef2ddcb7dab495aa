// SPDX-License-Identifier: GPL-3.0-or-later
#include "remotesecrets/remotesources.h"

#include "remotesecrets/sourceharness.h"

using namespace keymux;
using namespace keymux::testing;

/// References to Infisical and Vault beside those of this machine.
class RemoteSourcesTest : public QObject {
    Q_OBJECT

    InfisicalServer m_infisical;
    VaultServer m_vault;
    std::map<std::string, std::string> m_env;

    SecretResolver resolver()
    {
        SecretContext context;
        context.env = [this](const char *name) -> const char * {
            const auto found = m_env.find(name);
            return found == m_env.end() ? nullptr : found->second.c_str();
        };
        SecretSourceSet sources = localSources(context);
        SecretSources options;
        options.infisical.emplace();
        options.infisical->url = m_infisical.url();
        options.infisical->projectId = InfisicalServer::project;
        options.infisical->environment = InfisicalServer::environment;
        options.infisical->clientId = "env:ID";
        options.infisical->clientSecret = "SECRET_PLACEHOLDER";
        options.vault.emplace();
        options.vault->url = m_vault.url();
        options.vault->token = "env:VAULT_TOKEN";
        addRemoteSources(sources, options, false);
        return SecretResolver(std::move(sources));
    }

private Q_SLOTS:
    void init()
    {
        m_env = {{"ID", InfisicalServer::clientId},
                 {"SECRET", "planted-client-secret-0001"},
                 {"VAULT_TOKEN", "hvs.planted-1"},
                 {"LOCAL", "from-environment"}};
        m_infisical.set("KEY_1", "infisical-one");
        m_infisical.set("LOCAL", "infisical-local");
        m_vault.addToken("hvs.planted-1", Ms(0), false);
        m_vault.set("llm/KEY_1", {{"value", "vault-one"}});
        m_vault.set("llm/KEY_2", {{"value", "vault-two"}});
        m_vault.set("all", {{"KEY_1", "field-one"}, {"KEY_2", "field-two"}, {"else", "x"}});
    }

    void referencesAreReadWhereTheyPoint()
    {
        const SecretResolver all = resolver();
        QCOMPARE(shown(all.resolve("infisical:KEY_1")), std::string("infisical-one"));
        QCOMPARE(shown(all.resolve("vault:secret/llm/KEY_1#value")), std::string("vault-one"));
        QCOMPARE(shown(all.resolve("KEY_1_PLACEHOLDER")), std::string("infisical-one"));
        QCOMPARE(shown(all.resolve("LOCAL_PLACEHOLDER")), std::string("from-environment"));
        QVERIFY(has(shown(all.resolve("NOWHERE_PLACEHOLDER")), "Infisical"));
    }

    void setsAreListedAndTheirMembersRead()
    {
        const SecretResolver all = resolver();
        QCOMPARE(shown(all.list("infisical:KEY_*")), std::string("infisical:KEY_1"));
        QCOMPARE(shown(all.list("vault:secret/llm/KEY_*#value")),
                 std::string("vault:secret/llm/KEY_1#value vault:secret/llm/KEY_2#value"));
        QCOMPARE(shown(all.list("vault:secret/all#KEY_*")),
                 std::string("vault:secret/all#KEY_1 vault:secret/all#KEY_2"));
        QCOMPARE(shown(all.resolve("vault:secret/all#KEY_2")), std::string("field-two"));
    }

    void whatIsNotSetUpIsSaid()
    {
        SecretSourceSet sources = localSources({});
        addRemoteSources(sources, {}, false);
        QVERIFY(!sources.infisical && !sources.vault);
        const SecretResolver none(std::move(sources));
        QVERIFY(has(shown(none.resolve("vault:secret/x#y")), "secrets.vault"));
    }
};

QTEST_GUILESS_MAIN(RemoteSourcesTest)
#include "test_remotesources.moc"
