// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/httpclient.h"

#include <cstdint>
#include <optional>
#include <string>

namespace keymux::testing {

/// A blocking websocket client that can also do what no client should.
class WebSocketClient {
public:
    struct Message {
        enum class Kind : std::uint8_t { Text, Ping, Pong, Close, Other };
        Kind kind = Kind::Text;
        std::string payload;
        int code = 0; ///< of Close
    };

    /// Asks for the upgrade; `handshake` has the answer.
    WebSocketClient(const std::string &baseUrl, const std::string &path, const Headers &headers, int receiveBuffer = 0);

    const HttpResponse &handshake() const { return m_handshake; }
    bool upgraded() const { return m_handshake.status == 101; }

    void sendText(const std::string &text) { sendFrame(1, text); }
    /// A masked frame as the fields say.
    bool sendFrame(int opcode, std::string_view payload, bool final = true);
    bool sendRaw(std::string_view bytes) { return m_socket.send(bytes, Clock::now() + Ms(5000)) == bytes.size(); }

    /// The next frame, pings and closes included; absent when the peer closed or the time ran out.
    std::optional<Message> next(Ms timeout = Ms(10000));
    /// The next text, with pings answered; empty at the end.
    std::string nextText(Ms timeout = Ms(10000));
    /// Reads on until the server closes; the code, or 0 when it closed without one.
    int closeCode(Ms timeout = Ms(10000));
    bool closedByPeer() const { return m_closed; }
    Socket &socket() { return m_socket; }

private:
    bool need(std::size_t bytes, Moment deadline);

    Socket m_socket;
    HttpResponse m_handshake;
    std::string m_in;
    bool m_closed = false;
};

/// The headers of a good upgrade, with this token when there is one.
Headers upgradeHeaders(const std::string &token = {});
/// A frame as a client sends it.
std::string clientFrame(int opcode, std::string_view payload, bool final = true);

} // namespace keymux::testing
