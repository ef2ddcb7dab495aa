// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/jsonschema.h"
#include "support/pooltext.h"
#include "support/show.h"

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <thread>

using namespace keymux::testing;

namespace {

using Names = std::set<std::string>;

/// What is sent beside method and path.
struct Call {
    std::string body = {};
    Headers headers = {};
    std::string query = {};
    std::map<std::string, std::string> with = {}; ///< what the path's parameters are
};

std::string upper(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::toupper(c)); });
    return text;
}

} // namespace

/// resources/openapi.json says what the server really does: the same paths, and every answer as it is described.
class OpenApiTest : public QObject {
    Q_OBJECT

private:
    Json m_document;
    std::unique_ptr<ScriptedUpstream> m_upstream;
    std::unique_ptr<Daemon> m_daemon;
    Names m_served;                      ///< `GET /path`, by the server's own word
    std::map<std::string, Names> m_seen; ///< statuses by the same

    const Json &resolved(const Json &value) const
    {
        return value.contains("$ref") ? m_document[Json::json_pointer(value["$ref"].get<std::string>().substr(1))]
                                      : value;
    }

    /// What is wrong with an answer by the description of its path.
    std::string problemsOf(const std::string &method, const std::string &pattern, const HttpResponse &answer)
    {
        const Json &operation = m_document["paths"][pattern][method];
        const std::string status = std::to_string(answer.status);
        m_seen[upper(method) + ' ' + pattern].insert(status);
        if (!operation["responses"].contains(status))
            return "status " + status + " is not described: " + answer.body.substr(0, 300);
        const Json &response = resolved(operation["responses"][status]);
        std::string problems;
        const Json headers = response.contains("headers") ? response["headers"] : Json::object();
        for (const auto &[name, header] : headers.items()) {
            if (answer.header(QByteArray::fromStdString(name).toLower().toStdString()).empty())
                problems += "the header " + name + " is missing; ";
        }
        if (!response.contains("content"))
            return problems + (answer.body.empty() ? "" : "a body that is not described");
        const std::string given(answer.header("content-type"));
        const std::string type = given.substr(0, given.find(';'));
        if (!response["content"].contains(type))
            return problems + "the type " + type + " is not described";
        const Json &schema = response["content"][type]["schema"];
        const Json body = type == "application/json" ? Json::parse(answer.body, nullptr, false) : Json(answer.body);
        if (body.is_discarded())
            return problems + "the body is not JSON";
        for (const std::string &problem : schemaProblems(m_document, schema, body))
            problems += problem + "; ";
        return problems;
    }

    /// Makes the call and checks its answer, and what was sent where it was taken.
    HttpResponse ask(HttpClient &client, int status, const std::string &method, const std::string &pattern,
                     const Call &call = {})
    {
        std::string path = pattern;
        for (const auto &[name, value] : call.with) {
            const std::size_t at = path.find("{" + name + "}");
            if (at != std::string::npos)
                path.replace(at, name.size() + 2, value);
        }
        const HttpResponse answer = client.request(upper(method), path + call.query, call.body, call.headers);
        const std::string what = upper(method) + ' ' + path + call.query + ": " + std::to_string(answer.status) + ' ';
        const std::string problems = problemsOf(method, pattern, answer);
        if (!problems.empty() || answer.status != status)
            QTest::qFail((what + problems + answer.body.substr(0, 500)).c_str(), __FILE__, __LINE__);
        const Json &operation = m_document["paths"][pattern][method];
        if (answer.status < 300 && !call.body.empty() && operation.contains("requestBody")) {
            const auto wrong = schemaProblems(
                m_document, operation["requestBody"]["content"]["application/json"]["schema"], Json::parse(call.body));
            if (!wrong.empty())
                QTest::qFail((what + "took what is not described: " + wrong.front()).c_str(), __FILE__, __LINE__);
        }
        return answer;
    }
    HttpResponse ask(int status, const std::string &method, const std::string &pattern, const Call &call = {})
    {
        HttpClient admin = m_daemon->admin();
        return ask(admin, status, method, pattern, call);
    }
    static std::string at(const HttpResponse &answer, const std::string &pointer)
    {
        return jsonAt(answer.body, pointer);
    }

    PoolText poolText(int rpm = 5) const
    {
        PoolText text{.baseUrl = m_upstream->baseUrl(),
                      .keys = {{"key-1", "\"rpm_limit\": " + std::to_string(rpm)}, {"key-2", "", false}}};
        text.server = "\"metrics_token\": \"env:METRICS_TOKEN\"";
        return text;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_document = Json::parse(std::ifstream(KEYMUX_SOURCE_DIR "/resources/openapi.json"));
        m_upstream = std::make_unique<ScriptedUpstream>();
        DaemonOptions options = poolText().options();
        options.environment.emplace_back("METRICS_TOKEN", "metrics-token-4711");
        m_daemon = std::make_unique<Daemon>(std::move(options));
        QVERIFY2(m_daemon->ready(), m_daemon->log().c_str());
        std::istringstream log(m_daemon->log());
        const std::string mark = "admin path ";
        for (std::string line; std::getline(log, line);) {
            if (const std::size_t at = line.find(mark); at != std::string::npos)
                m_served.insert(line.substr(at + mark.size()));
        }
    }

    void thePathsAreThoseOfTheServer()
    {
        Names described;
        for (const auto &[path, operations] : m_document["paths"].items()) {
            for (const auto &[method, operation] : operations.items()) {
                described.insert(upper(method) + ' ' + path);
            }
        }
        QCOMPARE(Texts(described.begin(), described.end()), Texts(m_served.begin(), m_served.end()));
    }

    void theDocumentIsServed()
    {
        const HttpResponse answer = ask(200, "get", "/openapi.json");
        QVERIFY(Json::parse(answer.body) == m_document);
        HttpClient metrics(m_daemon->adminUrl(), {{"Authorization", "Bearer metrics-token-4711"}});
        ask(metrics, 200, "get", "/openapi.json");
        ask(metrics, 200, "get", "/metrics");
        ask(metrics, 401, "get", "/admin/v1/state");
    }

    void withoutATokenNothingIsTold()
    {
        HttpClient stranger(m_daemon->adminUrl());
        for (const auto &[path, operations] : m_document["paths"].items()) {
            for (const auto &[method, operation] : operations.items()) {
                if (!operation["responses"].contains("401"))
                    continue;
                ask(stranger, 401, method, path, {.with = {{"id", "x"}, {"key_id", "x"}, {"n", "1"}}});
            }
        }
        HttpClient wrong(m_daemon->adminUrl(), {{"Authorization", "Bearer wrong"}});
        for (int i = 0; i < 18; ++i) // the metrics token was the first
            ask(wrong, 401, "get", "/admin/v1/state");
        ask(wrong, 429, "get", "/admin/v1/state");
        ask(200, "get", "/admin/v1/state");
    }

    void otherMethodsAreRefusedWithThoseThereAre()
    {
        HttpClient admin = m_daemon->admin();
        for (const auto &[path, operations] : m_document["paths"].items()) {
            std::string asked = path;
            for (const char *name : {"{id}", "{key_id}", "{n}"}) {
                if (const std::size_t found = asked.find(name); found != std::string::npos)
                    asked.replace(found, std::string(name).size(), "x");
            }
            const HttpResponse answer = admin.request("OPTIONS", asked);
            QCOMPARE(answer.status, 405);
            Names allowed, described;
            std::istringstream list{std::string(answer.header("allow"))};
            for (std::string method; std::getline(list >> std::ws, method, ',');)
                allowed.insert(method);
            for (const auto &[method, operation] : operations.items()) {
                described.insert(upper(method));
                const std::string problems = problemsOf(method, path, answer);
                QVERIFY2(problems.empty(), (path + problems).c_str());
            }
            QCOMPARE(Texts(described.begin(), described.end()), Texts(allowed.begin(), allowed.end()));
        }
    }

    void thePoolIsAsDescribed()
    {
        ask(200, "get", "/admin/v1/state");
        const HttpResponse pool = ask(200, "get", "/admin/v1/pool");
        const std::string tag(pool.header("etag"));
        ask(428, "put", "/admin/v1/pool", {.body = poolText(6).text()});
        ask(412, "put", "/admin/v1/pool", {.body = poolText(6).text(), .headers = {{"If-Match", "\"old\""}}});
        ask(422, "put", "/admin/v1/pool", {.body = "{\"provider\":1}", .headers = {{"If-Match", tag}}});
        ask(200, "put", "/admin/v1/pool", {.body = poolText(6).text(), .headers = {{"If-Match", tag}}});
        ask(413, "post", "/admin/v1/pool/validate", {.body = std::string((16 << 20) + 1, ' ')});
        ask(422, "post", "/admin/v1/pool/validate", {.body = "{"});
        ask(200, "post", "/admin/v1/pool/validate", {.body = poolText(7).text()});
        const HttpResponse page = ask(200, "get", "/admin/v1/pool/revisions", {.query = "?limit=1"});
        ask(200, "get", "/admin/v1/pool/revisions", {.query = "?cursor=" + at(page, "/next")});
        ask(400, "get", "/admin/v1/pool/revisions", {.query = "?limit=0"});
        ask(200, "get", "/admin/v1/pool/revisions/{n}", {.with = {{"n", "1"}}});
        ask(404, "get", "/admin/v1/pool/revisions/{n}", {.with = {{"n", "99"}}});
        ask(404, "post", "/admin/v1/pool/revisions/{n}/restore", {.with = {{"n", "99"}}});
        ask(412, "post", "/admin/v1/pool/revisions/{n}/restore",
            {.headers = {{"If-Match", "\"old\""}}, .with = {{"n", "1"}}});
        ask(200, "post", "/admin/v1/pool/revisions/{n}/restore", {.with = {{"n", "1"}}});
        ask(501, "post", "/admin/v1/simulate", {.body = "{}"});
    }

    void secretsAreAsDescribed()
    {
        const std::string path = "/admin/v1/secrets/{name}";
        const std::map<std::string, std::string> name{{"name", "API_TEST"}};
        ask(201, "put", path, {.body = "{\"value\": \"one\"}", .with = name});
        ask(200, "put", path, {.body = "{\"value\": \"two\"}", .with = name});
        ask(422, "put", path, {.body = "{\"value\": \"two words\"}", .with = name});
        ask(400, "put", path, {.body = "{", .with = name});
        ask(200, "get", "/admin/v1/secrets");
        ask(204, "delete", path, {.with = name});
        ask(404, "delete", path, {.with = name});
    }

    void keysAreAsDescribed()
    {
        for (const char *verb : {"disable", "enable", "reset", "probe"}) {
            const std::string path = std::string("/admin/v1/keys/{key_id}/") + verb;
            ask(404, "post", path, {.with = {{"key_id", "nobody"}}});
            ask(200, "post", path, {.with = {{"key_id", "key-1"}}});
        }
        ask(409, "post", "/admin/v1/keys/{key_id}/probe", {.with = {{"key_id", "key-2"}}});
        m_upstream->on({.pathEnd = "/models"}, upstream::keyInvalid());
        ask(200, "post", "/admin/v1/keys/{key_id}/probe", {.with = {{"key_id", "key-1"}}});
        ask(200, "get", "/admin/v1/state"); // with a rest in it
        ask(200, "get", "/health");         // and among LiteLLM's endpoints
        m_upstream->clearRules();
        ask(200, "post", "/admin/v1/keys/{key_id}/probe", {.with = {{"key_id", "key-1"}}});
    }

    void virtualKeysAreAsDescribed()
    {
        const std::string list = "/admin/v1/virtual-keys", one = list + "/{id}", rotate = one + "/rotate";
        const HttpResponse made = ask(
            201, "post", list,
            {.body = "{\"name\":\"a\",\"models\":[\"gemini-*\"],\"rpm_limit\":5,\"tpm_limit\":100,\"max_parallel\":2,"
                     "\"budget\":{\"amount\":10,\"unit\":\"requests\",\"period\":\"day\"},\"expires_at\":\"30d\","
                     "\"metadata\":{\"x\":1},\"expose_route\":true}"});
        const std::map<std::string, std::string> with = {{"id", at(made, "/id")}}, nobody = {{"id", "vk_nobody"}};
        ask(400, "post", list, {.body = "["});
        ask(422, "post", list, {.body = "{\"rpm\":5}"});
        ask(200, "get", list, {.query = "?limit=1"});
        ask(400, "get", list, {.query = "?limit=x"});
        ask(200, "get", one, {.with = with});
        ask(404, "get", one, {.with = nobody});
        ask(200, "patch", one, {.body = "{\"rpm_limit\":null,\"blocked\":true}", .with = with});
        ask(422, "patch", one, {.body = "{\"models\":5}", .with = with});
        ask(404, "patch", one, {.body = "{}", .with = nobody});
        ask(200, "post", rotate, {.body = "{\"grace_s\":60}", .with = with});
        ask(422, "post", rotate, {.body = "{\"grace\":60}", .with = with});
        ask(404, "post", rotate, {.with = nobody});
        ask(204, "delete", one, {.with = with});
        ask(404, "delete", one, {.with = nobody});
        ask(200, "get", list, {.query = "?revoked=true"});
    }

    void whatHappenedIsAsDescribed()
    {
        HttpClient client = m_daemon->client();
        const std::string chat = "/v1/chat/completions";
        m_upstream->on({.nth = 1}, upstream::minuteLimit(1));
        const HttpResponse limited = client.post(chat, chatBody("any"));
        QCOMPARE(limited.status, 429);
        m_upstream->clearRules();
        QCOMPARE(m_daemon->admin().post("/admin/v1/keys/key-1/reset", "").status, 200);
        const HttpResponse good = client.post(chat, chatBody("any"));
        QCOMPARE(good.status, 200);
        const std::string list = "/admin/v1/requests", one = list + "/{id}";
        const std::string id(good.header("x-request-id"));
        const Moment deadline = Clock::now() + Ms(10000);
        while (m_daemon->admin().get(list + '/' + id).status == 404 && Clock::now() < deadline)
            std::this_thread::yield(); // it is told of a moment after its client has the answer
        ask(200, "get", list);
        ask(200, "get", list, {.query = "?failed=true&limit=1"});
        ask(400, "get", list, {.query = "?failed=2"});
        ask(200, "get", one, {.with = {{"id", id}}});
        ask(200, "get", one, {.with = {{"id", std::string(limited.header("x-request-id"))}}});
        ask(404, "get", one, {.with = {{"id", "nobody"}}});
        const std::string usage = "/admin/v1/usage";
        ask(200, "get", usage, {.query = "?group_by=virtual_key,key,provider,model,hour,day"});
        ask(200, "get", usage, {.query = "?group_by="});
        ask(200, "get", usage, {.query = "?format=csv"});
        ask(400, "get", usage, {.query = "?from=x&limit=0"});
        ask(200, "get", "/admin/v1/logs", {.query = "?level=info&limit=5"});
        ask(400, "get", "/admin/v1/logs", {.query = "?level=loud"});
        ask(200, "get", "/admin/v1/audit");
        ask(400, "get", "/admin/v1/audit", {.query = "?cursor=x"});
        ask(200, "get", "/metrics");
    }

    void theHistoryIsAsDescribed()
    {
        const std::string history = "/admin/v1/history";
        ask(200, "get", history);
        ask(200, "get", history, {.query = "?series=requests,latency_p50_ms,room&from=1h&step=60&key=key-1"});
        ask(400, "get", history, {.query = "?series=nothing&step=x"});
        ask(404, "get", history, {.query = "?model=nobody"});
    }

    void theLiveFeedIsAsDescribed()
    {
        const std::string live = "/admin/v1/live";
        ask(426, "get", live);
        ask(403, "get", live, {.headers = {{"Origin", "https://elsewhere.example"}, {"Upgrade", "websocket"}}});
        RawConnection raw(m_daemon->adminUrl());
        raw.send("GET " + live + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + m_daemon->adminToken() +
                 "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n");
        const std::string head = raw.readUntil("\r\n\r\n");
        QVERIFY2(head.starts_with("HTTP/1.1 101 "), head.c_str());
        m_seen["GET " + live].insert("101");
    }

    void healthIsAsDescribed()
    {
        HttpClient stranger(m_daemon->adminUrl());
        for (const char *path : {"/health", "/health/readiness", "/health/liveness", "/health/liveliness"})
            ask(stranger, 200, "get", path);
        ask(200, "get", "/health", {.query = "?model=none"});
        const std::string off = "/admin/v1/keys/key-1/disable", on = "/admin/v1/keys/key-1/enable";
        QCOMPARE(m_daemon->admin().post(off, "").status, 200);
        ask(stranger, 503, "get", "/health/readiness");
        QCOMPARE(m_daemon->admin().post(on, "").status, 200);
    }

    void liteLlmsCallsAreAsDescribed()
    {
        for (const char *path : {"/model/info", "/v1/model/info"}) {
            ask(200, "get", path);
            ask(404, "get", path, {.query = "?litellm_model_id=x"});
        }
        const HttpResponse made =
            ask(200, "post", "/key/generate",
                {.body = "{\"key_alias\":\"team\",\"models\":[\"gemini-*\"],\"rpm_limit\":5,\"team_id\":\"t\","
                         "\"metadata\":{\"a\":1},\"duration\":\"30d\"}"});
        const std::string named = "{\"key\":\"" + at(made, "/key") + "\"}";
        ask(400, "post", "/key/generate", {.body = "["});
        ask(200, "get", "/key/info", {.query = "?key=" + at(made, "/token")});
        ask(404, "get", "/key/info", {.query = "?key=x"});
        ask(200, "post", "/key/update", {.body = "{\"key\":\"" + at(made, "/key") + "\",\"rpm_limit\":7}"});
        ask(404, "post", "/key/update", {.body = "{\"key\":\"x\"}"});
        ask(200, "get", "/key/list", {.query = "?size=5"});
        ask(200, "get", "/key/list", {.query = "?return_full_object=true"});
        for (const char *path : {"/key/block", "/key/unblock"}) {
            ask(200, "post", path, {.body = named});
            ask(404, "post", path, {.body = "{\"key\":\"x\"}"});
        }
        ask(400, "post", "/key/delete", {.body = "{}"});
        ask(404, "post", "/key/delete", {.body = "{\"keys\":[\"x\"]}"});
        ask(200, "post", "/key/delete", {.body = "{\"keys\":[\"" + at(made, "/key") + "\"]}"});
    }

    /// Last: nothing is described that none of the above has asked for.
    void everyOperationWasAskedFor()
    {
        for (const auto &[path, operations] : m_document["paths"].items()) {
            for (const auto &[method, operation] : operations.items()) {
                const std::string name = upper(method) + ' ' + path;
                for (const auto &[status, response] : operation["responses"].items()) {
                    if (status.starts_with('2') || status == "101" || status == "501" || status == "401" ||
                        status == "405")
                        QVERIFY2(m_seen[name].contains(status), (name + ": " + status).c_str());
                }
            }
        }
        Names all;
        for (const auto &[name, statuses] : m_seen)
            all.insert(statuses.begin(), statuses.end());
        for (const char *status : {"400", "401", "404", "405", "409", "412", "413", "422", "428", "429", "501", "503"})
            QVERIFY2(all.contains(status), status);
    }
}; // namespace

QTEST_APPLESS_MAIN(OpenApiTest)
#include "test_openapi.moc"
