// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"

#include <csignal>
#include <thread>

using namespace keymux::testing;

/// Paths of the admin API that are small by themselves: checks of keys, LiteLLM's model calls, and what is refused.
class AdminPathsTest : public QObject {
    Q_OBJECT

private:
    static PoolText poolOf(const ScriptedUpstream &upstream, std::vector<PoolKey> keys)
    {
        return {.baseUrl = upstream.baseUrl(), .keys = std::move(keys)};
    }
    static std::string at(const HttpResponse &answer, const std::string &pointer)
    {
        return jsonAt(answer.body, pointer);
    }
    static std::string probe(const std::string &key) { return "/admin/v1/keys/" + key + "/probe"; }
    static std::string statusOf(HttpClient &admin) { return at(admin.get("/admin/v1/state"), "/deployments/0/status"); }

private Q_SLOTS:
    void aProbeAsksForTheListOfModelsAlone()
    {
        ScriptedUpstream upstream;
        PoolText text = poolOf(upstream, poolKeys(1));
        text.models = R"([{"model": "gemini-2.0-flash"}, {"model": "gemini-9"}])";
        Daemon daemon(text.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpClient admin = daemon.admin();
        const HttpResponse answer = admin.post(probe("key-1"), "");
        QCOMPARE(answer.status, 200);
        QCOMPARE(at(answer, "/key_id"), "key-1");
        QCOMPARE(at(answer, "/ok"), "true");
        QCOMPARE(at(answer, "/status"), "200");
        QCOMPARE(at(answer, "/models/listed"), "1");
        QCOMPARE(at(answer, "/models/found"), R"(["gemini-2.0-flash"])");
        QCOMPARE(at(answer, "/models/missing"), R"(["gemini-9"])");
        const auto calls = upstream.ledger().calls();
        QCOMPARE(int(calls.size()), 1);
        QCOMPARE(calls[0].method, "GET");
        QVERIFY2(calls[0].path.ends_with("/models"), calls[0].path.c_str());
        QCOMPARE(calls[0].key, secretOf("key-1"));
        QCOMPARE(at(admin.get("/admin/v1/audit"), "/items/0/action"), "key.probe");
        QCOMPARE(at(admin.get("/admin/v1/state"), "/deployments/0/windows/rpm/used"), "0");
    }

    void aRefusedKeyRestsAndAGoodAnswerWakesIt()
    {
        ScriptedUpstream upstream;
        Daemon daemon(poolOf(upstream, poolKeys(1)).options());
        HttpClient admin = daemon.admin(), client = daemon.client();
        upstream.on(
            {.pathEnd = "/models"},
            upstream::answer(400, R"({"error":{"code":400,"message":"API key not valid: )" + secretOf("key-1") +
                                      R"(","status":"INVALID_ARGUMENT","details":[{"@type":)"
                                      R"("type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}})"));
        const HttpResponse refused = admin.post(probe("key-1"), "");
        QCOMPARE(refused.status, 200);
        QCOMPARE(at(refused, "/ok"), "false");
        QCOMPARE(at(refused, "/status"), "400");
        QCOMPARE(at(refused, "/models"), "null");
        QVERIFY2(refused.body.find(secretOf("key-1")) == std::string::npos, refused.body.c_str());
        QVERIFY(refused.body.find("***") != std::string::npos);
        QCOMPARE(statusOf(admin), "blocked");
        QCOMPARE(client.post("/v1/chat/completions", chatBody("gpt-4")).status, 503);
        upstream.clearRules();
        QCOMPARE(at(admin.post(probe("key-1"), ""), "/ok"), "true");
        QCOMPARE(statusOf(admin), "ready");
        QCOMPARE(client.post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
        QVERIFY(daemon.log().find(secretOf("key-1")) == std::string::npos);
    }

    void googlesOtherHeaderIsTriedBeforeAKeyIsCalledBad()
    {
        ScriptedUpstream upstream;
        Daemon daemon(poolOf(upstream, poolKeys(1)).options());
        HttpClient admin = daemon.admin();
        upstream.on({.header = "authorization", .pathEnd = "/models"}, upstream::unauthorized());
        QCOMPARE(at(admin.post(probe("key-1"), ""), "/ok"), "true");
        const auto calls = upstream.ledger().calls();
        QCOMPARE(int(calls.size()), 2);
        QCOMPARE(calls[0].keyHeader, "authorization");
        QCOMPARE(calls[1].keyHeader, "x-goog-api-key");
        upstream.on({.pathEnd = "/models"}, upstream::unauthorized());
        QCOMPARE(at(admin.post(probe("key-1"), ""), "/ok"), "false");
        QCOMPARE(statusOf(admin), "blocked");
    }

    void whatSaysNothingOfTheKeyChangesNothing()
    {
        ScriptedUpstream upstream;
        Daemon daemon(poolOf(upstream, poolKeys(1)).options());
        HttpClient admin = daemon.admin();
        for (const Behaviour &behaviour : {upstream::internalError(), upstream::minuteLimit(), upstream::notFound("m"),
                                           upstream::answer(302, "{}")}) {
            upstream.clearRules();
            upstream.on({.pathEnd = "/models"}, behaviour);
            const HttpResponse answer = admin.post(probe("key-1"), "");
            QCOMPARE(at(answer, "/ok"), "false");
            QCOMPARE(at(answer, "/status"), std::to_string(behaviour.status));
            QCOMPARE(statusOf(admin), "ready");
        }
        upstream.clearRules();
        upstream.on({.pathEnd = "/models"}, upstream::answer(200, "<html>welcome</html>"));
        const HttpResponse odd = admin.post(probe("key-1"), "");
        QCOMPARE(at(odd, "/ok"), "true");
        QCOMPARE(at(odd, "/models"), "null");
        upstream.stop();
        const HttpResponse gone = admin.post(probe("key-1"), "");
        QCOMPARE(at(gone, "/ok"), "false");
        QCOMPARE(at(gone, "/status"), "null");
        QCOMPARE(statusOf(admin), "ready");
    }

    void aProbeHoldsNobodyUp()
    {
        ScriptedUpstream upstream;
        Daemon daemon(poolOf(upstream, poolKeys(1)).options());
        HttpClient admin = daemon.admin();
        Behaviour hanging = upstream::hangBeforeHead();
        upstream.on({.pathEnd = "/models"}, hanging);
        std::thread asks([&] { // it is cut when the daemon ends
            HttpClient other = daemon.admin();
            other.request("POST", probe("key-1"), "", {}, Ms(60000));
        });
        while (upstream.ledger().calls().empty())
            std::this_thread::yield();
        QCOMPARE(admin.get("/admin/v1/state").status, 200);
        QCOMPARE(daemon.client().post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
        daemon.process().signal(SIGTERM);
        QCOMPARE(*daemon.process().wait(), 0);
        asks.join();
    }

    void whatCannotBeProbedIsSaid()
    {
        ScriptedUpstream upstream;
        Daemon daemon(poolOf(upstream, {{"key-1"}, {"key-2", "", false}}).options());
        HttpClient admin = daemon.admin();
        QCOMPARE(at(admin.post(probe("nobody"), ""), "/error/code"), "key_not_found");
        const HttpResponse missing = admin.post(probe("key-2"), "");
        QCOMPARE(missing.status, 409);
        QCOMPARE(at(missing, "/error/code"), "secret_unresolved");
        const HttpResponse simulated = admin.post("/admin/v1/simulate", "{}");
        QCOMPARE(simulated.status, 501);
        QCOMPARE(at(simulated, "/error/code"), "not_supported");
        QVERIFY(upstream.ledger().calls().empty());
    }

    void theDemosProviderCanBeProbed()
    {
        Daemon daemon({.flags = {"--demo"}});
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        const HttpResponse answer = daemon.admin().post(probe("demo-key-1"), "");
        QCOMPARE(at(answer, "/ok"), "true");
        QCOMPARE(at(answer, "/models/missing"), "[]");
    }

    void modelInfoHasLiteLlmsShapeAndNoKey()
    {
        ScriptedUpstream upstream;
        Daemon daemon(poolOf(upstream, poolKeys(2, R"("rpm_limit": 15, "tpm_limit": 1000)")).options());
        HttpClient admin = daemon.admin();
        for (const char *path : {"/model/info", "/v1/model/info"}) {
            const HttpResponse answer = admin.get(path);
            QCOMPARE(answer.status, 200);
            QCOMPARE(at(answer, "/data/0/model_name"), "gemini-2.0-flash");
            QCOMPARE(at(answer, "/data/0/litellm_params/model"), "gemini/gemini-2.0-flash");
            QCOMPARE(at(answer, "/data/0/litellm_params/api_base"), upstream.baseUrl());
            QCOMPARE(at(answer, "/data/0/litellm_params/rpm"), "15");
            QCOMPARE(at(answer, "/data/0/litellm_params/tpm"), "1000");
            QCOMPARE(at(answer, "/data/1/model_info/id"), "key-2/gemini-2.0-flash");
            QVERIFY(answer.body.find("secret-of") == std::string::npos);
            QVERIFY(answer.body.find("api_key") == std::string::npos);
        }
        const HttpResponse one = admin.get("/model/info?litellm_model_id=key-2%2Fgemini-2.0-flash");
        QCOMPARE(at(one, "/data/0/model_info/key_id"), "key-2");
        QCOMPARE(at(one, "/data/1"), "(absent)");
        QCOMPARE(admin.get("/model/info?litellm_model_id=nobody").status, 404);
        QCOMPARE(HttpClient(daemon.adminUrl()).get("/model/info").status, 401);
    }

    void healthHasLiteLlmsListsForWhoHasTheTokenAndCallsNobody()
    {
        ScriptedUpstream upstream;
        Daemon daemon(poolOf(upstream, {{"key-1"}, {"key-2", "", false}, {"key-3"}}).options());
        HttpClient admin = daemon.admin();
        QCOMPARE(admin.post("/admin/v1/keys/key-3/disable", "").status, 200);
        const HttpResponse answer = admin.get("/health");
        QCOMPARE(at(answer, "/status"), "healthy");
        QCOMPARE(at(answer, "/healthy_count"), "1");
        QCOMPARE(at(answer, "/unhealthy_count"), "1");
        QCOMPARE(at(answer, "/healthy_endpoints/0/model"), "gemini/gemini-2.0-flash");
        QCOMPARE(at(answer, "/unhealthy_endpoints/0/model_id"), "key-2/gemini-2.0-flash");
        QCOMPARE(at(answer, "/unhealthy_endpoints/0/error"), "unresolved");
        QCOMPARE(at(admin.get("/health?model=nothing"), "/healthy_count"), "0");
        for (const std::string &token : {std::string(), std::string("wrong")}) {
            const HttpResponse open =
                HttpClient(daemon.adminUrl(), {{"Authorization", "Bearer " + token}}).get("/health");
            QCOMPARE(open.status, 200);
            QCOMPARE(at(open, "/keys/total"), "3");
            QVERIFY2(open.body.find("key-1") == std::string::npos, open.body.c_str());
            QCOMPARE(at(open, "/healthy_endpoints"), "(absent)");
        }
        QVERIFY(upstream.ledger().calls().empty());
    }

    void anotherMethodIsToldWhichThereAre()
    {
        Daemon daemon(poolOf(ScriptedUpstream(), poolKeys(1)).options());
        HttpClient admin = daemon.admin();
        const std::vector<std::pair<std::string, std::string>> paths = {
            {"/admin/v1/pool", "GET, PUT"},
            {"/admin/v1/pool/validate", "POST"},
            {"/admin/v1/pool/revisions", "GET"},
            {"/admin/v1/pool/revisions/1", "GET"},
            {"/admin/v1/pool/revisions/1/restore", "POST"},
            {"/admin/v1/state", "GET"},
            {"/admin/v1/audit", "GET"},
            {"/admin/v1/simulate", "POST"},
            {"/admin/v1/keys/key-1/enable", "POST"},
            {"/admin/v1/keys/key-1/disable", "POST"},
            {"/admin/v1/keys/key-1/reset", "POST"},
            {"/admin/v1/keys/key-1/probe", "POST"},
            {"/admin/v1/virtual-keys", "GET, POST"},
            {"/admin/v1/virtual-keys/x", "GET, PATCH, DELETE"},
            {"/admin/v1/virtual-keys/x/rotate", "POST"},
            {"/key/generate", "POST"},
            {"/key/info", "GET"},
            {"/key/list", "GET"},
            {"/key/update", "POST"},
            {"/key/delete", "POST"},
            {"/key/block", "POST"},
            {"/key/unblock", "POST"},
            {"/model/info", "GET"},
            {"/health", "GET"},
            {"/health/readiness", "GET"},
        };
        for (const auto &[path, allow] : paths) {
            const HttpResponse answer = admin.request("OPTIONS", path);
            QVERIFY2(answer.status == 405, path.c_str());
            QCOMPARE(std::string(answer.header("allow")), allow);
            QCOMPARE(at(answer, "/error/code"), "method_not_allowed");
            QCOMPARE(at(answer, "/error/type"), "invalid_request_error");
            QCOMPARE(std::string(answer.header("content-type")), "application/json");
        }
    }

    void trickyPathsNameNothing()
    {
        Daemon daemon(poolOf(ScriptedUpstream(), poolKeys(1)).options());
        HttpClient admin = daemon.admin();
        for (const char *path : {"//admin/v1/state",
                                 "/admin//v1/state",
                                 "/admin/v1/state/",
                                 "/admin/v1/./state",
                                 "/admin/v1/../v1/state",
                                 "/admin/v1/x/../state",
                                 "/admin/v1/%2e%2e/v1/state",
                                 "/admin%2fv1/state",
                                 "/admin/v1%2Fstate",
                                 "/admin/v1/keys/a%2fb/reset",
                                 "/admin/v1/state;x=1",
                                 "/admin/v1;/state",
                                 "/Admin/v1/state",
                                 "/admin/v1/state%00",
                                 "/admin/v1/state%20",
                                 "/admin\\v1\\state",
                                 "/admin/v1/keys//reset",
                                 "/admin/v1/keys/key-1;x/reset",
                                 "/admin/v1/virtual-keys/..%2fstate",
                                 "/%61dmin//v1/state"}) {
            const HttpResponse answer = admin.request("GET", path);
            QVERIFY2(answer.status == 404 || answer.status == 400 || answer.status == 405,
                     (std::string(path) + ": " + std::to_string(answer.status)).c_str());
            QVERIFY2(answer.body.find("deployments\":") == std::string::npos, path);
            const HttpResponse posted = admin.request("POST", path);
            QVERIFY2(posted.status == 404 || posted.status == 400, path);
            QVERIFY2(at(posted, "/error/message") != "(absent)", posted.body.c_str());
            const int open = HttpClient(daemon.adminUrl()).get(path).status;
            QVERIFY2(open == 401 || open == 400, path);
        }
        // What is escaped without need is the same path.
        QCOMPARE(admin.get("/admin/v1/st%61te").status, 200);
    }
};

QTEST_APPLESS_MAIN(AdminPathsTest)
#include "test_adminpaths.moc"
