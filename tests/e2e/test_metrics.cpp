// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/pooltext.h"
#include "support/prometheustext.h"
#include "support/show.h"

#include <cmath>
#include <fstream>
#include <regex>
#include <sstream>

using namespace keymux::testing;

namespace {

constexpr const char *chat = "/v1/chat/completions";
constexpr const char *metricsToken = "scraped-every-15-seconds";

std::string fileText(const std::string &path)
{
    std::ifstream file(std::string(KEYMUX_SOURCE_DIR "/") + path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

/// Names of ours and of the process in a query. Label names and values are none of them.
std::set<std::string> namesIn(const std::string &query)
{
    static const std::regex name("\\b(keymux|process)_[a-z0-9_]+");
    std::set<std::string> names;
    for (std::sregex_iterator it(query.begin(), query.end(), name), end; it != end; ++it)
        names.insert(it->str());
    return names;
}

/// What a panel, a variable or an annotation of a dashboard asks for, however deep.
void collectQueries(const Json &json, Texts &queries)
{
    for (const auto &[key, value] : json.items()) {
        if ((key == "expr" || key == "query") && value.is_string())
            queries.push_back(value.get<std::string>());
        if (value.is_structured())
            collectQueries(value, queries);
    }
}

/// The tokens of a provider's good answers, as it wrote them.
std::int64_t usageIn(const std::string &answer, const std::string &field)
{
    std::smatch match;
    return std::regex_search(answer, match, std::regex("\"" + field + "\":([0-9]+)")) ? std::stoll(match[1]) : 0;
}

} // namespace

/// What `/metrics` says of a run is what the provider saw of it.
class MetricsTest : public QObject {
    Q_OBJECT

private:
    ScriptedUpstream m_upstream;
    std::unique_ptr<Daemon> m_daemon;
    std::unique_ptr<PrometheusText> m_text; ///< at the end of the run
    std::string m_raw;
    std::string m_limitedId;
    int m_chats = 0;

    static PoolText pool(const std::string &baseUrl)
    {
        PoolText text{.baseUrl = baseUrl, .keys = poolKeys(3, "\"rpm_limit\": 1000")};
        text.server = "\"metrics_token\": \"env:TEST_METRICS_TOKEN\"";
        return text;
    }
    static DaemonOptions options(const std::string &baseUrl)
    {
        DaemonOptions options = pool(baseUrl).options();
        options.environment.emplace_back("TEST_METRICS_TOKEN", metricsToken);
        return options;
    }
    HttpResponse ask(bool stream = false)
    {
        ++m_chats;
        return m_daemon->client().post(chat, chatBody("gpt-4", stream));
    }
    HttpClient with(const std::string &token) const
    {
        return HttpClient(m_daemon->adminUrl(), {{"Authorization", "Bearer " + token}});
    }
    double value(const std::string &name, const PrometheusText::Labels &labels = {}) const
    {
        return m_text->value(name, labels);
    }
    std::size_t callsWith(int status, const std::string &key = "*") const
    {
        std::size_t count = 0;
        for (const UpstreamCall &call : m_upstream.ledger().calls())
            count += call.status == status && (key == "*" || call.key == key) ? 1 : 0;
        return count;
    }

private Q_SLOTS:
    /// A run in which everything there is a metric for happens once at least.
    void initTestCase()
    {
        m_daemon = std::make_unique<Daemon>(options(m_upstream.baseUrl()));
        QVERIFY2(m_daemon->ready(), m_daemon->log().c_str());
        for (int i = 0; i < 6; ++i)
            QCOMPARE(ask().status, 200);
        for (int i = 0; i < 3; ++i)
            QCOMPARE(ask(true).status, 200);
        m_upstream.on({.key = secretOf("key-1"), .times = 1}, upstream::minuteLimit(1800));
        m_upstream.on({.key = secretOf("key-2"), .times = 1}, upstream::keyInvalid());
        for (int i = 0; i < 6; ++i)
            QCOMPARE(ask().status, 200);
        m_upstream.on({.times = 1}, upstream::cutStream(2));
        QVERIFY(ask(true).body.find("upstream_error") != std::string::npos);
        m_upstream.on({.times = 1}, upstream::badRequest("no such thing"));
        QCOMPARE(ask().status, 400);
        ++m_chats;
        QCOMPARE(m_daemon->client().post(chat, "{nonsense").status, 400);
        HttpClient stranger(m_daemon->url(), {{"Authorization", "Bearer sk-nobody"}});
        QCOMPARE(stranger.post(chat, chatBody("gpt-4")).status, 401);
        const HttpResponse minted =
            m_daemon->admin().post("/admin/v1/virtual-keys", "{\"name\": \"small\", \"rpm_limit\": 1}");
        QCOMPARE(minted.status, 201);
        m_limitedId = jsonAt(minted.body, "/id");
        HttpClient small(m_daemon->url(), {{"Authorization", "Bearer " + jsonAt(minted.body, "/key")}});
        QCOMPARE(small.post(chat, chatBody("gpt-4")).status, 200);
        QCOMPARE(small.post(chat, chatBody("gpt-4")).status, 429);
        m_chats += 2;
        m_upstream.on({}, upstream::minuteLimit(1800));
        QCOMPARE(ask().status, 429); // the last one rests, too

        const HttpResponse answer = m_daemon->admin().get("/metrics");
        QCOMPARE(answer.status, 200);
        QCOMPARE(std::string(answer.header("content-type")), "text/plain; version=0.0.4; charset=utf-8");
        m_raw = answer.body;
        m_text = std::make_unique<PrometheusText>(answer.body);
    }

    void theFormatHolds() { QCOMPARE(m_text->problems(), Texts()); }

    void requestsAreThoseThatWereAsked()
    {
        QCOMPARE(value("keymux_requests_total"), double(m_chats));
        const auto ended = [&](const std::string &end, const std::string &status, const std::string &code) {
            return value("keymux_requests_total", {{"end", end}, {"status", status}, {"code", code}});
        };
        QCOMPARE(ended("answered", "200", "none"), 16.0);
        QCOMPARE(ended("cut", "200", "upstream_error"), 1.0);
        QCOMPARE(ended("refused", "400", "invalid_json"), 1.0);
        QCOMPARE(ended("refused", "429", "pool_exhausted"), 1.0);
        QCOMPARE(ended("refused", "429", "rate_limit_exceeded"), 1.0);
        QCOMPARE(value("keymux_requests_total", {{"end", "refused"}, {"status", "400"}}), 2.0);
        QCOMPARE(value("keymux_unauthorized_total"), 1.0);
        QCOMPARE(value("keymux_request_duration_seconds_count"), 17.0);
        QCOMPARE(value("keymux_time_to_first_byte_seconds_count", {{"stream", "true"}}), 4.0);
        QVERIFY(value("keymux_request_duration_seconds_sum") >= value("keymux_time_to_first_byte_seconds_sum"));
    }

    void attemptsAreTheCallsTheProviderSaw()
    {
        QCOMPARE(value("keymux_attempts_total"), double(m_upstream.ledger().count()));
        for (const char *key : {"key-1", "key-2", "key-3"}) {
            QCOMPARE(value("keymux_attempts_total", {{"key_id", key}}),
                     double(m_upstream.ledger().countOf(secretOf(key))));
            QCOMPARE(value("keymux_upstream_rate_limited_total", {{"key_id", key}}),
                     double(callsWith(429, secretOf(key))));
        }
        QCOMPARE(value("keymux_attempts_total", {{"result", "success"}}), 16.0);
        QCOMPARE(value("keymux_attempts_total", {{"result", "rate_limit"}}), double(callsWith(429)));
        QCOMPARE(value("keymux_attempts_total", {{"result", "bad_key"}, {"key_id", "key-2"}}), 1.0);
        QCOMPARE(value("keymux_fallbacks_total"), 2.0);
        QCOMPARE(value("keymux_fallbacks_total", {{"reason", "bad_key"}}), 1.0);
    }

    void restsAreThoseTheProviderBroughtAbout()
    {
        QCOMPARE(value("keymux_cooldowns_total", {{"reason", "rate_limit"}, {"scope", "deployment"}}), 2.0);
        QCOMPARE(value("keymux_cooldowns_total", {{"reason", "bad_key"}, {"scope", "key"}}), 1.0);
        QCOMPARE(value("keymux_cooldown_active"), 3.0);
        QCOMPARE(value("keymux_cooldown_active", {{"key_id", "key-2"}, {"reason", "bad_key"}}), 1.0);
        QCOMPARE(value("keymux_deployments"), 3.0);
        QCOMPARE(value("keymux_deployments", {{"status", "cooling"}}), 2.0);
        QCOMPARE(value("keymux_keys", {{"status", "blocked"}}), 1.0);
        QCOMPARE(value("keymux_deployment_window_used", {{"window", "rpm"}}), double(m_upstream.ledger().count()));
    }

    void tokensAreThoseTheProviderCounted()
    {
        std::int64_t prompt = 0, completion = 0;
        for (const UpstreamCall &call : m_upstream.ledger().calls()) {
            if (call.status != 200 || call.answer.find("\"usage\"") == std::string::npos)
                continue;
            prompt += usageIn(call.answer, "prompt_tokens");
            completion += usageIn(call.answer, "completion_tokens");
        }
        QVERIFY(prompt > 0 && completion > 0);
        // The stream that was cut had no usage: what it cost is an estimate on top.
        const double prompts = value("keymux_tokens_total", {{"kind", "prompt"}});
        QVERIFY2(prompts >= double(prompt) && prompts <= double(prompt) + 20, std::to_string(prompts).c_str());
        const double completions = value("keymux_tokens_total", {{"kind", "completion"}});
        QVERIFY2(completions >= double(completion) && completions <= double(completion) + 20,
                 std::to_string(completions).c_str());
        QCOMPARE(value("keymux_virtual_key_tokens_total"), prompts + completions);
    }

    void virtualKeysAreToldById()
    {
        QCOMPARE(value("keymux_virtual_key_requests_total", {{"virtual_key", m_limitedId}}), 2.0);
        QCOMPARE(
            value("keymux_virtual_key_limited_total", {{"virtual_key", m_limitedId}, {"code", "rate_limit_exceeded"}}),
            1.0);
    }

    void theGatewayTellsOfItself()
    {
        QCOMPARE(value("keymux_build_info", {{"version", KEYMUX_VERSION}}), 1.0);
        QCOMPARE(value("keymux_config_revision"), 1.0);
        QCOMPARE(value("keymux_config_last_reload_successful"), 1.0);
        QCOMPARE(value("keymux_requests_in_flight"), 0.0);
        QVERIFY(value("keymux_config_last_reload_success_timestamp_seconds") >=
                std::floor(value("process_start_time_seconds")) - 1);
        QVERIFY(value("process_resident_memory_bytes") > 4e6);
    }

    void nothingSecretIsInIt()
    {
        for (const std::string &secret : {std::string("secret-of-"), m_daemon->virtualKey(), m_daemon->adminToken(),
                                          std::string(metricsToken), std::string("gpt-4"), std::string("sk-nobody")})
            QVERIFY2(m_raw.find(secret) == std::string::npos, secret.c_str());
    }

    void whatIsUnderWayIsTold()
    {
        ScriptedUpstream upstream;
        upstream.on({}, upstream::stream(1000, Ms(20)));
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        HttpStream stream = daemon.client().stream(chat, chatBody("gpt-4", true));
        QVERIFY(stream.nextEvent().has_value());
        const PrometheusText during(daemon.admin().get("/metrics").body);
        QCOMPARE(during.problems(), Texts());
        QCOMPARE(during.value("keymux_requests_in_flight"), 1.0);
        QCOMPARE(during.value("keymux_streams_in_flight"), 1.0);
        QCOMPARE(during.value("keymux_deployment_in_flight"), 1.0);
        QVERIFY(during.value("keymux_client_connections") >= 1);
        QCOMPARE(during.value("keymux_requests_total"), 0.0);
        stream.close();
        const Moment deadline = Clock::now() + Ms(10000);
        std::optional<double> left;
        while (!left && Clock::now() < deadline)
            left = PrometheusText(daemon.admin().get("/metrics").body)
                       .sum("keymux_requests_total", {{"end", "client_left"}});
        QCOMPARE(left, std::optional(1.0));
    }

    void theMetricsTokenOpensNothingElse()
    {
        HttpClient scraper = with(metricsToken);
        QCOMPARE(scraper.get("/metrics").status, 200);
        for (const char *path : {"/admin/v1/state", "/admin/v1/pool", "/admin/v1/virtual-keys", "/admin/v1/audit",
                                 "/key/list", "/metrics/", "/metrics/../admin/v1/state", "/nowhere"}) {
            const HttpResponse answer = scraper.get(path);
            QVERIFY2(answer.status == 401, path);
            QVERIFY2(answer.body.find("ey_id") == std::string::npos, path);
        }
        QCOMPARE(scraper.post("/admin/v1/virtual-keys", "{\"name\": \"x\"}").status, 401);
        QCOMPARE(scraper.post("/metrics", "").status, 405);
        HttpClient client(m_daemon->url(), {{"Authorization", std::string("Bearer ") + metricsToken}});
        QCOMPARE(client.post(chat, chatBody("gpt-4")).status, 401);
        QCOMPARE(client.get("/metrics").status, 404);
    }

    void withoutATokenThereIsNothing()
    {
        QCOMPARE(HttpClient(m_daemon->adminUrl()).get("/metrics").status, 401);
        for (const std::string &token :
             {std::string("wrong"), std::string(), m_daemon->virtualKey(), std::string(metricsToken) + "x"})
            QCOMPARE(with(token).get("/metrics").status, 401);
        QCOMPARE(HttpClient(m_daemon->adminUrl()).get(std::string("/metrics?token=") + metricsToken).status, 401);
    }

    void everyNameInDashboardAndAlertsIsThere()
    {
        const Json dashboard = Json::parse(fileText("resources/grafana/keymux.json"), nullptr, false);
        QVERIFY(dashboard.is_object());
        QCOMPARE(dashboard.value("uid", ""), "keymux");
        QCOMPARE(dashboard["templating"]["list"][0].value("type", ""), "datasource");
        Texts queries;
        collectQueries(dashboard, queries);
        QVERIFY(queries.size() > 40);
        Texts alerts = alertQueries();
        QVERIFY(alerts.size() >= 10);
        queries.insert(queries.end(), alerts.begin(), alerts.end());

        std::set<std::string> known = m_text->sampleNames();
        known.insert("keymux_cost_usd_total"); // there is no price for this provider's models
        known.insert("keymux_virtual_key_cost_usd_total");
        std::set<std::string> asked;
        for (const std::string &query : queries)
            for (const std::string &name : namesIn(query)) {
                QVERIFY2(known.count(name) > 0, (name + " in " + query).c_str());
                asked.insert(name);
            }
        QVERIFY(asked.size() > 25);
    }

    void everyMetricIsDocumented()
    {
        const std::string manual = fileText("docs/OPERATIONS.md");
        for (const auto &[name, family] : m_text->families())
            QVERIFY2(name.starts_with("process_") || manual.find('`' + name + '`') != std::string::npos, name.c_str());
    }

    void panelsHaveAPlaceAndASource()
    {
        const Json dashboard = Json::parse(fileText("resources/grafana/keymux.json"), nullptr, false);
        std::set<int> ids;
        for (const Json &panel : dashboard["panels"]) {
            QVERIFY2(ids.insert(panel.value("id", 0)).second, panel.dump().c_str());
            QVERIFY(panel["gridPos"].value("x", 99) + panel["gridPos"].value("w", 99) <= 24);
            if (panel["type"] == "row")
                continue;
            QCOMPARE(panel["datasource"].value("uid", ""), "${datasource}");
            QVERIFY2(!panel["targets"].empty() && !panel.value("description", "").empty(), panel.dump().c_str());
        }
    }

    void aNewTokenAndAConfigThatIsNoneAreTakenAccordingly()
    {
        Daemon daemon(options(m_upstream.baseUrl()));
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        QCOMPARE(daemon.client().post(chat, chatBody("gpt-4")).status, 429);
        const std::string file = (daemon.folder() / "metrics-token").string();
        const auto write = [&](const std::string &token) { std::ofstream(file) << token << '\n'; };
        write("the-second-metrics-token");
        PoolText text = pool(m_upstream.baseUrl());
        text.server = "\"metrics_token\": \"file:metrics-token\"";
        daemon.replaceConfig(text.text());
        QVERIFY(becomes(daemon, "the-second-metrics-token", true));
        QVERIFY(!opens(daemon, metricsToken));
        write("the-third-metrics-token");
        QVERIFY(becomes(daemon, "the-third-metrics-token", true));
        QVERIFY(!opens(daemon, "the-second-metrics-token"));
        write("short");
        QVERIFY(becomes(daemon, "the-third-metrics-token", false));
        QVERIFY(daemon.waitForLog("server.metrics_token opens nothing"));

        daemon.replaceConfig("{ broken");
        QVERIFY(daemon.waitForLog("stays in force"));
        const PrometheusText after(daemon.admin().get("/metrics").body);
        QCOMPARE(after.sum("keymux_config_last_reload_successful"), std::optional(0.0));
        QVERIFY(after.value("keymux_config_revision") > 1);
        QCOMPARE(after.value("keymux_attempts_total"), 3.0); // counted on through it all
    }

private:
    static bool opens(const Daemon &daemon, const std::string &token)
    {
        return HttpClient(daemon.adminUrl(), {{"Authorization", "Bearer " + token}}).get("/metrics").status == 200;
    }
    /// Asks rarely: wrong tokens are counted.
    static bool becomes(const Daemon &daemon, const std::string &token, bool open)
    {
        const Moment deadline = Clock::now() + Ms(10000);
        while (opens(daemon, token) != open) {
            if (Clock::now() > deadline)
                return false;
            QTest::qSleep(200);
        }
        return true;
    }

    /// The expressions of the alert rules, whose file is read by its indentation: enough of YAML for what we write.
    static Texts alertQueries()
    {
        Texts queries;
        std::istringstream lines(fileText("resources/prometheus/alerts.yml"));
        std::string line;
        bool folded = false;
        int alerts = 0, severities = 0, summaries = 0;
        while (std::getline(lines, line)) {
            const std::size_t indent = line.find_first_not_of(' ');
            if (line.find('\t') != std::string::npos || (indent != std::string::npos && indent % 2 != 0))
                QTest::qFail(("not indented by twos: " + line).c_str(), __FILE__, __LINE__);
            if (indent == std::string::npos || line[indent] == '#')
                continue;
            const std::string text = line.substr(indent);
            folded = folded && indent > 8;
            if (folded)
                queries.back() += text + ' ';
            if (text.starts_with("expr: ")) {
                folded = text == "expr: >-";
                queries.push_back(folded ? "" : text.substr(6));
            }
            alerts += text.starts_with("- alert: Keymux") ? 1 : 0;
            severities += text == "severity: critical" || text == "severity: warning" ? 1 : 0;
            summaries += text.starts_with("summary: \"") && text.ends_with("\"") ? 1 : 0;
        }
        if (alerts != int(queries.size()) || alerts != severities || alerts != summaries)
            QTest::qFail("each alert has an expression, a severity and a summary", __FILE__, __LINE__);
        return queries;
    }
};

QTEST_APPLESS_MAIN(MetricsTest)
#include "test_metrics.moc"
