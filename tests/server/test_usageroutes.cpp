// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/usageroutes.h"
#include "support/daemon.h"
#include "support/show.h"

#include <QTest>

using namespace keymux;
using namespace keymux::testing;

namespace {

/// 2026-11-24T10:00:00Z.
constexpr TimePoint now{Millis(1795514400000)};
constexpr const char *all = "virtual_key,key,provider,model,hour,day";

VirtualKey virtualKey(std::string id, std::string name)
{
    VirtualKey key;
    key.id = std::move(id);
    key.name = std::move(name);
    return key;
}

} // namespace

/// `GET /admin/v1/usage` on a real store.
class UsageRoutesTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<UsageStore> m_store;
    std::shared_ptr<const VirtualKeyTable> m_keys;
    int m_collected = 0;

    void book(Millis ago, const std::string &key, std::int64_t tokens, std::optional<double> cost)
    {
        RequestTrace trace;
        trace.virtualKeyId = key;
        trace.endedAt = now - ago;
        trace.usage = TokenUsage{.prompt = tokens, .completion = 1, .total = tokens + 1, .cached = 2, .reasoning = 1};
        trace.costUsd = cost;
        m_store->note(trace);
    }
    AdminReply ask(std::vector<std::pair<std::string, std::string>> query, const std::string &accept = {})
    {
        HttpRequest http;
        http.headers.emplace_back("accept", accept);
        const AdminRequest request{.http = http, .query = std::move(query), .now = now};
        return usageReport(request, {*m_store, [this] { ++m_collected; }, [this] { return m_keys; }});
    }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<TemporaryFolder>();
        m_collected = 0;
        m_store = UsageStore::open(Database::open(m_folder->path().string()).value(), {}).value();
        m_keys = std::make_shared<const VirtualKeyTable>(std::vector{
            virtualKey("vk_1", "team a"), virtualKey("vk_2", "=HYPERLINK(\"x\")"), virtualKey("vk_3", "team a")});
    }
    void cleanup() { m_store.reset(); }

    void anItemHasItsGroupsAndItsFigures()
    {
        book(Millis(1), "vk_1", 10, 0.1);
        book(Millis(1), "vk_1", 20, 0.2);
        book(std::chrono::hours(2), "vk_1", 30, std::nullopt);
        const AdminReply reply = ask({{"group_by", "virtual_key,hour"}});
        QCOMPARE(reply.status, 200);
        QCOMPARE(m_collected, 1);
        QCOMPARE(jsonAt(reply.body, "/items/0"),
                 std::string("{\"virtual_key\":\"vk_1\",\"virtual_key_name\":\"team a\","
                             "\"hour\":\"2026-11-24T09:00:00.000Z\",\"requests\":2,\"errors\":0,\"prompt_tokens\":30,"
                             "\"completion_tokens\":2,\"total_tokens\":32,\"cached_tokens\":4,\"reasoning_tokens\":2,"
                             "\"cost_usd\":0.3,\"unpriced_requests\":0,\"estimated_requests\":0}"));
        // What has no price costs nothing that anybody knows, which is not nothing.
        QCOMPARE(jsonAt(reply.body, "/items/1/cost_usd"), std::string("null"));
        QCOMPARE(jsonAt(reply.body, "/items/1/unpriced_requests"), std::string("1"));
        QCOMPARE(jsonAt(reply.body, "/next"), std::string("null"));
        QCOMPARE(jsonAt(reply.body, "/total/requests"), std::string("3"));
        QCOMPARE(jsonAt(reply.body, "/total/cost_usd"), std::string("0.3"));
    }

    void anEmptyReportHasATotalOfZeros()
    {
        const AdminReply reply = ask({{"group_by", all}});
        QCOMPARE(jsonAt(reply.body, "/items"), std::string("[]"));
        QCOMPARE(jsonAt(reply.body, "/total/requests"), std::string("0"));
        QCOMPARE(std::stod(jsonAt(reply.body, "/total/cost_usd")), 0.0);
    }

    void aVirtualKeyIsMeantByItsIdOrByItsName()
    {
        book(Millis(1), "vk_1", 1, 0);
        book(Millis(1), "vk_2", 1, 0);
        book(Millis(1), "vk_3", 1, 0);
        const auto count = [&](const std::string &key) {
            return jsonAt(ask({{"virtual_key", key}}).body, "/total/requests");
        };
        QCOMPARE(count("vk_1"), std::string("1"));
        QCOMPARE(count("team a"), std::string("2"));
        QCOMPARE(count("nobody"), std::string("0"));
        QCOMPARE(jsonAt(ask({{"virtual_key", "vk_1"}, {"virtual_key", "vk_2"}}).body, "/total/requests"),
                 std::string("2"));
    }

    void timesAreMomentsDaysOrAgo()
    {
        book(std::chrono::hours(1), "vk_1", 1, 0);
        book(std::chrono::hours(30), "vk_1", 1, 0);
        book(std::chrono::hours(24 * 40), "vk_1", 1, 0);
        const auto count = [&](const std::string &from, const std::string &to = "2026-11-24T10:00:00+00:00") {
            return jsonAt(ask({{"from", from}, {"to", to}}).body, "/total/requests");
        };
        QCOMPARE(count("2026-11-24"), std::string("1"));
        QCOMPARE(count("2h"), std::string("1"));
        QCOMPARE(count("2026-11-23T04:59:59Z"), std::string("2")); // the whole hour around it
        QCOMPARE(count("60d"), std::string("3"));
        QCOMPARE(count("60d", "2026-11-24"), std::string("2"));
        QCOMPARE(jsonAt(ask({}).body, "/total/requests"), std::string("2")); // of the last 30 days
    }

    void everyParameterAtFaultIsNamed()
    {
        const AdminReply reply = ask({{"from", "yesterday"},
                                      {"to", "1"},
                                      {"group_by", "model,colour"},
                                      {"format", "xml"},
                                      {"limit", "0"},
                                      {"groupby", "x"}});
        QCOMPARE(reply.status, 400);
        QCOMPARE(jsonAt(reply.body, "/error/code"), std::string("invalid_request_error"));
        for (const char *name : {"`from`", "`to`", "`group_by`", "`colour`", "`format`", "`limit`", "`groupby`"})
            QVERIFY2(reply.body.find(name) != std::string::npos, name);
        QCOMPARE(jsonAt(reply.body, "/problems/5/path"), std::string("limit"));
        QCOMPARE(m_collected, 0);
        QCOMPARE(ask({{"from", "2026-11-24"}, {"to", "2026-11-23"}}).status, 400);
        QCOMPARE(ask({{"limit", "5001"}}).status, 400);
        QCOMPARE(ask({{"limit", "5001"}, {"format", "csv"}}).status, 200);
        const AdminReply cursor = ask({{"cursor", "x"}});
        QCOMPARE(cursor.status, 400);
        QCOMPARE(jsonAt(cursor.body, "/error/code"), std::string("invalid_cursor"));
    }

    void pagesAreFollowedByTheirCursor()
    {
        for (int i = 0; i < 5; ++i)
            book(std::chrono::hours(i), "vk_1", 1, 0);
        const AdminReply first = ask({{"group_by", "hour"}, {"limit", "3"}});
        const std::string next = jsonAt(first.body, "/next");
        const AdminReply second = ask({{"group_by", "hour"}, {"limit", "3"}, {"cursor", next}});
        QCOMPARE(jsonAt(second.body, "/items/1/hour"), std::string("2026-11-24T06:00:00.000Z"));
        QCOMPARE(jsonAt(second.body, "/items/2"), std::string("(absent)"));
        QCOMPARE(jsonAt(second.body, "/next"), std::string("null"));
        QCOMPARE(jsonAt(second.body, "/total/requests"), std::string("5"));
        const AdminReply csv = ask({{"group_by", "hour"}, {"limit", "3"}, {"format", "csv"}});
        QVERIFY(std::find(csv.headers.begin(), csv.headers.end(),
                          std::pair<std::string, std::string>("x-keymux-next", next)) != csv.headers.end());
    }

    void aSpreadsheetTakesNoNameForAFormula()
    {
        book(Millis(1), "vk_2", 10, 0.25);
        book(Millis(1), "@vk", 1, std::nullopt);
        for (const AdminReply &reply : {ask({{"group_by", "virtual_key"}, {"format", "csv"}}),
                                        ask({{"group_by", "virtual_key"}}, "text/csv, */*;q=0.1")}) {
            QCOMPARE(reply.contentType, std::string("text/csv; charset=utf-8"));
            QCOMPARE(reply.body,
                     std::string("virtual_key,virtual_key_name,requests,errors,prompt_tokens,completion_tokens,"
                                 "total_tokens,cached_tokens,reasoning_tokens,cost_usd,unpriced_requests,"
                                 "estimated_requests\r\n"
                                 "'@vk,,1,0,1,1,2,2,1,,1,0\r\n"
                                 "vk_2,\"'=HYPERLINK(\"\"x\"\")\",1,0,10,1,11,2,1,0.25,0,0\r\n"));
        }
        QCOMPARE(ask({{"format", "json"}}, "text/csv").contentType, std::string("application/json"));
    }
};

QTEST_APPLESS_MAIN(UsageRoutesTest)
#include "test_usageroutes.moc"
