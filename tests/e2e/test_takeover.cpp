// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <unistd.h>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";

std::string addressOf(const std::string &url)
{
    return url.substr(url.find("//") + 2);
}

/// Requests at a steady pace from several clients, until it is told to end.
class SteadyLoad {
public:
    SteadyLoad(const Daemon &daemon, int perSecond)
    {
        constexpr int clients = 10;
        for (int i = 0; i < clients; ++i)
            m_threads.emplace_back([this, client = daemon.client(), perSecond, i]() mutable {
                Moment next = Clock::now() + Ms(i);
                while (!m_stop) {
                    std::this_thread::sleep_until(next);
                    next += Ms(1000 * clients / perSecond);
                    const Moment asked = Clock::now();
                    const HttpResponse answer = client.post(chat, chatBody("gpt-4"));
                    const auto took = std::chrono::duration_cast<Ms>(Clock::now() - asked);
                    m_sent.fetch_add(1);
                    for (auto longest = m_longest.load();
                         longest < took.count() && !m_longest.compare_exchange_weak(longest, took.count());) {
                    }
                    if (answer.status == 200 && answer.complete)
                        continue;
                    const std::lock_guard lock(m_mutex);
                    m_failures += std::to_string(answer.status) + ' ' + answer.error + ' ' + answer.body + '\n';
                }
            });
    }
    ~SteadyLoad() { end(); }

    /// What failed, one a line.
    std::string end()
    {
        m_stop = true;
        for (std::thread &thread : m_threads)
            thread.join();
        m_threads.clear();
        return m_failures;
    }
    int sent() const { return m_sent.load(); }
    Ms longestAnswer() const { return Ms(m_longest.load()); }
    void waitForMore(int count) const
    {
        const int before = sent();
        QTRY_VERIFY_WITH_TIMEOUT(sent() >= before + count, 30000);
    }

private:
    std::atomic<bool> m_stop{false};
    std::atomic<int> m_sent{0};
    std::atomic<Ms::rep> m_longest{0};
    std::mutex m_mutex;
    std::string m_failures;
    std::vector<std::thread> m_threads;
};

/// A process that is writing to the gateway's database while this lives: it holds the write lock of SQLite's WAL, byte
/// 120 of the shared-memory file (https://sqlite.org/walformat.html).
class DatabaseWriter {
public:
    explicit DatabaseWriter(const std::filesystem::path &state)
        : m_fd(open((state / "keymux.db-shm").c_str(), O_RDWR | O_CLOEXEC))
    {
        struct flock wanted {};
        wanted.l_type = F_WRLCK;
        wanted.l_whence = SEEK_SET;
        wanted.l_start = 120;
        wanted.l_len = 1;
        m_writes = fcntl(m_fd, F_SETLKW, &wanted) == 0;
    }
    ~DatabaseWriter() { close(m_fd); }
    DatabaseWriter(const DatabaseWriter &) = delete;
    DatabaseWriter &operator=(const DatabaseWriter &) = delete;

    bool writes() const { return m_writes; }

private:
    int m_fd;
    bool m_writes = false;
};

std::vector<HttpStream> openStreams(const Daemon &daemon, int count)
{
    std::vector<HttpStream> streams;
    for (int i = 0; i < count; ++i) {
        streams.push_back(daemon.client().stream(chat, chatBody("gpt-4", true)));
        if (!streams.back().nextEvent())
            qWarning("stream %d did not begin", i);
    }
    return streams;
}

} // namespace

/// One server takes over from another while clients are at it.
class TakeoverTest : public QObject {
    Q_OBJECT

private:
    ScriptedUpstream m_upstream;

    PoolText pool(int keys = 4) const { return PoolText{.baseUrl = m_upstream.baseUrl(), .keys = poolKeys(keys)}; }
    DaemonOptions successorOf(const Daemon &daemon, const PoolText &text) const
    {
        DaemonOptions options = text.options();
        options.folder = daemon.folder();
        options.flags = {"--takeover", "--listen", addressOf(daemon.url()), "--admin-listen",
                         addressOf(daemon.adminUrl())};
        return options;
    }
    static std::string used(const Daemon &daemon)
    {
        return jsonAt(daemon.admin().get("/admin/v1/usage?group_by=virtual_key").body, "/total/requests");
    }
    static std::string spent(const Daemon &daemon, const std::string &name)
    {
        const std::string list = daemon.admin().get("/admin/v1/virtual-keys").body;
        for (int i = 0; i < 2; ++i) {
            const std::string at = "/items/" + std::to_string(i);
            if (jsonAt(list, at + "/name") == name)
                return jsonAt(list, at + "/spend/requests");
        }
        return {};
    }
    static std::string lockHolder(const Daemon &daemon)
    {
        std::ifstream file(daemon.stateFolder() / "lock");
        std::string pid;
        file >> pid;
        return pid;
    }

private Q_SLOTS:
    void init()
    {
        m_upstream.clearRules();
        m_upstream.ledger().clear();
    }

    void noRequestAndNoStreamFailsThroughAnUpgrade()
    {
        m_upstream.on({.field = "stream"}, upstream::stream(40, Ms(100)));
        Daemon old(pool().options());
        QVERIFY2(old.ready(), old.log().c_str());
        std::vector<HttpStream> streams = openStreams(old, 50);
        SteadyLoad load(old, 200);
        load.waitForMore(100);
        const Ms before = load.longestAnswer();
        Daemon fresh(successorOf(old, pool()));
        QVERIFY2(fresh.ready(), (fresh.log() + old.log()).c_str());
        QCOMPARE(fresh.url(), old.url());
        QCOMPARE(fresh.adminUrl(), old.adminUrl());
        QCOMPARE(lockHolder(fresh), std::to_string(fresh.process().pid()));
        load.waitForMore(100);
        for (HttpStream &stream : streams) {
            QVERIFY(stream.rest().ends_with("data: [DONE]\n\n"));
            QVERIFY(stream.complete());
        }
        QCOMPARE(old.process().wait(Ms(30000)), std::optional<int>(0));
        load.waitForMore(50);
        const std::string failures = load.end();
        QVERIFY2(failures.empty(), failures.c_str());
        qInfo("the longest answer took %lld ms before, %lld ms with the upgrade",
              static_cast<long long>(before.count()), static_cast<long long>(load.longestAnswer().count()));
        // Each is in the usage once, whichever server answered it.
        QTRY_COMPARE(used(fresh), std::to_string(load.sent() + 50));
        QCOMPARE(fresh.client().post(chat, chatBody("gpt-4")).status, 200);
    }

    void noRequestAndNoStreamFailsThroughAFailedUpgrade()
    {
        m_upstream.on({.field = "stream"}, upstream::stream(40, Ms(100)));
        Daemon old(pool().options());
        QVERIFY2(old.ready(), old.log().c_str());
        std::vector<HttpStream> streams = openStreams(old, 50);
        SteadyLoad load(old, 200);
        load.waitForMore(50);
        // With a config that is not valid.
        const std::filesystem::path broken = old.folder() / "broken.json";
        std::ofstream(broken) << "{\"providers\": 1}";
        DaemonOptions options = successorOf(old, pool());
        options.flags.insert(options.flags.end(), {"--config", broken.string()});
        options.config.clear();
        options.waitReady = false;
        Daemon invalid(options);
        QCOMPARE(invalid.process().wait(Ms(30000)), std::optional<int>(1));
        // Killed in the midst of its start, which stands still because somebody else writes to the database.
        {
            const DatabaseWriter writer(old.stateFolder());
            QVERIFY(writer.writes());
            options = successorOf(old, pool());
            options.waitReady = false;
            Daemon killed(options);
            QVERIFY2(old.waitForLog("asks to take over", Ms(30000)), old.log().c_str());
            killed.process().signal(SIGKILL);
            QVERIFY(killed.process().wait());
            QVERIFY(killed.process().out().find("keymuxd ready") == std::string::npos);
        }
        QVERIFY2(old.waitForLog("came to nothing", Ms(30000)), old.log().c_str());
        load.waitForMore(50);
        for (HttpStream &stream : streams)
            QVERIFY(stream.rest().ends_with("data: [DONE]\n\n"));
        const std::string failures = load.end();
        QVERIFY2(failures.empty(), failures.c_str());
        QVERIFY(old.process().running());
        QCOMPARE(lockHolder(old), std::to_string(old.process().pid()));
        options = pool().options();
        options.folder = old.folder();
        options.waitReady = false;
        Daemon second(options);
        QCOMPARE(second.process().wait(), std::optional<int>(1));
        QTRY_COMPARE(used(old), std::to_string(load.sent() + 50));
    }

    void budgetsHoldAcrossIt()
    {
        m_upstream.on({.field = "stream"}, upstream::stream(20, Ms(100)));
        Daemon old(pool().options());
        QVERIFY2(old.ready(), old.log().c_str());
        const Daemon::Ran minted = old.run(
            {"key", "mint", "small", "--state", old.stateFolder().string(), "--budget", "5requests/total", "--json"});
        QCOMPARE(minted.exitCode, 0);
        const Headers headers{{"Authorization", "Bearer " + jsonAt(minted.out, "/key")},
                              {"Content-Type", "application/json"}};
        HttpClient client(old.url(), headers);
        QTRY_COMPARE(client.get("/v1/models").status, 200); // it is known
        QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 200);
        std::vector<HttpStream> streams;
        for (int i = 0; i < 2; ++i) { // under way while the other one takes over
            streams.push_back(HttpClient(old.url(), headers).stream(chat, chatBody("gpt-4", true)));
            QVERIFY(streams.back().nextEvent());
        }
        Daemon fresh(successorOf(old, pool()));
        QVERIFY2(fresh.ready(), fresh.log().c_str());
        HttpClient later(fresh.url(), headers);
        QCOMPARE(later.post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(later.post(chat, chatBody("gpt-4")).status, 429);
        for (HttpStream &stream : streams)
            QVERIFY(stream.rest().ends_with("data: [DONE]\n\n"));
        QCOMPARE(old.process().wait(Ms(30000)), std::optional<int>(0));
        QTRY_COMPARE(spent(fresh, "small"), "5");
        QCOMPARE(later.post(chat, chatBody("gpt-4")).status, 429);
    }

    void whatRestsGoesOnResting()
    {
        m_upstream.on({.key = secretOf("key-1"), .times = 1}, upstream::minuteLimit(30));
        Daemon old(pool(1).options());
        QVERIFY2(old.ready(), old.log().c_str());
        QCOMPARE(old.client().post(chat, chatBody("gpt-4")).status, 429);
        Daemon fresh(successorOf(old, pool(1)));
        QVERIFY2(fresh.ready(), fresh.log().c_str());
        QCOMPARE(fresh.client().post(chat, chatBody("gpt-4")).status, 429);
        QCOMPARE(jsonAt(fresh.admin().get("/admin/v1/state").body, "/deployments/0/status"), "cooling");
    }

    void withoutARunningServerItStartsAsEver()
    {
        DaemonOptions options = pool().options();
        options.flags = {"--takeover"};
        Daemon daemon(options);
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 200);
        // What a killed one leaves behind is in nobody's way.
        daemon.process().signal(SIGKILL);
        daemon.process().wait();
        options.folder = daemon.folder();
        Daemon again(options);
        QVERIFY2(again.ready(), again.log().c_str());
    }

    void anotherAddressIsOpenedAndTheOldOneClosed()
    {
        Daemon old(pool().options());
        QVERIFY2(old.ready(), old.log().c_str());
        DaemonOptions options = successorOf(old, pool());
        options.flags[2] = "127.0.0.2:0";
        Daemon fresh(options);
        QVERIFY2(fresh.ready(), fresh.log().c_str());
        QVERIFY(fresh.url() != old.url());
        QCOMPARE(fresh.client().post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(old.process().wait(Ms(30000)), std::optional<int>(0));
        QVERIFY(!Socket::connected("127.0.0.1", Address::of(old.url()).port).valid());
    }

    void oneWithoutSecretsLeavesTheOtherServing()
    {
        Daemon old(pool().options());
        QVERIFY2(old.ready(), old.log().c_str());
        DaemonOptions options = successorOf(old, pool());
        options.environment.clear();
        options.waitReady = false;
        Daemon poor(options);
        QCOMPARE(poor.process().wait(Ms(30000)), std::optional<int>(1));
        QVERIFY2(poor.log().find("none of the keys has a secret here") != std::string::npos, poor.log().c_str());
        QVERIFY2(old.waitForLog("came to nothing", Ms(30000)), old.log().c_str());
        QCOMPARE(old.client().post(chat, chatBody("gpt-4")).status, 200);
    }

    void oneAfterTheOther()
    {
        std::vector<std::unique_ptr<Daemon>> all;
        all.push_back(std::make_unique<Daemon>(pool().options()));
        QVERIFY2(all.back()->ready(), all.back()->log().c_str());
        for (int i = 0; i < 4; ++i) {
            QCOMPARE(all.back()->client().post(chat, chatBody("gpt-4")).status, 200);
            all.push_back(std::make_unique<Daemon>(successorOf(*all.back(), pool())));
            QVERIFY2(all.back()->ready(), all.back()->log().c_str());
        }
        QTRY_COMPARE(used(*all.back()), "4");
        for (std::size_t i = 0; i + 1 < all.size(); ++i)
            QCOMPARE(all[i]->process().wait(Ms(30000)), std::optional<int>(0));
    }
};

QTEST_APPLESS_MAIN(TakeoverTest)
#include "test_takeover.moc"
