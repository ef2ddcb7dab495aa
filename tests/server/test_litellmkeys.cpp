// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/litellmkeys.h"
#include "support/daemon.h"
#include "support/show.h"

using namespace keymux;
using namespace keymux::testing;

namespace {

constexpr TimePoint now{Millis(1700000000000)};

std::string at(const JsonReply &reply, const std::string &pointer)
{
    return jsonAt(reply.body.dump(), pointer);
}

std::string body(const std::string &name, const nlohmann::ordered_json &value)
{
    return nlohmann::ordered_json{{name, value}}.dump();
}

} // namespace

/// LiteLLM's `/key/…` calls on a real store.
class LiteLlmKeysTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;
    std::unique_ptr<VirtualKeyStore> m_store;
    SharedKeys m_keys;
    int m_changes = 0;
    std::unique_ptr<LiteLlmKeys> m_api;

    JsonReply post(const std::string &path, const std::string &text)
    {
        return m_api->handle("POST", "/key/" + path, {}, text, now).value();
    }
    JsonReply get(const std::string &path, const std::string &query)
    {
        return m_api->handle("GET", "/key/" + path, query, {}, now).value();
    }
    bool works(const std::string &clear) const { return VirtualKeyTable(*m_store->all()).find(clear, now); }

private Q_SLOTS:
    void init()
    {
        m_folder = std::make_unique<TemporaryFolder>();
        m_store = std::move(*VirtualKeyStore::open(m_folder->path().string()));
        m_changes = 0;
        m_api = std::make_unique<LiteLlmKeys>(*m_store, m_keys, [this] { ++m_changes; });
    }
    void cleanup()
    {
        m_api.reset();
        m_store.reset();
    }

    void aKeyIsGeneratedAndToldInItsShape()
    {
        const JsonReply made = post("generate", R"({"key_alias": "ci", "models": ["gpt-4o"], "duration": "30d",
            "max_budget": null, "rpm_limit": 5, "tpm_limit": 1000, "max_parallel_requests": 2,
            "metadata": {"team": "x"}, "user_id": "u-1", "team_id": null, "permissions": {}})");
        QCOMPARE(made.status, 200);
        QCOMPARE(m_changes, 1);
        const std::string clear = at(made, "/key");
        QVERIFY(clear.starts_with("sk-") && works(clear));
        QCOMPARE(at(made, "/key_name"), "sk-..." + clear.substr(clear.size() - 4));
        QCOMPARE(at(made, "/token").size(), std::size_t(64));
        QCOMPARE(at(made, "/token_id"), at(made, "/token"));
        QCOMPARE(at(made, "/key_alias"), std::string("ci"));
        QCOMPARE(at(made, "/max_budget"), std::string("null"));
        QCOMPARE(at(made, "/rpm_limit"), std::string("5"));
        QCOMPARE(at(made, "/max_parallel_requests"), std::string("2"));
        QCOMPARE(at(made, "/metadata"), std::string(R"({"team":"x"})"));
        QCOMPARE(at(made, "/user_id"), std::string("u-1"));
        QCOMPARE(at(made, "/expires"), std::string("2023-12-14T22:13:20.000Z"));
        const VirtualKey key = m_store->all()->front();
        QVERIFY(!key.limits.budget);
    }

    void aBudgetIsInDollarsAndItsSpendIsTold()
    {
        const JsonReply made = post("generate", R"({"max_budget": 2.5, "budget_duration": "30d"})");
        QCOMPARE(made.status, 200);
        QCOMPARE(at(made, "/max_budget"), std::string("2.5"));
        QCOMPARE(at(made, "/budget_duration"), std::string("30d"));
        QCOMPARE(at(made, "/spend"), std::string("0.0"));
        const VirtualKey key = m_store->all()->front();
        QVERIFY(key.limits.budget == (Budget{2.5, BudgetUnit::Usd, BudgetPeriod::Month}));
        m_keys.with([&](VirtualKeyRoom &room) {
            room.settle(room.acquire(key, {.requests = 1, .tokens = 1, .costUsd = 0}, now)->lease,
                        {.spend = {.requests = 1, .tokens = 9, .costUsd = 0.75}, .sent = true}, now);
        });
        QCOMPARE(at(get("info", "key=" + key.id), "/info/spend"), std::string("0.75"));

        const auto update = [&](const std::string &fields) {
            return post("update", "{" + fields + ", \"key\": \"" + key.id + "\"}").status;
        };
        QCOMPARE(update("\"max_budget\": 4"), 200);
        QVERIFY(m_store->all()->front().limits.budget == (Budget{4, BudgetUnit::Usd, BudgetPeriod::Month}));
        QCOMPARE(update("\"budget_duration\": null"), 200);
        QVERIFY(m_store->all()->front().limits.budget == (Budget{4, BudgetUnit::Usd, BudgetPeriod::Total}));
        QCOMPARE(update("\"max_budget\": null"), 200);
        QVERIFY(!m_store->all()->front().limits.budget);
    }

    void aKeyIsNamedByItsTextItsTokenOrItsId()
    {
        const JsonReply made = post("generate", "{}");
        for (const std::string &name : {at(made, "/key"), at(made, "/token"), m_store->all()->front().id}) {
            const JsonReply info = get("info", "key=" + name);
            QCOMPARE(info.status, 200);
            QCOMPARE(at(info, "/key"), at(made, "/token"));
            QCOMPARE(at(info, "/info/blocked"), std::string("false"));
            QVERIFY(info.body.dump().find(at(made, "/key")) == std::string::npos);
        }
        const JsonReply unknown = get("info", "key=sk-planted-and-unknown");
        QCOMPARE(unknown.status, 404);
        QCOMPARE(at(unknown, "/error/code"), std::string("404"));
        QVERIFY(unknown.body.dump().find("planted") == std::string::npos);
        QCOMPARE(get("info", "").status, 404);
    }

    void aGivenKeyIsTaken()
    {
        QCOMPARE(post("generate", R"({"key": "sk-given-by-the-operator"})").status, 200);
        QVERIFY(works("sk-given-by-the-operator"));
        QCOMPARE(post("generate", R"({"key": "sk-given-by-the-operator"})").status, 400);
        QCOMPARE(post("generate", R"({"key": "sk-short"})").status, 400);
        QCOMPARE(post("generate", R"({"key": "no-prefix-0123456789"})").status, 400);
    }

    void anUpdateKeepsWhatItDoesNotName()
    {
        const std::string clear = at(post("generate", R"({"rpm_limit": 5})"), "/key");
        const JsonReply updated = post("update", nlohmann::ordered_json{{"key", clear}, {"tpm_limit", 9}}.dump());
        QCOMPARE(updated.status, 200);
        QCOMPARE(at(updated, "/rpm_limit"), std::string("5"));
        QCOMPARE(at(updated, "/tpm_limit"), std::string("9"));
        QCOMPARE(post("update", R"({"key": "sk-unknown", "rpm_limit": 5})").status, 404);
    }

    void blockingStopsAndUnblockingStarts()
    {
        const std::string clear = at(post("generate", "{}"), "/key");
        QCOMPARE(at(post("block", body("key", clear)), "/blocked"), std::string("true"));
        QVERIFY(!works(clear));
        QCOMPARE(at(post("unblock", body("key", clear)), "/blocked"), std::string("false"));
        QVERIFY(works(clear));
    }

    void deletedKeysAreGone()
    {
        const std::string one = at(post("generate", R"({"key_alias": "one"})"), "/key");
        const std::string two = at(post("generate", R"({"key_alias": "two"})"), "/key");
        QCOMPARE(post("delete", body("keys", {one, "sk-unknown"})).status, 404);
        QVERIFY(works(one)); // all or nothing
        const JsonReply gone = post("delete", body("keys", nlohmann::ordered_json::array({one})));
        QCOMPARE(at(gone, "/deleted_keys/0"), one);
        QCOMPARE(post("delete", R"({"key_aliases": ["two"]})").status, 200);
        QVERIFY(!works(one) && !works(two));
        QCOMPARE(get("info", "key=" + one).status, 404);
        QCOMPARE(post("delete", "{}").status, 400);
        QCOMPARE(post("generate", R"({"key_alias": "one"})").status, 200); // the alias is free again
        QCOMPARE(post("generate", R"({"key_alias": "one"})").status, 400);
    }

    void listsComeInPages()
    {
        for (int i = 0; i < 12; ++i)
            post("generate", body("key_alias", "k" + std::to_string(i)));
        const JsonReply first = get("list", "");
        QCOMPARE(first.body["keys"].size(), std::size_t(10));
        QCOMPARE(at(first, "/keys/0").size(), std::size_t(64));
        QCOMPARE(at(first, "/total_count"), std::string("12"));
        QCOMPARE(at(first, "/total_pages"), std::string("2"));
        const JsonReply second = get("list", "page=2&size=10&return_full_object=true");
        QCOMPARE(second.body["keys"].size(), std::size_t(2));
        QCOMPARE(at(second, "/current_page"), std::string("2"));
        QVERIFY(at(second, "/keys/0/key_alias").starts_with("k"));
        QCOMPARE(get("list", "key_alias=k3").body["keys"].size(), std::size_t(1));
        QCOMPARE(get("list", "page=99999999").body["keys"].size(), std::size_t(0));
    }

    void whatWouldNotBeEnforcedIsRefused_data()
    {
        QTest::addColumn<QByteArray>("text");
        for (const char *text : {R"({"allowed_routes": ["/chat"]})", R"({"model_rpm_limit": {"gpt-4": 1}})",
                                 R"({"budget_duration": "1h"})", R"({"max_budget": -1})", R"({"max_budget": "10"})",
                                 R"({"budget_duration": "30d"})", R"({"duration": "soon"})", R"({"rpm_limit": "x"})",
                                 R"({"metadata": 5})", R"({"guardrails": ["g"]})", "[]", "{"})
            QTest::newRow(text) << QByteArray(text);
    }

    void whatWouldNotBeEnforcedIsRefused()
    {
        QFETCH(QByteArray, text);
        const JsonReply reply = post("generate", text.toStdString());
        QCOMPARE(reply.status, 400);
        QCOMPARE(at(reply, "/error/code"), std::string("400"));
        QVERIFY(m_store->all()->empty());
    }

    void otherPathsAndMethodsAreNotItsOwn()
    {
        QVERIFY(!m_api->handle("GET", "/key", {}, {}, now));
        QVERIFY(!m_api->handle("GET", "/model/info", {}, {}, now));
        QCOMPARE(m_api->handle("GET", "/key/generate", {}, {}, now)->status, 405);
    }
};

QTEST_GUILESS_MAIN(LiteLlmKeysTest)
#include "test_litellmkeys.moc"
