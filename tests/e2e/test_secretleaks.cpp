// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/show.h"
#include "support/websocketclient.h"

#include <csignal>
#include <fstream>
#include <sstream>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";
/// In every secret of this test, so that also a part of one is found.
constexpr const char *mark = "LEAKED";

std::string aroundMark(const std::string &text)
{
    const std::size_t at = text.find(mark);
    return at == std::string::npos ? std::string() : text.substr(at - std::min<std::size_t>(at, 200), 400);
}

std::string contentOf(const std::filesystem::path &path)
{
    std::ostringstream text;
    text << std::ifstream(path, std::ios::binary).rdbuf();
    return text.str();
}

} // namespace

/// A secret is used and nowhere to be found.
class SecretLeaksTest : public QObject {
    Q_OBJECT

private:
    static std::string entry(const std::string &reference, const std::string &id)
    {
        return "{\"api_key\": \"" + reference + "\", \"key_id\": \"" + id + "\"}";
    }

private Q_SLOTS:
    void noSecretIsInAnyAnswerLogOrFile()
    {
        ScriptedUpstream upstream;
        // A provider that repeats the key it was sent, as some do.
        const std::string env = std::string("sk-proj-env-") + mark + "-0123456789";
        upstream.on({.key = env}, upstream::answer(401, "{\"error\": {\"message\": \"Incorrect API key provided: " +
                                                            env + "\", \"code\": \"invalid_api_key\"}}"));
        TemporaryFolder files;
        std::ofstream(files.path() / "FILE_KEY") << "AIzaSy-file-" << mark << "-0123456789\n";
        std::ofstream(files.path() / "BAD_KEY") << "two words " << mark << "\n";
        const std::string folder = files.path().string();
        Daemon daemon({.config = "{\"providers\": {\"gemini\": {\"base_url\": \"" + upstream.baseUrl() +
                                 "\", \"models\": [{\"model\": \"gemini-2.0-flash\"}], \"keys\": [" +
                                 entry("env:ENV_KEY", "env") + "," + entry("file:" + folder + "/FILE_KEY", "file") +
                                 "," + entry("file:" + folder + "/BAD_KEY", "bad") + "," +
                                 entry("store:STORED_KEY", "store") + "]}}}",
                       .environment = {{"ENV_KEY", env}}});
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpClient admin = daemon.admin(), client = daemon.client();
        WebSocketClient feed(daemon.adminUrl(), "/admin/v1/live", upgradeHeaders(daemon.adminToken()));
        QVERIFY(feed.upgraded());
        feed.sendText(R"({"type":"subscribe","interval_ms":250,"events":true,"logs":"debug"})");

        std::string said;
        const auto keep = [&](const HttpResponse &answer) { said += answer.body + "\n"; };
        const std::string stored = std::string("gsk-stored-") + mark + "-0123456789";
        const HttpResponse put =
            admin.request("PUT", "/admin/v1/secrets/STORED_KEY", "{\"value\": \"" + stored + "\"}", {});
        QVERIFY2(put.status == 201, put.body.c_str());
        keep(put);
        for (const char *bad : {"{\"value\": \"a LEAKED b\"}", "{\"value\": 1, \"more\": \"LEAKED\"}", "LEAKED"})
            keep(admin.request("PUT", "/admin/v1/secrets/OTHER", bad, {}));
        const Moment deadline = Clock::now() + Ms(10000);
        while (upstream.ledger().countOf(stored) == 0 && Clock::now() < deadline)
            keep(client.post(chat, chatBody("gpt-4")));
        QVERIFY2(upstream.ledger().countOf(stored) > 0, daemon.log().c_str());
        for (int i = 0; i < 10; ++i)
            keep(client.post(chat, chatBody("gpt-4", i % 2 == 0)));
        QVERIFY(upstream.ledger().countOf(env) > 0);
        QVERIFY(upstream.ledger().countOf(std::string("AIzaSy-file-") + mark + "-0123456789") > 0);

        for (const char *path :
             {"/admin/v1/secrets", "/admin/v1/pool", "/admin/v1/pool/revisions", "/admin/v1/pool/revisions/1",
              "/admin/v1/state", "/admin/v1/logs?level=debug&limit=500", "/admin/v1/audit", "/admin/v1/requests",
              "/admin/v1/usage?group_by=key,model", "/metrics", "/model/info", "/health", "/openapi.json",
              "/admin/v1/history?series=requests"})
            keep(admin.get(path));
        const Json requests = Json::parse(admin.get("/admin/v1/requests").body, nullptr, false);
        QVERIFY(requests.is_object() && !requests["items"].empty());
        for (const Json &request : requests["items"])
            keep(admin.get("/admin/v1/requests/" + request.value("request_id", request.value("id", ""))));
        for (const char *key : {"env", "file", "store"})
            keep(admin.post("/admin/v1/keys/" + std::string(key) + "/probe", ""));
        QVERIFY(said.find("STORED_KEY") != std::string::npos); // names are said, values are not
        QVERIFY2(said.find(mark) == std::string::npos, aroundMark(said).c_str());

        // What the live feed told of all this, log lines at the highest level included.
        std::string told;
        const Moment enough = Clock::now() + Ms(3000);
        while (Clock::now() < enough)
            told += feed.nextText(Ms(500));
        QVERIFY2(told.find("\"type\":\"log\"") != std::string::npos &&
                     told.find("\"type\":\"snapshot\"") != std::string::npos,
                 told.substr(0, 500).c_str());
        QVERIFY2(told.find("key_failed") != std::string::npos, told.substr(0, 500).c_str());
        QVERIFY2(told.find(mark) == std::string::npos, aroundMark(told).c_str());

        const std::string process = "/proc/" + std::to_string(daemon.process().pid());
        QVERIFY(contentOf(process + "/cmdline").find("serve") != std::string::npos);
        QVERIFY(contentOf(process + "/cmdline").find(mark) == std::string::npos);
        // It leaves no core file, whatever the system allows.
        const std::string limits = contentOf(process + "/limits");
        const std::size_t core = limits.find("Max core file size");
        QVERIFY(core != std::string::npos);
        QVERIFY2(limits.substr(core, 48).find(" 0 ") != std::string::npos, limits.substr(core, 60).c_str());
        daemon.process().signal(SIGTERM);
        QCOMPARE(daemon.process().wait(), std::optional<int>(0));
        const std::string log = daemon.log();
        QVERIFY(log.find("key bad is skipped") != std::string::npos);
        QVERIFY2(log.find(mark) == std::string::npos, aroundMark(log).c_str());
        int looked = 0;
        for (const auto &file : std::filesystem::recursive_directory_iterator(daemon.stateFolder())) {
            if (!file.is_regular_file())
                continue;
            ++looked;
            QVERIFY2(contentOf(file.path()).find(mark) == std::string::npos, file.path().c_str());
        }
        QVERIFY(looked >= 5);
    }

    void theStoreIsManagedOverTheAdminApi()
    {
        ScriptedUpstream upstream;
        Daemon daemon({.config = "{\"providers\": {\"gemini\": {\"base_url\": \"" + upstream.baseUrl() +
                                 "\", \"models\": [{\"model\": \"gemini-2.0-flash\"}], \"keys\": [{\"api_key\": "
                                 "\"store:TEAM_*\"}]}}}"});
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpClient admin = daemon.admin();
        const auto put = [&](const std::string &name, const std::string &body) {
            return admin.request("PUT", "/admin/v1/secrets/" + name, body, {}).status;
        };
        QCOMPARE(jsonAt(admin.get("/admin/v1/secrets").body, "/items"), "[]");
        QCOMPARE(put("TEAM_1", "{\"value\": \"one\"}"), 201);
        QCOMPARE(put("TEAM_1", "{\"value\": \"two\"}"), 200);
        QCOMPARE(put("TEAM_10", "{\"value\": \"" + std::string(65536, 'x') + "\"}"), 201);
        QCOMPARE(put("TEAM_11", "{\"value\": \"" + std::string(65537, 'x') + "\"}"), 422);
        QCOMPARE(put("TEAM_11", "{\"value\": \"" + std::string(1 << 20, 'x') + "\"}"), 413);
        QCOMPARE(put("TEAM_11", "{\"value\": \"\"}"), 422);
        QCOMPARE(put("TEAM_11", "{\"value\": 5}"), 422);
        QCOMPARE(put("TEAM_11", "{}"), 422);
        QCOMPARE(put("TEAM_11", "{"), 400);
        QCOMPARE(put("TEAM_*", "{\"value\": \"one\"}"), 422);
        QCOMPARE(jsonAt(admin.get("/admin/v1/secrets").body, "/items/1/name"), "TEAM_10");
        const Moment deadline = Clock::now() + Ms(10000);
        HttpClient client = daemon.client();
        while (upstream.ledger().countOf("two") == 0 && Clock::now() < deadline)
            client.post(chat, chatBody("gpt-4"));
        QVERIFY2(upstream.ledger().countOf("two") > 0, daemon.log().c_str());
        QCOMPARE(admin.request("DELETE", "/admin/v1/secrets/TEAM_10", "", {}).status, 204);
        QCOMPARE(admin.request("DELETE", "/admin/v1/secrets/TEAM_10", "", {}).status, 404);
        const std::string audit = admin.get("/admin/v1/audit").body;
        QCOMPARE(jsonAt(audit, "/items/0/action"), "secret.remove");
        QCOMPARE(jsonAt(audit, "/items/0/subject"), "TEAM_10");
        QCOMPARE(jsonAt(audit, "/items/1/action"), "secret.set");
        QCOMPARE(HttpClient(daemon.adminUrl()).get("/admin/v1/secrets").status, 401);
    }
};

QTEST_APPLESS_MAIN(SecretLeaksTest)
#include "test_secretleaks.moc"
