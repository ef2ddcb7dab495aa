// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/gatewaystate.h"

#include <QtGlobal>
#include <map>
#include <set>

namespace keymux {

namespace {

using prometheus::MetricType;

const std::vector<std::string> &deploymentLabels()
{
    static const std::vector<std::string> labels{"provider", "model", "key_id"};
    return labels;
}

std::vector<std::string> deploymentLabelsAnd(std::initializer_list<const char *> more)
{
    std::vector<std::string> labels = deploymentLabels();
    labels.insert(labels.end(), more.begin(), more.end());
    return labels;
}

void addCounts(MetricFamilies &families, const GatewayState &state, SeriesLimit &limit)
{
    StateFamily(limit, MetricType::Gauge, "keymux_pool_ready",
                "1 while a key is neither disabled, unresolved nor blocked, as /health/readiness says.")
        .set(state.ready ? 1 : 0)
        .moveTo(families);

    int byStatus[int(DeploymentStatus::Unresolved) + 1] = {};
    std::set<std::string_view> usable;
    for (const DeploymentState &d : state.pool.deployments) {
        ++byStatus[int(d.status)];
        if (d.status < DeploymentStatus::Blocked)
            usable.insert(d.keyId);
    }
    StateFamily deployments(limit, MetricType::Gauge, "keymux_deployments",
                            "Deployments (a key and a model), by status.", {"status"});
    for (int i = 0; i < int(std::size(byStatus)); ++i)
        deployments.add({statusName(DeploymentStatus(i))}, byStatus[i]);
    deployments.moveTo(families);

    std::map<std::string_view, int> byState{{"usable", 0}, {"blocked", 0}, {"disabled", 0}, {"unresolved", 0}};
    for (const KeyState &key : state.pool.keys) {
        ++byState[!key.enabled                  ? "disabled"
                  : !key.resolved               ? "unresolved"
                  : usable.count(key.keyId) > 0 ? "usable"
                                                : "blocked"];
    }
    StateFamily keys(limit, MetricType::Gauge, "keymux_keys",
                     "Keys of providers; usable are those with a deployment that is not blocked.", {"status"});
    for (const auto &[name, count] : byState)
        keys.add({name}, count);
    keys.moveTo(families);
}

void addDeployments(MetricFamilies &families, const GatewayState &state, SeriesLimit &limit)
{
    StateFamily cooldowns(limit, MetricType::Gauge, "keymux_cooldown_active",
                          "1 while a deployment rests; of several rests the one that ends last. No series otherwise.",
                          deploymentLabelsAnd({"reason", "scope"}));
    StateFamily room(limit, MetricType::Gauge, "keymux_deployment_room_ratio",
                     "The smallest free fraction among a deployment's limits, by our own count; 1 without limits.",
                     deploymentLabels());
    StateFamily inFlight(limit, MetricType::Gauge, "keymux_deployment_in_flight", "Calls under way.",
                         deploymentLabels());
    for (const DeploymentState &d : state.pool.deployments) {
        if (d.cooldown)
            cooldowns.add(
                {d.provider, d.model, d.keyId, restReasonName(d.cooldown->reason), restScopeName(d.cooldown->scope)},
                1);
    }
    for (const DeploymentState &d : state.pool.deployments)
        room.add({d.provider, d.model, d.keyId}, d.room);
    for (const DeploymentState &d : state.pool.deployments)
        inFlight.add({d.provider, d.model, d.keyId}, double(d.inFlight));
    cooldowns.moveTo(families);
    room.moveTo(families);
    inFlight.moveTo(families);
}

void addWindows(MetricFamilies &families, const GatewayState &state, SeriesLimit &limit)
{
    StateFamily limits(limit, MetricType::Gauge, "keymux_deployment_window_limit",
                       "A limit: requests (rpm) or tokens (tpm) a minute, requests a day (rpd). No series without one.",
                       deploymentLabelsAnd({"window"}));
    StateFamily used(limit, MetricType::Gauge, "keymux_deployment_window_used",
                     "How much of that limit is used; deployments that share windows say the same.",
                     deploymentLabelsAnd({"window"}));
    for (const DeploymentState &d : state.pool.deployments) {
        const auto add = [&](const WindowState &window, std::string_view name) {
            if (!window.limit)
                return;
            used.add({d.provider, d.model, d.keyId, name}, double(window.used));
            limits.add({d.provider, d.model, d.keyId, name}, double(*window.limit));
        };
        add(d.rpm, "rpm");
        add(d.tpm, "tpm");
        add(d.rpd, "rpd");
    }
    limits.moveTo(families);
    used.moveTo(families);
}

} // namespace

void addPoolFamilies(MetricFamilies &families, const GatewayState &state, SeriesLimit &limit)
{
    addCounts(families, state, limit);
    addDeployments(families, state, limit);
    addWindows(families, state, limit);
}

void addGatewayFamilies(MetricFamilies &families, const GatewayState &state, SeriesLimit &limit)
{
    const auto gauge = [&](const char *name, const char *help, double value) {
        StateFamily(limit, MetricType::Gauge, name, help).set(value).moveTo(families);
    };
    gauge("keymux_requests_in_flight", "Requests for a model under way, streams among them.", state.requestsInFlight);
    gauge("keymux_streams_in_flight", "Streams under way.", state.streamsInFlight);
    gauge("keymux_client_connections", "Open connections of clients.", state.connections);
    gauge("keymux_draining", "1 from the signal to stop on.", state.draining ? 1 : 0);
    gauge("keymux_config_revision", "The revision of the pool config in force.", double(state.configRevision));
    gauge("keymux_config_last_reload_successful", "0 while the newest pool config could not be applied.",
          state.configApplied ? 1 : 0);
    gauge("keymux_config_last_reload_success_timestamp_seconds", "When the pool config in force was read.",
          double(state.configAppliedAt));
    const auto counter = [&](const char *name, const char *help, std::uint64_t value) {
        StateFamily(limit, MetricType::Counter, name, help).set(double(value)).moveTo(families);
    };
    counter("keymux_unauthorized_total",
            "Requests refused with 401 because there was no virtual key that works; not in keymux_requests_total.",
            state.unauthorized);
    counter("keymux_request_traces_lost_total",
            "Requests missing in these metrics: they ended faster than they could be counted.", state.tracesLost);
    StateFamily build(limit, MetricType::Gauge, "keymux_build_info", "1; what runs is in the labels.",
                      {"version", "qt"});
    build.add({KEYMUX_VERSION, qVersion()}, 1);
    build.moveTo(families);
}

} // namespace keymux
