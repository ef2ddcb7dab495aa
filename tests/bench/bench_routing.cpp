// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keypool.h"
#include "core/virtualkeyroom.h"

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <memory>
#include <string>

using namespace keymux;

namespace {

constexpr TimePoint start{Millis(1'767'700'800'000)};

std::shared_ptr<const Router> routerFor(std::int64_t keys, std::optional<std::int64_t> rpm, int rules = 0)
{
    PoolConfig config;
    Provider provider;
    provider.name = "gemini";
    for (std::int64_t i = 0; i < keys; ++i) {
        KeyEntry key;
        key.keyId = "gemini-key-" + std::to_string(i);
        key.limits.rpm = rpm;
        ModelEntry model;
        model.model = "gemini-2.0-flash";
        model.endpoints = {Endpoint::Chat, Endpoint::Completions};
        key.models.push_back(model);
        provider.keys.push_back(std::move(key));
    }
    config.providers.push_back(std::move(provider));
    std::vector<ModelRule> map;
    for (int i = 0; i < rules; ++i)
        map.push_back({"model-" + std::to_string(i) + "-*", {"gemini-2.0-flash"}});
    map.push_back({"*", {"*"}});
    config.routing.modelMap = std::move(map);
    return std::make_shared<const Router>(std::make_shared<const PoolConfig>(std::move(config)));
}

AcquireRequest requestFor(const Router &router)
{
    AcquireRequest request;
    request.router = &router;
    request.plan = router.route("gpt-4", Endpoint::Chat).plan;
    request.tokens = 100;
    return request;
}

/// A pool that serves 1,000 requests a second of pool time, so that windows fill and drain as they do in life.
void pickAmongReadyKeys(benchmark::State &state)
{
    const auto router = routerFor(state.range(0), 1'000'000);
    KeyPool pool;
    TimePoint now = start;
    pool.reconfigure(router, {}, now);
    const AcquireRequest request = requestFor(*router);
    const Feedback success;
    std::int64_t calls = 0;
    for (auto _ : state) {
        RouteLook told;
        RouteLook *look = state.range(1) != 0 ? &told : nullptr;
        const auto lease = pool.acquire(request, now, look);
        pool.markSent(*lease, now);
        pool.settle(*lease, success, now);
        if (++calls % 1000 == 0)
            now += Millis(1000);
    }
}

/// Most keys are at their limit: 15 a minute each, asked for as fast as they come free, so that every pick finds one
/// that just woke.
void pickAmongLimitedKeys(benchmark::State &state)
{
    const auto router = routerFor(state.range(0), 15);
    KeyPool pool;
    TimePoint now = start;
    pool.reconfigure(router, {}, now);
    const AcquireRequest request = requestFor(*router);
    const Feedback success;
    std::int64_t served = 0;
    for (auto _ : state) {
        RouteLook told;
        RouteLook *look = state.range(1) != 0 ? &told : nullptr;
        const auto lease = pool.acquire(request, now, look);
        if (lease) {
            pool.markSent(*lease, now);
            pool.settle(*lease, success, now);
            ++served;
        } else {
            now = *lease.error().nextFree;
        }
    }
    state.counters["served"] = double(served) / double(state.iterations());
}

/// Nobody has room: what a refused client costs.
void refuseWhenAllAreLimited(benchmark::State &state)
{
    const auto router = routerFor(state.range(0), 1);
    KeyPool pool;
    pool.reconfigure(router, {}, start);
    const AcquireRequest request = requestFor(*router);
    while (const auto lease = pool.acquire(request, start))
        pool.markSent(*lease, start);
    for (auto _ : state) {
        RouteLook told;
        RouteLook *look = state.range(1) != 0 ? &told : nullptr;
        benchmark::DoNotOptimize(pool.acquire(request, start + Millis(1), look));
    }
}

/// The first half of the keys answers 429 and rests; the others serve.
void pickWhileHalfRests(benchmark::State &state)
{
    const auto router = routerFor(state.range(0), 1'000'000);
    KeyPool pool;
    TimePoint now = start;
    pool.reconfigure(router, {}, now);
    const AcquireRequest request = requestFor(*router);
    Feedback limited;
    limited.klass = AnswerClass::MinuteLimit;
    limited.limitEvidence = true;
    limited.restFor = Millis(3'600'000);
    const Feedback success;
    for (std::int64_t i = 0; i < state.range(0) / 2; ++i) {
        const auto lease = pool.acquire(request, now);
        pool.markSent(*lease, now);
        pool.settle(*lease, limited, now);
    }
    for (auto _ : state) {
        RouteLook told;
        RouteLook *look = state.range(1) != 0 ? &told : nullptr;
        const auto lease = pool.acquire(request, now, look);
        pool.markSent(*lease, now);
        pool.settle(*lease, success, now);
    }
}

void reconfigure(benchmark::State &state)
{
    const auto router = routerFor(state.range(0), 15);
    const auto before = mallinfo2().uordblks;
    KeyPool pool;
    pool.reconfigure(router, {}, start);
    pool.reconfigure(router, {}, start);
    state.counters["bytes_per_deployment"] = double(mallinfo2().uordblks - before) / double(state.range(0));
    for (auto _ : state)
        pool.reconfigure(router, {}, start);
}

void snapshot(benchmark::State &state)
{
    const auto router = routerFor(state.range(0), 15);
    KeyPool pool;
    pool.reconfigure(router, {}, start);
    for (auto _ : state)
        benchmark::DoNotOptimize(pool.snapshot(start));
}

void routeByName(benchmark::State &state)
{
    const auto router = routerFor(10, 15, int(state.range(0)));
    for (auto _ : state)
        benchmark::DoNotOptimize(router->route("gemini-2.0-flash", Endpoint::Chat));
}

void routeUnknownName(benchmark::State &state)
{
    const auto router = routerFor(10, 15, int(state.range(0)));
    for (auto _ : state)
        benchmark::DoNotOptimize(router->route("gpt-4-turbo", Endpoint::Chat));
}

VirtualKeyTable tableOf(std::int64_t count)
{
    std::vector<VirtualKey> keys(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < keys.size(); ++i) {
        keys[i].id = "vk_" + std::to_string(i);
        keys[i].digest = digestOf("sk-a-virtual-key-of-usual-length-and-number-" + std::to_string(i));
    }
    return VirtualKeyTable(std::move(keys));
}

void findVirtualKey(benchmark::State &state)
{
    const VirtualKeyTable table = tableOf(state.range(0));
    const std::string clear = "sk-a-virtual-key-of-usual-length-and-number-7";
    for (auto _ : state)
        benchmark::DoNotOptimize(table.find(clear, start));
}
BENCHMARK(findVirtualKey)->Arg(10)->Arg(10000);

void virtualKeyRoom(benchmark::State &state)
{
    const VirtualKeyTable table = tableOf(state.range(0));
    VirtualKeyRoom room;
    for (auto _ : state) {
        auto admitted = room.acquire(table.keys()[7], {1, 100, 0}, start);
        room.settle(std::move(admitted->lease), {.spend = {1, 50, 0}, .sent = true}, start);
    }
}
BENCHMARK(virtualKeyRoom)->Arg(10000);

} // namespace

// The second argument: is it told who was passed over, as the gateway wants it?
BENCHMARK(pickAmongReadyKeys)->ArgsProduct({{10, 100, 1000, 10000}, {0, 1}});
BENCHMARK(pickAmongLimitedKeys)->ArgsProduct({{10, 100, 1000, 10000}, {0, 1}});
BENCHMARK(refuseWhenAllAreLimited)->ArgsProduct({{10, 100, 1000, 10000}, {0, 1}});
BENCHMARK(pickWhileHalfRests)->ArgsProduct({{10, 100, 1000, 10000}, {0, 1}});
BENCHMARK(reconfigure)->RangeMultiplier(10)->Range(10, 10000)->Unit(benchmark::kMicrosecond);
BENCHMARK(snapshot)->RangeMultiplier(10)->Range(10, 10000)->Unit(benchmark::kMicrosecond);
BENCHMARK(routeByName)->Arg(10)->Arg(1000);
BENCHMARK(routeUnknownName)->Arg(10)->Arg(1000);

BENCHMARK_MAIN();
