// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/feedback.h"
#include "core/routelook.h"
#include "core/router.h"
#include "core/usage.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace keymux {

/// How a request for a model ended for its client.
enum class RequestEnd : std::uint8_t {
    Answered,   ///< whole
    Refused,    ///< with an error, before any byte of an answer
    Cut,        ///< an answer was under way and the provider broke it off
    ClientLeft, ///< the client went first
    Withdrawn,  ///< its virtual key was revoked or blocked, or the server stopped
};

/// `answered`, `refused`, `cut`, `client_left`, `withdrawn`.
std::string_view requestEndName(RequestEnd end);

/// One deployment tried for a request.
struct AttemptTrace {
    DeploymentIndex deployment = 0; ///< of the trace's router
    bool trial = false;             ///< it was to find out whether a rest can end
    TimePoint startedAt{}, endedAt{};
    std::optional<Millis> firstByte; ///< from the request sent to the head of the answer
    int status = 0;                  ///< of the provider, 0 without an answer
    AnswerClass klass = AnswerClass::Success;
    std::string detail;                         ///< of a failure: one line, bounded, redacted
    std::shared_ptr<const RouteLook> look = {}; ///< who was passed over for it; null: only others of equal rank
};

/// What became of one request for a model: the one account of it that usage, metrics, history and the list of recent
/// requests are made from. Holds no prompt, no answer and no secret.
struct RequestTrace {
    std::string requestId, virtualKeyId;
    std::string model; ///< as the client asked for it
    Endpoint endpoint = Endpoint::Chat;
    bool stream = false;
    TimePoint startedAt{}, endedAt{};
    std::optional<TimePoint> answeredAt; ///< first byte of an answer to the client, heartbeats aside
    RequestEnd end = RequestEnd::Answered;
    int status = 0;                     ///< what the client got, 0 for nothing
    std::string code;                   ///< of the error it got, else empty
    std::vector<AttemptTrace> attempts; ///< in order; all but the last were fallen back from
    std::shared_ptr<const RouteLook> refusedLook =
        {};                          ///< why there was nobody (left) to try; null when that was not so
    std::optional<TokenUsage> usage; ///< of the answer that was passed on, also when it was cut
    bool usageEstimated = false;     ///< the provider did not say: counted from the text
    std::optional<double> costUsd;   ///< absent when nothing was used or its price is not known
    std::shared_ptr<const Router> router;

    /// Null when nothing was tried.
    const Deployment *servedBy() const
    {
        return attempts.empty() ? nullptr : &router->deployments()[attempts.back().deployment];
    }
};

} // namespace keymux
