// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/httpexchange.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace keymux {

/// Codes a websocket is closed with (RFC 6455, 7.4.1).
enum class WebSocketClose : std::uint16_t {
    Normal = 1000,
    GoingAway = 1001,
    ProtocolError = 1002,
    Unsupported = 1003,
    BadText = 1007,
    Policy = 1008,
    TooLarge = 1009,
    TryLater = 1013,
};

/// One thing that a client sent.
struct WebSocketInput {
    enum class Kind : std::uint8_t {
        Text,
        Ping,
        Pong,
        Close,   ///< `code` is what it is to be answered with
        Refused, ///< a frame that breaks the rules: close with `code`, and read nothing more
    };
    Kind kind = Kind::Text;
    std::string payload = {}; ///< of Text (valid UTF-8), Ping, Pong; of Refused why, in a sentence
    std::uint16_t code = 0;
};

/// Reads what a client sends (RFC 6455, 5), however it is cut. Strict: what two readers could take differently is
/// refused. Bounded: it never holds more than one message of `maxMessage` bytes.
class WebSocketReader {
public:
    explicit WebSocketReader(std::size_t maxMessage) : m_maxMessage(maxMessage) {}

    /// Takes bytes off the front until one input is complete; absent when more bytes are needed. After Close and
    /// Refused every byte is swallowed.
    std::optional<WebSocketInput> next(std::string_view &bytes);

    /// Frames so far, empty ones and fragments too: what a flood is measured by.
    std::uint64_t frames() const { return m_frames; }

private:
    bool readHeader(std::string_view &bytes);
    std::optional<WebSocketInput> judgeHeader();
    std::optional<WebSocketInput> frameComplete();
    std::optional<WebSocketInput> closeFrame();
    WebSocketInput refuse(WebSocketClose code, std::string_view why);

    std::size_t m_maxMessage;
    std::string m_header;
    bool m_headerDone = false;
    bool m_ended = false;
    std::uint8_t m_opcode = 0;
    bool m_final = false;
    std::uint64_t m_left = 0; ///< payload bytes of the frame that are still to come
    std::uint32_t m_maskAt = 0;
    std::string m_message;    ///< of the text frames so far
    std::string m_control;    ///< payload of a control frame
    bool m_inMessage = false; ///< a text message has begun and not ended
    std::uint64_t m_frames = 0;
};

/// The header of an unmasked, unfragmented server frame.
std::string webSocketTextHeader(std::size_t payloadSize);
/// Whole frames. A reason of a close is cut to what a control frame can hold.
std::string webSocketPing(std::string_view payload = {});
std::string webSocketPong(std::string_view payload);
std::string webSocketCloseFrame(std::uint16_t code, std::string_view reason = {});

/// `Sec-WebSocket-Accept` for a client's key.
std::string webSocketAccept(std::string_view key);

/// Why a request does not become a websocket.
struct WebSocketRefusal {
    int status = 400; ///< 400, 403, 426
    std::string code, message;
    HeaderList headers = {};
};
/// Judges a request to become a websocket (RFC 6455, 4.2.1). Where it names an Origin it comes from a browser, and then
/// from a page of this very host: what else a browser sends, it sends in somebody else's name.
std::optional<WebSocketRefusal> webSocketRefusal(const HttpRequest &request);

} // namespace keymux
