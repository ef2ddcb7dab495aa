// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/metrics.h"

#include "core/keypoolfixture.h"
#include "support/prometheustext.h"
#include "support/show.h"

using namespace keymux;
using namespace keymux::test;
using keymux::testing::PrometheusText;

namespace {

std::shared_ptr<const Router> routerOf(std::vector<Provider> providers)
{
    PoolConfig config;
    config.providers = std::move(providers);
    return std::make_shared<const Router>(std::make_shared<const PoolConfig>(std::move(config)));
}

/// `keys` keys `k1`, `k2`, … with the same models.
std::shared_ptr<const Router> routerOf(int keys, const std::vector<std::string> &models = {"m"})
{
    std::vector<ModelEntry> entries;
    for (const std::string &name : models)
        entries.push_back(model(name));
    std::vector<KeyEntry> list;
    for (int i = 1; i <= keys; ++i)
        list.push_back(key("k" + std::to_string(i), {}, entries));
    return routerOf({provider("p", std::move(list))});
}

AttemptTrace attempt(DeploymentIndex deployment, AnswerClass klass = AnswerClass::Success, int status = 200)
{
    return {.deployment = deployment,
            .startedAt = noon,
            .endedAt = noon + 1s,
            .firstByte = status ? std::optional(400ms) : std::nullopt,
            .status = status,
            .klass = klass};
}

/// An answer of 10 + 5 tokens by the last attempt, after a second and a half.
RequestTrace answered(std::shared_ptr<const Router> router, std::vector<AttemptTrace> attempts)
{
    RequestTrace trace;
    trace.requestId = "req_1";
    trace.virtualKeyId = "vk_1";
    trace.model = "whatever-the-client-wrote";
    trace.startedAt = noon;
    trace.answeredAt = noon + 700ms;
    trace.endedAt = noon + 1500ms;
    trace.status = 200;
    trace.attempts = std::move(attempts);
    trace.usage = TokenUsage{.prompt = 10, .completion = 5, .total = 15, .cached = 4, .reasoning = 2};
    trace.costUsd = 0.25;
    trace.router = std::move(router);
    return trace;
}

RequestTrace refused(std::shared_ptr<const Router> router, int status, std::string code,
                     std::vector<AttemptTrace> attempts = {})
{
    RequestTrace trace;
    trace.virtualKeyId = "vk_1";
    trace.startedAt = trace.endedAt = noon;
    trace.end = RequestEnd::Refused;
    trace.status = status;
    trace.code = std::move(code);
    trace.attempts = std::move(attempts);
    trace.router = std::move(router);
    return trace;
}

VirtualKey virtualKey(std::string id)
{
    VirtualKey key;
    key.id = std::move(id);
    key.digest = digestOf(key.id);
    return key;
}

} // namespace

class TestMetrics : public QObject {
    Q_OBJECT

private:
    /// A scrape, which must be well-formed whatever was counted.
    static PrometheusText scrape(Metrics &metrics, TimePoint now = noon, const GatewayState &state = {})
    {
        PrometheusText text(metrics.text(state, now));
        if (!text.problems().empty())
            QTest::qFail(text.problems().front().c_str(), __FILE__, __LINE__);
        return text;
    }
    static GatewayState stateOf(const PoolSnapshot &pool)
    {
        GatewayState state;
        state.pool = pool;
        return state;
    }

private Q_SLOTS:
    void requestsAreCountedByHowTheyEnded()
    {
        Metrics metrics(noon);
        const auto router = routerOf(1);
        metrics.requests().count(answered(router, {attempt(0)}));
        metrics.requests().count(answered(router, {attempt(0)}));
        RequestTrace cut = answered(router, {attempt(0, AnswerClass::Broken)});
        cut.end = RequestEnd::Cut;
        cut.code = "upstream_error";
        cut.endpoint = Endpoint::Embeddings;
        metrics.requests().count(cut);
        metrics.requests().count(refused(router, 429, "pool_exhausted"));
        RequestTrace left = answered(router, {attempt(0, AnswerClass::Cancelled, 0)});
        left.end = RequestEnd::ClientLeft;
        left.status = 0;
        metrics.requests().count(left);

        const PrometheusText text = scrape(metrics);
        const auto count = [&](const PrometheusText::Labels &labels) {
            return text.value("keymux_requests_total", labels);
        };
        QCOMPARE(count({}), 5.0);
        QCOMPARE(count({{"endpoint", "chat"}, {"end", "answered"}, {"status", "200"}, {"code", "none"}}), 2.0);
        QCOMPARE(count({{"endpoint", "embeddings"}, {"end", "cut"}, {"code", "upstream_error"}}), 1.0);
        QCOMPARE(count({{"end", "refused"}, {"status", "429"}, {"code", "pool_exhausted"}}), 1.0);
        QCOMPARE(count({{"end", "client_left"}, {"status", "none"}}), 1.0);
    }

    void whatClientsAndProvidersWriteBecomesNoLabel()
    {
        Metrics metrics(noon);
        const auto router = routerOf(1);
        for (int i = 0; i < 300; ++i) {
            const std::string invented = "invented-" + std::to_string(i);
            RequestTrace trace = refused(router, 400 + i, invented, {attempt(0, AnswerClass::ClientFault, 400)});
            trace.model = invented;
            trace.attempts[0].detail = invented;
            metrics.requests().count(trace);
        }
        const std::string text = metrics.text({}, noon);
        QVERIFY(text.find("invented") == std::string::npos);
        QVERIFY(PrometheusText(text).families().at("keymux_requests_total").samples.size() < 25);
        QCOMPARE(PrometheusText(text).value("keymux_requests_total", {{"code", "other"}}), 300.0);
    }

    void attemptsFallbacksAndLimitedAnswersAreCountedWhereTheyHappened()
    {
        Metrics metrics(noon);
        const auto router = routerOf(2, {"a", "b"}); // k1/a, k1/b, k2/a, k2/b
        metrics.requests().setPool(router, noon);
        metrics.requests().count(answered(
            router, {attempt(0, AnswerClass::MinuteLimit, 429), attempt(1, AnswerClass::Timeout, 0), attempt(2)}));
        metrics.requests().count(answered(router, {attempt(0, AnswerClass::DayQuota, 429), attempt(3)}));
        // Asked again for a field it does not know, the same one answered: no fallback.
        metrics.requests().count(answered(router, {attempt(2, AnswerClass::UnknownField, 400), attempt(2)}));
        metrics.requests().count(
            refused(router, 502, "upstream_error", {attempt(1, AnswerClass::Overload, 503)})); // nowhere to go

        const PrometheusText text = scrape(metrics);
        QCOMPARE(text.value("keymux_attempts_total"), 8.0);
        QCOMPARE(text.value("keymux_attempts_total", {{"key_id", "k1"}, {"model", "a"}}), 2.0);
        QCOMPARE(text.value("keymux_attempts_total", {{"key_id", "k2"}, {"model", "a"}, {"result", "success"}}), 2.0);
        QCOMPARE(text.value("keymux_attempts_total", {{"result", "unknown_field"}}), 1.0);
        QCOMPARE(text.value("keymux_fallbacks_total"), 3.0);
        QCOMPARE(text.value("keymux_fallbacks_total", {{"model", "a"}, {"reason", "rate_limit"}}), 1.0);
        QCOMPARE(text.value("keymux_fallbacks_total", {{"model", "a"}, {"reason", "day_quota"}}), 1.0);
        QCOMPARE(text.value("keymux_fallbacks_total", {{"model", "b"}, {"reason", "timeout"}}), 1.0);
        QCOMPARE(text.value("keymux_upstream_rate_limited_total"), 2.0);
        QCOMPARE(text.value("keymux_upstream_rate_limited_total", {{"key_id", "k1"}, {"model", "a"}}), 2.0);
    }

    /// A rate of a series that comes with its first event does not know of that event.
    void whatIsRareBeginsAtZero()
    {
        Metrics metrics(noon);
        metrics.requests().count(answered(routerOf(1), {attempt(0)}));
        const PrometheusText text = scrape(metrics);
        for (const char *name : {"keymux_upstream_rate_limited_total", "keymux_fallbacks_total",
                                 "keymux_virtual_key_limited_total", "keymux_cooldowns_total"})
            QVERIFY2(text.sum(name) == std::optional(0.0), name);
        for (const char *code : {"pool_exhausted", "upstream_error", "no_deployment", "upstream_timeout"})
            QVERIFY2(text.sum("keymux_requests_total", {{"code", code}}) == std::optional(0.0), code);
        QCOMPARE(text.sum("keymux_cooldowns_total", {{"reason", "bad_key"}, {"scope", "key"}}), std::optional(0.0));
    }

    void tokensAndCostBelongToWhoServed()
    {
        Metrics metrics(noon);
        const auto router = routerOf(1, {"a", "b"});
        metrics.requests().count(answered(router, {attempt(0, AnswerClass::Overload, 500), attempt(1)}));
        RequestTrace other = answered(router, {attempt(1)});
        other.virtualKeyId = "vk_2";
        metrics.requests().count(other);
        metrics.requests().count(refused(router, 429, "pool_exhausted"));

        const PrometheusText text = scrape(metrics);
        const PrometheusText::Labels b{{"provider", "p"}, {"model", "b"}};
        const auto tokens = [&](const std::string &kind) {
            auto labels = b;
            labels["kind"] = kind;
            return text.value("keymux_tokens_total", labels);
        };
        QCOMPARE(tokens("prompt"), 20.0);
        QCOMPARE(tokens("completion"), 10.0);
        QCOMPARE(tokens("cached"), 8.0);
        QCOMPARE(tokens("reasoning"), 4.0);
        QVERIFY(!text.sum("keymux_tokens_total", {{"model", "a"}}));
        QCOMPARE(text.value("keymux_cost_usd_total", b), 0.5);
        QCOMPARE(text.value("keymux_virtual_key_tokens_total", {{"virtual_key", "vk_1"}}), 15.0);
        QCOMPARE(text.value("keymux_virtual_key_requests_total", {{"virtual_key", "vk_1"}}), 2.0);
        QCOMPARE(text.value("keymux_virtual_key_cost_usd_total", {{"virtual_key", "vk_2"}}), 0.25);
    }

    void timesAreThoseOfAnswers()
    {
        Metrics metrics(noon);
        const auto router = routerOf(1);
        metrics.requests().count(answered(router, {attempt(0)}));
        RequestTrace stream = answered(router, {attempt(0)});
        stream.stream = true;
        stream.endedAt = noon + 45s;
        metrics.requests().count(stream);
        metrics.requests().count(refused(router, 429, "pool_exhausted"));

        const PrometheusText text = scrape(metrics);
        const PrometheusText::Labels streams{{"endpoint", "chat"}, {"stream", "true"}};
        QCOMPARE(text.value("keymux_request_duration_seconds_count"), 2.0);
        QCOMPARE(text.value("keymux_request_duration_seconds_sum", streams), 45.0);
        QCOMPARE(text.value("keymux_time_to_first_byte_seconds_count", streams), 1.0);
        QCOMPARE(text.value("keymux_time_to_first_byte_seconds_sum"), 1.4);
        QCOMPARE(text.value("keymux_time_to_first_byte_seconds_bucket", {{"le", "0.5"}}), 0.0);
        QCOMPARE(text.value("keymux_time_to_first_byte_seconds_bucket", {{"le", "1"}}), 2.0);
        QCOMPARE(text.value("keymux_upstream_time_to_first_byte_seconds_sum", {{"model", "m"}}), 0.8);
    }

    void aVirtualKeysOwnLimitsAreToldFromAProviders()
    {
        Metrics metrics(noon);
        const auto router = routerOf(1);
        metrics.requests().count(refused(router, 429, "rate_limit_exceeded"));
        metrics.requests().count(refused(router, 429, "insufficient_quota"));
        metrics.requests().count(
            refused(router, 429, "rate_limit_exceeded", {attempt(0, AnswerClass::ClientFault, 429)}));
        const PrometheusText text = scrape(metrics);
        QCOMPARE(text.value("keymux_virtual_key_limited_total"), 2.0);
        QCOMPARE(
            text.value("keymux_virtual_key_limited_total", {{"virtual_key", "vk_1"}, {"code", "insufficient_quota"}}),
            1.0);
    }

    void restsAreCountedWhenTheyBegin()
    {
        Metrics metrics(noon);
        Bench b({key("a"), key("b")});
        b.call(answer(AnswerClass::BadKey));
        b.call(answer(AnswerClass::MinuteLimit));
        for (const PoolEvent &event : b.pool.takeEvents(b.now))
            metrics.requests().count(event);
        for (const PoolEvent &event : b.pool.takeEvents(b.now + 3h)) // they end
            metrics.requests().count(event);
        const PrometheusText text = scrape(metrics);
        QCOMPARE(text.value("keymux_cooldowns_total"), 2.0);
        QCOMPARE(text.value("keymux_cooldowns_total", {{"reason", "bad_key"}, {"scope", "key"}}), 1.0);
        QCOMPARE(text.value("keymux_cooldowns_total", {{"reason", "rate_limit"}, {"scope", "deployment"}}), 1.0);
    }

    void thePoolIsToldAsItIsAtThatMoment()
    {
        Metrics metrics(noon);
        KeyEntry off = key("off");
        off.enabled = false;
        Bench b({key("a", {.rpm = 4, .tpm = 1000}), off});
        b.send("any", 100);
        GatewayState state = stateOf(b.pool.snapshot(b.now));
        state.ready = true;
        const PrometheusText text = scrape(metrics, b.now, state);
        const PrometheusText::Labels a{{"provider", "p"}, {"model", "m"}, {"key_id", "a"}};
        QCOMPARE(text.value("keymux_pool_ready"), 1.0);
        QCOMPARE(text.value("keymux_deployment_room_ratio", a), 0.75);
        QCOMPARE(text.value("keymux_deployment_in_flight", a), 1.0);
        QCOMPARE(text.value("keymux_deployment_window_used", {{"key_id", "a"}, {"window", "tpm"}}), 100.0);
        QCOMPARE(text.value("keymux_deployment_window_limit", {{"key_id", "a"}, {"window", "rpm"}}), 4.0);
        QVERIFY(!text.sum("keymux_deployment_window_limit", {{"window", "rpd"}}));
        QCOMPARE(text.value("keymux_deployments"), 2.0);
        QCOMPARE(text.value("keymux_deployments", {{"status", "disabled"}}), 1.0);
        QCOMPARE(text.sum("keymux_deployments", {{"status", "cooling"}}), std::optional(0.0));
        QCOMPARE(text.value("keymux_keys", {{"status", "usable"}}), 1.0);
        QCOMPARE(text.value("keymux_keys", {{"status", "disabled"}}), 1.0);
        QVERIFY(!text.sum("keymux_cooldown_active"));

        b.call(answer(AnswerClass::BadKey));
        const PrometheusText later = scrape(metrics, b.now, stateOf(b.pool.snapshot(b.now)));
        QCOMPARE(later.value("keymux_cooldown_active", {{"key_id", "a"}, {"reason", "bad_key"}, {"scope", "key"}}),
                 1.0);
        QCOMPARE(later.value("keymux_keys", {{"status", "blocked"}}), 1.0);
        QCOMPARE(later.sum("keymux_keys", {{"status", "usable"}}), std::optional(0.0));
        QCOMPARE(later.sum("keymux_pool_ready"), std::optional(0.0));
    }

    void theProcessAndTheBuildAreTold()
    {
        Metrics metrics(noon);
        GatewayState state;
        state.requestsInFlight = 7;
        state.streamsInFlight = 3;
        state.tracesLost = 2;
        state.unauthorized = 5;
        state.configRevision = 12;
        state.configApplied = false;
        const PrometheusText text = scrape(metrics, noon, state);
        QCOMPARE(text.value("keymux_build_info", {{"version", KEYMUX_VERSION}, {"qt", qVersion()}}), 1.0);
        QCOMPARE(text.value("keymux_requests_in_flight"), 7.0);
        QCOMPARE(text.value("keymux_streams_in_flight"), 3.0);
        QCOMPARE(text.value("keymux_request_traces_lost_total"), 2.0);
        QCOMPARE(text.value("keymux_unauthorized_total"), 5.0);
        QCOMPARE(text.value("keymux_config_revision"), 12.0);
        QCOMPARE(text.sum("keymux_config_last_reload_successful"), std::optional(0.0));
        QCOMPARE(text.value("process_start_time_seconds"), double(noon.time_since_epoch().count()) / 1000);
        QVERIFY(text.value("process_resident_memory_bytes") > 1e6);
        QVERIFY(text.value("process_open_fds") >= 3);
        QVERIFY(text.value("process_max_fds") >= text.value("process_open_fds"));
        QVERIFY(text.value("process_cpu_seconds_total") > 0);
        QCOMPARE(text.value("keymux_metrics_series") + 2, double(text.seriesCount()));
    }

    void anyNameOfAModelIsWrittenSoThatItCanBeRead()
    {
        const std::string odd = "a\"b\\c\nd{e=\"f\"} \xc3\xa4";
        Metrics metrics(noon);
        Bench b({key("k", {}, {model(odd)})});
        metrics.requests().count(answered(b.router, {attempt(0)}));
        const PrometheusText text = scrape(metrics, noon, stateOf(b.pool.snapshot(noon)));
        QCOMPARE(text.value("keymux_attempts_total", {{"model", odd}}), 1.0);
        QCOMPARE(text.value("keymux_deployment_room_ratio", {{"model", odd}}), 1.0);
    }

    void whatLeftThePoolIsForgottenAfterAWhile()
    {
        Metrics metrics(noon);
        const auto two = routerOf(2), one = routerOf(1);
        metrics.requests().setPool(two, noon);
        metrics.requests().count(answered(two, {attempt(0)}));
        metrics.requests().count(answered(two, {attempt(1)}));
        metrics.requests().setPool(one, noon + 1min);
        const auto attempts = [&](TimePoint at, const std::string &keyId) {
            return scrape(metrics, at).sum("keymux_attempts_total", {{"key_id", keyId}});
        };
        QCOMPARE(attempts(noon + 15min, "k2"), std::optional(1.0)); // its last value is still to be read
        RequestTrace late = answered(two, {attempt(1)});            // a request that began with the old config
        late.endedAt = noon + 15min;
        metrics.requests().count(late);
        QCOMPARE(attempts(noon + 29min, "k2"), std::optional(2.0));
        QVERIFY(!attempts(noon + 30min, "k2"));
        QCOMPARE(attempts(noon + 30min, "k1"), std::optional(1.0));
        QCOMPARE(scrape(metrics, noon + 30min).value("keymux_tokens_total", {{"kind", "prompt"}}), 30.0);

        metrics.requests().setPool(two, noon + 31min); // back again, from the start
        metrics.requests().count(answered(two, {attempt(1)}));
        QCOMPARE(attempts(noon + 2h, "k2"), std::optional(1.0));
        metrics.requests().setPool(routerOf(1, {"else"}), noon + 2h);
        const PrometheusText gone = scrape(metrics, noon + 3h);
        QVERIFY(!gone.sum("keymux_attempts_total") && !gone.sum("keymux_tokens_total"));
        QVERIFY(!gone.sum("keymux_upstream_time_to_first_byte_seconds_count"));
        QCOMPARE(gone.value("keymux_requests_total"), 4.0);
    }

    void aDeploymentThatStaysIsCountedOn()
    {
        Metrics metrics(noon);
        for (int round = 0; round < 5; ++round) {
            const auto router = routerOf(2);
            metrics.requests().setPool(router, noon + round * 20min);
            metrics.requests().count(answered(router, {attempt(0)}));
        }
        QCOMPARE(scrape(metrics, noon + 5h).value("keymux_attempts_total", {{"key_id", "k1"}}), 5.0);
    }

    void virtualKeysBeyondTheFirstThousandAreCountedTogether()
    {
        Metrics metrics(noon);
        const auto router = routerOf(1);
        for (int i = 0; i < 1500; ++i) {
            RequestTrace trace = refused(router, 429, "rate_limit_exceeded");
            trace.virtualKeyId = "vk_" + std::to_string(i);
            metrics.requests().count(trace);
        }
        const PrometheusText text = scrape(metrics);
        QCOMPARE(text.families().at("keymux_virtual_key_requests_total").samples.size(), std::size_t(1001));
        QCOMPARE(text.value("keymux_virtual_key_requests_total"), 1500.0);
        QCOMPARE(text.value("keymux_virtual_key_requests_total", {{"virtual_key", "other"}}), 500.0);
        QCOMPARE(text.value("keymux_virtual_key_limited_total", {{"virtual_key", "other"}}), 500.0);
    }

    void aVirtualKeyThatIsGoneMakesRoomForAnother()
    {
        Metrics metrics(noon);
        const auto router = routerOf(1);
        for (const char *id : {"vk_1", "vk_2", "vk_3"}) {
            RequestTrace trace = answered(router, {attempt(0)});
            trace.virtualKeyId = id;
            metrics.requests().count(trace);
        }
        VirtualKey revoked = virtualKey("vk_2");
        revoked.revokedAt = noon;
        metrics.requests().setVirtualKeys(VirtualKeyTable({virtualKey("vk_1"), revoked}), noon);
        QCOMPARE(scrape(metrics, noon + 14min).value("keymux_virtual_key_requests_total"), 3.0);
        const PrometheusText text = scrape(metrics, noon + 15min);
        QCOMPARE(text.value("keymux_virtual_key_requests_total"), 1.0);
        QCOMPARE(text.value("keymux_virtual_key_tokens_total", {{"virtual_key", "vk_1"}}), 15.0);
    }

    void tooManySeriesAreCountedTogetherAndSumsStayTrue()
    {
        constexpr std::size_t most = 150;
        Metrics metrics(noon, most);
        const auto router = routerOf(200);
        metrics.requests().setPool(router, noon);
        for (DeploymentIndex i = 0; i < 200; ++i) {
            metrics.requests().count(answered(router, {attempt(i)}));
            metrics.requests().count(answered(router, {attempt(i)}));
        }
        KeyPool pool;
        pool.reconfigure(router, std::vector<KeyReadiness>(200), noon);
        const PrometheusText text = scrape(metrics, noon, stateOf(pool.snapshot(noon)));
        QCOMPARE(text.value("keymux_attempts_total"), 400.0);
        QVERIFY(text.value("keymux_attempts_total", {{"key_id", "other"}}) > 200);
        QCOMPARE(text.value("keymux_requests_total"), 400.0);
        QCOMPARE(text.value("keymux_deployments"), 200.0); // what matters most is there
        QVERIFY(text.seriesCount() < 2 * most + 60);
        QVERIFY(text.value("keymux_metrics_series_dropped_total") > 300);
        // When others have gone there is room again.
        metrics.requests().setPool(routerOf(1), noon);
        QVERIFY(scrape(metrics, noon + 1h).families().at("keymux_attempts_total").samples.size() <= 2);
        metrics.requests().setPool(router, noon + 1h);
        QVERIFY(!text.sum("keymux_attempts_total", {{"key_id", "k200"}}));
        metrics.requests().count(answered(router, {attempt(199)}));
        QCOMPARE(scrape(metrics, noon + 1h).value("keymux_attempts_total", {{"key_id", "k200"}}), 1.0);
    }

    void aStrictReaderFindsWhatIsWrong_data()
    {
        QTest::addColumn<QByteArray>("text");
        const auto row = [](const char *name, const char *text) { QTest::newRow(name) << QByteArray(text); };
        const auto counter = [&](const char *name, const char *samples) {
            QTest::newRow(name) << QByteArray("# HELP a_total x\n# TYPE a_total counter\n") + samples;
        };
        const auto histogram = [&](const char *name, const char *samples) {
            QTest::newRow(name) << QByteArray("# HELP h x\n# TYPE h histogram\n") + samples;
        };
        row("no help", "# TYPE a gauge\na 1\n");
        row("no type", "# HELP a x\na 1\n");
        row("a counter without _total", "# HELP a x\n# TYPE a counter\na 1\n");
        row("a gauge with _total", "# HELP a_total x\n# TYPE a_total gauge\na_total 1\n");
        row("two groups", "# HELP a x\n# TYPE a gauge\na 1\n# HELP b x\n# TYPE b gauge\nb 1\n# HELP a x\n");
        row("a stray sample", "# HELP a x\n# TYPE a gauge\nb 1\n");
        row("a bad name", "# HELP a-b x\n# TYPE a-b gauge\na-b 1\n");
        counter("no line end", "a_total 1");
        counter("no value", "a_total\n");
        counter("no number", "a_total one\n");
        counter("negative", "a_total -1\n");
        counter("twice", "a_total{b=\"1\"} 1\na_total{b=\"1\"} 2\n");
        counter("other labels", "a_total{b=\"1\"} 1\na_total{c=\"1\"} 2\n");
        counter("a label twice", "a_total{b=\"1\",b=\"2\"} 1\n");
        counter("a bad escape", "a_total{b=\"\\x\"} 1\n");
        counter("an open label", "a_total{b=\"1} 1\n");
        histogram("no +Inf", "h_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n");
        histogram("not cumulative", "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n");
        histogram("no ascent",
                  "h_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 1\n");
        histogram("another count", "h_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_sum 1\nh_count 2\n");
        histogram("no sum", "h_bucket{le=\"+Inf\"} 1\nh_count 1\n");
    }
    void aStrictReaderFindsWhatIsWrong()
    {
        QFETCH(QByteArray, text);
        QVERIFY(!PrometheusText(text.toStdString()).problems().empty());
    }
    void aStrictReaderTakesWhatIsRight()
    {
        const PrometheusText text(
            "# HELP a_total x\n# TYPE a_total counter\na_total{b=\"1\"} 1\na_total{b=\"2\"} 2.5e3\n"
            "# HELP h x\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\n"
            "h_sum 3\nh_count 2\n");
        QVERIFY2(text.problems().empty(), text.problems().empty() ? "" : text.problems().front().c_str());
        QCOMPARE(text.value("a_total"), 2501.0);
    }
};

QTEST_APPLESS_MAIN(TestMetrics)
#include "test_metrics.moc"
