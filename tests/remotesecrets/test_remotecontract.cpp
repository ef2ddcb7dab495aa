// SPDX-License-Identifier: GPL-3.0-or-later
#include "remotesecrets/sourceharness.h"
#include "secrets/sourcecontract.h"

using namespace keymux;
using namespace keymux::testing;

namespace {

class Infisical : public SourceKind {
public:
    Infisical()
    {
        m_credentials.set("env:ID", InfisicalServer::clientId);
        m_credentials.set("env:SECRET", "planted-client-secret-0001");
        InfisicalOptions options;
        options.url = m_server.url();
        options.projectId = InfisicalServer::project;
        options.environment = InfisicalServer::environment;
        options.clientId = "env:ID";
        options.clientSecret = "env:SECRET";
        options.refresh = Millis(10000);
        m_source = std::make_unique<InfisicalSource>(options, m_credentials.lookup(), clockOf(m_server));
    }
    SecretSource &source() override { return *m_source; }
    bool put(const std::string &key, const std::string &value) override
    {
        m_server.set(key, value);
        return true;
    }
    bool take(const std::string &key) override
    {
        m_server.remove(key);
        return true;
    }
    void settle() override { m_server.advance(m_source->refreshEvery()); }
    bool slow(bool on) override
    {
        m_server.setDelay(on ? Ms(300) : Ms(0));
        return true;
    }
    bool down(bool on) override
    {
        m_server.setDown(on);
        return true;
    }
    bool deny() override
    {
        m_server.setForbidden(true);
        return true;
    }
    bool allow() override
    {
        m_server.setForbidden(false);
        return true;
    }

private:
    InfisicalServer m_server;
    Credentials m_credentials;
    std::unique_ptr<InfisicalSource> m_source;
};

class Vault : public SourceKind {
public:
    Vault()
    {
        m_credentials.set("env:ROLE", VaultServer::roleId);
        m_credentials.set("env:SECRET", "planted-secret-id-0001");
        VaultOptions options;
        options.url = m_server.url();
        options.roleId = "env:ROLE";
        options.secretId = "env:SECRET";
        options.refresh = Millis(10000);
        m_source = std::make_unique<VaultSource>(options, m_credentials.lookup(), clockOf(m_server));
    }
    SecretSource &source() override { return *m_source; }
    std::string nameOf(const std::string &key) const override { return "secret/llm/" + key; }
    std::string field() const override { return "value"; }
    bool put(const std::string &key, const std::string &value) override
    {
        m_server.set("llm/" + key, {{"value", value}});
        return true;
    }
    bool take(const std::string &key) override
    {
        m_server.remove("llm/" + key);
        return true;
    }
    void settle() override { m_server.advance(m_source->refreshEvery()); }
    bool slow(bool on) override
    {
        m_server.setDelay(on ? Ms(300) : Ms(0));
        return true;
    }
    bool down(bool on) override
    {
        m_server.setDown(on);
        return true;
    }
    bool deny() override
    {
        m_server.deny("llm/KEY_9");
        return true;
    }

private:
    VaultServer m_server;
    Credentials m_credentials;
    std::unique_ptr<VaultSource> m_source;
};

} // namespace

/// What every source of secrets promises, held against those beyond this machine.
class RemoteContractTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void infisicalHolds()
    {
        Infisical infisical;
        QCOMPARE(infisical.source().name(), std::string_view("infisical"));
        SourceContract(infisical).hold();
    }
    void vaultHolds()
    {
        Vault vault;
        QCOMPARE(vault.source().name(), std::string_view("vault"));
        SourceContract(vault).hold();
    }
};

QTEST_GUILESS_MAIN(RemoteContractTest)
#include "test_remotecontract.moc"
