// SPDX-License-Identifier: GPL-3.0-or-later
// Any body of an error, in all dialects: read, classified, and shown without harm.
#include "core/feedback.h"
#include "dialects/errorbody.h"
#include "fuzz.h"

#include <nlohmann/json.hpp>

using namespace keymux;
using fuzz::must;

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    fuzz::Input input(data, size);
    constexpr int statuses[] = {400, 401, 402, 403, 404, 408, 409, 422, 429, 498, 500, 503, 529};
    const TimePoint now{Millis(1'795'465'800'000)};
    AnswerFacts facts;
    facts.status = statuses[input.byte() % std::size(statuses)];
    facts.google = (input.byte() & 1) != 0;
    facts.canSwitchAuth = facts.google;
    facts.error = readErrorBody(input.text(), now);
    for (const std::string *text : {&facts.error.message, &facts.error.type, &facts.error.code, &facts.error.param,
                                    &facts.error.status, &facts.error.reason, &facts.error.unknownField})
        must(text->size() <= 2048, "texts are bounded");
    must(facts.error.quotaIds.size() <= 32, "quota ids are bounded");
    must(!facts.error.retryDelay || facts.error.retryDelay->count() >= 0, "nobody waits for the past");
    const Feedback feedback = classify(facts, now);
    must(feedback.detail.size() < 1000 && feedback.detail.find('\n') == std::string::npos, "a detail is a line");
    const std::string secret = "0123456789abcdef";
    const std::string hidden = redacted(facts.error.message + secret, secret);
    must(hidden.find(secret) == std::string::npos, "a secret is hidden");
    must(nlohmann::json::accept(openAiErrorBody({.status = 400, .message = hidden, .type = facts.error.type})),
         "an error for a client is JSON");
    return 0;
}
