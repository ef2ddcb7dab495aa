// SPDX-License-Identifier: GPL-3.0-or-later
#include "remotesecrets/sourceharness.h"
#include "server/tlsnginx.h"

using namespace keymux;
using namespace keymux::testing;

/// Sources behind a real nginx whose certificate a private authority signed.
class SourceTlsTest : public QObject {
    Q_OBJECT

    TemporaryFolder m_folder;
    InfisicalServer m_infisical;
    VaultServer m_vault;
    std::unique_ptr<PrivateCa> m_ca, m_otherCa;
    std::unique_ptr<TlsNginx> m_right, m_wrongHost, m_vaultNginx;
    Credentials m_credentials;

    std::string readInfisical(const TlsNginx &nginx, const std::string &caFile)
    {
        InfisicalOptions options;
        options.url = "https://127.0.0.1:" + std::to_string(nginx.port());
        options.projectId = InfisicalServer::project;
        options.environment = InfisicalServer::environment;
        options.clientId = "env:ID";
        options.clientSecret = "env:SECRET";
        options.caFile = caFile;
        return shown(InfisicalSource(options, m_credentials.lookup(), clockOf(m_infisical)).read("KEY", {}));
    }

private Q_SLOTS:
    void initTestCase()
    {
        if (!TlsNginx::installed())
            QSKIP("needs nginx and openssl");
        m_ca = std::make_unique<PrivateCa>(m_folder.path() / "ca");
        m_otherCa = std::make_unique<PrivateCa>(m_folder.path() / "other-ca");
        QVERIFY(m_ca->made() && m_otherCa->made());
        QVERIFY(m_ca->sign("right", "DNS:localhost,IP:127.0.0.1"));
        QVERIFY(m_ca->sign("elsewhere", "DNS:secrets.example"));
        m_right = std::make_unique<TlsNginx>(m_folder.path() / "right", *m_ca, "right", m_infisical.port());
        m_wrongHost = std::make_unique<TlsNginx>(m_folder.path() / "wrong", *m_ca, "elsewhere", m_infisical.port());
        m_vaultNginx = std::make_unique<TlsNginx>(m_folder.path() / "vault", *m_ca, "right", m_vault.port());
        for (const auto &nginx : {m_right.get(), m_wrongHost.get(), m_vaultNginx.get()})
            QVERIFY2(nginx->ready(), nginx->log().c_str());
        m_infisical.set("KEY", "value-over-tls");
        m_vault.set("llm", {{"key", "value-of-vault"}});
        m_credentials.set("env:ID", InfisicalServer::clientId);
        m_credentials.set("env:SECRET", "planted-client-secret-0001");
        m_credentials.set("env:ROLE", VaultServer::roleId);
        m_credentials.set("env:SECRET_ID", "planted-secret-id-0001");
    }

    void aPrivateAuthorityIsTrustedWhereItIsNamed()
    {
        QCOMPARE(readInfisical(*m_right, m_ca->file()), std::string("value-over-tls"));
        VaultOptions options;
        options.url = "https://localhost:" + std::to_string(m_vaultNginx->port());
        options.roleId = "env:ROLE";
        options.secretId = "env:SECRET_ID";
        options.caFile = m_ca->file();
        VaultSource source(options, m_credentials.lookup(), clockOf(m_vault));
        QCOMPARE(shown(source.read("secret/llm", "key")), std::string("value-of-vault"));
    }

    void noOtherServerGetsACredential()
    {
        m_infisical.forgetCalls();
        const std::string missing = m_folder.path().string() + "/no-such-ca.pem";
        for (const std::string &ca : {std::string(), m_otherCa->file(), missing}) {
            const std::string why = readInfisical(*m_right, ca);
            QVERIFY2(why.starts_with("secret_unreachable: Infisical: https://127.0.0.1:") && has(why, "`ca_file`"),
                     why.c_str());
        }
        QVERIFY(readInfisical(*m_wrongHost, m_ca->file()).starts_with("secret_unreachable"));
        QCOMPARE(m_infisical.count(), 0);
    }

    void aProxyOfTheEnvironmentIsNotUsed()
    {
        qputenv("https_proxy", "http://127.0.0.1:1");
        qputenv("ALL_PROXY", "http://127.0.0.1:1");
        QCOMPARE(readInfisical(*m_right, m_ca->file()), std::string("value-over-tls"));
        qunsetenv("https_proxy");
        qunsetenv("ALL_PROXY");
    }
};

QTEST_GUILESS_MAIN(SourceTlsTest)
#include "test_sourcetls.moc"
