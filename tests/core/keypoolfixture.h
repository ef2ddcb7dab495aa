// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/keypool.h"

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace keymux::test {

using namespace std::chrono_literals;

/// A Tuesday noon in UTC, so that no day turns by accident.
inline constexpr TimePoint noon{Millis(1'767'700'800'000)};

inline ModelEntry model(std::string name, double weight = 1, int priority = 1)
{
    ModelEntry entry;
    entry.model = std::move(name);
    entry.weight = weight;
    entry.priority = priority;
    entry.endpoints = {Endpoint::Chat, Endpoint::Completions};
    return entry;
}

inline KeyEntry key(std::string id, Limits limits = {}, std::vector<ModelEntry> models = {model("m")})
{
    KeyEntry entry;
    entry.keyId = std::move(id);
    entry.limits = limits;
    entry.models = std::move(models);
    return entry;
}

inline Provider provider(std::string name, std::vector<KeyEntry> keys)
{
    Provider result;
    result.name = std::move(name);
    result.keys = std::move(keys);
    return result;
}

inline Feedback answer(AnswerClass klass)
{
    Feedback feedback;
    feedback.klass = klass;
    feedback.limitEvidence = true;
    return feedback;
}

inline Feedback success(std::optional<std::int64_t> tokens = std::nullopt)
{
    Feedback feedback = answer(AnswerClass::Success);
    feedback.tokensUsed = tokens;
    return feedback;
}

/// A pool with its config, and a clock the test moves.
class Bench {
public:
    explicit Bench(std::vector<KeyEntry> keys) : Bench(std::vector<Provider>{provider("p", std::move(keys))}) {}
    explicit Bench(std::vector<Provider> providers)
    {
        config.providers = std::move(providers);
        apply();
    }
    explicit Bench(PoolConfig c) : config(std::move(c)) { apply(); }

    void apply()
    {
        router = std::make_shared<const Router>(std::make_shared<const PoolConfig>(config));
        readiness.resize(router->keyCount());
        pool.reconfigure(router, readiness, now);
    }

    AcquireRequest request(std::string_view name = "any", std::int64_t tokens = 0)
    {
        AcquireRequest result;
        result.router = router.get();
        result.plan = router->route(name, endpoint).plan;
        result.endpoint = endpoint;
        result.tokens = tokens;
        result.tried = tried;
        return result;
    }

    tl::expected<Lease, NoRoom> acquire(std::string_view name = "any", std::int64_t tokens = 0)
    {
        return pool.acquire(request(name, tokens), now);
    }

    /// Takes a lease that must be there, and sends it.
    Lease send(std::string_view name = "any", std::int64_t tokens = 0)
    {
        const auto lease = acquire(name, tokens);
        if (!lease)
            throw std::runtime_error("no room where the test expects some");
        pool.markSent(*lease, now);
        return *lease;
    }

    /// One whole call; gives the id of the deployment that served it, or "" when there was no room.
    std::string call(const Feedback &feedback = success(), std::string_view name = "any", std::int64_t tokens = 0)
    {
        const auto lease = acquire(name, tokens);
        if (!lease)
            return {};
        pool.markSent(*lease, now);
        pool.settle(*lease, feedback, now);
        return idOf(*lease);
    }

    std::string idOf(const Lease &lease) const { return router->deployments()[lease.deployment].id; }

    DeploymentState state(std::string_view id) const
    {
        for (const DeploymentState &s : pool.snapshot(now).deployments) {
            if (s.id == id)
                return s;
        }
        throw std::runtime_error("no such deployment");
    }

    bool hasRoom(std::string_view name = "any", std::int64_t tokens = 0)
    {
        const auto lease = acquire(name, tokens);
        if (lease)
            pool.settle(*lease, answer(AnswerClass::NeverSent), now);
        return lease.has_value();
    }

    PoolConfig config;
    std::shared_ptr<const Router> router;
    std::vector<KeyReadiness> readiness;
    KeyPool pool;
    TimePoint now = noon;
    Endpoint endpoint = Endpoint::Chat;
    std::vector<DeploymentIndex> tried;
};

} // namespace keymux::test
