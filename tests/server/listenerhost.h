// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/listener.h"
#include "support/httpclient.h"
#include "support/show.h"

#include <QFile>
#include <QThread>
#include <condition_variable>
#include <cstdio>
#include <functional>
#include <list>
#include <mutex>

namespace keymux::testing {

/// A request as the handler saw it.
struct SeenRequest {
    std::string method, path, query, body, id;
};

/// The real listener on a thread of its own, so that tests may talk to it with blocking sockets. It answers every
/// request with `METHOD PATH BODY`, except for `/hold…`, which waits for release().
class ListenerHost {
public:
    explicit ListenerHost(ListenerLimits limits = {})
    {
        m_context.moveToThread(&m_thread);
        m_thread.start();
        run([&] {
            m_listener = std::make_unique<Listener>(
                limits, [this](std::unique_ptr<HttpExchange> exchange) { handle(std::move(exchange)); },
                [](int status, std::string_view code, std::string_view) {
                    return "{\"status\":" + std::to_string(status) + ",\"code\":\"" + std::string(code) + "\"}";
                },
                m_open);
            m_address = *ListenAddress::parse("127.0.0.1:0");
            auto socket = ListeningSocket::open(m_address, false);
            m_listening = socket && m_listener->listen(std::move(*socket)).has_value();
        });
    }
    ~ListenerHost()
    {
        run([this] {
            m_held.clear();
            m_listener.reset();
        });
        m_thread.quit();
        m_thread.wait();
    }

    bool listening() const { return m_listening; }
    std::string url() const { return "http://" + m_address.toString(); }
    int open() const { return m_open->load(); }
    Listener &listener() { return *m_listener; }

    /// Runs on the listener's thread and waits for it.
    void run(const std::function<void()> &work)
    {
        QMetaObject::invokeMethod(
            &m_context, [&] { work(); }, Qt::BlockingQueuedConnection);
    }
    /// Replaces what is done with a request.
    void onRequest(std::function<void(std::unique_ptr<HttpExchange>)> handler)
    {
        run([&] { m_handler = std::move(handler); });
    }

    bool waitForRequests(std::size_t count, Ms timeout = Ms(10000))
    {
        return wait([&] { return m_seen.size() >= count; }, timeout);
    }
    bool waitForClientsGone(int count, Ms timeout = Ms(10000))
    {
        return wait([&] { return m_gone >= count; }, timeout);
    }
    std::vector<SeenRequest> seen() const
    {
        const std::lock_guard lock(m_mutex);
        return m_seen;
    }
    /// Answers what `/hold` kept, the oldest first.
    void release()
    {
        run([this] {
            const auto held = std::move(m_held);
            m_held.clear();
            for (const auto &exchange : held)
                exchange->sendAll(200, {}, "held " + exchange->request().path);
        });
    }

private:
    bool wait(const std::function<bool()> &condition, Ms timeout)
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, timeout, condition);
    }

    void handle(std::unique_ptr<HttpExchange> exchange)
    {
        const HttpRequest &request = exchange->request();
        {
            const std::lock_guard lock(m_mutex);
            m_seen.push_back({request.method, request.path, request.query, request.body.toStdString(), request.id});
        }
        m_changed.notify_all();
        QObject::connect(exchange.get(), &HttpExchange::clientGone, &m_context, [this] {
            const std::lock_guard lock(m_mutex);
            ++m_gone;
            m_changed.notify_all();
        });
        if (m_handler)
            m_handler(std::move(exchange));
        else if (request.path.starts_with("/hold"))
            m_held.push_back(std::move(exchange));
        else
            exchange->sendAll(200, {{"content-type", "text/plain"}},
                              request.method + ' ' + request.path + ' ' + request.body.toStdString());
    }

    QThread m_thread;
    QObject m_context; ///< lives in the thread
    std::shared_ptr<std::atomic<int>> m_open = std::make_shared<std::atomic<int>>(0);
    std::unique_ptr<Listener> m_listener;
    ListenAddress m_address;
    bool m_listening = false;
    std::function<void(std::unique_ptr<HttpExchange>)> m_handler;
    std::list<std::unique_ptr<HttpExchange>> m_held;
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<SeenRequest> m_seen;
    int m_gone = 0;
};

/// Sends the bytes on a connection of their own and reads until the listener closes it, which it must.
inline std::string answersTo(const ListenerHost &host, const std::string &bytes)
{
    RawConnection raw(host.url());
    raw.send(bytes);
    const std::string answer = raw.readUntilClose();
    return raw.closed() ? answer : "NOT CLOSED " + answer;
}

/// The statuses in the order in which they came.
inline std::string statusesIn(const std::string &answers)
{
    std::string statuses;
    for (auto at = answers.find("HTTP/1.1 "); at != std::string::npos; at = answers.find("HTTP/1.1 ", at + 1))
        statuses += (statuses.empty() ? "" : " ") + answers.substr(at + 9, 3);
    return statuses;
}

/// Resident memory of this process.
inline std::int64_t residentBytes()
{
    QFile file(QStringLiteral("/proc/self/statm"));
    const qint64 resident = file.open(QIODevice::ReadOnly) ? file.readAll().split(' ').at(1).toLongLong() : -1;
    return resident * 4096;
}

} // namespace keymux::testing
