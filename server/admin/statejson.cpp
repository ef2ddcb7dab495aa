// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/statejson.h"

#include "log/log.h"

#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

Json orNull(const std::string &text)
{
    return text.empty() ? Json(nullptr) : Json(text);
}

Json windowJson(const WindowState &window)
{
    return {{"limit", window.limit ? Json(*window.limit) : Json(nullptr)},
            {"used", window.used},
            {"resets_at", window.resetsAt ? Json(rfc3339(*window.resetsAt)) : Json(nullptr)}};
}

Json millisOrNull(const std::optional<Millis> &value)
{
    return value ? Json(value->count()) : Json(nullptr);
}

Json deploymentJson(const DeploymentState &d)
{
    Json cooldown = nullptr;
    if (d.cooldown) {
        cooldown = {{"until", rfc3339(d.cooldown->until)},
                    {"reason", restReasonName(d.cooldown->reason)},
                    {"scope", restScopeName(d.cooldown->scope)}};
    }
    return {{"id", d.id},
            {"provider", d.provider},
            {"key_id", d.keyId},
            {"model", d.model},
            {"priority", d.priority},
            {"weight", d.weight},
            {"status", statusName(d.status)},
            {"cooldown", std::move(cooldown)},
            {"windows", {{"rpm", windowJson(d.rpm)}, {"tpm", windowJson(d.tpm)}, {"rpd", windowJson(d.rpd)}}},
            {"in_flight", d.inFlight},
            {"requests", d.requests},
            {"errors", d.errors},
            {"latency_ms", {{"p50", millisOrNull(d.latencyP50)}, {"p95", millisOrNull(d.latencyP95)}}}};
}

Json totalsJson(const PoolSnapshot &snapshot)
{
    std::int64_t requests = 0, errors = 0, inFlight = 0;
    Json byStatus = Json::object();
    for (int i = 0; i <= int(DeploymentStatus::Unresolved); ++i)
        byStatus[std::string(statusName(DeploymentStatus(i)))] = 0;
    for (const DeploymentState &d : snapshot.deployments) {
        requests += d.requests;
        errors += d.errors;
        inFlight += d.inFlight;
        auto &count = byStatus[std::string(statusName(d.status))];
        count = count.get<int>() + 1;
    }
    return {{"deployments", snapshot.deployments.size()},
            {"keys", snapshot.keys.size()},
            {"requests", requests},
            {"errors", errors},
            {"in_flight", inFlight},
            {"by_status", std::move(byStatus)}};
}

Json keyObject(const KeyState &key)
{
    return {{"key_id", key.keyId},
            {"enabled", key.enabled},
            {"disabled_by", orNull(key.disabledBy)},
            {"secret", key.resolved ? "resolved" : "missing"},
            {"quota_group", orNull(key.quotaGroup)}};
}

} // namespace

std::string keyJson(const KeyState &key)
{
    return keyObject(key).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string stateJson(const PoolSnapshot &snapshot, const ConfigState &config)
{
    Json deployments = Json::array();
    for (const DeploymentState &d : snapshot.deployments)
        deployments.push_back(deploymentJson(d));
    Json keys = Json::array();
    for (const KeyState &key : snapshot.keys) {
        keys.push_back(keyObject(key));
    }
    const Json document = {{"at", rfc3339(snapshot.at)},
                           {"config",
                            {{"revision", config.revision},
                             {"source", config.source},
                             {"writable", config.writable},
                             {"error", orNull(config.error)}}},
                           {"totals", totalsJson(snapshot)},
                           {"deployments", std::move(deployments)},
                           {"keys", std::move(keys)}};
    return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace keymux
