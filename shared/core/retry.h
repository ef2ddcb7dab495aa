// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/feedback.h"

namespace keymux {

/// What to do after an attempt that did not succeed.
enum class NextStep : std::uint8_t {
    NextCandidate,    ///< fall back
    SameWithoutField, ///< send it again to the same deployment without the field it does not know
    SameOtherAuth,    ///< send it again to the same key with the other credential header
    PassOn,           ///< the provider's answer is the client's
    NotFound,         ///< 404 model_not_found
    GiveUp,           ///< no more attempts: the error table says what the client gets
};

/// The walk of one request over its candidates: counts what `max_attempts` counts and remembers what the client must be
/// told in the end.
class RetryWalk {
public:
    RetryWalk(int maxAttempts, TimePoint deadline) : m_maxAttempts(maxAttempts), m_deadline(deadline) {}

    /// Takes the feedback of one attempt. Must not be called for Success, NeverSent or Cancelled.
    NextStep next(const Feedback &feedback, TimePoint now);

    /// True when an attempt failed otherwise than by a limit, so that the client gets 502 rather than 429 when
    /// candidates run out.
    bool failedOtherwise() const { return m_failedOtherwise; }
    /// True when everything that failed otherwise failed by running out of time.
    bool timedOut() const { return m_timedOut; }
    /// How many candidates said that they do not have the model.
    int notFound() const { return m_notFound; }

private:
    int m_maxAttempts;
    TimePoint m_deadline;
    int m_slowFailures = 0;
    int m_notFound = 0;
    int m_fieldDrops = 0;
    bool m_failedOtherwise = false;
    bool m_timedOut = false;
};

} // namespace keymux
