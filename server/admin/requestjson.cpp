// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/requestjson.h"

#include "log/log.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

Json orNull(const std::string &text)
{
    return text.empty() ? Json(nullptr) : Json(text);
}

template <typename T>
Json timeOrNull(const std::optional<T> &time)
{
    if constexpr (std::is_same_v<T, TimePoint>)
        return time ? Json(rfc3339(*time)) : Json(nullptr);
    else
        return time ? Json(time->count()) : Json(nullptr);
}

Json usageJson(const RequestTrace &trace)
{
    if (!trace.usage)
        return nullptr;
    const TokenUsage &usage = *trace.usage;
    return {{"prompt_tokens", usage.prompt},       {"completion_tokens", usage.completion},
            {"total_tokens", usage.total},         {"cached_tokens", usage.cached},
            {"reasoning_tokens", usage.reasoning}, {"estimated", trace.usageEstimated}};
}

/// What a provider says of a request that is at fault may quote it, and prompts are not kept.
Json detailOf(const AttemptTrace &attempt)
{
    if (attempt.klass == AnswerClass::ClientFault)
        return nullptr;
    return orNull(attempt.detail);
}

Json attemptJson(const AttemptTrace &attempt)
{
    return {{"started_at", rfc3339(attempt.startedAt)},
            {"duration_ms", (attempt.endedAt - attempt.startedAt).count()},
            {"first_byte_ms", timeOrNull(attempt.firstByte)},
            {"status", attempt.status ? Json(attempt.status) : Json(nullptr)},
            {"outcome", answerClassName(attempt.klass)},
            {"trial", attempt.trial},
            {"detail", detailOf(attempt)}};
}

/// The steps of a route as they are told.
class RouteWriter {
public:
    explicit RouteWriter(const RequestTrace &trace)
        : m_trace(trace), m_plan(trace.router->route(trace.model, trace.endpoint).plan)
    {
    }

    Json steps()
    {
        Json list = Json::array();
        for (const AttemptTrace &attempt : m_trace.attempts) {
            Json step = stepOf(attempt.look ? *attempt.look : rankedLower(attempt.deployment));
            step["picked"] = idOf(attempt.deployment);
            step["attempt"] = attemptJson(attempt);
            list.push_back(std::move(step));
        }
        if (m_trace.refusedLook) {
            Json step = stepOf(*m_trace.refusedLook);
            step["picked"] = nullptr;
            step["attempt"] = nullptr;
            list.push_back(std::move(step));
        }
        if (!list.empty())
            addWithoutEndpoint(list.front()["passed_over"]);
        return list;
    }

private:
    const std::string &idOf(DeploymentIndex index) const { return m_trace.router->deployments()[index].id; }

    /// Where nobody was looked at, everybody of the first tier was thought to have room.
    RouteLook rankedLower(DeploymentIndex picked) const
    {
        RouteLook look;
        if (!m_plan)
            return look;
        for (TierIndex t : m_plan->tiers) {
            const std::vector<DeploymentIndex> &members = m_trace.router->tiers()[t].members;
            if (t != m_plan->tiers.front()) {
                look.notReached += std::uint32_t(members.size());
                continue;
            }
            for (DeploymentIndex index : members) {
                if (index == picked)
                    continue;
                if (look.passedOver.size() < RouteLook::bound)
                    look.passedOver.push_back({.deployment = index, .until = {}, .reason = {}});
                else
                    ++look.others.ready;
            }
        }
        return look;
    }

    Json stepOf(const RouteLook &look) const
    {
        Json passedOver = Json::array();
        for (const PassedOver &entry : look.passedOver) {
            passedOver.push_back({{"deployment", idOf(entry.deployment)},
                                  {"why", passedOverName(entry.why)},
                                  {"until", timeOrNull(entry.until)},
                                  {"reason", entry.reason ? Json(restReasonName(*entry.reason)) : Json(nullptr)},
                                  {"scope", entry.reason ? Json(restScopeName(entry.scope)) : Json(nullptr)}});
        }
        const RouteLook::Others &others = look.others;
        return {{"picked", nullptr},
                {"attempt", nullptr},
                {"passed_over", std::move(passedOver)},
                {"not_listed",
                 {{"ready", others.ready},
                  {"resting", others.resting},
                  {"blocked", others.blocked},
                  {"busy", others.busy},
                  {"off", others.off},
                  {"unknown", others.unknown}}},
                {"not_reached", look.notReached}};
    }

    void addWithoutEndpoint(Json &passedOver) const
    {
        for (const Deployment &deployment : m_trace.router->deployments()) {
            if (passedOver.size() >= RouteLook::bound)
                return;
            if (deployment.model == m_trace.model && !deployment.endpoints.contains(m_trace.endpoint))
                passedOver.push_back({{"deployment", deployment.id},
                                      {"why", "no_endpoint"},
                                      {"until", nullptr},
                                      {"reason", nullptr},
                                      {"scope", nullptr}});
        }
    }

    const RequestTrace &m_trace;
    const RoutePlan *m_plan;
};

} // namespace

Json requestSummary(const RequestTrace &trace)
{
    const Deployment *served = trace.servedBy();
    Json firstByte = trace.answeredAt ? Json((*trace.answeredAt - trace.startedAt).count()) : Json(nullptr);
    return {{"id", trace.requestId},
            {"at", rfc3339(trace.startedAt)},
            {"virtual_key", trace.virtualKeyId},
            {"model", trace.model},
            {"endpoint", endpointName(trace.endpoint)},
            {"stream", trace.stream},
            {"end", requestEndName(trace.end)},
            {"status", trace.status ? Json(trace.status) : Json(nullptr)},
            {"code", orNull(trace.code)},
            {"duration_ms", (trace.endedAt - trace.startedAt).count()},
            {"first_byte_ms", std::move(firstByte)},
            {"deployment", served ? Json(served->id) : Json(nullptr)},
            {"attempts", trace.attempts.size()},
            {"usage", usageJson(trace)},
            {"cost_usd", trace.costUsd ? Json(*trace.costUsd) : Json(nullptr)}};
}

Json requestDetail(const RequestTrace &trace)
{
    Json detail = requestSummary(trace);
    detail["route"] = RouteWriter(trace).steps();
    return detail;
}

} // namespace keymux
