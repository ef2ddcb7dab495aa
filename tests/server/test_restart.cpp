// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/poolmemorystore.h"
#include "support/pooltext.h"
#include "support/show.h"

#include <csignal>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";

} // namespace

/// What a server still knows after it was stopped, or killed.
class RestartTest : public QObject {
    Q_OBJECT

private:
    static std::string at(const Daemon &daemon, const std::string &pointer)
    {
        return jsonAt(daemon.admin().get("/admin/v1/state").body, pointer);
    }
    static void end(Daemon &daemon, int signal)
    {
        daemon.process().signal(signal);
        QVERIFY(daemon.process().wait().has_value());
    }
    static keymux::PoolMemory memoryOf(const std::filesystem::path &state)
    {
        const auto database = keymux::Database::open(state.string());
        return (*keymux::PoolMemoryStore::open(*database))->load().value();
    }
    /// Until all that the two keys learned is on disk.
    static bool isStored(const std::filesystem::path &state, std::int64_t requests)
    {
        const Moment deadline = Clock::now() + Ms(20000);
        while (Clock::now() < deadline) {
            const keymux::PoolMemory memory = memoryOf(state);
            std::int64_t found = 0;
            for (const keymux::DayMemory &day : memory.days)
                found += day.used;
            if (found == requests && memory.rests.size() == 1)
                return true;
            QTest::qSleep(20);
        }
        return false;
    }
    /// Where it is noon or earlier, so that no day turns meanwhile.
    static std::string zoneFarFromMidnight()
    {
        const auto hours =
            std::chrono::duration_cast<std::chrono::hours>(std::chrono::system_clock::now().time_since_epoch());
        return hours.count() % 24 < 12 ? "UTC" : "Pacific/Kiritimati"; // whose midnight is at 10:00 UTC
    }

private Q_SLOTS:
    void dayCountsAndTheRestOfADayQuotaOutliveStopAndKill_data()
    {
        QTest::addColumn<int>("signal");
        QTest::newRow("SIGTERM") << SIGTERM;
        QTest::newRow("SIGKILL") << SIGKILL;
    }
    void dayCountsAndTheRestOfADayQuotaOutliveStopAndKill()
    {
        QFETCH(int, signal);
        ScriptedUpstream upstream;
        upstream.on({.key = secretOf("key-1")}, upstream::dayLimit());
        TemporaryFolder folder;
        DaemonOptions options = PoolText{.baseUrl = upstream.baseUrl(),
                                         .keys = poolKeys(2, "\"rpd_limit\": 50"),
                                         .provider = "\"rpd_reset_zone\": \"" + zoneFarFromMidnight() + "\""}
                                    .options();
        options.folder = folder.path();
        std::string until;
        {
            Daemon daemon(options);
            QVERIFY2(daemon.ready(), daemon.log().c_str());
            HttpClient client = daemon.client();
            for (int i = 0; i < 5; ++i)
                QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 200);
            until = at(daemon, "/deployments/0/cooldown/until");
            QVERIFY2(until.size() > 10, until.c_str());
            if (signal == SIGKILL)
                QVERIFY(isStored(daemon.stateFolder(), 6));
            end(daemon, signal);
        }
        upstream.ledger().clear();
        Daemon daemon(options);
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        QCOMPARE(at(daemon, "/deployments/0/cooldown/until"), until);
        QCOMPARE(at(daemon, "/deployments/0/cooldown/reason"), "day_quota");
        QCOMPARE(at(daemon, "/deployments/0/windows/rpd/used"), "1");
        QCOMPARE(at(daemon, "/deployments/1/windows/rpd/used"), "5");
        QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(upstream.ledger().countOf(secretOf("key-1")), std::size_t(0));
    }

    void aNewSecretEndsWhatTheOldOneEarned()
    {
        ScriptedUpstream upstream;
        upstream.on({.key = secretOf("key-1")}, upstream::keyInvalid());
        TemporaryFolder folder;
        DaemonOptions options = PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2)}.options();
        options.folder = folder.path();
        {
            Daemon daemon(options);
            QVERIFY2(daemon.ready(), daemon.log().c_str());
            QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 200);
            QCOMPARE(at(daemon, "/deployments/0/cooldown/reason"), "bad_key");
            end(daemon, SIGTERM);
        }
        {
            Daemon daemon(options);
            QCOMPARE(at(daemon, "/deployments/0/status"), "blocked");
            end(daemon, SIGTERM);
        }
        for (auto &[name, value] : options.environment) {
            if (value == secretOf("key-1"))
                value = "another-secret";
        }
        Daemon daemon(options);
        QCOMPARE(at(daemon, "/deployments/0/status"), "ready");
        for (int i = 0; i < 2; ++i)
            QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(upstream.ledger().countOf("another-secret"), std::size_t(1));
    }

    void aQuotaGroupRestsOn()
    {
        ScriptedUpstream upstream;
        upstream.on({}, upstream::dayLimit());
        TemporaryFolder folder;
        DaemonOptions options =
            PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(3, "\"quota_group\": \"project\"")}.options();
        options.folder = folder.path();
        {
            Daemon daemon(options);
            QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 429);
            end(daemon, SIGTERM);
        }
        Daemon daemon(options);
        for (const char *n : {"0", "1", "2"})
            QCOMPARE(at(daemon, std::string("/deployments/") + n + "/cooldown/scope"), "quota_group");
        QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 429);
        QCOMPARE(upstream.ledger().count(), std::size_t(1));
    }
};

QTEST_APPLESS_MAIN(RestartTest)
#include "test_restart.moc"
