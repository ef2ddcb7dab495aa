// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

#include <csignal>
#include <regex>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";

/// The first virtual key in a text, or nothing.
std::string keyIn(const std::string &text)
{
    std::smatch match;
    return std::regex_search(text, match, std::regex("sk-[A-Za-z0-9_-]{16,}")) ? match.str() : std::string();
}

} // namespace

/// Virtual keys made and revoked on the command line, beside a server that runs.
class VirtualKeysTest : public QObject {
    Q_OBJECT

private:
    ScriptedUpstream m_upstream;
    std::unique_ptr<Daemon> m_daemon;

    int statusFor(const std::string &key, const std::string &model = "gpt-4")
    {
        HttpClient client(m_daemon->url(), {{"Authorization", "Bearer " + key}, {"Content-Type", "application/json"}});
        return client.post(chat, chatBody(model)).status;
    }
    /// Asks until the answer is that one: the server takes changes up within a second.
    bool becomes(const std::string &key, int status, Ms timeout = Ms(5000))
    {
        const Moment deadline = Clock::now() + timeout;
        while (statusFor(key) != status) {
            if (Clock::now() > deadline)
                return false;
            QTest::qSleep(20);
        }
        return true;
    }
    Daemon::Ran key(std::vector<std::string> arguments)
    {
        arguments.insert(arguments.begin(), "key");
        arguments.insert(arguments.end(), {"--state", m_daemon->stateFolder().string()});
        return m_daemon->run(arguments);
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_daemon = std::make_unique<Daemon>(PoolText{.baseUrl = m_upstream.baseUrl(), .keys = poolKeys(1)}.options());
        QVERIFY2(m_daemon->ready(), m_daemon->log().c_str());
    }

    void aMintedKeyWorksWithinASecondAndARevokedOneStopsToWork()
    {
        const Daemon::Ran minted = key({"mint", "--name", "alice"});
        QVERIFY2(minted.exitCode == 0, minted.err.c_str());
        const std::string alice = keyIn(minted.out);
        QVERIFY2(!alice.empty(), minted.out.c_str());
        const Moment start = Clock::now();
        QVERIFY(becomes(alice, 200));
        qInfo("usable after %d ms", int(std::chrono::duration_cast<Ms>(Clock::now() - start).count()));
        const Daemon::Ran revoked = key({"revoke", "alice"});
        QVERIFY2(revoked.exitCode == 0, revoked.err.c_str());
        QVERIFY(becomes(alice, 401));
        QCOMPARE(statusFor(m_daemon->virtualKey()), 200);
    }

    void listsNeverShowAKey()
    {
        const std::string bob = keyIn(key({"mint", "--name", "bob"}).out);
        const Daemon::Ran list = key({"list"});
        QVERIFY2(list.exitCode == 0, list.err.c_str());
        QVERIFY(list.out.find("bob") != std::string::npos);
        QVERIFY(list.out.find(bob) == std::string::npos);
        QVERIFY(list.out.find(m_daemon->virtualKey()) == std::string::npos);
    }

    void aKeyMayBeHeldToModels()
    {
        const Daemon::Ran minted = key({"mint", "--name", "carol", "--models", "gpt-4*"});
        QVERIFY2(minted.exitCode == 0, minted.err.c_str());
        const std::string carol = keyIn(minted.out);
        QVERIFY(becomes(carol, 200));
        QCOMPARE(statusFor(carol, "gpt-4o"), 200);
        HttpClient client(m_daemon->url(), {{"Authorization", "Bearer " + carol}});
        const HttpResponse refused = client.post(chat, chatBody("claude-3-opus"));
        QCOMPARE(refused.status, 403);
        QCOMPARE(jsonAt(refused.body, "/error/code"), "model_not_allowed");
        QCOMPARE(std::string(refused.header("x-should-retry")), "false");
    }

    void killingTheCommandAtAnyMomentLosesNothingThatWasPrinted()
    {
        int printed = 0;
        for (int round = 0; round < 10; ++round) {
            Process mint({daemonProgram(), "key", "mint", "--name", "round-" + std::to_string(round), "--state",
                          m_daemon->stateFolder().string()},
                         {"HOME=" + m_daemon->folder().string(), "LANG=C.UTF-8"});
            // A little later in each round, so that every stage of the command is met.
            mint.wait(Ms(4 * round));
            mint.signal(SIGKILL);
            mint.wait();
            mint.waitForEnd();
            if (const std::string minted = keyIn(mint.out()); !minted.empty()) {
                ++printed;
                QVERIFY2(becomes(minted, 200), "a key that was printed is gone");
            }
            QCOMPARE(statusFor(m_daemon->virtualKey()), 200);
        }
        qInfo("%d of 10 keys were printed before the kill", printed);
        const Daemon::Ran after = key({"mint", "--name", "after"});
        QVERIFY2(after.exitCode == 0, after.err.c_str());
        QVERIFY(becomes(keyIn(after.out), 200));
    }

    void killingTheServerLosesNoKeyAndNoRevocation()
    {
        const std::string kept = keyIn(key({"mint", "--name", "kept"}).out);
        const std::string gone = keyIn(key({"mint", "--name", "gone"}).out);
        QVERIFY(becomes(gone, 200));
        QCOMPARE(key({"revoke", "gone"}).exitCode, 0);
        const std::string first = m_daemon->virtualKey();
        m_daemon->process().signal(SIGKILL);
        QVERIFY(m_daemon->process().wait().has_value());
        DaemonOptions options = PoolText{.baseUrl = m_upstream.baseUrl(), .keys = poolKeys(1)}.options();
        options.folder = m_daemon->folder();
        const auto dead = std::move(m_daemon); // owns the folder
        m_daemon = std::make_unique<Daemon>(options);
        QVERIFY2(m_daemon->ready(), m_daemon->log().c_str());
        QCOMPARE(m_daemon->virtualKey(), first);
        QCOMPARE(statusFor(first), 200);
        QCOMPARE(statusFor(kept), 200);
        QCOMPARE(statusFor(gone), 401);
        m_daemon.reset();
    }
};

QTEST_APPLESS_MAIN(VirtualKeysTest)
#include "test_virtualkeys.moc"
