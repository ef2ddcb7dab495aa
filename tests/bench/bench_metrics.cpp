// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keypool.h"
#include "metrics/metrics.h"

#include <benchmark/benchmark.h>
#include <memory>
#include <string>

using namespace keymux;

namespace {

constexpr TimePoint start{Millis(1'767'700'800'000)};

/// `keys` keys with every kind of limit; one model in ten is another.
std::shared_ptr<const Router> routerFor(std::int64_t keys)
{
    PoolConfig config;
    Provider provider;
    provider.name = "gemini";
    for (std::int64_t i = 0; i < keys; ++i) {
        KeyEntry key;
        key.keyId = "gemini-key-" + std::to_string(i);
        key.limits = {.rpm = 1000, .tpm = 1'000'000, .rpd = 100'000};
        ModelEntry model;
        model.model = "gemini-2.0-flash-" + std::to_string(i % 10);
        model.endpoints = {Endpoint::Chat};
        key.models.push_back(model);
        provider.keys.push_back(std::move(key));
    }
    config.providers.push_back(std::move(provider));
    return std::make_shared<const Router>(std::make_shared<const PoolConfig>(std::move(config)));
}

RequestTrace traceOf(const std::shared_ptr<const Router> &router, DeploymentIndex deployment)
{
    RequestTrace trace;
    trace.virtualKeyId = "vk_0123456789abcdef";
    trace.startedAt = start;
    trace.answeredAt = start + Millis(700);
    trace.endedAt = start + Millis(1500);
    trace.status = 200;
    trace.attempts.push_back({.deployment = deployment, .startedAt = start, .firstByte = Millis(600), .status = 200});
    trace.usage = TokenUsage{.prompt = 10, .completion = 5, .total = 15};
    trace.costUsd = 0.001;
    trace.router = router;
    return trace;
}

void countOneRequest(benchmark::State &state)
{
    const auto router = routerFor(state.range(0));
    Metrics metrics(start);
    metrics.requests().setPool(router, start);
    std::vector<RequestTrace> traces;
    for (DeploymentIndex i = 0; i < DeploymentIndex(state.range(0)); ++i)
        traces.push_back(traceOf(router, i));
    std::size_t next = 0;
    for (auto _ : state)
        metrics.requests().count(traces[next++ % traces.size()]);
}

/// Every deployment has served and was limited once.
void scrape(benchmark::State &state)
{
    const auto router = routerFor(state.range(0));
    Metrics metrics(start);
    metrics.requests().setPool(router, start);
    for (DeploymentIndex i = 0; i < DeploymentIndex(state.range(0)); ++i) {
        RequestTrace trace = traceOf(router, i);
        metrics.requests().count(trace);
        trace.attempts.front().klass = AnswerClass::MinuteLimit;
        trace.attempts.front().status = 429;
        metrics.requests().count(trace);
    }
    KeyPool pool;
    pool.reconfigure(router, std::vector<KeyReadiness>(router->keyCount()), start);
    std::size_t bytes = 0;
    for (auto _ : state) {
        GatewayState now;
        now.pool = pool.snapshot(start);
        bytes = metrics.text(now, start).size();
    }
    state.counters["bytes"] = double(bytes);
}

BENCHMARK(countOneRequest)->Arg(1)->Arg(1000);
BENCHMARK(scrape)->Arg(16)->Arg(1000)->Arg(10'000)->Unit(benchmark::kMillisecond);

} // namespace

BENCHMARK_MAIN();
