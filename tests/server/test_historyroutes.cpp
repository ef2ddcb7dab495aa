// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/historystore.h"
#include "support/pooltext.h"
#include "support/show.h"

#include <csignal>

using namespace keymux::testing;
using keymux::Database;
using keymux::History;
using keymux::HistoryStore;

/// The charts' past over the admin API, against what the provider saw.
class HistoryRoutesTest : public QObject {
    Q_OBJECT

private:
    static constexpr const char *chat = "/v1/chat/completions";

    /// The sum of a series over the last two hours.
    static int sumOf(const Daemon &daemon, const std::string &series, const std::string &of = {})
    {
        const HttpResponse answer = daemon.admin().get("/admin/v1/history?from=2h&series=" + series + of);
        int sum = 0;
        for (int i = 0;; ++i) {
            const std::string value = jsonAt(answer.body, "/series/" + series + "/" + std::to_string(i));
            if (value == "(absent)")
                return i > 0 ? sum : -1;
            sum += value == "null" ? 0 : std::stoi(value);
        }
    }
    static bool isStored(const std::filesystem::path &state, std::int64_t requests)
    {
        const Moment deadline = Clock::now() + Ms(30000);
        while (Clock::now() < deadline) {
            const auto now = keymux::TimePoint(
                std::chrono::duration_cast<keymux::Millis>(std::chrono::system_clock::now().time_since_epoch()));
            History history;
            const auto store = HistoryStore::open(*Database::open(state.string()));
            std::int64_t found = 0;
            if ((*store)->load(history, now)) {
                keymux::HistoryQuery query;
                query.from = now - std::chrono::hours(2);
                query.to = now;
                for (const auto &point : history.answer(query, now).points)
                    found += point ? point->counts.requests : 0;
            }
            if (found == requests)
                return true;
            QTest::qSleep(100);
        }
        return false;
    }

private Q_SLOTS:
    void chartsSayWhatTheProviderSawAndOutliveStopAndKill()
    {
        ScriptedUpstream upstream;
        upstream.on({.key = secretOf("key-1")}, upstream::dayLimit());
        TemporaryFolder folder;
        DaemonOptions options = PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2)}.options();
        options.folder = folder.path();
        const auto check = [&](const Daemon &daemon, int requests) {
            QCOMPARE(sumOf(daemon, "requests"), requests);
            QCOMPARE(sumOf(daemon, "errors"), 0);
            QCOMPARE(sumOf(daemon, "fallbacks"), 1);
            for (const char *key : {"key-1", "key-2"})
                QCOMPARE(sumOf(daemon, "requests", std::string("&key=") + key),
                         int(upstream.ledger().countOf(secretOf(key))));
            QCOMPARE(sumOf(daemon, "rate_limited", "&deployment=key-1/gemini-2.0-flash"), 1);
            QCOMPARE(sumOf(daemon, "requests", "&model=gemini-2.0-flash"), int(upstream.ledger().count()));
        };
        {
            Daemon daemon(options);
            QVERIFY2(daemon.ready(), daemon.log().c_str());
            HttpClient client = daemon.client();
            for (int i = 0; i < 7; ++i)
                QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 200);
            check(daemon, 7); // in the very next answer
            QVERIFY(sumOf(daemon, "tokens") > 0);
            daemon.process().signal(SIGTERM);
            QVERIFY(daemon.process().wait().has_value());
        }
        {
            Daemon daemon(options);
            check(daemon, 7);
            QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 200);
            QVERIFY(isStored(daemon.stateFolder(), 8));
            daemon.process().signal(SIGKILL);
            daemon.process().wait();
        }
        Daemon daemon(options);
        check(daemon, 8);
    }

    void whatIsWrongIsNamed()
    {
        Daemon daemon(PoolText{.baseUrl = "http://127.0.0.1:9/v1", .keys = poolKeys(1)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpClient admin = daemon.admin();
        const std::pair<const char *, const char *> wrong[] = {
            {"series=rooms", "series"}, {"series=", "series"},       {"from=yesterday", "from"},
            {"to=never", "to"},         {"step=0", "step"},          {"step=x", "step"},
            {"from=1h&to=2h", "from"},  {"from=90d&step=1", "step"}, {"from=90d", "from"},
            {"key=a&model=b", "model"}, {"nonsense=1", "nonsense"},  {"key=", "key"}};
        for (const auto &[parameters, name] : wrong) {
            const HttpResponse answer = admin.get(std::string("/admin/v1/history?") + parameters);
            QVERIFY2(answer.status == 400, parameters);
            QCOMPARE(jsonAt(answer.body, "/problems/0/path"), std::string(name));
        }
        QCOMPARE(admin.get("/admin/v1/history?key=nobody").status, 404);
        const HttpResponse day = admin.get("/admin/v1/history?from=24h&series=requests,room");
        QCOMPARE(day.status, 200);
        QCOMPARE(jsonAt(day.body, "/step"), "300");
        QCOMPARE(jsonAt(day.body, "/series/requests/0"), "null"); // before it was started
        QCOMPARE(jsonAt(day.body, "/series/errors"), "(absent)");
    }
};

QTEST_APPLESS_MAIN(HistoryRoutesTest)
#include "test_historyroutes.moc"
