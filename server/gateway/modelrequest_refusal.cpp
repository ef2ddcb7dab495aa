// SPDX-License-Identifier: GPL-3.0-or-later
// What a request's client is told when no answer can be passed on.
#include "gateway/answerheaders.h"
#include "gateway/modelrequest.h"
#include "log/log.h"

#include <algorithm>
#include <utility>

namespace keymux {

void ModelRequest::passOn(const AttemptResult &result)
{
    const int status = result.status >= 400 && result.status < 500 ? result.status : 400;
    refuse({.status = status,
            .code = result.error.code.empty() ? std::string("invalid_request_error") : result.error.code,
            .message = result.error.message.empty() ? std::string("The provider found the request itself wrong.")
                                                    : result.error.message,
            .param = result.error.param,
            .type = "invalid_request_error"});
}

void ModelRequest::refuseNoRoom(const NoRoom &noRoom)
{
    const std::string &model = m_request->head.model;
    const TimePoint now = m_state.clock.now();
    if (m_walk->failedOtherwise()) {
        refuse(m_walk->timedOut() || now >= m_deadline ? upstreamTimedOut() : upstreamFailed(m_lastFailure + "."));
    } else if (m_walk->notFound() > 0) {
        refuse(modelNotFound(model));
    } else if (noRoom.why == NoRoom::Why::TooLarge) {
        refuse(requestTooLarge(model));
    } else if (noRoom.why == NoRoom::Why::Unusable && m_tried.empty()) {
        refuse(noDeployment(model));
    } else {
        refuseAllResting(now);
    }
}

/// Nothing has room now. Those this request tried count again: what they wait for ends like any other rest.
void ModelRequest::refuseAllResting(TimePoint now)
{
    AcquireRequest request = acquireRequest();
    request.tried = {};
    const auto free = m_state.keyPool.with([&](KeyPool &pool) { return pool.nextFree(request, now); });
    if (!free) {
        refuse(noDeployment(m_request->head.model));
        return;
    }
    ++m_state.exhaustedSinceLog;
    if (now - m_state.exhaustedLoggedAt >= Millis(1000)) {
        m_state.exhaustedLoggedAt = now;
        qCWarning(lcRate,
                  "rate limit: pool exhausted for %s, next free in %lld ms (%llu refused since the last such line)",
                  qUtf8Printable(QString::fromStdString(m_request->head.model)),
                  static_cast<long long>((*free - now).count()),
                  static_cast<unsigned long long>(std::exchange(m_state.exhaustedSinceLog, 0)));
    }
    refuse(poolExhausted(m_request->head.model, std::max(Millis(1), *free - now)));
}

void ModelRequest::refuse(const Refusal &refusal)
{
    settleKeyRoom();
    if (m_trace.end != RequestEnd::Withdrawn)
        traceEnd(RequestEnd::Refused, refusal.status, refusal.code);
    storeTrace();
    qCDebug(lcRequest, "%s refused: %d %s", m_requestId.c_str(), refusal.status, refusal.code.c_str());
    if (m_headSent) {
        sendErrorEvent(refusal);
        m_exchange->finish();
        over();
        return;
    }
    HeaderList headers = m_common;
    refusal.addHeaders(headers);
    addLimitHeaders(headers, m_keyFigures);
    if (m_attempts > 0)
        headers.emplace_back("x-keymux-attempts", std::to_string(m_attempts));
    m_exchange->sendAll(refusal.status, headers, refusal.body());
    m_exchange->finish();
    over();
}

void ModelRequest::sendErrorEvent(const Refusal &refusal)
{
    m_exchange->sendBody("data: " + refusal.body() + "\n\n");
}

} // namespace keymux
