// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/sourceserver.h"

#include <algorithm>
#include <cctype>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace keymux::testing {

namespace {

constexpr Ms forever(600000);

std::string unescaped(const std::string &text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            result += char(std::stoi(text.substr(i + 1, 2), nullptr, 16));
            i += 2;
        } else {
            result += text[i] == '+' ? ' ' : text[i];
        }
    }
    return result;
}

/// The request in `bytes`, which are taken off; nothing while it is not whole.
std::optional<SourceCall> parse(std::string &bytes)
{
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string::npos)
        return std::nullopt;
    SourceCall call;
    std::size_t line = bytes.find("\r\n");
    const std::string first = bytes.substr(0, line);
    const std::size_t space = first.find(' '), last = first.rfind(' ');
    call.method = first.substr(0, space);
    const std::string target = first.substr(space + 1, last - space - 1);
    call.path = unescaped(target.substr(0, target.find('?')));
    if (const std::size_t question = target.find('?'); question != std::string::npos) {
        for (std::size_t at = question + 1; at < target.size();) {
            const std::size_t next = std::min(target.find('&', at), target.size());
            const std::string pair = target.substr(at, next - at);
            const std::size_t equals = std::min(pair.find('='), pair.size());
            call.query[unescaped(pair.substr(0, equals))] =
                equals < pair.size() ? unescaped(pair.substr(equals + 1)) : std::string();
            at = next + 1;
        }
    }
    while (line < end) {
        const std::size_t next = bytes.find("\r\n", line + 2);
        const std::string text = bytes.substr(line + 2, next - line - 2);
        const std::size_t colon = text.find(':');
        std::string name = text.substr(0, colon);
        std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return char(std::tolower(c)); });
        if (colon != std::string::npos)
            call.headers.emplace_back(name, text.substr(std::min(text.find_first_not_of(' ', colon + 1), text.size())));
        line = next;
    }
    const std::string length = call.header("content-length");
    const std::size_t size = length.empty() ? 0 : std::stoul(length);
    if (bytes.size() < end + 4 + size)
        return std::nullopt;
    call.body = bytes.substr(end + 4, size);
    bytes.erase(0, end + 4 + size);
    return call;
}

} // namespace

std::string SourceCall::header(std::string_view name) const
{
    for (const auto &[key, value] : headers) {
        if (key == name)
            return value;
    }
    return {};
}

SourceServer::SourceServer() : m_listener(Socket::listening()), m_port(m_listener.port())
{
    m_stopFd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    m_acceptor = std::thread([this] { acceptLoop(); });
}

SourceServer::~SourceServer()
{
    stop();
    close(m_stopFd);
}

void SourceServer::stop()
{
    if (!m_acceptor.joinable())
        return;
    eventfd_write(m_stopFd, 1);
    m_acceptor.join();
    for (std::thread &worker : m_workers)
        worker.join();
}

std::string SourceServer::url() const
{
    return "http://127.0.0.1:" + std::to_string(m_port);
}

void SourceServer::setReply(std::optional<SourceReply> reply)
{
    const std::lock_guard lock(m_mutex);
    m_reply = std::move(reply);
}

std::vector<SourceCall> SourceServer::calls() const
{
    const std::lock_guard lock(m_mutex);
    return m_calls;
}

int SourceServer::count(const std::string &path) const
{
    const std::lock_guard lock(m_mutex);
    return int(std::count_if(m_calls.begin(), m_calls.end(),
                             [&](const SourceCall &call) { return call.path.starts_with(path); }));
}

void SourceServer::forgetCalls()
{
    const std::lock_guard lock(m_mutex);
    m_calls.clear();
}

void SourceServer::acceptLoop()
{
    while (m_listener.waitFor(false, Clock::now() + forever, m_stopFd) != Socket::Wait::Stopped) {
        Socket socket(::accept4(m_listener.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!socket.valid())
            continue;
        ++m_connections;
        m_workers.emplace_back([this, accepted = std::move(socket)]() mutable { serve(std::move(accepted)); });
    }
}

void SourceServer::serve(Socket socket)
{
    std::string bytes;
    while (!m_down) {
        auto call = parse(bytes);
        if (!call) {
            if (socket.receive(bytes, Clock::now() + forever, m_stopFd) != Socket::Got::Bytes)
                return;
            continue;
        }
        const int running = ++m_underWay;
        for (int most = m_most; running > most && !m_most.compare_exchange_weak(most, running);) {
        }
        // Waiting for bytes that do not come, so that the end of the server ends it.
        std::string none;
        const Ms wait = m_hanging ? forever : Ms(m_delay);
        if (wait > Ms(0) && socket.receive(none, Clock::now() + wait, m_stopFd) != Socket::Got::TimedOut) {
            --m_underWay;
            return;
        }
        SourceReply now;
        if (!m_down) {
            const std::lock_guard lock(m_mutex);
            m_calls.push_back(*call);
            now = m_reply ? *m_reply : answer(*call);
        }
        --m_underWay;
        if (m_down || !reply(socket, now))
            return;
    }
}

bool SourceServer::reply(Socket &socket, const SourceReply &reply) const
{
    const std::string body = reply.raw.empty() ? reply.body.dump() : reply.raw;
    std::string bytes = "HTTP/1.1 " + std::to_string(reply.status) + " X\r\ncontent-type: application/json\r\n";
    for (const auto &[name, value] : reply.headers)
        bytes += name + ": " + value + "\r\n";
    bytes += "content-length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    return socket.send(bytes, Clock::now() + Ms(20000), m_stopFd) == bytes.size();
}

} // namespace keymux::testing
