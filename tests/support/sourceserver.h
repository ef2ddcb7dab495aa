// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/behaviour.h"

#include <atomic>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

namespace keymux::testing {

struct SourceCall {
    std::string method, path; ///< the path as it was sent, without its query
    std::map<std::string, std::string> query;
    Headers headers; ///< names lower case
    std::string body;

    std::string header(std::string_view name) const;
    /// Its body as JSON; discarded when it is none.
    nlohmann::json json() const { return nlohmann::json::parse(body, nullptr, false); }
};

struct SourceReply {
    int status = 200;
    nlohmann::json body;
    Headers headers = {};
    std::string raw = {}; ///< instead of `body`, when not empty
};

/// A server of secrets on a free port, with threads of its own. What it answers is up to its heirs; that it is slow,
/// limited, broken or gone is the same for all. Its clock stands still until it is moved.
class SourceServer {
public:
    SourceServer();
    virtual ~SourceServer();
    SourceServer(const SourceServer &) = delete;
    SourceServer &operator=(const SourceServer &) = delete;

    std::uint16_t port() const { return m_port; }
    std::string url() const;

    void setDelay(Ms delay) { m_delay = delay.count(); }
    /// Drops every connection without a word, or no longer.
    void setDown(bool down) { m_down = down; }
    /// Takes requests and never answers them.
    void setHanging(bool hanging) { m_hanging = hanging; }
    /// Answers all that comes with this, until it is cleared.
    void setReply(std::optional<SourceReply> reply);
    void advance(Ms time) { m_now += time.count(); }
    Ms now() const { return Ms(m_now); }

    std::vector<SourceCall> calls() const;
    /// How many calls had this path at its beginning.
    int count(const std::string &path) const;
    int count() const { return count("/"); }
    /// The most requests that were under way at once.
    int mostAtOnce() const { return m_most; }
    int connections() const { return m_connections; }
    void forgetCalls();

protected:
    virtual SourceReply answer(const SourceCall &call) = 0;
    /// To be called first thing in an heir's destructor.
    void stop();

    mutable std::recursive_mutex m_mutex; ///< held while answering

private:
    void acceptLoop();
    void serve(Socket socket);
    bool reply(Socket &socket, const SourceReply &reply) const;

    Socket m_listener;
    std::uint16_t m_port = 0;
    int m_stopFd = -1;
    std::atomic<std::int64_t> m_delay = 0, m_now = 0;
    std::atomic<bool> m_down = false, m_hanging = false;
    std::atomic<int> m_underWay = 0, m_most = 0, m_connections = 0;
    std::optional<SourceReply> m_reply;
    std::vector<SourceCall> m_calls;
    std::list<std::thread> m_workers;
    std::thread m_acceptor;
};

} // namespace keymux::testing
