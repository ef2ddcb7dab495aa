// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

namespace keymux::bench {

namespace {

enum Tag : std::uint64_t { listenerTag, timerTag, stopTag };
constexpr std::int64_t eventInterval = 20'000'000; ///< 50 a second

} // namespace

struct Upstream::Connection {
    Connection(int descriptor, std::uint64_t name) : fd(descriptor), id(name) {}
    ~Connection() { ::close(fd); }
    Connection(const Connection &) = delete;
    Connection &operator=(const Connection &) = delete;

    int fd;
    std::uint64_t id;
    MessageReader reader;
    std::string body, unsent;
    int stream = -1, eventsLeft = 0;
    std::int64_t due = 0;
    bool wantsUsage = false, gone = false;
    Digest digest;
};

Upstream::Upstream()
    : m_listener(listenLocally()), m_timer(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)),
      m_stop(eventfd(0, EFD_CLOEXEC)), m_port(portOf(m_listener)),
      m_plainAnswer("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                    std::to_string(chatAnswer().size()) + "\r\n\r\n" + chatAnswer())
{
    m_poller.add(m_listener, listenerTag);
    m_poller.add(m_timer, timerTag);
    m_poller.add(m_stop, stopTag);
    m_thread = std::thread([this] { run(); });
}

Upstream::~Upstream()
{
    const std::uint64_t one = 1;
    (void)!::write(m_stop, &one, sizeof one);
    m_thread.join();
    for (const int fd : {m_listener, m_timer, m_stop})
        ::close(fd);
}

std::optional<Digest> Upstream::sentOn(int stream)
{
    const std::lock_guard lock(m_mutex);
    const auto it = m_sent.find(stream);
    return it == m_sent.end() ? std::nullopt : std::optional(it->second);
}

void Upstream::run()
{
    bool stopped = false;
    while (!stopped) {
        m_poller.wait(-1, [&](std::uint64_t tag, std::uint32_t events) {
            if (tag == stopTag) {
                stopped = true;
            } else if (tag == listenerTag) {
                accept();
            } else if (tag == timerTag) {
                sendDueEvents();
            } else if (const auto it = m_connections.find(tag); it != m_connections.end()) {
                Connection &connection = *it->second;
                if ((events & EPOLLOUT) != 0)
                    send(connection, {});
                if ((events & ~std::uint32_t(EPOLLOUT)) != 0)
                    read(connection);
                if (connection.gone)
                    remove(tag);
            }
        });
    }
}

void Upstream::accept()
{
    for (int fd = accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC); fd >= 0;
         fd = accept4(m_listener, nullptr, nullptr, SOCK_CLOEXEC)) {
        makeReady(fd);
        const std::uint64_t id = m_nextId++;
        m_connections.emplace(id, std::make_unique<Connection>(fd, id));
        m_poller.add(fd, id);
    }
}

void Upstream::remove(std::uint64_t id)
{
    m_connections.erase(id);
}

void Upstream::read(Connection &connection)
{
    std::array<char, 16384> bytes;
    const ssize_t n = recv(connection.fd, bytes.data(), bytes.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        connection.gone = true;
        return;
    }
    std::string_view rest(bytes.data(), std::size_t(n));
    while (!rest.empty() && !connection.gone) {
        rest.remove_prefix(connection.reader.feed(rest, connection.body));
        if (connection.reader.complete()) {
            answer(connection);
            connection.reader.next();
            connection.body.clear();
        }
        connection.gone = connection.gone || connection.reader.broken();
    }
}

void Upstream::answer(Connection &connection)
{
    if (const auto number = streamNumberOf(connection.body))
        startStream(connection, *number);
    else
        send(connection, m_plainAnswer);
}

void Upstream::startStream(Connection &connection, int number)
{
    connection.stream = number;
    connection.eventsLeft = m_streamLength;
    connection.wantsUsage = connection.body.find("\"include_usage\":true") != std::string::npos;
    connection.digest = {};
    // Streams do not beat in time: each has a moment of its own within the interval.
    connection.due = nowNs() + std::int64_t(number) * 7'919'017 % eventInterval;
    m_due.push({connection.due, connection.id});
    send(connection, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
    armTimer();
}

void Upstream::armTimer()
{
    itimerspec when{};
    if (!m_due.empty()) {
        const std::int64_t at = std::max<std::int64_t>(1, m_due.top().at);
        when.it_value = {at / 1'000'000'000, at % 1'000'000'000};
    }
    timerfd_settime(m_timer, TFD_TIMER_ABSTIME, &when, nullptr);
}

void Upstream::sendDueEvents()
{
    std::uint64_t expirations = 0;
    (void)!::read(m_timer, &expirations, sizeof expirations);
    while (!m_due.empty() && m_due.top().at <= nowNs()) {
        const Due due = m_due.top();
        m_due.pop();
        if (const auto it = m_connections.find(due.connection); it != m_connections.end())
            sendEvent(*it->second);
    }
    armTimer();
}

void Upstream::sendEvent(Connection &connection)
{
    const bool last = connection.eventsLeft-- <= 0;
    const std::string text = last ? lastStreamEvents() : streamEvent(nowNs());
    connection.digest.feed(text);
    if (!last) {
        sendChunk(connection, text);
        connection.due += eventInterval;
        m_due.push({connection.due, connection.id});
        return;
    }
    {
        const std::lock_guard lock(m_mutex);
        m_sent[connection.stream] = connection.digest;
    }
    const auto done = text.find("data: [DONE]");
    sendChunk(connection, text.substr(0, done));
    if (connection.wantsUsage)
        sendChunk(connection, usageEvent());
    sendChunk(connection, text.substr(done));
    send(connection, "0\r\n\r\n");
}

void Upstream::sendChunk(Connection &connection, std::string_view bytes)
{
    char size[20];
    const int length = snprintf(size, sizeof size, "%zx\r\n", bytes.size());
    std::string chunk(size, std::size_t(length));
    chunk.append(bytes).append("\r\n");
    send(connection, chunk);
}

/// Sends what waits and then this; what the kernel does not take waits for it.
void Upstream::send(Connection &connection, std::string_view bytes)
{
    const bool waited = !connection.unsent.empty();
    if (waited)
        bytes = connection.unsent.append(bytes);
    const ssize_t n = ::send(connection.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) {
        connection.gone = true;
        return;
    }
    std::string rest(bytes.substr(std::size_t(std::max<ssize_t>(n, 0))));
    if (waited != !rest.empty())
        m_poller.change(connection.fd, connection.id, rest.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
    connection.unsent = std::move(rest);
}

} // namespace keymux::bench
