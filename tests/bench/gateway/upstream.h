// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "poller.h"
#include "wire.h"

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <queue>
#include <thread>
#include <unordered_map>

namespace keymux::bench {

/// The fast provider everything is measured against: one thread, epoll, HTTP/1.1 with keep-alive.
class Upstream {
public:
    Upstream();
    ~Upstream();
    Upstream(const Upstream &) = delete;
    Upstream &operator=(const Upstream &) = delete;

    std::uint16_t port() const { return m_port; }
    /// How long the streams asked for from now on are.
    void setStreamLength(int events) { m_streamLength = events; }
    /// What was sent on a stream, without the usage that only a gateway asked for; absent while it runs.
    std::optional<Digest> sentOn(int stream);

private:
    struct Connection;
    struct Due {
        std::int64_t at;
        std::uint64_t connection;
        bool operator>(const Due &other) const { return at > other.at; }
    };

    void run();
    void accept();
    void read(Connection &connection);
    void answer(Connection &connection);
    void startStream(Connection &connection, int number);
    void sendDueEvents();
    void sendEvent(Connection &connection);
    void send(Connection &connection, std::string_view bytes);
    void sendChunk(Connection &connection, std::string_view bytes);
    void armTimer();
    void remove(std::uint64_t id);

    Poller m_poller;
    int m_listener, m_timer, m_stop;
    std::uint16_t m_port;
    std::atomic<int> m_streamLength{500};
    std::uint64_t m_nextId = 3;
    std::unordered_map<std::uint64_t, std::unique_ptr<Connection>> m_connections;
    std::priority_queue<Due, std::vector<Due>, std::greater<>> m_due;
    std::mutex m_mutex;
    std::map<int, Digest> m_sent;
    std::string m_plainAnswer;
    std::thread m_thread;
};

} // namespace keymux::bench
