// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/credentials.h"
#include "support/pooltext.h"
#include "support/show.h"

#include <csignal>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";

keymux::TimePoint wallClock()
{
    using namespace std::chrono;
    return keymux::TimePoint(duration_cast<keymux::Millis>(system_clock::now().time_since_epoch()));
}

keymux::MintOptions named(const std::string &name, keymux::VirtualKeyLimits limits = {})
{
    return {.name = name, .limits = std::move(limits)};
}

keymux::VirtualKeyLimits requestsADay(double amount)
{
    keymux::VirtualKeyLimits limits;
    limits.budget = keymux::Budget{amount, keymux::BudgetUnit::Requests, keymux::BudgetPeriod::Total};
    return limits;
}

} // namespace

/// Virtual keys' own limits and budgets, their end and their replacement, at a server that runs.
class KeyLimitsTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<ScriptedUpstream> m_upstream;
    std::unique_ptr<Daemon> m_daemon;
    std::unique_ptr<keymux::VirtualKeyStore> m_store;

    void startDaemon(const std::filesystem::path &folder = {})
    {
        DaemonOptions options = PoolText{.baseUrl = m_upstream->baseUrl(), .keys = poolKeys(2)}.options();
        options.folder = folder;
        const auto dead = std::move(m_daemon); // owns the folder
        m_daemon = std::make_unique<Daemon>(options);
        QVERIFY2(m_daemon->ready(), m_daemon->log().c_str());
        auto store = keymux::VirtualKeyStore::open(m_daemon->stateFolder().string());
        QVERIFY(store.has_value());
        m_store = std::move(*store);
    }
    HttpClient clientOf(const std::string &key) const
    {
        return HttpClient(m_daemon->url(), {{"Authorization", "Bearer " + key}, {"Content-Type", "application/json"}});
    }
    /// Asks for the models, which no limit counts, until the server knows the key or does not any more.
    bool becomes(const std::string &key, int status, Ms timeout = Ms(3000)) const
    {
        const Moment deadline = Clock::now() + timeout;
        while (clientOf(key).get("/v1/models").status != status) {
            if (Clock::now() > deadline)
                return false;
            QTest::qSleep(10);
        }
        return true;
    }
    keymux::MintedKey mint(const keymux::MintOptions &options)
    {
        auto minted = keymux::mintVirtualKey(*m_store, options, wallClock());
        if (!minted || !becomes(minted->clear, 200))
            qFatal("no key");
        return *minted;
    }
    keymux::VirtualKeyRoom::Usage usageOf(const std::string &id) const
    {
        const auto all = m_store->usage();
        for (const auto &usage : all.value()) {
            if (usage.id == id)
                return usage;
        }
        return {};
    }

private Q_SLOTS:
    void init()
    {
        m_upstream = std::make_unique<ScriptedUpstream>();
        startDaemon();
    }
    void cleanup()
    {
        m_store.reset();
        m_daemon.reset();
        m_upstream.reset();
    }

    void twoHundredClientsGetExactlyTheBudget()
    {
        const auto key = mint(named("budget", requestsADay(37)));
        const auto answers = burst(
            200, 50, [](HttpClient &client, int) { return client.post(chat, chatBody("gpt-4")); },
            [&] { return clientOf(key.clear); });
        int served = 0;
        for (const HttpResponse &answer : answers) {
            served += answer.status == 200 ? 1 : 0;
            if (answer.status == 200)
                continue;
            QCOMPARE(answer.status, 429);
            QCOMPARE(jsonAt(answer.body, "/error/code"), "insufficient_quota");
            QVERIFY(!answer.header("retry-after").empty());
        }
        QCOMPARE(served, 37);
        QCOMPARE(int(walkOf(*m_upstream).size()), 37);
        const HttpResponse last = clientOf(key.clear).post(chat, chatBody("gpt-4"));
        QCOMPARE(std::string(last.header("x-should-retry")), "false");
        QCOMPARE(std::string(last.header("x-ratelimit-remaining-requests")), "0");
    }

    void twoHundredClientsNeverExceedTheMinute()
    {
        const auto key = mint(named("rpm", {.rpm = 25, .tpm = {}, .maxParallel = {}, .budget = {}}));
        const auto answers = burst(
            200, 50, [](HttpClient &client, int) { return client.post(chat, chatBody("gpt-4")); },
            [&] { return clientOf(key.clear); });
        QCOMPARE(int(std::count_if(answers.begin(), answers.end(), [](const auto &a) { return a.status == 200; })), 25);
        const HttpResponse refused = clientOf(key.clear).post(chat, chatBody("gpt-4"));
        QCOMPARE(refused.status, 429);
        QCOMPARE(jsonAt(refused.body, "/error/code"), "rate_limit_exceeded");
        const int wait = std::stoi(std::string(refused.header("retry-after")));
        QVERIFY(wait > 30 && wait <= 61);
        QCOMPARE(int(walkOf(*m_upstream).size()), 25);
        QVERIFY(m_daemon->waitForLog(key.key.id + " is at its own rpm_limit"));
    }

    void answersTellWhatIsLeft()
    {
        const auto key = mint(named("told", {.rpm = 5, .tpm = 10000, .maxParallel = {}, .budget = {}}));
        HttpClient client = clientOf(key.clear);
        for (int left = 4; left >= 0; --left) {
            const HttpResponse answer = client.post(chat, chatBody("gpt-4"));
            QCOMPARE(answer.status, 200);
            QCOMPARE(std::string(answer.header("x-ratelimit-limit-requests")), "5");
            QCOMPARE(std::string(answer.header("x-ratelimit-remaining-requests")), std::to_string(left));
            QVERIFY(std::string(answer.header("x-ratelimit-reset-requests")).starts_with("1m0"));
            QCOMPARE(std::string(answer.header("x-ratelimit-limit-tokens")), "10000");
            QVERIFY(std::stoi(std::string(answer.header("x-ratelimit-remaining-tokens"))) < 10000);
            QVERIFY(!answer.header("x-ratelimit-reset-tokens").empty());
        }
        const HttpResponse refused = client.post(chat, chatBody("gpt-4"));
        QCOMPARE(refused.status, 429);
        QCOMPARE(std::string(refused.header("x-ratelimit-remaining-requests")), "0");
        // A key without limits is told nothing.
        const HttpResponse free = m_daemon->client().post(chat, chatBody("gpt-4"));
        QCOMPARE(free.status, 200);
        QVERIFY(free.header("x-ratelimit-limit-requests").empty());
        QVERIFY(free.header("x-ratelimit-limit-tokens").empty());
    }

    void whatIsRefusedForAnotherReasonConsumesNothing()
    {
        keymux::MintOptions options = named("careful", requestsADay(1));
        options.models = {"gemini*"};
        const auto key = mint(options);
        HttpClient client = clientOf(key.clear);
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(client.post(chat, "no json").status, 400);
            QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 403);
        }
        // Providers that fail are not the client's to pay.
        m_upstream->on({.times = 2}, upstream::internalError());
        QCOMPARE(client.post(chat, chatBody("gemini-2.0-flash")).status, 502);
        QCOMPARE(client.post(chat, chatBody("gemini-2.0-flash")).status, 200);
        QCOMPARE(client.post(chat, chatBody("gemini-2.0-flash")).status, 429);
        // The model is judged before the budget.
        QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 403);
    }

    void placesComeBackHoweverARequestEnds()
    {
        const auto key = mint(named("parallel", {.rpm = {}, .tpm = {}, .maxParallel = 1, .budget = {}}));
        m_upstream->on({.field = "stream"}, upstream::stream(100000, Ms(20)));
        for (int i = 0; i < 5; ++i) {
            HttpStream stream = clientOf(key.clear).stream(chat, chatBody("gpt-4", true));
            QCOMPARE(stream.head().status, 200);
            QVERIFY(stream.nextEvent().has_value());
            const HttpResponse refused = clientOf(key.clear).post(chat, chatBody("gpt-4"));
            QCOMPARE(refused.status, 429);
            QCOMPARE(jsonAt(refused.body, "/error/code"), "rate_limit_exceeded");
            i % 2 == 0 ? stream.close() : stream.reset();
            const Moment deadline = Clock::now() + Ms(5000);
            while (clientOf(key.clear).post(chat, chatBody("gpt-4")).status != 200)
                QVERIFY(Clock::now() < deadline);
        }
    }

    void aWithdrawnKeysStreamEndsWithinASecond_data()
    {
        QTest::addColumn<bool>("revoke");
        QTest::newRow("revoked") << true;
        QTest::newRow("blocked") << false;
    }

    void aWithdrawnKeysStreamEndsWithinASecond()
    {
        QFETCH(bool, revoke);
        const auto key = mint(named("leaver"));
        m_upstream->on({.field = "stream"}, upstream::stream(100000, Ms(20)));
        HttpStream stream = clientOf(key.clear).stream(chat, chatBody("gpt-4", true));
        HttpStream other = clientOf(m_daemon->virtualKey()).stream(chat, chatBody("gpt-4", true));
        QVERIFY(stream.nextEvent().has_value() && other.nextEvent().has_value());
        if (revoke) {
            QVERIFY(m_store->revoke(key.key.id, wallClock()).has_value());
        } else {
            const auto block = [](keymux::VirtualKey &k) {
                k.blocked = true;
                return keymux::Result<void>();
            };
            QVERIFY(m_store->change(key.key.id, block).has_value());
        }
        const Moment told = Clock::now();
        const std::string rest = stream.rest(Ms(3000));
        QVERIFY(Clock::now() - told < Ms(1000));
        QVERIFY(stream.complete());
        QVERIFY2(rest.find("invalid_api_key") != std::string::npos, rest.c_str());
        QVERIFY(becomes(key.clear, 401));
        QVERIFY(other.nextEvent().has_value()); // other keys' streams run on
    }

    void expiryIsExactToTheSecond()
    {
        keymux::MintOptions options = named("short");
        options.expiresAt = wallClock() + Ms(4000);
        const auto key = mint(options);
        QVERIFY(becomes(key.clear, 200)); // once the server has seen it
        while (wallClock() < *options.expiresAt + Ms(20)) {
            const bool before = wallClock() < *options.expiresAt - Ms(100);
            const int status = clientOf(key.clear).post(chat, chatBody("gpt-4")).status;
            if (before && wallClock() < *options.expiresAt)
                QCOMPARE(status, 200);
        }
        const HttpResponse after = clientOf(key.clear).post(chat, chatBody("gpt-4"));
        QCOMPARE(after.status, 401);
        QCOMPARE(jsonAt(after.body, "/error/code"), "invalid_api_key");
    }

    void aReplacedKeyWorksThroughItsGrace()
    {
        const auto key = mint(named("turning"));
        const auto renewed = keymux::rotateVirtualKey(*m_store, key.key.id, Ms(2000), wallClock());
        QVERIFY(renewed.has_value());
        QVERIFY(becomes(renewed->clear, 200));
        QCOMPARE(clientOf(key.clear).post(chat, chatBody("gpt-4")).status, 200);
        QVERIFY(becomes(key.clear, 401, Ms(5000)));
        QVERIFY(wallClock() >= *renewed->key.oldUntil);
        QCOMPARE(clientOf(renewed->clear).post(chat, chatBody("gpt-4")).status, 200);
        const auto again = keymux::rotateVirtualKey(*m_store, key.key.id, Ms(0), wallClock());
        QVERIFY(becomes(again->clear, 200));
        QCOMPARE(clientOf(renewed->clear).post(chat, chatBody("gpt-4")).status, 401);
    }

    void aChangedLimitHoldsWithinASecondAndCountsOn()
    {
        const auto key = mint(named("raised", requestsADay(1)));
        HttpClient client = clientOf(key.clear);
        QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 429);
        QVERIFY(m_store
                    ->change(key.key.id,
                             [](keymux::VirtualKey &k) {
                                 k.limits.budget->amount = 2;
                                 return keymux::Result<void>();
                             })
                    .has_value());
        const Moment deadline = Clock::now() + Ms(1500);
        while (client.post(chat, chatBody("gpt-4")).status != 200)
            QVERIFY(Clock::now() < deadline);
        QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 429);
    }

    void commandsWorkOverTheNetwork()
    {
        const std::string token = (m_daemon->stateFolder() / "admin-token").string();
        const auto key = [&](std::vector<std::string> words) {
            words.insert(words.begin(), "key");
            words.insert(words.end(), {"--server", m_daemon->adminUrl(), "--token-file", token, "--json"});
            return m_daemon->run(words);
        };
        const auto minted = key({"mint", "far away", "--rpm-limit", "1"});
        QVERIFY2(minted.exitCode == 0, minted.err.c_str());
        const std::string clear = jsonAt(minted.out, "/key");
        QVERIFY(becomes(clear, 200));
        QCOMPARE(clientOf(clear).post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(clientOf(clear).post(chat, chatBody("gpt-4")).status, 429);
        const auto shown = key({"show", "far away"});
        QCOMPARE(jsonAt(shown.out, "/spend/requests"), "1");
        QCOMPARE(key({"update", "far away", "--rpm-limit", "none"}).exitCode, 0);
        const auto rotated = key({"rotate", "far away", "--grace", "1h"});
        QVERIFY(becomes(jsonAt(rotated.out, "/key"), 200));
        QCOMPARE(clientOf(clear).get("/v1/models").status, 200);
        QVERIFY(key({"list"}).out.find("far away") != std::string::npos);
        QCOMPARE(key({"revoke", "far away"}).exitCode, 0);
        QVERIFY(becomes(clear, 401));
        QCOMPARE(key({"show", "nobody"}).exitCode, 1);
        QCOMPARE(jsonAt(key({"show", "far away"}).out, "/status"), "revoked");
        // LiteLLM's way, on the same listener.
        const HttpResponse made = m_daemon->admin().post("/key/generate", R"({"key_alias": "ci"})");
        QCOMPARE(made.status, 200);
        QVERIFY(becomes(jsonAt(made.body, "/key"), 200));
        QCOMPARE(HttpClient(m_daemon->adminUrl()).post("/key/generate", "{}").status, 401);
    }

    void aBudgetIsRememberedOverKillAndRestart()
    {
        const auto key = mint(named("remembered", requestsADay(3)));
        for (int i = 0; i < 2; ++i)
            QCOMPARE(clientOf(key.clear).post(chat, chatBody("gpt-4")).status, 200);
        const Moment deadline = Clock::now() + Ms(1500);
        while (usageOf(key.key.id).total.requests < 2)
            QVERIFY2(Clock::now() < deadline, "use is written within a second");
        QVERIFY(usageOf(key.key.id).total.tokens > 0);
        m_daemon->process().signal(SIGKILL);
        QVERIFY(m_daemon->process().wait().has_value());
        const std::filesystem::path folder = m_daemon->folder();
        const auto dead = std::move(m_daemon);
        startDaemon(folder);
        QCOMPARE(clientOf(key.clear).post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(clientOf(key.clear).post(chat, chatBody("gpt-4")).status, 429);
        // An orderly end writes what the last second brought.
        m_daemon->process().signal(SIGTERM);
        QCOMPARE(m_daemon->process().wait(), std::optional<int>(0));
        QCOMPARE(usageOf(key.key.id).total.requests, std::int64_t(3));
        m_store.reset();
        m_daemon.reset();
    }
};

QTEST_GUILESS_MAIN(KeyLimitsTest)
#include "test_keylimits.moc"
