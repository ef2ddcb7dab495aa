// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/litellmfields.h"

#include "log/log.h"
#include "store/virtualkeyjson.h"

#include <algorithm>
#include <array>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

/// Where the descriptive fields are kept within the metadata.
constexpr const char *keptUnder = "litellm";

constexpr std::array descriptive{"user_id", "team_id",     "agent_id",  "organization_id",   "project_id",
                                 "tags",    "soft_budget", "budget_id", "send_invite_email", "key_type"};

/// LiteLLM's names and ours, where the value is the same.
struct SameValue {
    const char *theirs, *ours;
};
constexpr std::array sameValues{SameValue{"key_alias", "name"},
                                SameValue{"models", "models"},
                                SameValue{"rpm_limit", "rpm_limit"},
                                SameValue{"tpm_limit", "tpm_limit"},
                                SameValue{"max_parallel_requests", "max_parallel"},
                                SameValue{"blocked", "blocked"}};

tl::unexpected<Error> invalid(const std::string &message)
{
    return failure("invalid_virtual_key", message);
}

bool says(const Json &value)
{
    return !value.is_null() && value != Json(false) && !((value.is_object() || value.is_array()) && value.empty()) &&
           value != Json("");
}

/// Budgets here begin with the calendar's day, week or month, as LiteLLM's do for these durations.
std::optional<BudgetPeriod> periodOf(const Json &duration)
{
    if (duration.is_null())
        return BudgetPeriod::Total;
    const std::string text = duration.is_string() ? duration.get<std::string>() : std::string();
    if (text == "1d" || text == "24h" || text == "daily")
        return BudgetPeriod::Day;
    if (text == "7d" || text == "1w" || text == "weekly")
        return BudgetPeriod::Week;
    if (text == "30d" || text == "31d" || text == "1mo" || text == "monthly")
        return BudgetPeriod::Month;
    return std::nullopt;
}

const char *durationOf(BudgetPeriod period)
{
    switch (period) {
    case BudgetPeriod::Day:
        return "24h";
    case BudgetPeriod::Week:
        return "7d";
    case BudgetPeriod::Month:
        return "30d";
    case BudgetPeriod::Total:
        break;
    }
    return nullptr;
}

Result<void> readBudget(const Json &request, VirtualKey &key)
{
    std::optional<Budget> budget = key.limits.budget;
    if (request.contains("max_budget")) {
        const Json &amount = request["max_budget"];
        const double usd = amount.is_number() ? amount.get<double>() : -1;
        if (amount.is_null())
            budget.reset();
        else if (!(usd >= 0 && usd <= 1e12))
            return invalid("max_budget: a number of US dollars from 0 is expected, or null for no budget.");
        else
            budget = Budget{usd, BudgetUnit::Usd, budget ? budget->period : BudgetPeriod::Total};
    }
    if (request.contains("budget_duration")) {
        const auto period = periodOf(request["budget_duration"]);
        if (!period)
            return invalid("budget_duration: `24h`, `7d` and `30d` are supported (also `1d`, `1w`, `1mo`), or null.");
        if (budget)
            budget->period = *period;
        else if (*period != BudgetPeriod::Total)
            return invalid("budget_duration needs max_budget.");
    }
    key.limits.budget = budget;
    return {};
}

Result<void> readOwn(const Json &fields, VirtualKey &key, TimePoint now)
{
    std::string message;
    for (const FieldProblem &problem : readVirtualKeyFields(fields, key, now)) {
        std::string path = problem.path;
        for (const SameValue &same : sameValues) {
            if (path == same.ours)
                path = same.theirs;
        }
        message += path + ": " + problem.message + ". ";
    }
    return message.empty() ? Result<void>() : invalid(message);
}

bool isApplied(const std::string &name)
{
    for (const char *known : {"key", "max_budget", "budget_duration", "duration", "metadata"}) {
        if (name == known)
            return true;
    }
    return std::any_of(sameValues.begin(), sameValues.end(), [&](const SameValue &s) { return name == s.theirs; });
}

/// The metadata of the key with what this request changes of it.
Result<Json> metadataOf(const Json &request, const VirtualKey &key)
{
    Json metadata = Json::parse(key.metadata, nullptr, false);
    if (!metadata.is_object())
        metadata = Json::object();
    Json kept = metadata.value(keptUnder, Json::object());
    if (request.contains("metadata") && !request["metadata"].is_null()) {
        if (!request["metadata"].is_object())
            return invalid("metadata: an object is expected.");
        metadata = request["metadata"];
    }
    for (const auto &[name, value] : request.items()) {
        if (std::find(descriptive.begin(), descriptive.end(), name) != descriptive.end()) {
            if (value.is_null())
                kept.erase(name);
            else
                kept[name] = value;
        } else if (!isApplied(name) && says(value)) {
            return invalid("The field `" + name.substr(0, 64) + "` is not supported: it would not be enforced here.");
        }
    }
    metadata.erase(keptUnder);
    if (!kept.empty())
        metadata[keptUnder] = std::move(kept);
    return metadata;
}

} // namespace

Result<void> readLiteLlmFields(const Json &request, VirtualKey &key, TimePoint now)
{
    auto metadata = metadataOf(request, key);
    if (!metadata)
        return tl::unexpected(metadata.error());
    Json own{{"metadata", std::move(*metadata)}};
    for (const SameValue &same : sameValues) {
        // In LiteLLM null is what a field that was not given looks like.
        if (request.contains(same.theirs) &&
            (!request[same.theirs].is_null() ||
             (std::string_view(same.ours) != "name" && std::string_view(same.ours) != "blocked")))
            own[same.ours] = request[same.theirs];
    }
    if (own.contains("models") && own["models"] == Json::array({"all-proxy-models"}))
        own["models"] = Json::array();
    if (request.contains("duration")) {
        const Json &duration = request["duration"];
        if (duration.is_string() && !parseDuration(duration.get<std::string>()))
            return invalid("duration: a time such as `30s`, `30m`, `12h`, `30d` or `4w` is expected.");
        own["expires_at"] = duration == Json("0") || duration == Json("-1") ? Json(nullptr) : duration;
    }
    if (auto read = readOwn(own, key, now); !read)
        return read;
    return readBudget(request, key);
}

Json liteLlmRecord(const VirtualKey &key, const VirtualKeyRoom::Usage &usage, const std::string &token, TimePoint now)
{
    const auto orNull = [](const auto &value) { return value ? Json(*value) : Json(nullptr); };
    const auto &budget = key.limits.budget;
    const bool dollars = budget && budget->unit == BudgetUnit::Usd;
    const auto resets = budget ? periodEnd(budget->period, now) : std::nullopt;
    const char *duration = budget ? durationOf(budget->period) : nullptr;
    Json metadata = Json::parse(key.metadata, nullptr, false);
    if (!metadata.is_object())
        metadata = Json::object();
    const Json kept = metadata.value(keptUnder, Json::object());
    metadata.erase(keptUnder);
    Json record{{"token", token},
                {"key_name", "sk-..." + key.hint},
                {"key_alias", key.name},
                {"spend", dollars ? usage.period.costUsd : usage.total.costUsd},
                {"max_budget", dollars ? Json(budget->amount) : Json(nullptr)},
                {"budget_duration", dollars && duration ? Json(duration) : Json(nullptr)},
                {"budget_reset_at", dollars && resets ? Json(rfc3339(*resets)) : Json(nullptr)},
                {"expires", key.expiresAt ? Json(rfc3339(*key.expiresAt)) : Json(nullptr)},
                {"models", key.models},
                {"aliases", Json::object()},
                {"config", Json::object()},
                {"permissions", Json::object()},
                {"rpm_limit", orNull(key.limits.rpm)},
                {"tpm_limit", orNull(key.limits.tpm)},
                {"max_parallel_requests", orNull(key.limits.maxParallel)},
                {"metadata", std::move(metadata)},
                {"blocked", key.blocked},
                {"created_at", rfc3339(key.createdAt)},
                {"updated_at", rfc3339(key.createdAt)},
                {"last_active", usage.lastUsedAt ? Json(rfc3339(*usage.lastUsedAt)) : Json(nullptr)},
                {"litellm_budget_table", nullptr}};
    for (const char *name : descriptive)
        record[name] = kept.contains(name) ? kept[name] : Json(nullptr);
    return record;
}

} // namespace keymux
