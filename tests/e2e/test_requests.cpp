// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

using namespace keymux::testing;

/// The admin API tells of each recent request where it went, and why not elsewhere.
class RequestsTest : public QObject {
    Q_OBJECT

private:
    static constexpr const char *chat = "/v1/chat/completions";

    static std::string at(const HttpResponse &answer, const std::string &pointer)
    {
        return jsonAt(answer.body, pointer);
    }
    /// A request is over, and told of, a moment after its client has the answer.
    static HttpResponse route(HttpClient &admin, const HttpResponse &answer)
    {
        const std::string path = "/admin/v1/requests/" + std::string(answer.header("x-request-id"));
        const Moment deadline = Clock::now() + Ms(10000);
        HttpResponse told = admin.get(path);
        while (told.status == 404 && Clock::now() < deadline)
            told = admin.get(path);
        return told;
    }
    /// `deployment why`, of one step.
    static Texts passedOver(const HttpResponse &told, int step)
    {
        Texts list;
        const Json all = Json::parse(told.body);
        for (const Json &entry : all["route"][std::size_t(step)]["passed_over"])
            list.push_back(entry["deployment"].get<std::string>() + " " + entry["why"].get<std::string>());
        return list;
    }

private Q_SLOTS:
    void aFallbackIsToldStepByStep()
    {
        ScriptedUpstream upstream;
        PoolText text{.baseUrl = upstream.baseUrl(), .keys = poolKeys(2)};
        text.models = R"([{"model": "first", "priority": 1}, {"model": "second", "priority": 2}])";
        Daemon daemon(text.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpClient admin = daemon.admin(), client = daemon.client();
        upstream.on({.key = secretOf("key-1"), .model = "first"}, upstream::minuteLimit(30));
        upstream.on({.key = secretOf("key-2"), .model = "first"}, upstream::internalError());
        const HttpResponse answer = client.post(chat, chatBody("any"));
        QCOMPARE(answer.status, 200);
        const HttpResponse told = route(admin, answer);
        QVERIFY2(told.status == 200, told.body.c_str());
        QCOMPARE(at(told, "/id"), std::string(answer.header("x-request-id")));
        QCOMPARE(at(told, "/model"), "any");
        QCOMPARE(at(told, "/endpoint"), "chat");
        QCOMPARE(at(told, "/end"), "answered");
        QCOMPARE(at(told, "/attempts"), "3");
        QCOMPARE(at(told, "/deployment"), "key-1/second");
        QVERIFY(at(told, "/usage/total_tokens") != "0");
        QCOMPARE(at(told, "/route/0/picked"), "key-1/first");
        QCOMPARE(at(told, "/route/0/attempt/status"), "429");
        QCOMPARE(at(told, "/route/0/not_reached"), "2");
        QCOMPARE(passedOver(told, 0), Texts{"key-2/first ranked_lower"});
        QCOMPARE(at(told, "/route/1/picked"), "key-2/first");
        QCOMPARE(at(told, "/route/1/attempt/status"), "500");
        QCOMPARE(passedOver(told, 1), Texts{"key-1/first tried"});
        QCOMPARE(at(told, "/route/2/picked"), "key-1/second");
        QCOMPARE(passedOver(told, 2), (Texts{"key-1/first tried", "key-2/first tried", "key-2/second ranked_lower"}));

        // The next one finds the first resting, and says until when.
        upstream.clearRules();
        const HttpResponse next = route(admin, client.post(chat, chatBody("first")));
        QCOMPARE(passedOver(next, 0), Texts{"key-1/first resting"});
        QVERIFY(at(next, "/route/0/passed_over/0/until").ends_with("Z"));
        QCOMPARE(at(next, "/route/0/passed_over/0/scope"), "deployment");
    }

    void aRefusalSaysWhyThereWasNobody()
    {
        ScriptedUpstream upstream;
        Daemon daemon(
            PoolText{.baseUrl = upstream.baseUrl(),
                     .keys = {{"key-1", R"("rpm_limit": 1)"}, {"key-2", R"("enabled": false)"}, {"key-3", "", false}}}
                .options());
        HttpClient admin = daemon.admin(), client = daemon.client();
        QCOMPARE(client.post(chat, chatBody("any")).status, 200);
        const HttpResponse refused = client.post(chat, chatBody("any"));
        QCOMPARE(refused.status, 429);
        const HttpResponse told = route(admin, refused);
        QCOMPARE(at(told, "/status"), "429");
        QCOMPARE(at(told, "/code"), "pool_exhausted");
        QCOMPARE(at(told, "/end"), "refused");
        QCOMPARE(at(told, "/deployment"), "null");
        QCOMPARE(passedOver(told, 0), (Texts{"key-1/gemini-2.0-flash rpm", "key-2/gemini-2.0-flash disabled",
                                             "key-3/gemini-2.0-flash unresolved"}));
        QCOMPARE(at(admin.get("/admin/v1/requests?failed=true"), "/items/0/status"), "429");
        QCOMPARE(at(admin.get("/admin/v1/requests?failed=false&key=key-1"), "/items/0/status"), "200");
        QCOMPARE(at(admin.get("/admin/v1/requests?status=200"), "/items/1"), "(absent)");
        QCOMPARE(at(admin.get("/admin/v1/requests?model=any&limit=1"), "/items/0/code"), "pool_exhausted");
    }

    void promptsAnswersAndSecretsAreNotKept()
    {
        ScriptedUpstream upstream;
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)}.options());
        HttpClient admin = daemon.admin(), client = daemon.client();
        upstream.on({.nth = 1}, upstream::badRequest("bad: my planted prompt"));
        const std::string body = "{\"model\":\"<b>\\\"x\\\"\",\"messages\":[{\"role\":\"user\","
                                 "\"content\":\"my planted prompt\"}]}";
        const HttpResponse bad = client.post(chat, body);
        QCOMPARE(bad.status, 400);
        upstream.on({.nth = 2},
                    upstream::answer(500, "{\"error\":{\"message\":\"key " + secretOf("key-1") + " broke\"}}"));
        client.post(chat, body);
        const std::string all =
            admin.get("/admin/v1/requests").body + route(admin, bad).body +
            admin.get("/admin/v1/requests/" + at(admin.get("/admin/v1/requests"), "/items/0/id")).body;
        QVERIFY2(all.find("planted") == std::string::npos, all.c_str());
        QVERIFY2(all.find(secretOf("key-1")) == std::string::npos, all.c_str());
        QCOMPARE(at(route(admin, bad), "/model"), "<b>\"x\"");
    }

    void whatIsAskedWronglyIsSaid()
    {
        ScriptedUpstream upstream;
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)}.options());
        HttpClient admin = daemon.admin();
        for (const char *query : {"status=x", "status=20", "status=2000", "failed=yes", "failed=", "model=", "key=",
                                  "virtual_key=", "other=1", "limit=0", "limit=501", "cursor=zz"}) {
            const HttpResponse answer = admin.get(std::string("/admin/v1/requests?") + query);
            QVERIFY2(answer.status == 400, query);
        }
        QCOMPARE(admin.get("/admin/v1/requests/nobody").status, 404);
        QCOMPARE(at(admin.get("/admin/v1/requests"), "/items"), "[]");
        QCOMPARE(HttpClient(daemon.adminUrl()).get("/admin/v1/requests").status, 401);
    }
};

QTEST_APPLESS_MAIN(RequestsTest)
#include "test_requests.moc"
