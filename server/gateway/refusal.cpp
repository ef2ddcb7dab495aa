// SPDX-License-Identifier: GPL-3.0-or-later
#include "gateway/refusal.h"

#include "dialects/errorbody.h"

#include <algorithm>
#include <cstdio>

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

/// `5 usd a month`.
std::string budgetText(const Budget &budget)
{
    char amount[32];
    std::snprintf(amount, sizeof amount, "%.15g ", budget.amount);
    return amount + std::string(unitName(budget.unit)) +
           (budget.period == BudgetPeriod::Total ? " in total" : " a " + std::string(periodName(budget.period)));
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
    const bool noUse = hopeless || (status >= 400 && status < 500 && status != 408 && status != 429) ||
                       (status == 429 && retryAfter && *retryAfter > Millis(60000)) ||
                       (status == 503 && code == "no_deployment");
    if (noUse)
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

Refusal keyLimitReached(const KeyLimitReached &reached, const VirtualKeyLimits &limits, std::int64_t tokens)
{
    // Without a moment of its own a client is sent away for a day: until then somebody may have raised the limit.
    constexpr Millis aDay = std::chrono::hours(24);
    Refusal refusal{.status = 429,
                    .code = "rate_limit_exceeded",
                    .type = "requests",
                    .retryAfter = reached.wait.value_or(aDay),
                    .hopeless = !reached.wait};
    const std::string again =
        reached.wait ? " Try again in " + std::to_string(wholeSeconds(*reached.wait)) + " s." : std::string();
    switch (reached.limit) {
    case KeyLimitReached::Limit::Rpm:
        refusal.message =
            "This virtual key's limit of " + std::to_string(*limits.rpm) + " requests a minute is reached." + again;
        break;
    case KeyLimitReached::Limit::Tpm:
        refusal.type = "tokens";
        refusal.message = "This virtual key's limit of " + std::to_string(*limits.tpm) +
                          " tokens a minute is reached: this request counts for about " + std::to_string(tokens) + "." +
                          (reached.wait ? again : " Send less text or a smaller max_tokens.");
        break;
    case KeyLimitReached::Limit::Parallel:
        refusal.message = "This virtual key's limit of " + std::to_string(*limits.maxParallel) +
                          " requests at the same time is reached." + again;
        break;
    case KeyLimitReached::Limit::Budget:
        refusal.code = refusal.type = "insufficient_quota";
        refusal.message = "This virtual key's budget of " + budgetText(*limits.budget) + " is spent." +
                          (reached.wait ? again : " Ask the operator of this gateway to raise it.");
        break;
    }
    return refusal;
}

Refusal keyWithdrawn()
{
    return {.status = 401,
            .code = "invalid_api_key",
            .message = "This virtual key was revoked or blocked while the request ran."};
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
