// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/recentrequests.h"
#include "core/keypoolfixture.h"
#include "support/show.h"

using namespace keymux;
using namespace keymux::test;
using namespace keymux::testing;

/// The newest requests and their routes.
class RecentRequestsTest : public QObject {
    Q_OBJECT

private:
    static std::shared_ptr<const Router> router(int keys = 3)
    {
        PoolConfig config;
        std::vector<KeyEntry> entries;
        for (int i = 0; i < keys; ++i)
            entries.push_back(key("k" + std::to_string(i), {}, {model("m"), model("n", 1, 2)}));
        config.providers.push_back(provider("p", std::move(entries)));
        return std::make_shared<const Router>(std::make_shared<const PoolConfig>(std::move(config)));
    }
    static RequestTrace trace(const std::string &id, std::shared_ptr<const Router> of)
    {
        RequestTrace result;
        result.requestId = id;
        result.virtualKeyId = "vk_1";
        result.model = "m";
        result.startedAt = noon;
        result.endedAt = noon + 250ms;
        result.answeredAt = noon + 200ms;
        result.status = 200;
        result.attempts.push_back({.deployment = 0,
                                   .startedAt = noon,
                                   .endedAt = noon + 250ms,
                                   .firstByte = Millis(190),
                                   .status = 200,
                                   .klass = AnswerClass::Success,
                                   .detail = {}});
        result.router = std::move(of);
        return result;
    }
    static Texts idsOf(const RecentRequests::Page &page)
    {
        Texts ids;
        for (const auto &item : page.items)
            ids.push_back(item["id"].get<std::string>());
        return ids;
    }
    static std::string at(const Json &json, const std::string &pointer) { return jsonAt(json.dump(), pointer); }

private Q_SLOTS:
    void whereNobodyWasLookedAtEqualsAreRankedLower()
    {
        RecentRequests recent;
        recent.add(trace("a", router()));
        const Json found = recent.find("a");
        QCOMPARE(at(found, "/duration_ms"), "250");
        QCOMPARE(at(found, "/first_byte_ms"), "200");
        QCOMPARE(at(found, "/deployment"), "k0/m");
        QCOMPARE(at(found, "/route/0/picked"), "k0/m");
        QCOMPARE(at(found, "/route/0/attempt/outcome"), "success");
        QCOMPARE(at(found, "/route/0/attempt/first_byte_ms"), "190");
        QCOMPARE(at(found, "/route/0/passed_over/0/deployment"), "k1/m");
        QCOMPARE(at(found, "/route/0/passed_over/1/why"), "ranked_lower");
        QCOMPARE(at(found, "/route/0/passed_over/2"), "(absent)"); // asked by its name there is nobody else
        QCOMPARE(at(found, "/route/1"), "(absent)");
        QVERIFY(recent.find("b").is_null());
    }

    void aLookIsToldAsItWas()
    {
        RecentRequests recent;
        RequestTrace one = trace("a", router());
        RouteLook look;
        look.made = true;
        look.passedOver.push_back(
            {1, PassedOverWhy::Resting, noon + 20s, RestReason::MinuteLimit, RestScope::Deployment});
        look.others.resting = 7;
        look.notReached = 9;
        one.attempts.front().look = std::make_shared<const RouteLook>(look);
        one.refusedLook = std::make_shared<const RouteLook>();
        recent.add(one);
        const Json found = recent.find("a");
        QCOMPARE(at(found, "/route/0/passed_over/0/deployment"), "k0/n");
        QCOMPARE(at(found, "/route/0/passed_over/0/why"), "resting");
        QCOMPARE(at(found, "/route/0/passed_over/0/reason"), std::string(restReasonName(RestReason::MinuteLimit)));
        QVERIFY(at(found, "/route/0/passed_over/0/until").starts_with("2026-"));
        QCOMPARE(at(found, "/route/0/not_listed/resting"), "7");
        QCOMPARE(at(found, "/route/0/not_reached"), "9");
        QCOMPARE(at(found, "/route/1/picked"), "null");
        QCOMPARE(at(found, "/route/1/attempt"), "null");
    }

    void deploymentsWithoutTheEndpointAreNamed()
    {
        RecentRequests recent;
        RequestTrace one = trace("a", router());
        one.endpoint = Endpoint::Embeddings;
        recent.add(one);
        QCOMPARE(at(recent.find("a"), "/route/0/passed_over/0/why"), "no_endpoint");
    }

    void providersWordsOnAFaultyRequestAreNotKept()
    {
        RecentRequests recent;
        RequestTrace one = trace("a", router());
        one.attempts.front().klass = AnswerClass::ClientFault;
        one.attempts.front().detail = "status 400: I do not like 'my secret prompt'";
        recent.add(one);
        QVERIFY(recent.find("a").dump().find("prompt'") == std::string::npos);
    }

    void listsAreNewestFirstInPages()
    {
        RecentRequests recent;
        const auto of = router();
        for (const char *id : {"a", "b", "c"})
            recent.add(trace(id, of));
        const auto first = recent.list({}, 2, std::nullopt);
        QCOMPARE(idsOf(first), (Texts{"c", "b"}));
        QVERIFY(first.next.has_value());
        recent.add(trace("d", of)); // what comes meanwhile moves nothing
        const auto second = recent.list({}, 2, first.next);
        QCOMPARE(idsOf(second), Texts{"a"});
        QVERIFY(!second.next.has_value());
    }

    void filtersTellThemApart()
    {
        RecentRequests recent;
        const auto of = router();
        RequestTrace failed = trace("failed", of);
        failed.end = RequestEnd::Refused;
        failed.status = 429;
        failed.model = "x";
        failed.attempts.front().deployment = 2;
        RequestTrace left = trace("left", of);
        left.end = RequestEnd::ClientLeft;
        left.status = 0;
        left.virtualKeyId = "vk_2";
        recent.add(trace("good", of));
        recent.add(failed);
        recent.add(left);
        const auto ids = [&](const RecentFilter &filter) { return idsOf(recent.list(filter, 10, std::nullopt)); };
        QCOMPARE(ids({.status = 429, .model = {}, .virtualKey = {}, .key = {}, .failed = {}}), Texts{"failed"});
        QCOMPARE(ids({.status = {}, .model = "x", .virtualKey = {}, .key = {}, .failed = {}}), Texts{"failed"});
        QCOMPARE(ids({.status = {}, .model = {}, .virtualKey = "vk_2", .key = {}, .failed = {}}), Texts{"left"});
        QCOMPARE(ids({.status = {}, .model = {}, .virtualKey = {}, .key = "k1", .failed = {}}), Texts{"failed"});
        QCOMPARE(ids({.status = {}, .model = {}, .virtualKey = {}, .key = {}, .failed = true}), Texts{"failed"});
        QCOMPARE(ids({.status = {}, .model = {}, .virtualKey = {}, .key = {}, .failed = false}),
                 (Texts{"left", "good"}));
        QCOMPARE(ids({.status = 429, .model = {}, .virtualKey = {}, .key = "k0", .failed = {}}), Texts{});
    }

    void aConfigIsLetGoOfAndItsRequestsAreToldAllTheSame()
    {
        RecentRequests recent;
        auto first = router();
        const std::weak_ptr<const Router> watched = first;
        recent.add(trace("a", first));
        first.reset();
        QVERIFY(!watched.expired());
        const auto second = router(), third = router();
        recent.add(trace("b", second));
        const Json before = recent.find("a");
        const Json line = recent.list({}, 10, std::nullopt).items.at(1);
        const std::size_t bytes = recent.bytes();
        recent.add(trace("c", third));
        QVERIFY(watched.expired());
        QVERIFY(recent.bytes() > bytes);
        QCOMPARE(recent.find("a").dump(), before.dump());
        QCOMPARE(recent.list({}, 10, std::nullopt).items.at(2).dump(), line.dump());
        const RecentFilter byKey{.status = {}, .model = {}, .virtualKey = {}, .key = "k0", .failed = {}};
        QCOMPARE(idsOf(recent.list(byKey, 10, std::nullopt)), (Texts{"c", "b", "a"}));
    }

    void numberBytesAndTextsAreBounded()
    {
        const auto of = router();
        RecentRequests few(3);
        for (int i = 0; i < 10; ++i)
            few.add(trace(std::to_string(i), of));
        QCOMPARE(int(few.size()), 3);
        QCOMPARE(idsOf(few.list({}, 10, std::nullopt)), (Texts{"9", "8", "7"}));

        RecentRequests small(2000, 100'000);
        RequestTrace long1 = trace("long", of);
        long1.model = std::string(1 << 20, 'x');
        long1.attempts.resize(5000, long1.attempts.front());
        long1.attempts.back().deployment = 4;
        small.add(long1);
        QCOMPARE(int(small.size()), 1);
        QVERIFY(small.bytes() <= 100'000);
        QCOMPARE(at(small.find("long"), "/deployment"), "k2/m");
        QCOMPARE(int(small.find("long")["model"].get<std::string>().size()), 256);
        for (int i = 0; i < 1000; ++i)
            small.add(trace(std::to_string(i), of));
        QVERIFY(small.bytes() <= 100'000);
        QVERIFY(small.size() < 1000);
    }
};

QTEST_APPLESS_MAIN(RecentRequestsTest)
#include "test_recentrequests.moc"
