// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keymux {

/// What an upstream answer, or the lack of one, means for the deployment that gave it.
enum class AnswerClass : std::uint8_t {
    Success,
    NeverSent,      ///< the lease was not used; everything it took is given back
    Cancelled,      ///< the client left; says nothing about the deployment
    ClientFault,    ///< the request itself is wrong: no retry, no penalty
    UnknownField,   ///< a 400 that names a field this provider does not know
    WrongAuthStyle, ///< Google wants the other credential header
    MinuteLimit,    ///< a limit that ends within `cap_s`
    DayQuota,       ///< rests until the provider's day turns
    NoQuota,        ///< the key has no quota for this model at all
    BadKey,         ///< the whole key
    Billing,        ///< the whole key and its quota group
    ModelMissing,   ///< this deployment, for this endpoint
    Denied,         ///< 403 that is about this key and model only
    Region,         ///< refused for where we call from
    Overload,       ///< 5xx, 529
    Timeout,        ///< no answer in time
    Network,        ///< connect, TLS, DNS, reset
    Broken,         ///< a 200 that cannot be used: an error inside, no choices, cut, not JSON
};

std::string_view answerClassName(AnswerClass klass);

/// What the body of an error says, whatever its dialect. Filled by dialects/errorbody.
struct ErrorFacts {
    std::string message, type, code, param, status; ///< as given, numbers as text; empty when absent
    std::string reason;                             ///< google.rpc.ErrorInfo reason
    std::vector<std::string> quotaIds;              ///< google.rpc.QuotaFailure
    bool quotaZero = false;                         ///< a violation with quotaValue "0", or "limit: 0" in the text
    std::optional<Millis> retryDelay;  ///< google.rpc.RetryInfo, or "try again in …", "retry in …" in the text
    std::optional<TimePoint> regainAt; ///< "You will regain access on 2026-04-01 at 00:00 UTC"
    std::string unknownField;          ///< the field a 400 names as unknown
};

/// One upstream answer as far as routing cares. Header names are lower case.
struct AnswerFacts {
    int status = 0; ///< HTTP status; 0 when there was none, then `transport` says why
    AnswerClass transport = AnswerClass::Network;
    std::vector<std::pair<std::string, std::string>> headers;
    ErrorFacts error;
    bool google = false;        ///< the provider answers as Google does
    bool canSwitchAuth = false; ///< the other credential header has not been tried for this key
};

/// What one upstream answer taught us about a deployment. Absent means the answer did not say.
struct Feedback {
    AnswerClass klass = AnswerClass::Success;
    std::optional<Millis> restFor;      ///< the provider's hint, not yet clamped
    std::optional<TimePoint> restUntil; ///< a moment the provider named
    bool limitEvidence =
        false; ///< quota id, hint or limit headers were there (a refusal without them may be about our address)
    std::optional<std::int64_t> tokensUsed; ///< prompt + completion, from the answer's usage
    std::optional<Millis> latency;          ///< request sent to first byte; for snapshots
    std::string detail; ///< for the log: one line, bounded, may hold provider text (redact before use)
};

/// Classifies an error answer (status other than 2xx, or none). Never fails: what it does not know is Overload for 5xx,
/// else ClientFault.
Feedback classify(const AnswerFacts &answer, TimePoint now);

/// Reads a wait hint from headers in the order retry-after-ms, x-ms-retry-after-ms, retry-after (seconds, float or
/// HTTP-date), then the reset header of the exhausted dimension. Absent when none can be read. Values: > 1e12 unix ms,
/// > 1e9 unix s, else seconds.
std::optional<Millis> waitHint(const std::vector<std::pair<std::string, std::string>> &headers, TimePoint now);

/// Reads a duration as providers write it: `20ms`, `1s`, `6m0s`, `1h2m3s`, `34.07s`, `"38s"`, `12`. Negative or
/// unreadable: absent.
std::optional<Millis> parseDuration(std::string_view text);

} // namespace keymux
