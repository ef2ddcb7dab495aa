// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/chunkframing.h"
#include "http/feedsocket.h"
#include "http/httphead.h"
#include "http/listener.h"
#include "http/requestids.h"

#include <QObject>
#include <QPointer>
#include <QTcpSocket>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace keymux {

class Connection;
class Reply;

/// What all connections of a listener share.
struct ConnectionContext {
    ListenerLimits limits;
    Listener::Handler handler;
    Listener::ErrorBody errorBody;
    std::function<void(FeedSocket *)> introduce; ///< gives a feed socket to QtHttpServer
    RequestIds ids;
    Connection *feeding = nullptr; ///< whose request QtHttpServer is being fed
    bool stopping = false;         ///< no further request on any connection
    /// One more request on each connection, told that it is the last; until then it may be quiet for that long.
    std::optional<Millis> retiring;
};

/// One client's connection. It reads the socket, polices every byte, and tells QtHttpServer of whole requests one at
/// a time; what comes early stays in the socket's small buffer, where TCP slows its sender down.
class Connection : public QObject {
    Q_OBJECT

public:
    using Clock = std::chrono::steady_clock;

    Connection(QTcpSocket *socket, ConnectionContext &context, QObject *parent);
    ~Connection() override;

    /// QtHttpServer hands the request over.
    void requestParsed();

    /// Ends what has taken too long.
    void checkTimes(Clock::time_point now);
    /// Refuses service with 503 before anything is read.
    void refuseOverloaded();
    /// Closes when idle, else after the answer that is under way. A client whose first request is still to come is owed
    /// that answer: unlike one that finds a used connection closed, it has no reason to try again.
    void stop();
    /// A request is to come, or is coming, and is not handed over yet.
    bool isAwaited() const { return m_state == State::Idle || m_state == State::Head || m_state == State::Body; }
    /// Takes one more request; see ConnectionContext::retiring.
    void retire() { prepareForTheEnd(); }

    // For Reply, while it is the present one:
    void write(const char *data, qint64 size);
    /// Keeps a reference, where the other copies.
    void write(const QByteArray &shared) { m_socket->QIODevice::write(shared); }
    void flush();
    qint64 pendingBytes() const;
    bool mayKeepAlive() const;
    /// What comes from now on is the reply's, until it is finished.
    void upgraded();
    void replyFinished(bool keepAlive);
    void replyAborted();

Q_SIGNALS:
    void closed();

private:
    enum class State : std::uint8_t { Idle, Head, Body, Handling, Upgraded, Lingering };

    void readSome();
    bool readHead();
    bool readBody();
    bool readChunks();
    bool startBody(std::string_view block);
    void introduce();
    void prepareForTheEnd();
    bool somethingCame() const;
    void bodyComplete();
    bool bodyIsLate(Clock::time_point now) const;
    void refuse(const HttpProblem &problem);
    void linger();
    void bytesWritten();
    void gone();
    void touch() { m_lastActivity = Clock::now(); }

    QTcpSocket *m_socket;
    ConnectionContext &m_context;
    QPointer<FeedSocket> m_feed;
    State m_state = State::Idle;
    QByteArray m_head;
    std::size_t m_searched = 0; ///< how far the head was searched for its end
    std::optional<HttpHead> m_request;
    std::optional<ChunkFraming> m_chunks;
    QByteArray m_body; ///< its content so far
    std::int64_t m_bodyLeft = 0;
    QPointer<Reply> m_reply;
    bool m_handled = false;    ///< QtHttpServer has handed this request over
    bool m_used = false;       ///< a request has been answered
    bool m_wasPending = false; ///< pendingBytes() was above the mark of drained()
    bool m_reading = false;
    Clock::time_point m_lastActivity = Clock::now();
    Clock::time_point m_startedHead = Clock::now();
    Clock::time_point m_startedBody{};
};

} // namespace keymux
