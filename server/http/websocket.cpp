// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/websocket.h"

#include <algorithm>

namespace keymux {

namespace {

/// Shorter texts are copied into one write with what goes before them.
constexpr qsizetype worthSharing = 8 << 10;
/// To a peer that takes nothing a ping is not answered: pongs are not to pile up.
constexpr std::int64_t pongBelow = 64 << 10;

} // namespace

WebSocket::WebSocket(std::unique_ptr<HttpExchange> exchange, QObject *parent)
    : QObject(parent), m_exchange(std::move(exchange))
{
    connect(m_exchange.get(), &HttpExchange::received, this, &WebSocket::read);
    connect(m_exchange.get(), &HttpExchange::clientGone, this, &WebSocket::end);
    m_exchange->upgrade({{"upgrade", "websocket"},
                         {"connection", "Upgrade"},
                         {"sec-websocket-accept", webSocketAccept(m_exchange->request().header("sec-websocket-key"))}});
}

WebSocket::~WebSocket()
{
    m_exchange->disconnect(this);
}

void WebSocket::sendText(std::string_view head, const QByteArray &shared)
{
    if (!m_open)
        return;
    m_out += webSocketTextHeader(head.size() + std::size_t(shared.size()));
    m_out += head;
    if (shared.size() < worthSharing) {
        m_out.append(shared.constData(), std::size_t(shared.size()));
        return;
    }
    m_exchange->sendShared(m_out, shared);
    m_out.clear();
}

void WebSocket::sendPing()
{
    if (m_open)
        m_out += webSocketPing();
}

void WebSocket::flush()
{
    if (m_out.empty())
        return;
    m_exchange->sendBody(m_out);
    m_out.clear();
    m_out.shrink_to_fit();
}

void WebSocket::close(WebSocketClose code, std::string_view reason)
{
    if (!m_open)
        return;
    m_out += webSocketCloseFrame(std::uint16_t(code), reason);
    flush();
    m_exchange->finish(); // the connection lingers, so that the peer can read this and close as well
    end();
}

void WebSocket::abort()
{
    m_exchange->abort();
    end();
}

void WebSocket::allowFrames(int more, int atMost)
{
    m_framesAllowed = std::min(m_framesAllowed + std::uint64_t(more), m_reader.frames() + std::uint64_t(atMost));
}

std::int64_t WebSocket::pendingBytes() const
{
    return m_exchange->pendingBytes() + std::int64_t(m_out.size());
}

void WebSocket::read(const QByteArray &bytes)
{
    Q_EMIT heard();
    std::string_view left(bytes.constData(), std::size_t(bytes.size()));
    while (m_open && !left.empty()) {
        const auto input = m_reader.next(left);
        if (m_reader.frames() > m_framesAllowed)
            close(WebSocketClose::Policy, "too many frames");
        else if (input)
            take(*input);
    }
    flush();
}

void WebSocket::take(const WebSocketInput &input)
{
    switch (input.kind) {
    case WebSocketInput::Kind::Text:
        Q_EMIT textReceived(input.payload);
        return;
    case WebSocketInput::Kind::Ping:
        if (pendingBytes() < pongBelow)
            m_out += webSocketPong(input.payload);
        return;
    case WebSocketInput::Kind::Pong:
        return;
    case WebSocketInput::Kind::Close:
        close(WebSocketClose(input.code));
        return;
    case WebSocketInput::Kind::Refused:
        close(WebSocketClose(input.code), input.payload);
        return;
    }
}

void WebSocket::end()
{
    if (!std::exchange(m_open, false))
        return;
    m_out.clear();
    Q_EMIT closed();
}

} // namespace keymux
