// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keypoolfixture.h"
#include "core/router.h"

#include <QtTest>
#include <set>

using namespace keymux;
using namespace keymux::test;

namespace {

/// Two providers; `flash` at both, in other priorities.
PoolConfig pool()
{
    PoolConfig config;
    config.providers = {
        provider("google", {key("g1", {}, {model("flash", 10, 1), model("flash-exp", 5, 2), model("pro", 1, 3)}),
                            key("g2", {}, {model("flash", 1, 1), model("spare", 0, 1)})}),
        provider("other", {key("o1", {}, {model("flash", 1, 4), model("mini", 1, 2)})}),
    };
    return config;
}

Router routerOf(PoolConfig config)
{
    return Router(std::make_shared<const PoolConfig>(std::move(config)));
}

/// A plan in words: tiers apart by ` > `, their members by a space.
std::string planOf(const Router &router, std::string_view name, Endpoint endpoint = Endpoint::Chat)
{
    const Route route = router.route(name, endpoint);
    if (!route.plan)
        return "not found";
    std::string text;
    for (const TierIndex tier : route.plan->tiers) {
        text += text.empty() ? "" : " > ";
        const auto &members = router.tiers()[tier].members;
        for (const DeploymentIndex &member : members)
            text += (&member == members.data() ? "" : " ") + router.deployments()[member].id;
    }
    return text;
}

std::string planOf(PoolConfig config, std::string_view name)
{
    return planOf(routerOf(std::move(config)), name);
}

PoolConfig withRules(std::vector<ModelRule> rules)
{
    PoolConfig config = pool();
    config.routing.modelMap = std::move(rules);
    return config;
}

} // namespace

class TestRouter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyKeyAndModelMakeADeploymentInDocumentOrder()
    {
        const Router router = routerOf(pool());
        std::string ids;
        for (const Deployment &d : router.deployments())
            ids += d.id + ' ';
        QCOMPARE(ids, std::string("g1/flash g1/flash-exp g1/pro g2/flash g2/spare o1/flash o1/mini "));
        const Deployment &last = router.deployments().back();
        QCOMPARE(last.provider, 1U);
        QCOMPARE(last.key, 0U);
        QCOMPARE(last.keyOrdinal, 2U);
        QCOMPARE(last.priority, 2);
        QCOMPARE(router.keyCount(), std::size_t(3));
        QCOMPARE(router.provider(last).name, std::string("other"));
        QCOMPARE(router.key(last).keyId, std::string("o1"));
    }

    void aLimitIsTheModelsOwnElseItsKeysElseItsProviders()
    {
        ModelEntry own = model("a");
        own.limits.rpm = 1;
        Provider p = provider("p", {key("k", {.rpm = 2, .tpm = 20}, {own, model("b")})});
        p.limits = {.rpm = 3, .tpm = 30, .rpd = 300};
        PoolConfig config;
        config.providers = {p};
        const Router router = routerOf(config);
        QVERIFY(router.deployments()[0].limits == (Limits{.rpm = 1, .tpm = 20, .rpd = 300}));
        QVERIFY(router.deployments()[1].limits == (Limits{.rpm = 2, .tpm = 20, .rpd = 300}));
    }

    void aNameThePoolHasGetsThatModelAndNoOther()
    {
        const Router router = routerOf(pool());
        QCOMPARE(planOf(router, "flash"), std::string("g1/flash g2/flash > o1/flash"));
        QCOMPARE(planOf(router, "pro"), std::string("g1/pro"));
        QVERIFY(router.route("flash", Endpoint::Chat).direct);
        QVERIFY(!router.route("gpt-4", Endpoint::Chat).direct);
    }

    void aNameThePoolHasNeverGetsToTheRules()
    {
        const Router router = routerOf(withRules({{"pro", {"flash"}}, {"*", {"*"}}}));
        QCOMPARE(planOf(router, "pro"), std::string("g1/pro"));
    }

    void theStarMeansEverythingByPriority()
    {
        QCOMPARE(planOf(pool(), "gpt-4"),
                 std::string("g1/flash g2/flash > g2/spare > g1/flash-exp o1/mini > g1/pro > o1/flash"));
    }

    void theFirstRuleThatMatchesWins()
    {
        const Router router = routerOf(withRules({{"gpt-4*", {"pro"}}, {"gpt-*", {"mini"}}, {"*", {"flash-exp"}}}));
        QCOMPARE(planOf(router, "gpt-4o"), std::string("g1/pro"));
        QCOMPARE(planOf(router, "gpt-3.5"), std::string("o1/mini"));
        QCOMPARE(planOf(router, "claude"), std::string("g1/flash-exp"));
        // Also when a later one would fit better.
        QCOMPARE(planOf(withRules({{"*", {"mini"}}, {"gpt-4", {"pro"}}}), "gpt-4"), std::string("o1/mini"));
    }

    void aRulesListOrderComesBeforePriority()
    {
        QCOMPARE(planOf(withRules({{"*", {"pro", "flash"}}}), "x"),
                 std::string("g1/pro > g1/flash g2/flash > o1/flash"));
    }

    void theStarInAListMeansAllNotYetNamed()
    {
        QCOMPARE(planOf(withRules({{"*", {"pro", "*"}}}), "x"),
                 std::string("g1/pro > g1/flash g2/flash > g2/spare > g1/flash-exp o1/mini > o1/flash"));
        QCOMPARE(planOf(withRules({{"*", {"*", "pro"}}}), "x"), planOf(pool(), "x"));
    }

    void aGlobInAListTakesWhatItFits()
    {
        QCOMPARE(planOf(withRules({{"*", {"flash*"}}}), "x"),
                 std::string("g1/flash g2/flash > g1/flash-exp > o1/flash"));
        QCOMPARE(planOf(withRules({{"*", {"other/*"}}}), "x"), std::string("o1/mini > o1/flash"));
    }

    void aProviderAndAModelAskForThatProviders()
    {
        const Router router = routerOf(withRules({{"x", {"other/flash", "google/flash"}}}));
        QCOMPARE(planOf(router, "x"), std::string("o1/flash > g1/flash g2/flash"));
        QCOMPARE(planOf(router, "other/flash"), std::string("o1/flash"));
        QVERIFY(router.route("other/flash", Endpoint::Chat).direct);
        QCOMPARE(planOf(router, "other/pro"), std::string("not found"));
    }

    void aModelWithASlashInItsNameBeatsAProviderOfThatName()
    {
        PoolConfig config;
        config.providers = {provider("meta", {key("a", {}, {model("llama")})}),
                            provider("router", {key("b", {}, {model("meta/llama")})})};
        QCOMPARE(planOf(config, "meta/llama"), std::string("b/meta/llama"));
        QCOMPARE(planOf(config, "router/meta/llama"), std::string("b/meta/llama"));
    }

    void aNameNoRuleMatchesIsNotFound()
    {
        QCOMPARE(planOf(withRules({{"gpt-*", {"*"}}}), "claude"), std::string("not found"));
        QCOMPARE(planOf(withRules({}), "claude"), std::string("not found"));
        QCOMPARE(planOf(withRules({}), "flash"), std::string("g1/flash g2/flash > o1/flash"));
        QCOMPARE(planOf(pool(), ""), planOf(pool(), "gpt-4")); // the star fits every name
    }

    void weightZeroComesAfterItsPriorityAndBeforeTheNext()
    {
        PoolConfig config;
        config.providers = {provider("p", {key("a", {}, {model("m", 0, 1)}), key("b", {}, {model("m", 3, 1)}),
                                           key("c", {}, {model("m", 1, 2)}), key("d", {}, {model("m", 0, 1)})})};
        QCOMPARE(planOf(config, "m"), std::string("b/m > a/m d/m > c/m"));
    }

    void fallbacksFollowTheModelTheyAreFor()
    {
        PoolConfig config = pool();
        config.routing.fallbacks = {{"pro", {"mini", "flash"}}};
        QCOMPARE(planOf(config, "pro"), std::string("g1/pro > o1/mini > g1/flash g2/flash > o1/flash"));
        QCOMPARE(planOf(config, "google/pro"), std::string("g1/pro > o1/mini > g1/flash g2/flash > o1/flash"));
        QCOMPARE(planOf(config, "mini"), std::string("o1/mini"));
    }

    void fallbacksOfFallbacksFollowAndCirclesEnd()
    {
        PoolConfig config = pool();
        config.routing.fallbacks = {{"pro", {"mini"}}, {"mini", {"flash-exp", "pro"}}, {"flash-exp", {"pro"}}};
        QCOMPARE(planOf(config, "pro"), std::string("g1/pro > o1/mini > g1/flash-exp"));
        QCOMPARE(planOf(config, "flash-exp"), std::string("g1/flash-exp > g1/pro > o1/mini"));
    }

    void aDirectNameFallsBackToOthersOnlyWhenItMay()
    {
        PoolConfig config = pool();
        config.routing.modelMap = {{"p*", {"mini"}}, {"*", {"flash-exp"}}};
        config.routing.directFallback = true;
        QCOMPARE(planOf(config, "pro"), std::string("g1/pro > o1/mini"));
        QCOMPARE(planOf(config, "flash"), std::string("g1/flash g2/flash > o1/flash > g1/flash-exp"));
        config.routing.modelMap = {};
        QCOMPARE(planOf(config, "pro"), std::string("g1/pro"));
        config.routing.fallbacks = {{"pro", {"flash-exp"}}};
        config.routing.modelMap = {{"*", {"*"}}};
        QCOMPARE(planOf(config, "pro"), std::string("g1/pro > g1/flash-exp > g1/flash g2/flash > g2/spare > o1/mini "
                                                    "> o1/flash"));
    }

    void aRequestSeesOnlyDeploymentsWithItsEndpoint()
    {
        PoolConfig config = pool();
        config.providers[0].keys[0].models[0].endpoints = {Endpoint::Embeddings};
        config.providers[0].keys[0].models[1].endpoints = {Endpoint::Chat};
        const Router router = routerOf(config);
        QCOMPARE(planOf(router, "flash", Endpoint::Embeddings), std::string("g1/flash"));
        QCOMPARE(planOf(router, "flash", Endpoint::Chat), std::string("g2/flash > o1/flash"));
        QCOMPARE(planOf(router, "flash-exp", Endpoint::Completions), std::string());
        QCOMPARE(planOf(router, "unknown", Endpoint::Embeddings), std::string("g1/flash"));
        QVERIFY(router.route("flash-exp", Endpoint::Completions).plan); // known, though not for this
    }

    void tiersOfAPlanDoNotOverlap()
    {
        PoolConfig config = pool();
        config.routing.modelMap = {{"*", {"flash", "google/flash", "f*", "*", "flash"}}};
        const Router router = routerOf(config);
        std::set<DeploymentIndex> seen;
        for (const TierIndex tier : router.route("x", Endpoint::Chat).plan->tiers) {
            for (const DeploymentIndex member : router.tiers()[tier].members)
                QVERIFY(seen.insert(member).second);
        }
        QCOMPARE(seen.size(), router.deployments().size());
    }

    void namesToAskForAreTheModelsThenTheExactRules()
    {
        PoolConfig config = pool();
        config.routing.modelMap = {{"gpt-4", {"pro"}}, {"gpt-*", {"pro"}}, {"pro", {"mini"}}, {"gpt-4", {"mini"}}};
        QCOMPARE(routerOf(config).modelNames(),
                 (std::vector<std::string>{"flash", "flash-exp", "pro", "spare", "mini", "gpt-4"}));
    }

    void anEmptyPoolFindsNamesButNobodyForThem()
    {
        const Router router = routerOf(PoolConfig{});
        QCOMPARE(planOf(router, "gpt-4"), std::string());
        QVERIFY(router.route("gpt-4", Endpoint::Chat).plan);
        QVERIFY(router.modelNames().empty());
    }
};

QTEST_APPLESS_MAIN(TestRouter)
#include "test_router.moc"
