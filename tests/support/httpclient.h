// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "support/behaviour.h"

#include <functional>
#include <memory>

namespace keymux::testing {

/// Where a server listens, read from `http://127.0.0.1:4000`.
struct Address {
    std::string host;
    std::uint16_t port = 0;

    static Address of(const std::string &url);
};

struct HttpResponse {
    int status = 0;  ///< 0: no answer came
    Headers headers; ///< lower-case names
    std::string body;
    bool complete = false; ///< the body came whole
    std::string error;     ///< why not
    Ms took{0};

    std::string_view header(std::string_view name) const;
};

/// A piece of a body and when it arrived.
struct Arrival {
    Moment at;
    std::string bytes;
};

/// An answer that is read as it comes. Closing it in the middle is what a client does that leaves.
class HttpStream {
public:
    /// Sends a request and reads the head of the answer. `receiveBuffer` is the socket's, in bytes; 0 leaves it.
    static HttpStream open(const std::string &baseUrl, const std::string &method, const std::string &path,
                           const Headers &headers = {}, const std::string &body = {}, Ms timeout = Ms(30000),
                           int receiveBuffer = 0);

    const HttpResponse &head() const { return m_response; }
    /// The next piece of the body with transfer coding taken off; nothing at its end, or when the time ran out.
    std::optional<Arrival> next(Ms timeout = Ms(30000));
    /// The next server-sent event with its blank line.
    std::optional<Arrival> nextEvent(Ms timeout = Ms(30000));
    /// All that is left, as text.
    std::string rest(Ms timeout = Ms(30000));
    /// True when the body came whole.
    bool complete() const { return m_response.complete; }
    bool closedByPeer() const { return m_closed; }
    void close() { m_socket.close(); }
    void reset() { m_socket.reset(); }

private:
    friend class HttpClient;
    bool send(const std::string &baseUrl, const std::string &method, const std::string &path, const Headers &headers,
              const std::string &body, Moment deadline);
    bool readHead(Moment deadline);
    bool fill(Moment deadline);
    std::optional<std::string> line(Moment deadline);
    std::optional<std::string> nextChunk(Moment deadline);
    std::optional<std::string> nextPlain(Moment deadline);

    Socket m_socket;
    std::string m_buffer; ///< read but not yet taken
    std::string m_events; ///< body text not yet taken by nextEvent
    HttpResponse m_response;
    std::int64_t m_left = -1; ///< bytes of the body to come; -1: chunked or until the end
    bool m_chunked = false, m_closed = false;
};

/// A blocking client of one server that keeps its connection.
class HttpClient {
public:
    explicit HttpClient(std::string baseUrl, Headers headers = {});

    HttpResponse request(const std::string &method, const std::string &path, const std::string &body = {},
                         const Headers &headers = {}, Ms timeout = Ms(60000));
    HttpResponse get(const std::string &path) { return request("GET", path); }
    HttpResponse post(const std::string &path, const std::string &body, const Headers &headers = {})
    {
        return request("POST", path, body, headers);
    }
    HttpStream stream(const std::string &path, const std::string &body, int receiveBuffer = 0) const;

private:
    std::string m_baseUrl;
    Headers m_headers;
    HttpStream m_connection;
};

/// A bare connection, for bytes that no client would send.
class RawConnection {
public:
    explicit RawConnection(const std::string &baseUrl, int receiveBuffer = 0);
    /// False when the peer would not take all of it in time.
    bool send(std::string_view bytes, Ms timeout = Ms(10000));
    /// All that comes until the peer closes; `closed` tells whether it did.
    std::string readUntilClose(Ms timeout = Ms(10000));
    /// What comes until the text is there, or the end.
    std::string readUntil(std::string_view text, Ms timeout = Ms(10000));
    bool closed() const { return m_closed; }
    Socket &socket() { return m_socket; }

private:
    Socket m_socket;
    bool m_closed = false;
};

/// Sends `count` requests over `threads` connections as fast as they are answered; answers by index.
std::vector<HttpResponse> burst(int count, int threads, const std::function<HttpResponse(HttpClient &, int)> &send,
                                const std::function<HttpClient()> &client);

/// A chat request as clients send it.
std::string chatBody(const std::string &model, bool stream = false, const std::string &extra = {});

} // namespace keymux::testing
