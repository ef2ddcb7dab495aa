// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

enum class RestScope : std::uint8_t { Deployment, Endpoint, Key, QuotaGroup, ProviderModel, Provider };
enum class RestReason : std::uint8_t {
    MinuteLimit,
    DayQuota,
    NoQuota,
    BadKey,
    Billing,
    ModelMissing,
    Denied,
    Region,
    Overload,
    AddressLimit
};
enum class DeploymentStatus : std::uint8_t { Ready, Limited, Cooling, Probing, Blocked, Disabled, Unresolved };

std::string_view restScopeName(RestScope scope);      ///< `deployment`, `key`, …
std::string_view restReasonName(RestReason reason);   ///< `rate_limit`, `day_quota`, `bad_key`, …
std::string_view statusName(DeploymentStatus status); ///< as in the admin API

struct WindowState {
    std::optional<std::int64_t> limit; ///< absent: unlimited
    std::int64_t used = 0;
    std::optional<TimePoint> resetsAt; ///< when the whole window is empty again
    bool operator==(const WindowState &) const = default;
};

struct CooldownState {
    TimePoint until{};
    RestReason reason = RestReason::MinuteLimit;
    RestScope scope = RestScope::Deployment;
    bool operator==(const CooldownState &) const = default;
};

struct DeploymentState {
    std::string id, provider, keyId, model;
    int priority = 1;
    double weight = 1;
    DeploymentStatus status = DeploymentStatus::Ready;
    std::optional<CooldownState> cooldown; ///< the rest that ends last
    WindowState rpm, tpm, rpd;
    double room = 1; ///< the smallest free fraction among its limits, parallel requests included; 0 to 1
    std::int64_t inFlight = 0;
    std::int64_t requests = 0, errors = 0;
    std::optional<Millis> latencyP50, latencyP95;
    bool operator==(const DeploymentState &) const = default;
};

struct KeyState {
    std::string keyId;
    bool enabled = true;
    std::string disabledBy; ///< `config`, `operator` or empty
    bool resolved = true;
    std::string quotaGroup;
    bool operator==(const KeyState &) const = default;
};

struct PoolSnapshot {
    TimePoint at{};
    std::vector<DeploymentState> deployments; ///< document order
    std::vector<KeyState> keys;
    bool operator==(const PoolSnapshot &) const = default;
};

} // namespace keymux
