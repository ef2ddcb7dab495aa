// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/behaviour.h"

#include "support/googleerrors.h"

namespace keymux::testing::upstream {

Behaviour ok()
{
    return {};
}

Behaviour stream(int chunks, Ms pace)
{
    Behaviour b;
    b.chunks = chunks;
    b.pace = pace;
    return b;
}

Behaviour answer(int status, std::string body)
{
    Behaviour b;
    b.status = status;
    b.body = std::move(body);
    return b;
}

Behaviour minuteLimit(double retrySeconds, int quotaValue)
{
    return answer(429, google::quota(google::requestsPerMinute, quotaValue, "", retrySeconds));
}

Behaviour dayLimit(double retrySeconds, int quotaValue)
{
    return answer(429, google::quota(google::requestsPerDay, quotaValue, "", retrySeconds));
}

Behaviour retryAfter(int seconds)
{
    Behaviour b = answer(429, R"({"error":{"message":"Rate limit reached for requests","type":"requests","param":null,)"
                              R"("code":"rate_limit_exceeded"}})");
    b.headers.emplace_back("Retry-After", std::to_string(seconds));
    return b;
}

Behaviour bareLimit()
{
    return answer(429, google::error(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."));
}

Behaviour keyInvalid()
{
    return answer(400, google::keyInvalid());
}

Behaviour unauthorized()
{
    return answer(401, R"({"error":{"message":"Incorrect API key provided.","type":"invalid_request_error",)"
                       R"("param":null,"code":"invalid_api_key"}})");
}

Behaviour paymentRequired()
{
    return answer(402, google::error(402, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted."));
}

Behaviour forbidden()
{
    return answer(403, google::error(403, "PERMISSION_DENIED", "Permission denied: Consumer has been suspended.",
                                     R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo",)"
                                     R"("reason":"CONSUMER_SUSPENDED","domain":"googleapis.com"})"));
}

Behaviour notFound(const std::string &model)
{
    return answer(404, google::modelNotFound(model));
}

Behaviour internalError()
{
    return answer(500, google::error(500, "INTERNAL", "An internal error has occurred."));
}

Behaviour overloaded()
{
    return answer(503, google::error(503, "UNAVAILABLE", "The model is overloaded. Please try again later."));
}

Behaviour errorInside()
{
    Behaviour b = answer(200, R"({"error":{"code":502,"message":"Provider returned error"}})");
    b.events = std::vector<std::string>{"data: {\"error\":{\"code\":502,\"message\":\"Provider returned error\"}}\n\n"};
    return b;
}

Behaviour emptyChoices()
{
    return answer(200, R"({"id":"x","object":"chat.completion","created":1,"model":"m","choices":[],)"
                       R"("usage":{"prompt_tokens":1,"completion_tokens":0,"total_tokens":1}})");
}

Behaviour garbage()
{
    Behaviour b = answer(200, "<html>\x01\x02 this is no JSON {{{");
    b.events = std::vector<std::string>{"data: {{{ no JSON\n\n"};
    return b;
}

Behaviour cutBody(std::size_t afterBytes)
{
    Behaviour b;
    b.cutAfterBytes = afterBytes;
    b.cutAfterEvents = 0;
    return b;
}

Behaviour cutStream(int afterEvents, int chunks)
{
    Behaviour b;
    b.chunks = chunks;
    b.cutAfterEvents = afterEvents;
    return b;
}

Behaviour drip(Ms pace)
{
    Behaviour b;
    b.drip = true;
    b.pace = pace;
    return b;
}

Behaviour hangBeforeHead()
{
    Behaviour b;
    b.hang = Behaviour::Hang::BeforeHead;
    return b;
}

Behaviour hangAfterHead()
{
    Behaviour b;
    b.hang = Behaviour::Hang::AfterHead;
    return b;
}

Behaviour unknownField(const std::string &name)
{
    return answer(400, google::unknownField(name));
}

Behaviour multipleCredentials()
{
    return answer(400, google::error(400, "INVALID_ARGUMENT",
                                     "Multiple authentication credentials received. Please pass only one."));
}

Behaviour badRequest(const std::string &message)
{
    return answer(400, google::error(400, "INVALID_ARGUMENT", message));
}

Behaviour flood(std::int64_t bytes)
{
    Behaviour b;
    b.floodBytes = bytes;
    return b;
}

} // namespace keymux::testing::upstream
