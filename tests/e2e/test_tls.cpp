// SPDX-License-Identifier: GPL-3.0-or-later
#include "../server/tlsnginx.h"
#include "support/pooltext.h"
#include "support/show.h"

#include <QtTest>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";

/// curl as people use it, trusting one authority.
struct Curl {
    int exitCode = -1;
    std::string out;

    Curl(const std::string &authority, std::vector<std::string> arguments)
    {
        std::vector<std::string> command{"/usr/bin/curl", "-sS", "--max-time", "20", "--cacert", authority};
        command.insert(command.end(), arguments.begin(), arguments.end());
        Process process(command, {"PATH=/usr/bin:/bin"});
        exitCode = process.wait(Ms(30000)).value_or(-1);
        process.waitForEnd();
        out = process.out();
    }
};

} // namespace

/// TLS as a server offers it: to clients, and to operators where their token would cross a network.
class TlsTest : public QObject {
    Q_OBJECT

private:
    TemporaryFolder m_folder;
    PrivateCa m_first{m_folder.path() / "first"}, m_second{m_folder.path() / "second"};

    /// Puts a certificate and its key where the config says, each by rename.
    void use(const PrivateCa &ca) const
    {
        for (const std::string end : {"key", "pem"}) {
            const std::string fresh = path("tls." + end + ".new");
            std::filesystem::copy_file(ca.path("server." + end), fresh,
                                       std::filesystem::copy_options::overwrite_existing);
            std::filesystem::rename(fresh, path("tls." + end));
        }
    }
    std::string path(const std::string &name) const { return (m_folder.path() / name).string(); }
    DaemonOptions options(const ScriptedUpstream &upstream, std::vector<std::string> flags = {}) const
    {
        const PoolText pool{.baseUrl = upstream.baseUrl(),
                            .keys = poolKeys(1),
                            .server = "\"tls\": {\"cert_file\": \"" + path("tls.pem") + "\", \"key_file\": \"" +
                                      path("tls.key") + "\"}"};
        DaemonOptions options = pool.options();
        options.flags = std::move(flags);
        return options;
    }
    static std::vector<std::string> ask(const Daemon &daemon, bool stream)
    {
        return {"-H",
                "Authorization: Bearer " + daemon.virtualKey(),
                "-H",
                "Content-Type: application/json",
                "-d",
                chatBody("gpt-4", stream),
                daemon.url() + chat};
    }

private Q_SLOTS:
    void init()
    {
        if (!TlsNginx::installed())
            QSKIP("openssl is not installed; ./quickstart test installs it");
        for (const PrivateCa *ca : {&m_first, &m_second})
            QVERIFY(ca->made() && ca->sign("server", "DNS:localhost,IP:127.0.0.1"));
        use(m_first);
    }

    void clientsAreServedOverTls()
    {
        ScriptedUpstream upstream;
        const Daemon daemon(options(upstream));
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        QVERIFY2(daemon.url().starts_with("https://127.0.0.1:"), daemon.url().c_str());
        QVERIFY2(daemon.adminUrl().starts_with("http://127.0.0.1:"), daemon.adminUrl().c_str());

        const Curl whole(m_first.file(), ask(daemon, false));
        QCOMPARE(whole.exitCode, 0);
        QVERIFY2(whole.out.find("\"choices\"") != std::string::npos, whole.out.c_str());
        const Curl stream(m_first.file(), ask(daemon, true));
        QCOMPARE(stream.exitCode, 0);
        QVERIFY2(stream.out.find("data: [DONE]") != std::string::npos, stream.out.c_str());
        QCOMPARE(Curl(m_second.file(), ask(daemon, false)).exitCode, 60); // not this authority
    }

    void aCertificateReplacedOnDiskIsUsedAndABrokenOneIsNot()
    {
        ScriptedUpstream upstream;
        const Daemon daemon(options(upstream));
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        use(m_second);
        QTRY_COMPARE_WITH_TIMEOUT(Curl(m_second.file(), ask(daemon, false)).exitCode, 0, 10000);
        QCOMPARE(Curl(m_first.file(), ask(daemon, false)).exitCode, 60);

        std::ofstream(path("tls.pem")) << "no certificate\n";
        QVERIFY2(daemon.waitForLog("the certificate in use stays"), daemon.log().c_str());
        QCOMPARE(Curl(m_second.file(), ask(daemon, false)).exitCode, 0);
    }

    void anAdminListenerOffLoopbackSpeaksTlsAndCommandsOnThisStateKnowIt()
    {
        ScriptedUpstream upstream;
        const Daemon daemon(options(upstream, {"--admin-listen", "0.0.0.0:0"}));
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        QVERIFY2(daemon.adminUrl().starts_with("https://0.0.0.0:"), daemon.adminUrl().c_str());
        QVERIFY(daemon.log().find("travels in the clear") == std::string::npos);
        const std::vector<std::string> status{"status", "--state", daemon.stateFolder()};
        const Daemon::Ran shown = daemon.run(status);
        QVERIFY2(shown.exitCode == 0, shown.err.c_str());
        QVERIFY2(shown.out.find("READY") != std::string::npos || shown.out.find("ready") != std::string::npos,
                 shown.out.c_str());

        // The commands must know the new key, too; the server tells it when it has seen the new files.
        const auto told = [&] {
            return Json::parse(std::ifstream(daemon.stateFolder() / "server.json"), nullptr, false);
        };
        const std::string first = told().at("admin_pin");
        use(m_second);
        QTRY_VERIFY_WITH_TIMEOUT(told().is_object() && told().at("admin_pin") != first, 10000);
        QCOMPARE(daemon.run(status).exitCode, 0);
        Json addresses = told();
        addresses["admin_pin"] = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        std::ofstream(daemon.stateFolder() / "server.json") << addresses.dump();
        const Daemon::Ran stranger = daemon.run(status);
        QCOMPARE(stranger.exitCode, 1);
        QVERIFY2(stranger.err.find("no server answers at https://") != std::string::npos, stranger.err.c_str());
    }

    void withoutTlsAnAdminListenerOffLoopbackIsWarnedOf()
    {
        ScriptedUpstream upstream;
        DaemonOptions plain = PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)}.options();
        plain.flags = {"--admin-listen", "0.0.0.0:0"};
        const Daemon daemon(plain);
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        QVERIFY(daemon.waitForLog("its token travels in the clear; set server.tls"));
    }

    void aCertificateThatCannotBeReadStopsTheStart()
    {
        ScriptedUpstream upstream;
        std::filesystem::remove(path("tls.key"));
        DaemonOptions broken = options(upstream);
        broken.waitReady = false;
        Daemon daemon(broken);
        QCOMPARE(daemon.process().wait(), std::optional<int>(1));
        daemon.process().waitForEnd();
        QVERIFY2(daemon.process().err().find("cannot read the key " + path("tls.key")) != std::string::npos,
                 daemon.log().c_str());
    }
};

QTEST_GUILESS_MAIN(TlsTest)
#include "test_tls.moc"
