// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/refusal.h"

#include "dialects/errorbody.h"

#include <algorithm>

namespace keymux {

namespace {

/// Names from outside go into messages short and without control characters.
std::string quoted(std::string_view name)
{
    std::string text = "`";
    for (char c : name.substr(0, 128))
        text += (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) ? '?' : c;
    return text + '`';
}

std::int64_t wholeSeconds(Millis wait)
{
    return std::max<std::int64_t>(1, (wait.count() + 999) / 1000);
}

} // namespace

std::string Refusal::errorType() const
{
    if (!type.empty())
        return type;
    if (status == 429)
        return "rate_limit_error";
    return status >= 500 ? "server_error" : "invalid_request_error";
}

std::string Refusal::body() const
{
    return openAiErrorBody({status, message, errorType(), param, code});
}

void Refusal::addHeaders(HeaderList &headers) const
{
    headers.emplace_back("content-type", "application/json");
    if (retryAfter)
        headers.emplace_back("retry-after", std::to_string(wholeSeconds(*retryAfter)));
    const bool hopeless = (status >= 400 && status < 500 && status != 408 && status != 429) ||
                          (status == 429 && retryAfter && *retryAfter > Millis(60000)) ||
                          (status == 503 && code == "no_deployment");
    if (hopeless)
        headers.emplace_back("x-should-retry", "false");
    if (!allow.empty())
        headers.emplace_back("allow", allow);
}

Refusal invalidKey()
{
    return {.status = 401,
            .code = "invalid_api_key",
            .message =
                "This virtual key is missing, unknown, expired or revoked. Send it as `Authorization: Bearer sk-…`; "
                "`keymuxd key list` shows the keys there are."};
}

Refusal modelNotFound(std::string_view model)
{
    return {.status = 404,
            .code = "model_not_found",
            .message = "No model " + quoted(model) +
                       " can be reached here for this endpoint. `GET /v1/models` lists what can be asked for.",
            .param = "model"};
}

Refusal modelNotAllowed(std::string_view model)
{
    return {.status = 403,
            .code = "model_not_allowed",
            .message =
                "This virtual key may not ask for " + quoted(model) + ". `GET /v1/models` lists what it may ask for.",
            .param = "model"};
}

Refusal poolExhausted(std::string_view model, Millis wait)
{
    return {.status = 429,
            .code = "pool_exhausted",
            .message = "Every key and model that could serve " + quoted(model) +
                       " is at its limit or resting; the next is free in " + std::to_string(wholeSeconds(wait)) + " s.",
            .retryAfter = wait};
}

Refusal noDeployment(std::string_view model)
{
    return {
        .status = 503,
        .code = "no_deployment",
        .message =
            "No key that could serve " + quoted(model) +
            " is usable: each is disabled, has no secret, or was refused by its provider. `keymuxd status` shows why."};
}

Refusal requestTooLarge(std::string_view model)
{
    return {.status = 413,
            .code = "request_too_large",
            .message = "The request is larger than any model that could serve " + quoted(model) + " can hold."};
}

Refusal upstreamFailed(std::string_view detail)
{
    return {.status = 502,
            .code = "upstream_error",
            .message =
                "The providers that were asked failed and no other candidate is left. Last: " + std::string(detail)};
}

Refusal upstreamTimedOut()
{
    return {.status = 504, .code = "upstream_timeout", .message = "No provider answered in time."};
}

Refusal overloaded(std::string_view what)
{
    return {.status = 503,
            .code = "overloaded",
            .message = "This gateway has reached its " + std::string(what) + "; try again in a moment.",
            .retryAfter = Millis(1000)};
}

} // namespace keymux
