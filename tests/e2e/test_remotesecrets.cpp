// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/infisicalserver.h"
#include "support/pooltext.h"
#include "support/show.h"
#include "support/vaultserver.h"

#include <csignal>
#include <set>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";

} // namespace

/// Keys that live in Infisical and Vault: they serve, change, go and come back without an edit, a restart or a failed
/// request.
class RemoteSecretsTest : public QObject {
    Q_OBJECT

    std::unique_ptr<ScriptedUpstream> m_upstream;
    std::unique_ptr<InfisicalServer> m_infisical;
    std::unique_ptr<VaultServer> m_vault;

    /// One key of each reference, read again every second.
    DaemonOptions options(const std::vector<std::string> &references) const
    {
        Json keys = Json::array();
        for (const std::string &reference : references) {
            Json key{{"api_key", reference}, {"priority_models", {{{"model", "gemini-2.0-flash"}}}}};
            if (reference.find('*') == std::string::npos)
                key["key_id"] = "key-" + std::to_string(keys.size() + 1);
            keys.push_back(key);
        }
        const Json config{{"providers", {{"gemini", {{"base_url", m_upstream->baseUrl()}, {"keys", keys}}}}},
                          {"secrets",
                           {{"infisical",
                             {{"url", m_infisical->url()},
                              {"project_id", InfisicalServer::project},
                              {"environment", InfisicalServer::environment},
                              {"client_id", "env:INFISICAL_ID"},
                              {"client_secret", "env:INFISICAL_SECRET"},
                              {"refresh_s", 1}}},
                            {"vault",
                             {{"url", m_vault->url()},
                              {"role_id", "env:VAULT_ROLE"},
                              {"secret_id", "env:VAULT_SECRET_ID"},
                              {"refresh_s", 1}}}}}};
        DaemonOptions daemon{.config = config.dump()};
        daemon.environment = {{"INFISICAL_ID", InfisicalServer::clientId},
                              {"INFISICAL_SECRET", "planted-client-secret-0001"},
                              {"VAULT_ROLE", VaultServer::roleId},
                              {"VAULT_SECRET_ID", "planted-secret-id-0001"}};
        return daemon;
    }
    /// Asks until the upstream saw this key; false when an answer was not 200, or the time ran out.
    bool isUsed(HttpClient &client, const std::string &key) const
    {
        const Moment deadline = Clock::now() + Ms(20000);
        while (Clock::now() < deadline) {
            const HttpResponse answer = client.post(chat, chatBody("gpt-4"));
            if (answer.status != 200) {
                qWarning("%d %s", answer.status, answer.body.c_str());
                return false;
            }
            if (m_upstream->ledger().calls().back().key == key)
                return true;
        }
        return false;
    }
    static bool healthSays(const Daemon &daemon, const std::string &pointer, const std::string &value)
    {
        HttpClient client = daemon.client();
        return QTest::qWaitFor([&] { return jsonAt(client.get("/health").body, pointer) == value; }, 20000);
    }

private Q_SLOTS:
    void init()
    {
        m_upstream = std::make_unique<ScriptedUpstream>();
        m_infisical = std::make_unique<InfisicalServer>();
        m_vault = std::make_unique<VaultServer>();
        m_infisical->set("KEY", "planted-infisical-key-1");
        m_vault->set("llm", {{"key", "planted-vault-key-1"}});
    }
    void cleanup()
    {
        m_upstream.reset();
        m_infisical.reset();
        m_vault.reset();
    }

    void keysOfBothServe()
    {
        Daemon daemon(options({"infisical:KEY", "vault:secret/llm#key", "KEY_PLACEHOLDER"}));
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpClient client = daemon.client();
        for (int i = 0; i < 6; ++i)
            QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 200);
        std::set<std::string> used;
        for (const auto &call : m_upstream->ledger().calls())
            used.insert(call.key);
        QCOMPARE(used, (std::set<std::string>{"planted-infisical-key-1", "planted-vault-key-1"}));
        QVERIFY2(daemon.log().find("planted") == std::string::npos, daemon.log().c_str());
        QVERIFY(daemon.admin().get("/admin/v1/state").body.find("planted") == std::string::npos);
    }

    void aRotatedKeyIsUsedWithoutAFailedRequest_data()
    {
        QTest::addColumn<QByteArray>("reference");
        QTest::newRow("infisical") << QByteArray("infisical:KEY");
        QTest::newRow("vault") << QByteArray("vault:secret/llm#key");
    }
    void aRotatedKeyIsUsedWithoutAFailedRequest()
    {
        QFETCH(QByteArray, reference);
        Daemon daemon(options({reference.toStdString()}));
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpClient client = daemon.client();
        for (int rotation = 2; rotation < 5; ++rotation) {
            const std::string fresh = "planted-fresh-key-" + std::to_string(rotation);
            m_infisical->set("KEY", fresh);
            m_vault->set("llm", {{"key", fresh}});
            QVERIFY2(isUsed(client, fresh), daemon.log().c_str());
        }
    }

    void aSourceThatIsDownLeavesTheLastGoodValue()
    {
        Daemon daemon(options({"infisical:KEY"}));
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpClient client = daemon.client();
        QVERIFY(isUsed(client, "planted-infisical-key-1"));
        m_infisical->setDown(true);
        QVERIFY2(healthSays(daemon, "/secrets/unreachable/0", "infisical"), client.get("/health").body.c_str());
        QVERIFY2(daemon.waitForLog("what was good last stays in use"), daemon.log().c_str());
        QVERIFY(isUsed(client, "planted-infisical-key-1"));
        m_infisical->set("KEY", "planted-infisical-key-2");
        m_infisical->setDown(false);
        QVERIFY2(isUsed(client, "planted-infisical-key-2"), daemon.log().c_str());
        QVERIFY2(daemon.waitForLog("can be read again"), daemon.log().c_str());
        QVERIFY2(daemon.log().find("planted") == std::string::npos, daemon.log().c_str());
    }

    void aColdStartWithoutTheSourceServesOnceItIsThere()
    {
        m_vault->setSealed(true);
        Daemon daemon(options({"vault:secret/llm#key"}));
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpClient client = daemon.client();
        QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 503);
        QVERIFY2(healthSays(daemon, "/secrets/unreachable/0", "vault"), client.get("/health").body.c_str());
        QVERIFY2(daemon.waitForLog("Vault is sealed"), daemon.log().c_str());
        m_vault->setSealed(false);
        QVERIFY2(healthSays(daemon, "/keys/usable", "1"), daemon.log().c_str());
        QVERIFY(isUsed(client, "planted-vault-key-1"));
    }

    void keysOfASetJoinAndLeave_data()
    {
        QTest::addColumn<QByteArray>("reference");
        QTest::newRow("infisical") << QByteArray("infisical:GEMINI_KEY_*");
        QTest::newRow("vault, a path for each") << QByteArray("vault:secret/gemini/GEMINI_KEY_*#value");
        QTest::newRow("vault, a field for each") << QByteArray("vault:secret/all#GEMINI_KEY_*");
    }
    void keysOfASetJoinAndLeave()
    {
        QFETCH(QByteArray, reference);
        const auto set = [&](const std::set<int> &numbers) {
            Json fields = Json::object();
            for (int i = 1; i < 4; ++i) {
                const std::string name = "GEMINI_KEY_" + std::to_string(i), value = "planted-member-" + name;
                if (numbers.contains(i)) {
                    fields[name] = value;
                    m_infisical->set(name, value);
                    m_vault->set("gemini/" + name, {{"value", value}});
                } else {
                    m_infisical->remove(name);
                    m_vault->remove("gemini/" + name);
                }
            }
            m_vault->set("all", fields);
        };
        set({1, 2});
        Daemon daemon(options({reference.toStdString()}));
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpClient client = daemon.client();
        QVERIFY2(healthSays(daemon, "/keys/usable", "2"), daemon.log().c_str());
        const std::string state = daemon.admin().get("/admin/v1/state").body;
        QVERIFY2(state.find("\"gemini-key-2/") != std::string::npos, state.c_str());
        set({1, 2, 3});
        QVERIFY2(isUsed(client, "planted-member-GEMINI_KEY_3"), daemon.log().c_str());
        set({3});
        QVERIFY2(healthSays(daemon, "/keys/total", "1"), daemon.log().c_str());
        QVERIFY(isUsed(client, "planted-member-GEMINI_KEY_3"));
    }

    void aSourceThatHangsHoldsUpNeitherStartNorEnd()
    {
        m_infisical->setHanging(true);
        Daemon daemon(options({"infisical:KEY", "vault:secret/llm#key"}));
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpClient client = daemon.client();
        QVERIFY(isUsed(client, "planted-vault-key-1"));
        daemon.process().signal(SIGTERM);
        QCOMPARE(daemon.process().wait().value_or(-1), 0);
    }
};

QTEST_GUILESS_MAIN(RemoteSecretsTest)
#include "test_remotesecrets.moc"
