// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/websocketframing.h"

#include <QObject>
#include <functional>
#include <memory>

namespace keymux {

/// The server's end of one websocket. The framing is our own: Qt's QWebSocket wants a socket from its first byte on,
/// which here the listener has read and judged; it copies every message for every reader; and it bounds neither what a
/// slow reader leaves unsent nor how many frames a client sends. Main thread of its listener.
class WebSocket : public QObject {
    Q_OBJECT

public:
    static constexpr std::size_t maxMessage = 64 << 10;

    /// Answers 101 to a request that webSocketRefusal() has nothing against.
    explicit WebSocket(std::unique_ptr<HttpExchange> exchange, QObject *parent = nullptr);
    ~WebSocket() override;

    /// Sends `head` and `shared` as one text message; the second is not copied when it is long. Goes out with flush().
    void sendText(std::string_view head, const QByteArray &shared);
    void sendPing();
    void flush();
    /// Ends it in order; nothing is read or sent afterwards. closed() is emitted.
    void close(WebSocketClose code, std::string_view reason = {});
    /// Ends it at once: the peer is not there any more.
    void abort();

    /// How many more frames the client may send; with one too many it is closed.
    void allowFrames(int more, int atMost);
    /// Bytes that the kernel has not taken yet.
    std::int64_t pendingBytes() const;
    bool isOpen() const { return m_open; }

Q_SIGNALS:
    void textReceived(const std::string &text);
    void heard();  ///< anything at all came: the peer is there
    void closed(); ///< once, whoever closed it

private:
    void read(const QByteArray &bytes);
    void take(const WebSocketInput &input);
    void end();

    std::unique_ptr<HttpExchange> m_exchange;
    WebSocketReader m_reader{maxMessage};
    std::string m_out; ///< frames that wait for flush()
    std::uint64_t m_framesAllowed = 100;
    bool m_open = true;
};

} // namespace keymux
