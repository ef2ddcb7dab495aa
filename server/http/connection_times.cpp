// SPDX-License-Identifier: GPL-3.0-or-later
// How long a connection may take for what.
#include "http/connection.h"

#include <algorithm>

namespace keymux {

namespace {

/// A body slower than this is one that holds a connection on purpose.
constexpr std::int64_t minBodyBytesPerSecond = 1024;
constexpr std::chrono::seconds lingerTime{5};
constexpr std::chrono::seconds stalledWrite{75};

} // namespace

void Connection::checkTimes(Clock::time_point now)
{
    const ListenerLimits &limits = m_context.limits;
    const auto quiet = now - m_lastActivity;
    switch (m_state) {
    case State::Idle:
        if (quiet >= std::min(limits.idleTimeout, m_context.retiring.value_or(limits.idleTimeout)))
            m_socket->disconnectFromHost();
        return;
    case State::Head:
        if (now - m_startedHead >= limits.headerTimeout)
            refuse({408, "request_timeout", "The request's headers did not come in time."});
        return;
    case State::Body:
        if (quiet >= limits.idleTimeout || bodyIsLate(now))
            refuse({408, "request_timeout", "The request's body did not come in time."});
        return;
    case State::Upgraded: // its owner knows what quiet means, and aborts
        return;
    case State::Handling:
        if (m_socket->bytesToWrite() > 0 && quiet >= std::max<Clock::duration>(stalledWrite, limits.idleTimeout))
            m_socket->abort(); // a reader that takes nothing for so long has gone without saying so
        return;
    case State::Lingering:
        if (quiet >= lingerTime || now - m_startedHead >= 4 * lingerTime + limits.headerTimeout)
            m_socket->abort();
        return;
    }
}

/// Whether a body that comes drop by drop has had the time its bytes so far are worth.
bool Connection::bodyIsLate(Clock::time_point now) const
{
    const std::int64_t received = m_chunks ? m_chunks->content() : m_request->contentLength - m_bodyLeft;
    return now - m_startedBody >= m_context.limits.idleTimeout + Millis(received * 1000 / minBodyBytesPerSecond);
}

} // namespace keymux
