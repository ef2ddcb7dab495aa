// SPDX-License-Identifier: GPL-3.0-or-later
#include "demoprovider/demoerrors.h"

#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char *errorInfo = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr const char *quotaFailure = "type.googleapis.com/google.rpc.QuotaFailure";
constexpr const char *retryInfo = "type.googleapis.com/google.rpc.RetryInfo";
constexpr const char *help = "type.googleapis.com/google.rpc.Help";

DemoError error(int status, const char *name, const std::string &message, Json details = Json::array())
{
    Json body{{"code", status}, {"message", message}, {"status", name}};
    if (!details.empty())
        body["details"] = std::move(details);
    return {status, Json::array({Json{{"error", body}}}).dump()};
}

const char *quotaId(DemoQuota quota)
{
    switch (quota) {
    case DemoQuota::RequestsPerMinute:
        return "GenerateRequestsPerMinutePerProjectPerModel-FreeTier";
    case DemoQuota::TokensPerMinute:
        return "GenerateContentInputTokensPerModelPerMinute-FreeTier";
    case DemoQuota::RequestsPerDay:
        break;
    }
    return "GenerateRequestsPerDayPerProjectPerModel-FreeTier";
}

} // namespace

DemoError demoQuotaError(const DemoRefusal &refusal, std::string_view model)
{
    const std::string metric = std::string("generativelanguage.googleapis.com/generate_content_free_tier_") +
                               (refusal.quota == DemoQuota::TokensPerMinute ? "input_token_count" : "requests");
    const std::string limit = std::to_string(refusal.limit);
    const std::string delay = Json(double(refusal.retryIn.count()) / 1000).dump() + "s";
    const Json violation{{"quotaMetric", metric},
                         {"quotaId", quotaId(refusal.quota)},
                         {"quotaDimensions", {{"location", "global"}, {"model", model}}},
                         {"quotaValue", limit}};
    const Json link{{"description", "Learn more about Gemini API quotas"},
                    {"url", "https://ai.google.dev/gemini-api/docs/rate-limits"}};
    return error(429, "RESOURCE_EXHAUSTED",
                 "You exceeded your current quota, please check your plan and billing details.\n* Quota exceeded for "
                 "metric: " +
                     metric + ", limit: " + limit + ", model: " + std::string(model) + "\nPlease retry in " + delay +
                     ".",
                 Json::array({Json{{"@type", help}, {"links", Json::array({link})}},
                              Json{{"@type", quotaFailure}, {"violations", Json::array({violation})}},
                              Json{{"@type", retryInfo}, {"retryDelay", delay}}}));
}

DemoError demoKeyInvalid()
{
    return error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.",
                 Json::array({Json{{"@type", errorInfo},
                                   {"reason", "API_KEY_INVALID"},
                                   {"domain", "googleapis.com"},
                                   {"metadata", {{"service", "generativelanguage.googleapis.com"}}}}}));
}

DemoError demoNoCredential()
{
    return error(401, "UNAUTHENTICATED", "Missing or invalid Authorization header.");
}

DemoError demoTwoCredentials()
{
    return error(400, "INVALID_ARGUMENT", "Multiple authentication credentials received. Please pass only one.");
}

DemoError demoUnknownField(std::string_view field)
{
    return error(400, "INVALID_ARGUMENT",
                 "Invalid JSON payload received. Unknown name \"" + std::string(field) + "\": Cannot find field.");
}

DemoError demoModelNotFound(std::string_view model, std::string_view method)
{
    return error(404, "NOT_FOUND",
                 "models/" + std::string(model) + " is not found for API version v1main, or is not supported for " +
                     std::string(method) +
                     ". Call ListModels to see the list of available models and their "
                     "supported methods.");
}

DemoError demoInvalidArgument(std::string_view message)
{
    return error(400, "INVALID_ARGUMENT", std::string(message));
}

DemoError demoNoSuchPath(std::string_view path)
{
    return error(404, "NOT_FOUND", "The demo provider has no " + std::string(path) + ".");
}

} // namespace keymux
