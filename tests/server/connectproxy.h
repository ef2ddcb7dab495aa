// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/httpclient.h"

#include <atomic>
#include <mutex>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <vector>

namespace keymux::testing {

/// A small HTTP proxy: it opens tunnels for CONNECT, and passes plain requests on to the one port it knows. It writes
/// down the head of each request it was sent.
class ConnectProxy {
public:
    explicit ConnectProxy(std::uint16_t plainPort = 0) : m_plainPort(plainPort)
    {
        m_acceptor = std::thread([this] { accept(); });
    }
    ~ConnectProxy()
    {
        m_stop = true;
        Socket::connected("127.0.0.1", m_listener.port()).close();
        m_acceptor.join();
        for (std::thread &tunnel : m_tunnels)
            tunnel.join();
    }
    ConnectProxy(const ConnectProxy &) = delete;
    ConnectProxy &operator=(const ConnectProxy &) = delete;

    std::string url(const std::string &credentials = {}) const
    {
        return "http://" + credentials + "127.0.0.1:" + std::to_string(m_listener.port());
    }
    std::vector<std::string> heads() const
    {
        const std::lock_guard lock(m_mutex);
        return m_heads;
    }

private:
    void accept()
    {
        for (;;) {
            m_listener.waitFor(false, Clock::now() + Ms(600000));
            Socket client(::accept4(m_listener.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
            if (m_stop)
                return;
            m_tunnels.emplace_back([this, socket = std::move(client)]() mutable { serve(socket); });
        }
    }

    void serve(Socket &client)
    {
        const Moment deadline = Clock::now() + Ms(60000);
        std::string text;
        while (text.find("\r\n\r\n") == std::string::npos) {
            if (client.receive(text, deadline) != Socket::Got::Bytes)
                return;
        }
        {
            const std::lock_guard lock(m_mutex);
            m_heads.push_back(text.substr(0, text.find("\r\n\r\n") + 4));
        }
        const bool tunnel = text.starts_with("CONNECT ");
        const auto port = tunnel ? std::stoi(text.substr(text.find(':') + 1)) : int(m_plainPort);
        Socket server = Socket::connected("127.0.0.1", std::uint16_t(port));
        if (!server.valid())
            return;
        if (tunnel)
            client.send("HTTP/1.1 200 Connection established\r\n\r\n", deadline);
        else
            server.send(text, deadline);
        relay(client, server, deadline);
    }

    void relay(Socket &client, Socket &server, Moment deadline) const
    {
        while (!m_stop && Clock::now() < deadline) {
            pollfd fds[2] = {{client.fd(), POLLIN, 0}, {server.fd(), POLLIN, 0}};
            poll(fds, 2, 50);
            std::string bytes;
            if (fds[0].revents != 0 &&
                (client.receive(bytes, deadline) != Socket::Got::Bytes || server.send(bytes, deadline) < bytes.size()))
                return;
            bytes.clear();
            if (fds[1].revents != 0 &&
                (server.receive(bytes, deadline) != Socket::Got::Bytes || client.send(bytes, deadline) < bytes.size()))
                return;
        }
    }

    Socket m_listener = Socket::listening();
    std::uint16_t m_plainPort;
    std::atomic<bool> m_stop = false;
    mutable std::mutex m_mutex;
    std::vector<std::string> m_heads;
    std::vector<std::thread> m_tunnels;
    std::thread m_acceptor;
};

} // namespace keymux::testing
