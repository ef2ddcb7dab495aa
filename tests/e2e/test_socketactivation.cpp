// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/goodanswers.h"
#include "support/pooltext.h"
#include "support/scriptedupstream.h"

#include <QStandardPaths>
#include <QtTest>
#include <csignal>
#include <fstream>

using namespace keymux::testing;

/// systemd's own tool opens the port, and the gateway serves on it.
class TestSocketActivation : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void thePortThatWasOpenedForItIsServed()
    {
        const QString tool = QStandardPaths::findExecutable(QStringLiteral("systemd-socket-activate"));
        if (tool.isEmpty())
            QSKIP("systemd-socket-activate is not installed; quickstart installs it with systemd");
        ScriptedUpstream upstream;
        const PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)};
        const TemporaryFolder folder;
        const std::string config = (folder.path() / "pool.json").string(), state = (folder.path() / "state").string();
        std::ofstream(config) << pool.text();
        std::vector<std::string> environment{"HOME=" + folder.path().string(), "PATH=/usr/bin:/bin"};
        std::vector<std::string> command{tool.toStdString(), "--fdname=client"};
        for (const auto &[name, value] : pool.environment()) {
            environment.push_back(name + "=" + value);
            command.push_back("--setenv=" + name + "=" + value);
        }
        // A port that was free a moment ago.
        std::uint16_t port = 0;
        {
            const ScriptedUpstream nobody;
            port = nobody.port();
        }
        const std::string address = "127.0.0.1:" + std::to_string(port);
        command.insert(command.end(), {"--listen=" + address, daemonProgram(), "serve", "--config", config, "--state",
                                       state, "--listen", "127.0.0.1:1", "--admin-listen", "127.0.0.1:0"});
        Process process(command, environment);
        QVERIFY2(process.waitForText("Listening on " + address), (process.out() + process.err()).c_str());
        // The first connection starts it, and is answered.
        HttpClient nobody("http://" + address);
        QCOMPARE(nobody.get("/health/liveness").status, 200);
        QVERIFY2(process.waitForText("keymuxd ready: http://" + address), (process.out() + process.err()).c_str());
        std::ifstream file(state + "/virtual-key");
        std::string key;
        file >> key;
        HttpClient client("http://" + address,
                          {{"Authorization", "Bearer " + key}, {"Content-Type", "application/json"}});
        QCOMPARE(client.post("/v1/chat/completions", chatBody("gemini-2.0-flash")).status, 200);
        process.signal(SIGTERM);
        QCOMPARE(process.wait(), std::optional<int>(0));
    }
};

QTEST_GUILESS_MAIN(TestSocketActivation)
#include "test_socketactivation.moc"
