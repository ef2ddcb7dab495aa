// SPDX-License-Identifier: GPL-3.0-or-later
// The account of a request that is kept when it is over: what was tried, what came of it, what it used.
#include "gateway/modelrequest.h"

namespace keymux {

void ModelRequest::traceAttempt(const Lease &lease, TimePoint now)
{
    m_trace.attempts.push_back({.deployment = lease.deployment,
                                .trial = lease.trial,
                                .startedAt = now,
                                .endedAt = {},
                                .klass = AnswerClass::Cancelled});
}

void ModelRequest::traceResult(const AttemptResult &result, TimePoint now)
{
    if (m_traced)
        return;
    AttemptTrace &attempt = m_trace.attempts.back();
    attempt.endedAt = now;
    attempt.firstByte = result.feedback.latency;
    attempt.status = result.status;
    attempt.klass = result.feedback.klass;
    attempt.detail = result.feedback.detail;
}

void ModelRequest::traceEnd(RequestEnd end, int status, std::string code)
{
    if (m_traced)
        return;
    m_trace.end = end;
    m_trace.status = m_headSent ? 200 : status;
    m_trace.code = std::move(code);
}

/// Hands the account over; once, whatever ended the request, and before its client has the end of the answer: who has
/// it may look at what is known of it at once.
void ModelRequest::storeTrace()
{
    if (m_traced)
        return;
    m_traced = true;
    m_trace.endedAt = m_state.clock.now();
    m_trace.requestId = m_requestId;
    m_trace.virtualKeyId = m_virtualKey.id;
    m_trace.model = m_request ? m_request->head.model : std::string();
    m_trace.endpoint = m_endpoint;
    m_trace.stream = m_request && m_request->head.stream;
    m_trace.startedAt = m_startedAt;
    m_trace.router = m_pool->router;
    if (!m_trace.attempts.empty() && m_trace.attempts.back().endedAt == TimePoint{})
        m_trace.attempts.back().endedAt = m_trace.endedAt;
    m_state.traces->add(std::move(m_trace));
}

} // namespace keymux
