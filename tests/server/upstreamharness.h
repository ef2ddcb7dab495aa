// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/httpclient.h"
#include "support/scriptedupstream.h"
#include "support/show.h"
#include "upstream/upstreamclient.h"

#include <atomic>
#include <functional>
#include <mutex>
#include <sys/socket.h>
#include <thread>

namespace keymux::testing {

inline constexpr const char *plantedSecret = "planted-secret-0123456789";

/// Keeps what a call told, and does what the test wants at each step.
class Recorder : public UpstreamObserver {
public:
    int sent = 0, heads = 0, status = 0;
    std::vector<NamedValue> headers;
    std::string body;
    std::int64_t bytes = 0;
    std::optional<UpstreamEnd> end;
    int ends = 0;
    std::unique_ptr<keymux::UpstreamCall> call;
    bool keepBody = true;
    std::function<void()> onSent, onHead, onData, onEnd;

    bool done() const { return end.has_value(); }
    bool complete() const { return end && end->complete; }
    std::string header(std::string_view name) const
    {
        for (const auto &[key, value] : headers)
            if (key == name)
                return value;
        return {};
    }

private:
    static void tell(const std::function<void()> &listener)
    {
        if (const auto copy = listener)
            copy();
    }
    void upstreamSent() override
    {
        ++sent;
        tell(onSent);
    }
    void upstreamHead(int code, const std::vector<NamedValue> &all) override
    {
        ++heads;
        status = code;
        headers = all;
        tell(onHead);
    }
    void upstreamData(std::string_view piece) override
    {
        bytes += std::int64_t(piece.size());
        if (keepBody)
            body += piece;
        tell(onData);
    }
    void upstreamDone(const UpstreamEnd &how) override
    {
        end = how;
        ++ends;
        tell(onEnd);
    }
};

/// A chat request to that base URL, with a secret in the header providers want it in.
inline UpstreamRequest chatRequest(const std::string &baseUrl, const std::string &body = chatBody("gemini-2.0-flash"))
{
    auto owner = std::make_shared<const std::string>(body);
    UpstreamRequest request;
    request.url = baseUrl + "/chat/completions";
    request.headers = {{"content-type", "application/json"}};
    request.credentialHeader = "Authorization: Bearer ";
    request.credential = std::make_shared<const Secret>(std::string(plantedSecret));
    request.body = {std::string_view(*owner)};
    request.bodyOwner = owner;
    request.timeouts = {Millis(5000), Millis(20000), Millis(20000)};
    return request;
}

/// A server of which the test writes every byte: `serve` runs for each connection, one after another, and is told its
/// number, the first being 0.
class WireServer {
public:
    explicit WireServer(std::function<void(Socket &, int)> serve) : m_serve(std::move(serve))
    {
        m_thread = std::thread([this] { run(); });
    }
    ~WireServer()
    {
        m_stop = true;
        Socket::connected("127.0.0.1", m_listener.port()).close();
        m_thread.join();
    }
    WireServer(const WireServer &) = delete;
    WireServer &operator=(const WireServer &) = delete;

    std::uint16_t port() const { return m_listener.port(); }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
    int connections() const { return m_connections; }

    /// A whole request with a body of known length; empty when the connection ended first.
    static std::string readRequest(Socket &socket, Ms timeout = Ms(10000))
    {
        const Moment deadline = Clock::now() + timeout;
        std::string text;
        for (;;) {
            const auto end = text.find("\r\n\r\n");
            if (end != std::string::npos) {
                const auto at = text.find("Content-Length: ");
                const std::size_t length = at < end ? std::stoul(text.substr(at + 16)) : 0;
                if (text.size() >= end + 4 + length)
                    return text;
            }
            if (socket.receive(text, deadline) != Socket::Got::Bytes)
                return {};
        }
    }
    static bool say(Socket &socket, std::string_view bytes)
    {
        return socket.send(bytes, Clock::now() + Ms(10000)) == bytes.size();
    }
    /// Waits until the other side has closed.
    static bool waitForClose(Socket &socket, Ms timeout = Ms(10000))
    {
        const Moment deadline = Clock::now() + timeout;
        std::string ignored;
        Socket::Got got = Socket::Got::Bytes;
        while (got == Socket::Got::Bytes)
            got = socket.receive(ignored, deadline);
        return got == Socket::Got::Closed || got == Socket::Got::Failed;
    }

private:
    void run()
    {
        for (;;) {
            m_listener.waitFor(false, Clock::now() + Ms(600000));
            Socket socket(::accept4(m_listener.fd(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
            if (m_stop)
                return;
            if (socket.valid())
                m_serve(socket, m_connections++);
        }
    }

    Socket m_listener = Socket::listening();
    std::function<void(Socket &, int)> m_serve;
    std::atomic<int> m_connections = 0;
    std::atomic<bool> m_stop = false;
    std::thread m_thread;
};

} // namespace keymux::testing
