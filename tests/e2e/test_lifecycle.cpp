// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

#include <csignal>
#include <fstream>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";

} // namespace

class LifecycleTest : public QObject {
    Q_OBJECT

private:
    ScriptedUpstream m_upstream;

    PoolText pool() const { return PoolText{.baseUrl = m_upstream.baseUrl(), .keys = poolKeys(2)}; }

private Q_SLOTS:
    void init()
    {
        m_upstream.clearRules();
        m_upstream.ledger().clear();
    }

    void terminatingLetsARunningStreamFinish()
    {
        m_upstream.on({}, upstream::stream(10, Ms(100)));
        PoolText text = pool();
        text.server = R"("drain_delay_ms": 500)";
        Daemon daemon(text.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpStream stream = daemon.client().stream(chat, chatBody("gpt-4", true));
        QVERIFY(stream.nextEvent());
        daemon.process().signal(SIGTERM);
        HttpClient health(daemon.url());
        int readiness = 200;
        for (int i = 0; i < 20 && readiness == 200; ++i) {
            readiness = health.get("/health/readiness").status;
            if (readiness == 200)
                QTest::qSleep(10);
        }
        QCOMPARE(readiness, 503);
        QVERIFY(stream.rest().ends_with("data: [DONE]\n\n"));
        QVERIFY(stream.complete());
        QCOMPARE(daemon.process().wait(), std::optional<int>(0));
    }

    void aSecondSignalStopsAtOnce()
    {
        m_upstream.on({}, upstream::stream(10000, Ms(100)));
        Daemon daemon(pool().options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpStream stream = daemon.client().stream(chat, chatBody("gpt-4", true));
        QVERIFY(stream.nextEvent());
        daemon.process().signal(SIGTERM);
        QVERIFY(!daemon.process().wait(Ms(500))); // it waits for the stream
        const Moment second = Clock::now();
        daemon.process().signal(SIGTERM);
        QVERIFY(daemon.process().wait(Ms(10000)).has_value());
        qInfo("stopped after %d ms", int(std::chrono::duration_cast<Ms>(Clock::now() - second).count()));
    }

    void drainingEndsAtItsTimeout()
    {
        m_upstream.on({}, upstream::stream(10000, Ms(100)));
        PoolText text = pool();
        text.server = R"("drain_timeout_ms": 300)";
        Daemon daemon(text.options());
        HttpStream stream = daemon.client().stream(chat, chatBody("gpt-4", true));
        QVERIFY(stream.nextEvent());
        daemon.process().signal(SIGTERM);
        QVERIFY(daemon.process().wait(Ms(10000)).has_value());
    }

    void anIdleServerStopsAtOnceWithSuccess()
    {
        for (const int signal : {SIGTERM, SIGINT}) {
            Daemon daemon(pool().options());
            QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 200);
            daemon.process().signal(signal);
            QCOMPARE(daemon.process().wait(Ms(10000)), std::optional<int>(0));
        }
    }

    void whoHasConnectedAndNotAskedYetIsStillAnswered()
    {
        Daemon daemon(pool().options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        std::vector<RawConnection> fresh;
        for (int i = 0; i < 20; ++i)
            fresh.emplace_back(daemon.url());
        RawConnection silent(daemon.url());
        RawConnection used(daemon.url());
        const std::string request = "GET /health/liveness HTTP/1.1\r\nHost: localhost\r\n\r\n";
        used.send(request);
        QVERIFY(used.readUntil("\r\n\r\n").starts_with("HTTP/1.1 200"));
        daemon.process().signal(SIGTERM);
        QVERIFY2(daemon.waitForLog("draining"), daemon.log().c_str());
        used.readUntilClose(); // when it is closed, accepting has ended
        QVERIFY(used.closed());
        for (RawConnection &connection : fresh) {
            connection.send(request);
            const std::string answer = connection.readUntilClose();
            QVERIFY2(answer.starts_with("HTTP/1.1 200"), answer.c_str());
        }
        QCOMPARE(daemon.process().wait(Ms(10000)), std::optional<int>(0));
        QVERIFY(silent.readUntilClose().empty());
    }

    void oneStateHasOneServer()
    {
        Daemon first(pool().options());
        QVERIFY2(first.ready(), first.log().c_str());
        DaemonOptions options = pool().options();
        options.folder = first.folder();
        options.waitReady = false;
        Daemon second(options);
        const auto exitCode = second.process().wait();
        QVERIFY2(exitCode == 1, (std::to_string(exitCode.value_or(-1)) + "\n" + second.log()).c_str());
        second.process().waitForEnd();
        QVERIFY2(second.process().err().find(std::to_string(first.process().pid())) != std::string::npos,
                 second.log().c_str());
        QCOMPARE(first.client().post(chat, chatBody("gpt-4")).status, 200);
    }

    void aTakenPortIsNamed()
    {
        Daemon first(pool().options());
        const std::string address = first.url().substr(7);
        DaemonOptions options = pool().options();
        options.flags = {"--listen", address};
        options.waitReady = false;
        Daemon second(options);
        const auto exitCode = second.process().wait();
        QVERIFY2(exitCode == 1, (std::to_string(exitCode.value_or(-1)) + "\n" + second.log()).c_str());
        second.process().waitForEnd();
        QVERIFY2(second.process().err().find(address) != std::string::npos, second.log().c_str());
    }

    void theVirtualKeyStaysTheSameOverRestarts()
    {
        TemporaryFolder folder;
        DaemonOptions options = pool().options();
        options.folder = folder.path();
        std::string key;
        {
            Daemon daemon(options);
            key = daemon.virtualKey();
            QVERIFY(key.starts_with("sk-"));
        }
        Daemon again(options);
        QCOMPARE(again.virtualKey(), key);
        QCOMPARE(again.client().post(chat, chatBody("gpt-4")).status, 200);
        QVERIFY(again.process().out().find("Virtual Key:") == std::string::npos);
    }

    void keysOfTheOperatorsOwnAreTaken()
    {
        DaemonOptions options = pool().options();
        options.environment.emplace_back("MY_KEY", "sk-my-own-virtual-key-0123456789");
        options.environment.emplace_back("MY_TOKEN", "my-own-admin-token-0123456789abc");
        options.flags = {"--virtual-key-from", "env:MY_KEY", "--admin-token-from", "env:MY_TOKEN"};
        Daemon daemon(options);
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpClient client(daemon.url(), {{"Authorization", "Bearer sk-my-own-virtual-key-0123456789"}});
        QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 200);
        HttpClient admin(daemon.adminUrl(), {{"Authorization", "Bearer my-own-admin-token-0123456789abc"}});
        QCOMPARE(admin.get("/admin/v1/state").status, 200);
    }

    void theAdminListenerAsksForItsToken()
    {
        Daemon daemon(pool().options());
        QCOMPARE(HttpClient(daemon.adminUrl()).get("/admin/v1/state").status, 401);
        QCOMPARE(HttpClient(daemon.adminUrl(), {{"Authorization", "Bearer " + daemon.virtualKey()}})
                     .get("/admin/v1/state")
                     .status,
                 401);
        const HttpResponse state = daemon.admin().get("/admin/v1/state");
        QCOMPARE(state.status, 200);
        QCOMPARE(jsonAt(state.body, "/deployments/0/id"), "key-1/gemini-2.0-flash");
        QCOMPARE(jsonAt(state.body, "/deployments/0/status"), "ready");
        QCOMPARE(jsonAt(state.body, "/keys/0/secret"), "resolved");
        QVERIFY(state.body.find("secret-of-") == std::string::npos);
        QCOMPARE(HttpClient(daemon.url(), {{"Authorization", "Bearer " + daemon.adminToken()}})
                     .get("/admin/v1/state")
                     .status,
                 404);
    }

    void noSecretIsEverWrittenAnywhere()
    {
        const Behaviour troubles[] = {upstream::minuteLimit(), upstream::unauthorized(), upstream::internalError(),
                                      upstream::garbage(), upstream::cutBody()};
        PoolText text{.baseUrl = m_upstream.baseUrl(), .keys = poolKeys(6)};
        for (int i = 0; i < 5; ++i)
            m_upstream.on({.key = secretOf("key-" + std::to_string(i + 1))}, troubles[i]);
        // A provider that repeats the key it was given, as some do.
        m_upstream.on({.key = secretOf("key-1"), .nth = 1},
                      upstream::answer(401, R"({"error":{"message":"Incorrect API key provided: secret-of-key-1."}})"));
        Daemon daemon(text.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        std::string seen;
        for (int i = 0; i < 10; ++i) {
            const HttpResponse answer = daemon.client().post(chat, chatBody("gpt-4", i % 2 == 0));
            for (const auto &[name, value] : answer.headers)
                seen += name + ": " + value + "\n";
            seen += answer.body;
        }
        seen += daemon.admin().get("/admin/v1/state").body + HttpClient(daemon.url()).get("/health").body;
        HttpClient(daemon.url(), {{"Authorization", "Bearer sk-planted-wrong-key-123"}}).get("/v1/models");
        const std::string token = daemon.adminToken();
        daemon.process().signal(SIGTERM);
        QVERIFY(daemon.process().wait().has_value());
        daemon.process().waitForEnd();
        seen += daemon.process().err();
        for (const std::string &secret :
             {std::string("secret-of-"), daemon.virtualKey(), token, std::string("sk-planted-wrong-key-123")})
            QVERIFY2(seen.find(secret) == std::string::npos, ("found " + secret + " in:\n" + seen).c_str());
        QVERIFY(seen.find("Say hello") == std::string::npos); // prompts are never logged
        // The one line on stdout that shows the virtual key, and its file, are what the operator asked for.
        for (const auto &file : std::filesystem::recursive_directory_iterator(daemon.folder())) {
            if (!file.is_regular_file() || file.path().filename() == "virtual-key" ||
                file.path().filename() == "admin-token")
                continue;
            std::ifstream stream(file.path(), std::ios::binary);
            const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
            QVERIFY2(bytes.find("secret-of-") == std::string::npos, file.path().c_str());
            QVERIFY2(bytes.find(daemon.virtualKey()) == std::string::npos, file.path().c_str());
        }
    }

    void rateLimitsCooldownsRecoveriesAndFallbacksCanBeFoundInTheLog()
    {
        m_upstream.on({.key = secretOf("key-1"), .times = 1}, upstream::minuteLimit(1));
        Daemon daemon(pool().options());
        QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 200);
        QVERIFY2(daemon.waitForLog("recovered"), daemon.log().c_str());
        std::istringstream lines(daemon.process().err());
        std::string found;
        for (std::string line; std::getline(lines, line);)
            if (line.find("rate") != std::string::npos || line.find("fallback") != std::string::npos)
                found += line + "\n";
        for (const char *word : {"cooldown", "recovered", "fallback", "key-1/gemini-2.0-flash"})
            QVERIFY2(found.find(word) != std::string::npos, (std::string(word) + " is not in:\n" + found).c_str());
    }

    void theDemoNeedsNothing()
    {
        DaemonOptions options;
        options.flags = {"--demo"};
        Daemon daemon(options);
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        int limited = 0;
        for (int i = 0; i < 40; ++i) {
            const HttpResponse answer = daemon.client().post(chat, chatBody("gpt-4", i % 4 == 0));
            QVERIFY2(answer.status == 200, answer.body.c_str());
            limited += answer.header("x-keymux-attempts") != "1" ? 1 : 0;
        }
        QVERIFY2(limited > 0, "no real limit was met");
        QCOMPARE(daemon.client().post("/v1/embeddings", R"({"model":"text-embedding-3-small","input":"a"})").status,
                 200);
    }

    void withoutACommandHelpIsPrinted()
    {
        Daemon daemon(pool().options());
        QVERIFY(daemon.run({}).out.find("serve") != std::string::npos);
        QCOMPARE(daemon.run({"--version"}).exitCode, 0);
        QCOMPARE(daemon.run({"nonsense"}).exitCode, 2);
        QCOMPARE(daemon.run({"serve", "--nonsense"}).exitCode, 2);
        QCOMPARE(daemon.run({"check", daemon.configFile().string()}).exitCode, 0);
        daemon.overwriteConfig("{\"providers\": {\"gemini\": {\"kees\": []}}}");
        const Daemon::Ran check = daemon.run({"check", daemon.configFile().string()});
        QCOMPARE(check.exitCode, 1);
        QVERIFY2((check.out + check.err).find("key-pool-config.json:1:") != std::string::npos, check.out.c_str());
    }
};

QTEST_APPLESS_MAIN(LifecycleTest)
#include "test_lifecycle.moc"
