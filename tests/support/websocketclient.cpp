// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/websocketclient.h"

#include <algorithm>
#include <sstream>

namespace keymux::testing {

std::string clientFrame(int opcode, std::string_view payload, bool final)
{
    static constexpr char mask[] = {0x12, 0x34, 0x56, 0x78};
    std::string frame{char((final ? 0x80 : 0) | opcode)};
    const auto append = [&](int bytes) {
        for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8)
            frame += char(std::uint64_t(payload.size()) >> shift & 0xff);
    };
    if (payload.size() < 126) {
        frame += char(0x80 | payload.size());
    } else if (payload.size() <= 0xffff) {
        frame += char(0x80 | 126);
        append(2);
    } else {
        frame += char(0x80 | 127);
        append(8);
    }
    frame.append(mask, 4);
    for (std::size_t i = 0; i < payload.size(); ++i)
        frame += char(payload[i] ^ mask[i % 4]);
    return frame;
}

Headers upgradeHeaders(const std::string &token)
{
    Headers headers{{"Upgrade", "websocket"},
                    {"Connection", "Upgrade"},
                    {"Sec-WebSocket-Version", "13"},
                    {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    if (!token.empty())
        headers.emplace_back("Authorization", "Bearer " + token);
    return headers;
}

WebSocketClient::WebSocketClient(const std::string &baseUrl, const std::string &path, const Headers &headers,
                                 int receiveBuffer)
{
    const Address address = Address::of(baseUrl);
    m_socket = Socket::connected(address.host, address.port, receiveBuffer);
    std::string request =
        "GET " + path + " HTTP/1.1\r\nHost: " + address.host + ':' + std::to_string(address.port) + "\r\n";
    for (const auto &[name, value] : headers)
        request += name + ": " + value + "\r\n";
    const Moment deadline = Clock::now() + Ms(10000);
    m_socket.send(request + "\r\n", deadline);
    while (m_in.find("\r\n\r\n") == std::string::npos) {
        if (m_socket.receive(m_in, deadline) != Socket::Got::Bytes)
            return;
    }
    const std::size_t end = m_in.find("\r\n\r\n");
    std::istringstream head(m_in.substr(0, end + 2));
    m_in.erase(0, end + 4);
    std::string line;
    std::getline(head, line);
    m_handshake.status = std::atoi(line.substr(std::min<std::size_t>(line.size(), 9)).c_str());
    while (std::getline(head, line) && line.size() > 1) {
        const std::size_t colon = line.find(": ");
        m_handshake.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2, line.size() - colon - 3));
    }
    if (upgraded())
        return;
    const auto length = std::size_t(std::atoi(std::string(m_handshake.header("content-length")).c_str()));
    if (need(length, deadline))
        m_handshake.body = m_in.substr(0, length);
}

bool WebSocketClient::sendFrame(int opcode, std::string_view payload, bool final)
{
    return sendRaw(clientFrame(opcode, payload, final));
}

bool WebSocketClient::need(std::size_t bytes, Moment deadline)
{
    while (m_in.size() < bytes) {
        const Socket::Got got = m_socket.receive(m_in, deadline, -1, 1 << 20);
        if (got != Socket::Got::Bytes) {
            m_closed = got != Socket::Got::TimedOut;
            return false;
        }
    }
    return true;
}

std::optional<WebSocketClient::Message> WebSocketClient::next(Ms timeout)
{
    const Moment deadline = Clock::now() + timeout;
    const auto byte = [this](std::size_t at) { return static_cast<unsigned char>(m_in[at]); };
    if (!need(2, deadline))
        return std::nullopt;
    std::size_t length = byte(1) & 0x7f, head = 2;
    if (const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0; more > 0) {
        if (!need(2 + more, deadline))
            return std::nullopt;
        length = 0;
        for (std::size_t i = 0; i < more; ++i)
            length = length << 8 | byte(2 + i);
        head += more;
    }
    if (!need(head + length, deadline))
        return std::nullopt;
    Message message;
    switch (byte(0)) {
    case 0x81:
        message.kind = Message::Kind::Text;
        break;
    case 0x88:
        message.kind = Message::Kind::Close;
        message.code = length >= 2 ? byte(head) << 8 | byte(head + 1) : 1005;
        break;
    case 0x89:
        message.kind = Message::Kind::Ping;
        break;
    case 0x8A:
        message.kind = Message::Kind::Pong;
        break;
    default:
        message.kind = Message::Kind::Other;
    }
    message.payload = m_in.substr(head, length);
    m_in.erase(0, head + length);
    return message;
}

std::string WebSocketClient::nextText(Ms timeout)
{
    const Moment deadline = Clock::now() + timeout;
    while (true) {
        const auto left = std::chrono::duration_cast<Ms>(deadline - Clock::now());
        const auto message = next(std::max(left, Ms(0)));
        if (!message || message->kind == Message::Kind::Close)
            return {};
        if (message->kind == Message::Kind::Text)
            return message->payload;
        if (message->kind == Message::Kind::Ping)
            sendFrame(10, message->payload);
    }
}

int WebSocketClient::closeCode(Ms timeout)
{
    const Moment deadline = Clock::now() + timeout;
    int code = 0;
    while (const auto message = next(std::max(std::chrono::duration_cast<Ms>(deadline - Clock::now()), Ms(0)))) {
        if (message->kind == Message::Kind::Close)
            code = message->code;
    }
    return m_closed ? code : -1;
}

} // namespace keymux::testing
