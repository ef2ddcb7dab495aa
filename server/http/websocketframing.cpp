// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/websocketframing.h"

#include "core/utf8.h"

#include <algorithm>

namespace keymux {

namespace {

constexpr std::uint8_t continuationFrame = 0, textFrame = 1, binaryFrame = 2, closeFrameCode = 8, pingFrame = 9,
                       pongFrame = 10;
constexpr std::size_t maxControl = 125;

std::uint8_t byteAt(std::string_view text, std::size_t at)
{
    return static_cast<std::uint8_t>(text[at]);
}

bool isUtf8(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t length = utf8Length(text);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

/// Codes a peer may send (RFC 6455, 7.4).
bool mayBeSent(std::uint16_t code)
{
    return (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) ||
           (code >= 3000 && code <= 4999);
}

std::string header(std::uint8_t opcode, std::size_t size)
{
    std::string text(1, char(0x80 | opcode));
    const auto append = [&](int bytes) {
        for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
            text += char((std::uint64_t(size) >> shift) & 0xff);
    };
    if (size < 126) {
        text += char(size);
    } else if (size <= 0xffff) {
        text += char(126);
        append(2);
    } else {
        text += char(127);
        append(8);
    }
    return text;
}

std::string controlFrame(std::uint8_t opcode, std::string_view payload)
{
    payload = payload.substr(0, maxControl);
    return header(opcode, payload.size()) + std::string(payload);
}

} // namespace

WebSocketInput WebSocketReader::refuse(WebSocketClose code, std::string_view why)
{
    m_ended = true;
    m_message = {};
    m_control = {};
    return {.kind = WebSocketInput::Kind::Refused, .payload = std::string(why), .code = std::uint16_t(code)};
}

/// True when the header is whole: 2 bytes, up to 8 of a longer length, 4 of the mask.
bool WebSocketReader::readHeader(std::string_view &bytes)
{
    const auto wanted = [this]() -> std::size_t {
        if (m_header.size() < 2)
            return 2;
        const std::uint8_t second = byteAt(m_header, 1), length = second & 0x7f;
        return 2 + (length == 126 ? 2 : length == 127 ? 8 : 0) + ((second & 0x80) != 0 ? 4 : 0);
    };
    while (m_header.size() < wanted()) {
        const std::size_t take = std::min(wanted() - m_header.size(), bytes.size());
        if (take == 0)
            return false;
        m_header.append(bytes.substr(0, take));
        bytes.remove_prefix(take);
    }
    return true;
}

std::optional<WebSocketInput> WebSocketReader::judgeHeader()
{
    ++m_frames;
    const std::uint8_t first = byteAt(m_header, 0), second = byteAt(m_header, 1);
    m_final = (first & 0x80) != 0;
    m_opcode = first & 0x0f;
    m_left = second & 0x7f;
    const std::size_t lengthBytes = m_left == 126 ? 2 : m_left == 127 ? 8 : 0;
    if (lengthBytes > 0) {
        m_left = 0;
        for (std::size_t i = 0; i < lengthBytes; ++i)
            m_left = m_left << 8 | byteAt(m_header, 2 + i);
        if (m_left < (lengthBytes == 2 ? 126U : 0x10000U) || (m_left >> 63) != 0)
            return refuse(WebSocketClose::ProtocolError, "a frame's length is not written in the shortest way");
    }
    if ((first & 0x70) != 0)
        return refuse(WebSocketClose::ProtocolError, "a frame uses bits that no extension was agreed for");
    if ((second & 0x80) == 0)
        return refuse(WebSocketClose::ProtocolError, "a client's frame must be masked");
    const bool control = m_opcode >= closeFrameCode;
    if (m_opcode > pongFrame || (!control && m_opcode > binaryFrame))
        return refuse(WebSocketClose::ProtocolError, "a frame has an unknown opcode");
    if (control && (!m_final || m_left > maxControl))
        return refuse(WebSocketClose::ProtocolError, "a control frame is fragmented or too long");
    if (m_opcode == binaryFrame)
        return refuse(WebSocketClose::Unsupported, "messages are JSON text, not binary");
    if (!control && (m_opcode == continuationFrame) != m_inMessage)
        return refuse(WebSocketClose::ProtocolError, "a message's frames are out of order");
    if (!control && m_left > m_maxMessage - m_message.size())
        return refuse(WebSocketClose::TooLarge,
                      "a message may have at most " + std::to_string(m_maxMessage) + " bytes");
    m_inMessage = m_inMessage || !control;
    m_headerDone = true;
    m_maskAt = 0;
    return std::nullopt;
}

std::optional<WebSocketInput> WebSocketReader::next(std::string_view &bytes)
{
    while (!m_ended) {
        if (!m_headerDone) {
            if (!readHeader(bytes))
                return std::nullopt;
            if (auto refused = judgeHeader())
                return refused;
        }
        const auto take = std::size_t(std::min<std::uint64_t>(m_left, bytes.size()));
        std::string &into = m_opcode >= closeFrameCode ? m_control : m_message;
        const std::string_view mask = std::string_view(m_header).substr(m_header.size() - 4);
        for (std::size_t i = 0; i < take; ++i)
            into += char(bytes[i] ^ mask[(m_maskAt + i) % 4]);
        m_maskAt = std::uint32_t((m_maskAt + take) % 4);
        m_left -= take;
        bytes.remove_prefix(take);
        if (m_left > 0)
            return std::nullopt;
        m_header.clear();
        m_headerDone = false;
        if (auto input = frameComplete())
            return input;
    }
    bytes = {};
    return std::nullopt;
}

std::optional<WebSocketInput> WebSocketReader::frameComplete()
{
    switch (m_opcode) {
    case closeFrameCode:
        return closeFrame();
    case pingFrame:
        return WebSocketInput{.kind = WebSocketInput::Kind::Ping, .payload = std::exchange(m_control, {})};
    case pongFrame:
        return WebSocketInput{.kind = WebSocketInput::Kind::Pong, .payload = std::exchange(m_control, {})};
    default:
        break;
    }
    if (!m_final)
        return std::nullopt;
    m_inMessage = false;
    if (!isUtf8(m_message))
        return refuse(WebSocketClose::BadText, "a message is not UTF-8");
    return WebSocketInput{.kind = WebSocketInput::Kind::Text, .payload = std::exchange(m_message, {})};
}

std::optional<WebSocketInput> WebSocketReader::closeFrame()
{
    const std::string payload = std::exchange(m_control, {});
    if (payload.size() == 1)
        return refuse(WebSocketClose::ProtocolError, "a close frame has half a code");
    auto code = std::uint16_t(WebSocketClose::Normal);
    if (!payload.empty()) {
        code = std::uint16_t(byteAt(payload, 0) << 8 | byteAt(payload, 1));
        if (!mayBeSent(code))
            return refuse(WebSocketClose::ProtocolError, "a close frame has a code that nobody may send");
        if (!isUtf8(std::string_view(payload).substr(2)))
            return refuse(WebSocketClose::BadText, "a close frame's reason is not UTF-8");
    }
    m_ended = true;
    m_message = {};
    return WebSocketInput{.kind = WebSocketInput::Kind::Close, .code = code};
}

std::string webSocketTextHeader(std::size_t payloadSize)
{
    return header(textFrame, payloadSize);
}

std::string webSocketPing(std::string_view payload)
{
    return controlFrame(pingFrame, payload);
}

std::string webSocketPong(std::string_view payload)
{
    return controlFrame(pongFrame, payload);
}

std::string webSocketCloseFrame(std::uint16_t code, std::string_view reason)
{
    const std::string head{char(code >> 8), char(code & 0xff)};
    return controlFrame(closeFrameCode, head + std::string(reason.substr(0, maxControl - 2)));
}

} // namespace keymux
