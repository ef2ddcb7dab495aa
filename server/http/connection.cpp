// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/connection.h"

#include "http/feedsocket.h"
#include "http/reply.h"

#include <QSslSocket>
#include <algorithm>
#include <sys/socket.h>

namespace keymux {

namespace {

/// Unread bytes a connection may hold: enough for any head that comes in one piece, little enough for thousands of
/// connections.
constexpr qint64 readBuffer = 64 << 10;
constexpr qint64 bodyReadBuffer = 512 << 10;
constexpr std::int64_t drainedBelow = 64 << 10;
constexpr int upgradedSendBuffer = 256 << 10;

HttpProblem headTooLong(std::int64_t limit)
{
    return {431, "headers_too_large", "The request's headers are longer than " + std::to_string(limit) + " bytes."};
}

} // namespace

Connection::Connection(QTcpSocket *socket, ConnectionContext &context, QObject *parent)
    : QObject(parent), m_socket(socket), m_context(context)
{
    m_socket->setParent(this);
    m_socket->setReadBufferSize(readBuffer);
    m_socket->setSocketOption(QAbstractSocket::LowDelayOption, 1);
    connect(m_socket, &QTcpSocket::readyRead, this, &Connection::readSome);
    connect(m_socket, &QTcpSocket::bytesWritten, this, &Connection::bytesWritten);
    connect(m_socket, &QTcpSocket::disconnected, this, &Connection::gone);
}

Connection::~Connection()
{
    if (m_reply)
        m_reply->connectionGone();
    if (m_feed)
        m_feed->leave();
}

/// Takes in what there is, as far as the present state wants any.
void Connection::readSome()
{
    if (m_reading)
        return;
    m_reading = true;
    touch();
    bool goOn = true;
    while (goOn && m_socket->bytesAvailable() > 0) {
        switch (m_state) {
        case State::Idle:
            m_state = State::Head;
            m_startedHead = Clock::now();
            break;
        case State::Head:
            goOn = readHead();
            break;
        case State::Body:
            goOn = readBody();
            break;
        case State::Handling:
            goOn = false; // the next request waits in the socket
            break;
        case State::Upgraded:
            m_reply->deliver(m_socket->read(readBuffer));
            break;
        case State::Lingering:
            m_socket->skip(m_socket->bytesAvailable());
            break;
        }
    }
    m_reading = false;
}

bool Connection::readHead()
{
    const auto limit = m_context.limits.maxHeaderBytes;
    // Peeked, not read: what follows the head is the body's or the next request's.
    const QByteArray fresh = m_socket->peek(std::min<qint64>(m_socket->bytesAvailable(), limit + 1 - m_head.size()));
    const qsizetype before = m_head.size();
    m_head += fresh;
    while (before == 0 && (m_head.startsWith("\r\n") || m_head.startsWith('\n'))) {
        // An empty line before a request is to be ignored (RFC 9112, 2.2).
        const qsizetype skip = m_head.startsWith('\n') ? 1 : 2;
        m_socket->skip(skip);
        m_head.remove(0, skip);
        if (m_head.isEmpty())
            return true;
    }
    const qsizetype from = std::max<qsizetype>(0, qsizetype(m_searched) - 3);
    const qsizetype end = m_head.indexOf("\r\n\r\n", from);
    if (end < 0) {
        m_socket->skip(m_head.size() - before);
        m_searched = std::size_t(m_head.size());
        // A bare LF twice ends the head for lenient parsers; nobody may see it differently from us.
        if (m_head.indexOf("\n\n", from) >= 0) {
            refuse({400, "invalid_request_error", "A line of the request's head does not end with CR LF."});
            return false;
        }
        if (m_head.size() > limit) {
            refuse(headTooLong(limit));
            return false;
        }
        return true;
    }
    m_socket->skip(end + 4 - before);
    m_head.truncate(end + 4);
    if (m_head.size() > limit) {
        refuse(headTooLong(limit));
        return false;
    }
    m_searched = 0;
    return startBody({m_head.constData(), std::size_t(m_head.size())});
}

/// The head is whole: judge it, hand it on, and see what body follows.
bool Connection::startBody(std::string_view block)
{
    auto head = readHttpHead(block);
    if (!head) {
        refuse(head.error());
        return false;
    }
    m_request = std::move(*head);
    const auto limit = m_context.limits.maxBodyBytes;
    if (m_request->contentLength > limit) {
        refuse({413, "request_too_large", "The body may have at most " + std::to_string(limit) + " bytes."});
        return false;
    }
    m_bodyLeft = m_request->contentLength;
    m_chunks.reset();
    if (m_request->chunked)
        m_chunks.emplace();
    if (m_request->expectsContinue && (m_bodyLeft > 0 || m_chunks)) {
        write("HTTP/1.1 100 Continue\r\n\r\n", 25);
        flush();
    }
    introduce();
    m_handled = false;
    const bool hasBody = m_bodyLeft > 0 || m_chunks;
    m_state = hasBody ? State::Body : State::Handling;
    m_startedBody = Clock::now();
    if (hasBody && m_bodyLeft > readBuffer)
        m_socket->setReadBufferSize(bodyReadBuffer);
    m_head.clear();
    m_body.clear();
    if (!hasBody)
        bodyComplete();
    return hasBody;
}

/// Makes this connection known to QtHttpServer, which takes new ones only while something listens.
void Connection::introduce()
{
    if (m_feed)
        return;
    m_feed = new FeedSocket(m_socket->peerAddress());
    m_context.introduce(m_feed);
}

bool Connection::readBody()
{
    if (m_chunks)
        return readChunks();
    QByteArray bytes = m_socket->read(std::min<qint64>(m_bodyLeft, m_socket->bytesAvailable()));
    m_bodyLeft -= bytes.size();
    if (m_body.isEmpty())
        m_body = std::move(bytes); // mostly it is the whole body, which is not copied then
    else
        m_body += bytes;
    if (m_bodyLeft > 0)
        return true;
    bodyComplete();
    return false;
}

bool Connection::readChunks()
{
    const QByteArray fresh = m_socket->peek(std::min<qint64>(m_socket->bytesAvailable(), bodyReadBuffer));
    std::vector<std::string_view> pieces;
    const std::size_t mine = m_chunks->feed({fresh.constData(), std::size_t(fresh.size())}, &pieces);
    m_socket->skip(qint64(mine));
    if (m_chunks->malformed()) {
        refuse({400, "invalid_request_error", "The body's chunked framing is malformed."});
        return false;
    }
    if (m_chunks->content() > m_context.limits.maxBodyBytes) {
        refuse({413, "request_too_large",
                "The body may have at most " + std::to_string(m_context.limits.maxBodyBytes) + " bytes."});
        return false;
    }
    for (const std::string_view piece : pieces)
        m_body.append(piece.data(), qsizetype(piece.size()));
    if (!m_chunks->ended())
        return true;
    bodyComplete();
    return false;
}

/// The request is whole, head and body. QtHttpServer 6.4 reads heads byte by byte, copies bodies, and loses its way in
/// chunks that come in pieces, so all it gets to see is that there is a request: nothing a client writes, an upgrade
/// least of all, can reach its parser.
void Connection::bodyComplete()
{
    static const QByteArray oneRequest("GET / HTTP/1.1\r\n\r\n");
    m_state = State::Handling;
    if (m_feed) {
        m_context.feeding = this;
        m_feed->feed(oneRequest);
        m_context.feeding = nullptr;
    }
    if (m_socket->readBufferSize() != readBuffer)
        m_socket->setReadBufferSize(readBuffer);
    if (!m_handled)
        refuse({400, "invalid_request_error", "The request is malformed."});
}

void Connection::requestParsed()
{
    if (m_handled || m_state != State::Handling || !m_request)
        return;
    m_handled = true;
    HttpRequest complete = std::move(m_request->request);
    complete.id = m_context.ids.next();
    complete.body = std::exchange(m_body, {});
    complete.peer = m_socket->peerAddress();
    auto reply = std::make_unique<Reply>(this, std::move(complete), m_request->keepAlive);
    m_reply = reply.get();
    m_wasPending = false;
    m_context.handler(std::move(reply));
}

void Connection::refuse(const HttpProblem &problem)
{
    m_state = State::Lingering;
    const std::string body = m_context.errorBody(problem.status, problem.code, problem.message);
    std::string text = "HTTP/1.1 " + std::to_string(problem.status) + ' ';
    text += reasonPhrase(problem.status);
    text += "\r\nx-request-id: " + m_context.ids.next();
    text += "\r\ncontent-type: application/json\r\ncontent-length: " + std::to_string(body.size()) + "\r\n";
    if (!problem.allow.empty())
        text += "allow: " + problem.allow + "\r\n"; // RFC 9110, 15.5.6: a 405 has to
    if (problem.status == 503)
        text += "retry-after: 1\r\n";
    else if (problem.status != 408)
        text += "x-should-retry: false\r\n";
    text += "connection: close\r\n\r\n" + body;
    write(text.data(), qint64(text.size()));
    flush();
    linger();
}

/// The client is to read the answer before it finds the connection closed: writing ends now, and what still comes in is
/// thrown away for a while.
void Connection::linger()
{
    m_state = State::Lingering;
    touch();
    m_head = {};
    m_body = {};
    if (m_socket->bytesToWrite() > 0)
        return; // bytesWritten() comes back here
    if (qobject_cast<QSslSocket *>(m_socket)) {
        m_socket->disconnectFromHost();
        return;
    }
    ::shutdown(int(m_socket->socketDescriptor()), SHUT_WR);
    m_socket->skip(m_socket->bytesAvailable());
}

void Connection::refuseOverloaded()
{
    refuse({503, "overloaded", "This gateway has reached its number of connections; try again in a moment."});
}

void Connection::stop()
{
    if (m_state == State::Idle && m_used && !somethingCame()) {
        m_socket->disconnectFromHost();
        return;
    }
    if (m_state == State::Idle)
        touch(); // the time it has to ask begins now, however long it has been there
    prepareForTheEnd();
}

/// Also what the kernel alone knows of.
bool Connection::somethingCame() const
{
    char first = 0;
    return m_socket->bytesAvailable() > 0 ||
           ::recv(int(m_socket->socketDescriptor()), &first, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/// Whoever may still ask must be known to QtHttpServer before the listener closes its sockets.
void Connection::prepareForTheEnd()
{
    if (m_state == State::Idle || m_state == State::Head)
        introduce();
}

void Connection::write(const char *data, qint64 size)
{
    m_socket->write(data, size);
}

void Connection::flush()
{
    // With much waiting already, the kernel is full: the event loop will do it.
    if (m_socket->bytesToWrite() <= drainedBelow)
        m_socket->flush();
    m_wasPending = m_wasPending || pendingBytes() > drainedBelow;
}

qint64 Connection::pendingBytes() const
{
    const auto *ssl = qobject_cast<const QSslSocket *>(m_socket);
    return m_socket->bytesToWrite() + (ssl ? ssl->encryptedBytesToWrite() : 0);
}

bool Connection::mayKeepAlive() const
{
    return !m_context.stopping && !m_context.retiring;
}

void Connection::bytesWritten()
{
    touch();
    if (m_state == State::Lingering) {
        if (m_socket->bytesToWrite() == 0)
            linger();
        return;
    }
    if (m_wasPending && pendingBytes() < drainedBelow) {
        m_wasPending = false;
        if (m_reply)
            Q_EMIT m_reply->drained();
    }
}

void Connection::upgraded()
{
    m_state = State::Upgraded;
    // What waits in the kernel is old by the time a slow reader gets it, and it is memory, too.
    m_socket->setSocketOption(QAbstractSocket::SendBufferSizeSocketOption, upgradedSendBuffer);
    if (m_socket->bytesAvailable() > 0)
        QMetaObject::invokeMethod(this, &Connection::readSome, Qt::QueuedConnection);
}

void Connection::replyFinished(bool keepAlive)
{
    m_startedHead = Clock::now(); // how long a connection may linger counts from here
    m_reply.clear();
    m_request.reset();
    m_used = true;
    if (!keepAlive || m_context.stopping) {
        linger();
        return;
    }
    m_state = State::Idle;
    touch();
    if (m_socket->bytesAvailable() > 0)
        QMetaObject::invokeMethod(this, &Connection::readSome, Qt::QueuedConnection);
}

void Connection::replyAborted()
{
    m_reply.clear();
    m_socket->abort();
}

void Connection::gone()
{
    if (m_reply)
        m_reply->connectionGone();
    m_reply.clear();
    Q_EMIT closed();
}

} // namespace keymux
