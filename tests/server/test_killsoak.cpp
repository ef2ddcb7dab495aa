// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/virtualkeystore.h"
#include "support/pooltext.h"
#include "support/show.h"

#include <csignal>
#include <regex>

using namespace keymux::testing;

namespace {

std::string keyIn(const std::string &text)
{
    std::smatch match;
    return std::regex_search(text, match, std::regex("sk-[A-Za-z0-9_-]{43}")) ? match.str() : std::string();
}

int rounds()
{
    return qEnvironmentVariableIsSet("KEYMUX_SOAK_ROUNDS") ? qEnvironmentVariableIntValue("KEYMUX_SOAK_ROUNDS") : 100;
}

} // namespace

/// Kills at every moment: what was printed or answered is there, and the database opens without repair.
class KillSoakTest : public QObject {
    Q_OBJECT

private:
    static keymux::VirtualKeyTable tableOf(const std::filesystem::path &state)
    {
        const auto store = keymux::VirtualKeyStore::open(state.string());
        return store ? keymux::VirtualKeyTable(*(*store)->all()) : keymux::VirtualKeyTable();
    }
    static bool works(const keymux::VirtualKeyTable &table, const std::string &key)
    {
        return table.find(key, keymux::TimePoint(keymux::Millis(1700000000000))) != nullptr;
    }

    /// How long that command takes when nobody kills it.
    static Ms timeOf(const std::vector<std::string> &command, const std::vector<std::string> &environment)
    {
        const Moment begin = Clock::now();
        Process whole(command, environment);
        whole.wait();
        return std::chrono::duration_cast<Ms>(Clock::now() - begin);
    }
    /// A moment a little later in each round, up to a half more than the command takes, so that every stage is met; the
    /// last round ends by itself, however busy the machine is.
    static Ms momentOf(int round, Ms whole)
    {
        const int stages = std::min(50, rounds());
        return round + 1 == rounds() ? Ms(60000) : whole * (round % stages) * 3 / (2 * stages);
    }

private Q_SLOTS:
    void noMintedKeyIsLostWhenTheCommandIsKilled()
    {
        const TemporaryFolder folder;
        const std::vector<std::string> environment{"HOME=" + folder.path().string(), "LANG=C.UTF-8"};
        const std::vector<std::string> command{daemonProgram(), "key", "mint", "--state", folder.path().string()};
        const Ms whole = timeOf(command, environment);
        std::vector<std::string> printed;
        for (int round = 0; round < rounds(); ++round) {
            Process mint(command, environment);
            mint.wait(momentOf(round, whole));
            mint.signal(SIGKILL);
            mint.wait();
            mint.waitForEnd();
            if (const std::string key = keyIn(mint.out()); !key.empty())
                printed.push_back(key);
        }
        qInfo("%d of %d keys were printed before the kill", int(printed.size()), rounds());
        QVERIFY(!printed.empty());
        const auto table = tableOf(folder.path());
        for (const std::string &key : printed)
            QVERIFY2(works(table, key), "a key that was printed is gone");
    }

    void theServerComesBackFromEveryKillWithTheSameKeys()
    {
        const ScriptedUpstream provider;
        const TemporaryFolder folder;
        DaemonOptions options = PoolText{.baseUrl = provider.baseUrl(), .keys = poolKeys(1)}.options();
        options.folder = folder.path();
        options.logLevel = "warning";
        std::string first;
        for (int round = 0; round < rounds(); ++round) {
            options.waitReady = round % 3 == 0;
            Daemon daemon(options);
            if (options.waitReady) {
                QVERIFY2(daemon.ready(), daemon.log().c_str());
                if (first.empty())
                    first = daemon.virtualKey();
                QCOMPARE(daemon.virtualKey(), first);
                QCOMPARE(daemon.client().post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
            } else {
                daemon.process().wait(Ms(round % 50));
            }
            daemon.process().signal(SIGKILL);
            daemon.process().wait();
        }
        const auto table = tableOf(folder.path() / "state");
        QVERIFY(works(table, first));
        QCOMPARE(table.keys().size(), std::size_t(1)); // no start that was cut short left a second one
    }

    void noRevocationIsLostWhenTheCommandIsKilled()
    {
        const TemporaryFolder folder;
        const std::vector<std::string> environment{"HOME=" + folder.path().string(), "LANG=C.UTF-8"};
        const Ms whole = timeOf({daemonProgram(), "key", "mint", "--state", folder.path().string()}, environment);
        int confirmed = 0;
        for (int round = 0; round < rounds(); ++round) {
            const std::string name = "r" + std::to_string(round);
            Process mint({daemonProgram(), "key", "mint", name, "--state", folder.path().string()}, environment);
            QCOMPARE(mint.wait(), std::optional<int>(0));
            mint.waitForEnd();
            Process revoke({daemonProgram(), "key", "revoke", name, "--state", folder.path().string()}, environment);
            revoke.wait(momentOf(round, whole));
            revoke.signal(SIGKILL);
            revoke.wait();
            revoke.waitForEnd();
            const bool told = revoke.out().find("revoked") != std::string::npos;
            confirmed += told ? 1 : 0;
            QVERIFY(!told || !works(tableOf(folder.path()), keyIn(mint.out())));
        }
        qInfo("%d revocations were confirmed before the kill", confirmed);
        QVERIFY(confirmed > 0);
    }
};

QTEST_GUILESS_MAIN(KillSoakTest)
#include "test_killsoak.moc"
