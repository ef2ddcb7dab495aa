// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/socket.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace keymux::testing {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// What the scripted upstream does with one request. Made by the functions below; every field may be changed
/// afterwards.
struct Behaviour {
    enum class Hang : std::uint8_t { No, BeforeHead, AfterHead };

    int status = 200;
    Headers headers;
    std::string contentType = "application/json";
    /// Absent: a good answer of the request's own kind, a stream when one was asked for.
    std::optional<std::string> body;
    /// Chunks of the stream that a good answer or `events` makes; each is written by itself, `pace` apart.
    int chunks = 3;
    /// The text of each chunk of a good stream.
    std::string chunkText = "word ";
    /// Server-sent events as they are, in place of a good stream; `[DONE]` is not added.
    std::optional<std::vector<std::string>> events;
    Ms pace{0};
    Ms headDelay{0};
    Hang hang = Hang::No;
    /// Closes the connection after so many bytes of the body.
    std::optional<std::size_t> cutAfterBytes;
    /// Closes the connection after so many events of a stream.
    std::optional<int> cutAfterEvents;
    /// Hangs after so many events, with the connection open.
    std::optional<int> hangAfterEvents;
    /// Sends the body a byte at a time, `pace` apart.
    bool drip = false;
    /// Streams at least so many bytes as fast as the reader takes them.
    std::int64_t floodBytes = 0;
    /// Resets instead of closing when cut.
    bool resetWhenCut = false;
};

/// The behaviours that tests ask for by name.
namespace upstream {

Behaviour ok();
/// A stream of `chunks` events, `pace` apart; for a request that does not ask for a stream a plain answer.
Behaviour stream(int chunks, Ms pace);
/// Any status with any JSON body.
Behaviour answer(int status, std::string body);

/// Google's 429 for requests a minute, with QuotaFailure and RetryInfo.
Behaviour minuteLimit(double retrySeconds = 30, int quotaValue = 15);
Behaviour dayLimit(double retrySeconds = 5, int quotaValue = 250);
/// OpenAI's 429 body with a `Retry-After` header.
Behaviour retryAfter(int seconds);
/// A 429 that says nothing: no quota, no hint.
Behaviour bareLimit();
/// Google's 400 API_KEY_INVALID.
Behaviour keyInvalid();
/// OpenAI's 401 invalid_api_key.
Behaviour unauthorized();
/// 402, credit spent.
Behaviour paymentRequired();
Behaviour forbidden();
Behaviour notFound(const std::string &model);
Behaviour internalError();
Behaviour overloaded();
Behaviour errorInside();
Behaviour emptyChoices();
Behaviour garbage();
/// Head and a part of a good body, then closed; of a stream the head alone.
Behaviour cutBody(std::size_t afterBytes = 40);
Behaviour cutStream(int afterEvents, int chunks = 5);
Behaviour drip(Ms pace);
Behaviour hangBeforeHead();
Behaviour hangAfterHead();
/// Google's 400 for a field it does not know.
Behaviour unknownField(const std::string &name);
/// Google's 400 "Multiple authentication credentials".
Behaviour multipleCredentials();
/// The caller's own mistake: 400 INVALID_ARGUMENT.
Behaviour badRequest(const std::string &message);
/// A stream at full speed.
Behaviour flood(std::int64_t bytes);

} // namespace upstream
} // namespace keymux::testing
