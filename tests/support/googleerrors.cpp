// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/googleerrors.h"

#include <nlohmann/json.hpp>

namespace keymux::testing::google {

using Json = nlohmann::ordered_json;

std::string error(int code, std::string_view status, std::string_view message, std::string_view detail)
{
    Json body{{"code", code}, {"message", message}, {"status", status}};
    if (!detail.empty())
        body["details"] = Json::array({Json::parse(detail)});
    return Json::array({Json{{"error", body}}}).dump();
}

std::string quota(std::string_view quotaId, int quotaValue, std::string_view model, double retrySeconds)
{
    const bool tokens = quotaId.find("Tokens") != std::string_view::npos;
    const std::string metric = std::string("generativelanguage.googleapis.com/generate_content_free_tier_") +
                               (tokens ? "input_token_count" : "requests");
    const std::string delay = Json(retrySeconds).dump() + "s";
    Json violation{{"quotaMetric", metric},
                   {"quotaId", quotaId},
                   {"quotaDimensions", {{"location", "global"}, {"model", model}}},
                   {"quotaValue", std::to_string(quotaValue)}};
    Json body{{"code", 429},
              {"message", "You exceeded your current quota, please check your plan and billing details.\n* Quota "
                          "exceeded for metric: " +
                              metric + ", limit: " + std::to_string(quotaValue) + "\nPlease retry in " + delay + "."},
              {"status", "RESOURCE_EXHAUSTED"}};
    body["details"] = Json::array(
        {Json{{"@type", "type.googleapis.com/google.rpc.Help"},
              {"links", Json::array({Json{{"description", "Learn more about Gemini API quotas"},
                                          {"url", "https://ai.google.dev/gemini-api/docs/rate-limits"}}})}},
         Json{{"@type", "type.googleapis.com/google.rpc.QuotaFailure"}, {"violations", Json::array({violation})}},
         Json{{"@type", "type.googleapis.com/google.rpc.RetryInfo"}, {"retryDelay", delay}}});
    return Json::array({Json{{"error", body}}}).dump();
}

std::string keyInvalid()
{
    return error(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.",
                 R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID",)"
                 R"("domain":"googleapis.com","metadata":{"service":"generativelanguage.googleapis.com"}})");
}

std::string modelNotFound(std::string_view model)
{
    return error(404, "NOT_FOUND",
                 "models/" + std::string(model) +
                     " is not found for API version v1main, or is not supported for generateContent.");
}

std::string unknownField(std::string_view name)
{
    return error(400, "INVALID_ARGUMENT",
                 "Invalid JSON payload received. Unknown name \"" + std::string(name) + "\": Cannot find field.");
}

} // namespace keymux::testing::google
