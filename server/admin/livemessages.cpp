// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/livemessages.h"

#include "admin/logroutes.h"
#include "dialects/errorbody.h"
#include "log/log.h"

#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;
tl::unexpected<LiveProblem> problem(std::string code, std::string message)
{
    return tl::unexpected(LiveProblem{std::move(code), std::move(message)});
}

tl::unexpected<LiveProblem> invalid(std::string message)
{
    return problem("invalid_message", std::move(message));
}

tl::expected<LiveSubscription, LiveProblem> readSubscription(const Json &message, LiveSubscription subscription)
{
    if (const auto interval = message.find("interval_ms"); interval != message.end()) {
        if (!interval->is_number() || interval->get<double>() < LiveSubscription::least ||
            interval->get<double>() > LiveSubscription::most)
            return invalid("`interval_ms` must be a number from 250 to 60000.");
        const int asked = int(interval->get<double>());
        subscription.intervalMs =
            (asked + LiveSubscription::step - 1) / LiveSubscription::step * LiveSubscription::step;
    }
    if (const auto events = message.find("events"); events != message.end()) {
        if (!events->is_boolean())
            return invalid("`events` must be true or false.");
        subscription.events = events->get<bool>();
    }
    if (const auto logs = message.find("logs"); logs != message.end()) {
        if (logs->is_null() || *logs == false || *logs == "off") {
            subscription.logs.reset();
        } else {
            subscription.logs = logs->is_string() ? logLevelOf(logs->get_ref<const std::string &>()) : std::nullopt;
            if (!subscription.logs)
                return invalid("`logs` must be `debug`, `info`, `warning`, `error`, or false for none.");
        }
    }
    return subscription;
}

std::string dumped(const Json &json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

/// Rests of a whole key that its owner must look into.
bool isKeyFailure(const PoolEvent &event)
{
    return event.scope == RestScope::Key && (event.reason == RestReason::BadKey ||
                                             event.reason == RestReason::Billing || event.reason == RestReason::Denied);
}

} // namespace

tl::expected<LiveRequest, LiveProblem> readLiveRequest(std::string_view text, const LiveSubscription &present)
{
    const Json message = Json::parse(text, nullptr, false);
    if (!message.is_object())
        return problem("invalid_json", "A message must be a JSON object.");
    const auto type = message.find("type");
    if (type == message.end() || !type->is_string())
        return invalid("A message needs a `type`: `subscribe` or `resync`.");
    const auto &name = type->get_ref<const std::string &>();
    if (name == "resync")
        return LiveRequest{.resync = true, .subscription = present};
    if (name != "subscribe")
        return problem("unknown_type",
                       "There is no message of type `" + name.substr(0, 64) + "`; known are `subscribe` and `resync`.");
    auto subscription = readSubscription(message, present);
    if (!subscription)
        return tl::unexpected(subscription.error());
    return LiveRequest{.subscription = *subscription};
}

std::string liveHead(std::string_view type, std::uint64_t seq, TimePoint now)
{
    std::string head = R"({"type":")";
    head += type;
    head += R"(","seq":)" + std::to_string(seq);
    head += R"(,"t":)" + std::to_string(now.time_since_epoch().count());
    return head;
}

std::string liveTail(const std::string &objectText)
{
    return objectText == "{}" ? "}" : ',' + objectText.substr(1);
}

std::string liveTail(const Json &object)
{
    return liveTail(dumped(object));
}

Json subscriptionJson(const LiveSubscription &subscription)
{
    return {{"interval_ms", subscription.intervalMs},
            {"events", subscription.events},
            {"logs", subscription.logs ? Json(logLevelName(*subscription.logs)) : Json(false)}};
}

Json helloJson(const LiveSubscription &subscription)
{
    Json hello = {{"version", KEYMUX_VERSION}};
    hello.update(subscriptionJson(subscription));
    return hello;
}

Json logJson(const std::vector<LogEntry> &newestFirst)
{
    Json lines = Json::array();
    for (auto entry = newestFirst.rbegin(); entry != newestFirst.rend(); ++entry)
        lines.push_back(logEntryJson(*entry));
    return {{"lines", std::move(lines)}};
}

std::vector<Json> liveEvents(const PoolEvent &event)
{
    if (event.kind == PoolEvent::Kind::TrialStarted)
        return {};
    const bool started = event.kind == PoolEvent::Kind::RestStarted;
    Json told = {{"event", started ? "cooldown_started" : "cooldown_ended"},
                 {"at", rfc3339(event.at)},
                 {"scope", restScopeName(event.scope)},
                 {"subject", event.subject},
                 {"reason", restReasonName(event.reason)}};
    std::vector<Json> events;
    if (!started) {
        events.push_back(std::move(told));
        return events;
    }
    told["until"] = rfc3339(event.until);
    told["detail"] = redacted(event.detail);
    events.push_back(std::move(told));
    if (isKeyFailure(event)) {
        events.push_back({{"event", "key_failed"},
                          {"at", rfc3339(event.at)},
                          {"key_id", event.subject},
                          {"reason", restReasonName(event.reason)},
                          {"detail", redacted(event.detail)}});
    }
    return events;
}

std::vector<Json> liveEvents(const VirtualKeyRoom::Limited &limited)
{
    std::vector<Json> events;
    events.push_back({{"event", "virtual_key_limited"},
                      {"at", rfc3339(limited.at)},
                      {"virtual_key", limited.id},
                      {"limit", limitName(limited.limit)}});
    return events;
}

std::vector<Json> liveEvents(const RequestTrace &trace)
{
    std::vector<Json> events;
    for (std::size_t i = 1; i < trace.attempts.size(); ++i) {
        const AttemptTrace &before = trace.attempts[i - 1], &after = trace.attempts[i];
        if (before.deployment == after.deployment)
            continue; // the same one asked again in another way
        const auto &deployments = trace.router->deployments();
        events.push_back({{"event", "fallback"},
                          {"at", rfc3339(before.endedAt)},
                          {"request_id", trace.requestId},
                          {"model", trace.model},
                          {"from", deployments[before.deployment].id},
                          {"to", deployments[after.deployment].id},
                          {"status", before.status == 0 ? Json(nullptr) : Json(before.status)},
                          {"reason", answerClassName(before.klass)}});
    }
    return events;
}

Json configAppliedJson(std::uint64_t revision, int keys, int deployments, TimePoint at)
{
    return {{"event", "config_applied"},
            {"at", rfc3339(at)},
            {"revision", revision},
            {"keys", keys},
            {"deployments", deployments}};
}

} // namespace keymux
