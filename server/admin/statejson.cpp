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

Json totalsJson(const std::vector<DeploymentState> &deployments, const std::vector<KeyState> &keys)
{
    std::int64_t requests = 0, errors = 0, inFlight = 0;
    int counts[int(DeploymentStatus::Unresolved) + 1] = {};
    for (const DeploymentState &d : deployments) {
        requests += d.requests;
        errors += d.errors;
        inFlight += d.inFlight;
        ++counts[int(d.status)];
    }
    Json byStatus = Json::object();
    for (int i = 0; i <= int(DeploymentStatus::Unresolved); ++i)
        byStatus[std::string(statusName(DeploymentStatus(i)))] = counts[i];
    return {{"deployments", deployments.size()},
            {"keys", keys.size()},
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

Json configJson(const ConfigState &config)
{
    return {{"revision", config.revision},
            {"source", config.source},
            {"writable", config.writable},
            {"error", orNull(config.error)}};
}

/// The members of one list of a delta, under their names.
template <typename T>
void addList(Json &into, const ListDelta<T> &delta, const char *changed, const char *removed, const char *order)
{
    if (!delta.removed.empty())
        into[removed] = delta.removed;
    if (delta.order)
        into[order] = *delta.order;
    Json items = Json::array();
    for (const T &item : delta.changed) {
        if constexpr (std::is_same_v<T, DeploymentState>)
            items.push_back(deploymentJson(item));
        else
            items.push_back(keyObject(item));
    }
    into[changed] = std::move(items);
}

} // namespace

Json deltaJson(const SnapshotDelta &delta, const SnapshotVersions &versions, const ConfigState *config)
{
    Json json = {{"at", rfc3339(delta.at)}};
    if (config)
        json["config"] = configJson(*config);
    json["totals"] = totalsJson(versions.deployments(), versions.keys());
    addList(json, delta.deployments, "deployments", "removed", "order");
    if (!delta.keys.empty())
        addList(json, delta.keys, "keys", "removed_keys", "key_order");
    return json;
}

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
                           {"config", configJson(config)},
                           {"totals", totalsJson(snapshot.deployments, snapshot.keys)},
                           {"deployments", std::move(deployments)},
                           {"keys", std::move(keys)}};
    return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace keymux
