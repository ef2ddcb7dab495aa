// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keypoolfixture.h"
#include "gateway/healthjson.h"
#include "gateway/modelsjson.h"
#include "http/requestids.h"
#include "support/show.h"

#include <atomic>
#include <set>
#include <thread>

using namespace keymux;
using namespace keymux::test;
using keymux::testing::Json;
using keymux::testing::jsonAt;
using keymux::testing::Texts;

namespace {

Texts idsIn(const std::string &list)
{
    Texts ids;
    const Json json = Json::parse(list);
    for (const auto &entry : json.at("data"))
        ids.push_back(entry.at("id").get<std::string>());
    return ids;
}

ActivePool poolOf(PoolConfig config)
{
    ActivePool pool;
    pool.router = std::make_shared<const Router>(std::make_shared<const PoolConfig>(std::move(config)));
    pool.loadedAt = 1700000000;
    return pool;
}

} // namespace

/// What `/health` and `/v1/models` answer, and what names their answers.
class GatewayJsonTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void healthTellsCountsAndNoNames()
    {
        Bench bench({key("very-secret-id-1"), key("very-secret-id-2"), key("very-secret-id-3")});
        bench.readiness.at(1).resolved = false;
        bench.apply();
        HealthSummary health = summarize(bench.pool.snapshot(bench.now), bench.pool.ready(bench.now));
        health.configRevision = 7;
        const std::string json = healthJson(health, false);
        QCOMPARE(jsonAt(json, "/status"), std::string("healthy"));
        QCOMPARE(jsonAt(json, "/keys/total"), std::string("3"));
        QCOMPARE(jsonAt(json, "/keys/usable"), std::string("2"));
        QCOMPARE(jsonAt(json, "/deployments/by_status/unresolved"), std::string("1"));
        QCOMPARE(jsonAt(json, "/deployments/by_status/ready"), std::string("2"));
        QCOMPARE(jsonAt(json, "/config/revision"), std::string("7"));
        QCOMPARE(jsonAt(json, "/config/error"), std::string("null"));
        QVERIFY2(json.find("very-secret") == std::string::npos, json.c_str());
    }

    void healthSaysWhatIsWrong()
    {
        HealthSummary health;
        QCOMPARE(jsonAt(healthJson(health, false), "/status"), std::string("unhealthy"));
        health.ready = true;
        health.configError = "config:1:2: \xff broken";
        QCOMPARE(jsonAt(healthJson(health, true), "/status"), std::string("draining"));
        QVERIFY(jsonAt(healthJson(health, false), "/config/error").starts_with("config:1:2: "));
    }

    void theListHasWhatAVirtualKeyMayAskFor()
    {
        PoolConfig config;
        config.providers = {provider("p", {key("a", {}, {model("gemini-2.0-flash"), model("gemini-2.5-pro")}),
                                           key("b", {}, {model("gemini-2.0-flash")})})};
        const ActivePool pool = poolOf(config);
        VirtualKey all, held;
        held.models = {"*flash"};
        QCOMPARE(idsIn(modelListJson(pool, all)).size(), std::size_t(2)); // each name once
        QCOMPARE(idsIn(modelListJson(pool, held)), Texts{"gemini-2.0-flash"});
        QCOMPARE(jsonAt(modelListJson(pool, held), "/object"), std::string("list"));
        QCOMPARE(jsonAt(modelListJson(pool, held), "/data/0/created"), std::string("1700000000"));
        QVERIFY(modelJson(pool, held, "gemini-2.0-flash").has_value());
        QVERIFY(!modelJson(pool, held, "gemini-2.5-pro").has_value());
        QCOMPARE(jsonAt(*modelJson(pool, all, "gemini-2.5-pro"), "/object"), std::string("model"));
    }

    void anUnroutableNameIsNoModel()
    {
        PoolConfig config;
        config.providers = {provider("p", {key("a")})};
        config.routing.modelMap = {{"gpt-4*", {"m"}}};
        const ActivePool pool = poolOf(config);
        QVERIFY(modelJson(pool, {}, "gpt-4o").has_value());
        QVERIFY(!modelJson(pool, {}, "claude").has_value());
    }

    void requestIdsAreAlikeInShapeAndNeverTheSame()
    {
        RequestIds one, other;
        std::set<std::string> all;
        for (int i = 0; i < 20000; ++i) {
            for (RequestIds *ids : {&one, &other}) {
                const std::string id = ids->next();
                QCOMPARE(id.size(), std::size_t(28));
                QVERIFY(id.starts_with("req_"));
                QVERIFY(id.find_first_not_of("0123456789abcdef", 4) == std::string::npos);
                QVERIFY2(all.insert(id).second, "the same id twice");
            }
        }
    }

    void oneThreadAtATimeUsesTheSharedPool()
    {
        SharedPool pool;
        std::atomic<int> inside = 0, overlaps = 0;
        std::vector<std::thread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 2000; ++i) {
                    pool.with([&](KeyPool &) {
                        overlaps += inside++ > 0 ? 1 : 0;
                        --inside;
                    });
                    HealthSummary health;
                    health.keys = health.deployments = i;
                    pool.setHealth(health);
                    const HealthSummary read = pool.health();
                    overlaps += read.keys != read.deployments ? 1 : 0;
                }
            });
        for (std::thread &thread : threads)
            thread.join();
        QCOMPARE(overlaps.load(), 0);
    }
};

QTEST_APPLESS_MAIN(GatewayJsonTest)
#include "test_gatewayjson.moc"
