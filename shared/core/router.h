// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace keymux {

/// One (key, model) pair of a config, with every default applied.
struct Deployment {
    std::string id;               ///< `key_id/model`
    std::uint32_t provider = 0;   ///< index into PoolConfig::providers
    std::uint32_t key = 0;        ///< index into that provider's keys
    std::uint32_t keyOrdinal = 0; ///< index over all keys of the document, in document order
    std::string model;
    int priority = 1;
    double weight = 1;
    Limits limits; ///< the model's own, else the key's, else the provider's
    std::optional<std::int64_t> contextWindow;
    EndpointSet endpoints;
};

using DeploymentIndex = std::uint32_t;
using TierIndex = std::uint32_t;

/// Deployments of equal rank, in document order; among them traffic follows weight × room.
struct Tier {
    std::vector<DeploymentIndex> members;
};

/// The tiers that may serve a request, the first to be tried first. Tiers of one plan do not overlap.
struct RoutePlan {
    std::vector<TierIndex> tiers;
};

/// What the router says of a name: a plan, or that nobody knows the name. `plan` may be empty of tiers when no
/// deployment of that name has the endpoint.
struct Route {
    const RoutePlan *plan = nullptr; ///< owned by the router
    bool direct = false;             ///< the pool has a model of this name
};

/// A config compiled for routing: immutable, shared by all threads. Every plan is worked out here, so a request costs a
/// look-up and at most one glob match per rule.
class Router {
public:
    explicit Router(std::shared_ptr<const PoolConfig> config);

    /// The route for a model name as the client asked for it. `plan` is null for a name no rule matches (404).
    Route route(std::string_view model, Endpoint endpoint) const;

    const PoolConfig &config() const { return *m_config; }
    const std::vector<Deployment> &deployments() const { return m_deployments; }
    const std::vector<Tier> &tiers() const { return m_tiers; }
    const Provider &provider(const Deployment &d) const { return m_config->providers[d.provider]; }
    const KeyEntry &key(const Deployment &d) const { return provider(d).keys[d.key]; }
    std::size_t keyCount() const { return m_keyCount; }

    /// Names a client can ask for literally: the pool's models, then the exact names of `model_map`, each once, in
    /// document order.
    const std::vector<std::string> &modelNames() const { return m_modelNames; }

private:
    struct PlanSet {
        RoutePlan perEndpoint[endpointCount];
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view s) const { return std::hash<std::string_view>{}(s); }
    };

    std::shared_ptr<const PoolConfig> m_config;
    std::vector<Deployment> m_deployments;
    std::vector<Tier> m_tiers;
    std::vector<std::string> m_modelNames;
    std::unordered_map<std::string, PlanSet, Hash, std::equal_to<>> m_direct; ///< by model and by `provider/model`
    std::vector<std::pair<std::string, PlanSet>> m_rules;                     ///< in document order
    std::size_t m_keyCount = 0;
};

} // namespace keymux
