// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/upstreamconnection.h"

#include "support/goodanswers.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace keymux::testing {

namespace {

constexpr std::size_t keptAnswer = 1 << 20;

Moment never()
{
    return Clock::now() + std::chrono::hours(1);
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    return text;
}

void readCredential(UpstreamCall &call)
{
    for (const char *name : {"authorization", "x-goog-api-key", "x-api-key", "api-key"}) {
        std::string value(call.header(name));
        if (value.empty())
            continue;
        if (value.starts_with("Bearer "))
            value.erase(0, 7);
        call.keyHeader += (call.keyHeader.empty() ? "" : ",") + std::string(name);
        if (call.key.empty())
            call.key = value;
    }
}

} // namespace

void UpstreamConnection::run()
{
    for (;;) {
        m_call = {};
        if (!readRequest(m_call))
            return;
        m_call.arrived = Clock::now();
        readCredential(m_call);
        const GoodRequest request = GoodRequest::read(m_call.body);
        m_fields = request.fields;
        m_call.model = request.model;
        m_call.stream = request.stream;
        m_includeUsage = request.includeUsage;
        m_inputs = request.inputs;
        const Behaviour behaviour = m_owner.decide(m_call, m_fields);
        m_id = m_owner.m_ledger.add(m_call);
        const bool goesOn = act(behaviour);
        m_owner.m_ledger.update(m_id, [](UpstreamCall &call) { call.finished = true; });
        if (!goesOn)
            return;
    }
}

bool UpstreamConnection::fill()
{
    return m_socket.receive(m_buffer, never(), m_owner.m_stopFd) == Socket::Got::Bytes;
}

std::optional<std::string> UpstreamConnection::line()
{
    for (;;) {
        if (const auto end = m_buffer.find("\r\n"); end != std::string::npos) {
            std::string text = m_buffer.substr(0, end);
            m_buffer.erase(0, end + 2);
            return text;
        }
        if (!fill())
            return std::nullopt;
    }
}

bool UpstreamConnection::take(std::size_t bytes, std::string &into)
{
    while (m_buffer.size() < bytes)
        if (!fill())
            return false;
    into.append(m_buffer, 0, bytes);
    m_buffer.erase(0, bytes);
    return true;
}

bool UpstreamConnection::readChunkedBody(UpstreamCall &call)
{
    for (;;) {
        const auto sizeLine = line();
        if (!sizeLine)
            return false;
        std::size_t size = 0;
        std::from_chars(sizeLine->data(), sizeLine->data() + sizeLine->size(), size, 16);
        if (!take(size, call.body) || !line())
            return false;
        if (size == 0)
            return true;
    }
}

bool UpstreamConnection::readRequest(UpstreamCall &call)
{
    const auto first = line();
    if (!first)
        return false;
    const auto space = first->find(' ');
    const auto second = first->find(' ', space + 1);
    if (space == std::string::npos || second == std::string::npos)
        return false;
    call.method = first->substr(0, space);
    call.path = first->substr(space + 1, second - space - 1);
    for (;;) {
        const auto text = line();
        if (!text)
            return false;
        if (text->empty())
            break;
        const auto colon = text->find(':');
        if (colon == std::string::npos)
            return false;
        const auto value = text->find_first_not_of(' ', colon + 1);
        call.headers.emplace_back(lower(text->substr(0, colon)),
                                  value == std::string::npos ? std::string() : text->substr(value));
    }
    if (lower(std::string(call.header("expect"))) == "100-continue")
        m_socket.send("HTTP/1.1 100 Continue\r\n\r\n", never(), m_owner.m_stopFd);
    if (lower(std::string(call.header("transfer-encoding"))) == "chunked")
        return readChunkedBody(call);
    const std::string length(call.header("content-length"));
    return length.empty() || take(std::stoul(length), call.body);
}

bool UpstreamConnection::act(const Behaviour &behaviour)
{
    if (!pause(behaviour.headDelay))
        return false;
    if (behaviour.hang == Behaviour::Hang::BeforeHead) {
        pause(std::chrono::hours(1));
        return false;
    }
    if (behaviour.floodBytes > 0)
        return sendFlood(behaviour);
    if (m_call.stream && behaviour.status == 200 && (behaviour.events || !behaviour.body))
        return sendEvents(behaviour, behaviour.events
                                         ? *behaviour.events
                                         : goodStream(m_call, behaviour.chunks, behaviour.chunkText, m_includeUsage));
    return sendBody(behaviour, behaviour.body ? *behaviour.body : goodAnswer(m_call, m_inputs));
}

bool UpstreamConnection::sendHead(const Behaviour &behaviour, std::optional<std::size_t> length)
{
    std::string head = "HTTP/1.1 " + std::to_string(behaviour.status) + " Scripted\r\nContent-Type: ";
    head += length ? behaviour.contentType : "text/event-stream";
    head += length ? "\r\nContent-Length: " + std::to_string(*length) : "\r\nTransfer-Encoding: chunked";
    for (const auto &[name, value] : behaviour.headers)
        head += "\r\n" + name + ": " + value;
    m_owner.m_ledger.update(m_id, [&](UpstreamCall &call) { call.status = behaviour.status; });
    return write(head + "\r\n\r\n");
}

bool UpstreamConnection::sendBody(const Behaviour &behaviour, const std::string &body)
{
    if (!sendHead(behaviour, body.size()))
        return false;
    if (behaviour.hang == Behaviour::Hang::AfterHead) {
        pause(std::chrono::hours(1));
        return false;
    }
    const std::size_t end = std::min(body.size(), behaviour.cutAfterBytes.value_or(body.size()));
    if (behaviour.drip) {
        for (std::size_t i = 0; i < end; ++i)
            if (!pause(behaviour.pace) || !write({&body[i], 1}, {&body[i], 1}))
                return false;
    } else if (!write({body.data(), end}, {body.data(), end})) {
        return false;
    }
    return behaviour.cutAfterBytes ? cut(behaviour) : true;
}

bool UpstreamConnection::sendEvents(const Behaviour &behaviour, const std::vector<std::string> &events)
{
    if (!sendHead(behaviour, std::nullopt))
        return false;
    if (behaviour.hang == Behaviour::Hang::AfterHead || behaviour.hangAfterEvents == 0) {
        pause(std::chrono::hours(1));
        return false;
    }
    int sent = 0;
    for (const std::string &event : events) {
        if (behaviour.cutAfterEvents == sent)
            return cut(behaviour);
        if (behaviour.hangAfterEvents == sent) {
            pause(std::chrono::hours(1));
            return false;
        }
        if (sent > 0 && !pause(behaviour.pace))
            return false;
        m_owner.m_ledger.update(m_id, [](UpstreamCall &call) { call.eventTimes.push_back(Clock::now()); });
        if (!writeChunk(event))
            return false;
        ++sent;
    }
    return behaviour.cutAfterEvents ? cut(behaviour) : write("0\r\n\r\n");
}

bool UpstreamConnection::sendFlood(const Behaviour &behaviour)
{
    if (!sendHead(behaviour, std::nullopt))
        return false;
    const std::string event = goodStream(m_call, 1, std::string(16000, 'x'), false).at(1);
    for (std::int64_t sent = 0; sent < behaviour.floodBytes; sent += std::int64_t(event.size()))
        if (!writeChunk(event))
            return false;
    return writeChunk("data: [DONE]\n\n") && write("0\r\n\r\n");
}

bool UpstreamConnection::writeChunk(std::string_view bytes)
{
    char size[20];
    const auto end = std::to_chars(size, size + sizeof size, bytes.size(), 16).ptr;
    return write(std::string(size, end) + "\r\n" + std::string(bytes) + "\r\n", bytes);
}

bool UpstreamConnection::write(std::string_view bytes, std::string_view answer)
{
    // Written down before it leaves: whoever has received it finds it in the ledger.
    m_owner.m_ledger.update(m_id, [&](UpstreamCall &call) {
        if (call.answer.size() < keptAnswer)
            call.answer += answer;
    });
    const std::size_t sent = m_socket.send(bytes, never(), m_owner.m_stopFd);
    m_owner.m_ledger.update(m_id, [&](UpstreamCall &call) { call.bytesSent += std::int64_t(sent); });
    if (sent == bytes.size())
        return true;
    noteClosed();
    return false;
}

bool UpstreamConnection::pause(Ms time)
{
    if (time.count() == 0)
        return true;
    switch (m_socket.waitFor(false, Clock::now() + time, m_owner.m_stopFd)) {
    case Socket::Wait::TimedOut:
        return true;
    case Socket::Wait::Stopped:
        return false;
    default:
        break;
    }
    noteClosed();
    return false;
}

bool UpstreamConnection::cut(const Behaviour &behaviour)
{
    if (behaviour.resetWhenCut)
        m_socket.reset();
    return false;
}

void UpstreamConnection::noteClosed()
{
    m_owner.m_ledger.update(m_id, [](UpstreamCall &call) { call.peerClosed = Clock::now(); });
}

} // namespace keymux::testing
