// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/httpclient.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <thread>

namespace keymux::testing {

namespace {

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    return text;
}

} // namespace

Address Address::of(const std::string &url)
{
    const auto start = url.find("://") == std::string::npos ? 0 : url.find("://") + 3;
    const auto colon = url.find(':', start);
    Address address{url.substr(start, colon - start), 80};
    if (colon != std::string::npos)
        std::from_chars(url.data() + colon + 1, url.data() + url.size(), address.port);
    return address;
}

std::string_view HttpResponse::header(std::string_view name) const
{
    for (const auto &[key, value] : headers)
        if (key == name)
            return value;
    return {};
}

HttpStream HttpStream::open(const std::string &baseUrl, const std::string &method, const std::string &path,
                            const Headers &headers, const std::string &body, Ms timeout, int receiveBuffer)
{
    const Address address = Address::of(baseUrl);
    HttpStream stream;
    stream.m_socket = Socket::connected(address.host, address.port, receiveBuffer);
    if (!stream.m_socket.valid()) {
        stream.m_response.error = "could not connect";
        return stream;
    }
    const Moment deadline = Clock::now() + timeout;
    // A refusal may come before the whole body was taken: the answer is read in any case.
    stream.send(baseUrl, method, path, headers, body, deadline);
    stream.readHead(deadline);
    return stream;
}

bool HttpStream::send(const std::string &baseUrl, const std::string &method, const std::string &path,
                      const Headers &headers, const std::string &body, Moment deadline)
{
    const Address address = Address::of(baseUrl);
    std::string request = method + " " + path + " HTTP/1.1\r\nHost: " + address.host + "\r\n";
    for (const auto &[name, value] : headers)
        request += name + ": " + value + "\r\n";
    if (method != "GET" || !body.empty())
        request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    request += "\r\n";
    request += body;
    m_response = {};
    m_events.clear();
    return m_socket.send(request, deadline) == request.size();
}

bool HttpStream::fill(Moment deadline)
{
    switch (m_socket.receive(m_buffer, deadline)) {
    case Socket::Got::Bytes:
        return true;
    case Socket::Got::TimedOut:
        m_response.error = "timed out";
        return false;
    default:
        break;
    }
    m_closed = true;
    m_response.error = "connection closed";
    return false;
}

std::optional<std::string> HttpStream::line(Moment deadline)
{
    for (;;) {
        if (const auto end = m_buffer.find("\r\n"); end != std::string::npos) {
            std::string text = m_buffer.substr(0, end);
            m_buffer.erase(0, end + 2);
            return text;
        }
        if (!fill(deadline))
            return std::nullopt;
    }
}

bool HttpStream::readHead(Moment deadline)
{
    do {
        m_response.headers.clear();
        const auto status = line(deadline);
        if (!status || status->size() < 12)
            return false;
        m_response.status = std::stoi(status->substr(9, 3));
        for (auto text = line(deadline); text; text = line(deadline)) {
            if (text->empty())
                break;
            const auto colon = text->find(':');
            const auto value = text->find_first_not_of(' ', colon + 1);
            m_response.headers.emplace_back(lower(text->substr(0, colon)),
                                            value == std::string::npos ? std::string() : text->substr(value));
        }
    } while (m_response.status == 100);
    m_chunked = lower(std::string(m_response.header("transfer-encoding"))) == "chunked";
    const std::string length(m_response.header("content-length"));
    m_left = length.empty() ? -1 : std::stoll(length);
    if (m_response.status == 204 || m_response.status == 304)
        m_left = 0;
    m_response.complete = !m_chunked && m_left == 0;
    return true;
}

std::optional<std::string> HttpStream::nextChunk(Moment deadline)
{
    const auto sizeLine = line(deadline);
    if (!sizeLine)
        return std::nullopt;
    std::size_t size = 0;
    std::from_chars(sizeLine->data(), sizeLine->data() + sizeLine->size(), size, 16);
    while (m_buffer.size() < size + 2)
        if (!fill(deadline))
            return std::nullopt;
    std::string bytes = m_buffer.substr(0, size);
    m_buffer.erase(0, size + 2);
    if (size == 0) {
        m_response.complete = true;
        return std::nullopt;
    }
    return bytes;
}

std::optional<std::string> HttpStream::nextPlain(Moment deadline)
{
    if (m_left == 0)
        return std::nullopt;
    if (m_buffer.empty() && !fill(deadline)) {
        m_response.complete = m_left < 0 && m_closed;
        return std::nullopt;
    }
    const std::size_t size = m_left < 0 ? m_buffer.size() : std::min(m_buffer.size(), std::size_t(m_left));
    std::string bytes = m_buffer.substr(0, size);
    m_buffer.erase(0, size);
    if (m_left > 0)
        m_left -= std::int64_t(size);
    m_response.complete = m_left == 0;
    return bytes;
}

std::optional<Arrival> HttpStream::next(Ms timeout)
{
    if (m_response.status == 0 || m_response.complete)
        return std::nullopt;
    const Moment deadline = Clock::now() + timeout;
    auto bytes = m_chunked ? nextChunk(deadline) : nextPlain(deadline);
    if (!bytes)
        return std::nullopt;
    return Arrival{Clock::now(), std::move(*bytes)};
}

std::optional<Arrival> HttpStream::nextEvent(Ms timeout)
{
    for (;;) {
        if (const auto end = m_events.find("\n\n"); end != std::string::npos) {
            Arrival event{Clock::now(), m_events.substr(0, end + 2)};
            m_events.erase(0, end + 2);
            return event;
        }
        auto piece = next(timeout);
        if (!piece)
            return std::nullopt;
        m_events += piece->bytes;
    }
}

std::string HttpStream::rest(Ms timeout)
{
    std::string all = std::move(m_events);
    m_events.clear();
    while (auto piece = next(timeout))
        all += piece->bytes;
    return all;
}

HttpClient::HttpClient(std::string baseUrl, Headers headers)
    : m_baseUrl(std::move(baseUrl)), m_headers(std::move(headers))
{
}

HttpResponse HttpClient::request(const std::string &method, const std::string &path, const std::string &body,
                                 const Headers &headers, Ms timeout)
{
    Headers all = m_headers;
    all.insert(all.end(), headers.begin(), headers.end());
    const Moment start = Clock::now();
    const Moment deadline = start + timeout;
    const bool kept =
        m_connection.m_socket.valid() && m_connection.m_buffer.empty() && !m_connection.m_socket.peerClosed();
    if (kept && m_connection.send(m_baseUrl, method, path, all, body, deadline))
        m_connection.readHead(deadline);
    else
        m_connection = HttpStream::open(m_baseUrl, method, path, all, body, timeout);
    std::string text;
    while (auto piece = m_connection.next(std::chrono::ceil<Ms>(deadline - Clock::now())))
        text += piece->bytes;
    HttpResponse response = m_connection.m_response;
    response.body = std::move(text);
    response.took = std::chrono::duration_cast<Ms>(Clock::now() - start);
    if (!response.complete || lower(std::string(response.header("connection"))) == "close")
        m_connection = {};
    return response;
}

HttpStream HttpClient::stream(const std::string &path, const std::string &body, int receiveBuffer) const
{
    return HttpStream::open(m_baseUrl, "POST", path, m_headers, body, Ms(30000), receiveBuffer);
}

RawConnection::RawConnection(const std::string &baseUrl, int receiveBuffer)
{
    const Address address = Address::of(baseUrl);
    m_socket = Socket::connected(address.host, address.port, receiveBuffer);
}

bool RawConnection::send(std::string_view bytes, Ms timeout)
{
    return m_socket.send(bytes, Clock::now() + timeout) == bytes.size();
}

std::string RawConnection::readUntilClose(Ms timeout)
{
    return readUntil({}, timeout);
}

std::string RawConnection::readUntil(std::string_view text, Ms timeout)
{
    const Moment deadline = Clock::now() + timeout;
    std::string all;
    for (;;) {
        const Socket::Got got = m_socket.receive(all, deadline);
        m_closed = got == Socket::Got::Closed || got == Socket::Got::Failed;
        if (got != Socket::Got::Bytes || (!text.empty() && all.find(text) != std::string::npos))
            return all;
    }
}

std::vector<HttpResponse> burst(int count, int threads, const std::function<HttpResponse(HttpClient &, int)> &send,
                                const std::function<HttpClient()> &client)
{
    std::vector<HttpResponse> answers(std::size_t(std::max(count, 0)));
    std::atomic<int> next = 0;
    std::vector<std::thread> pool;
    for (int i = 0; i < threads; ++i) {
        pool.emplace_back([&] {
            HttpClient own = client();
            for (int n = next++; n < count; n = next++)
                answers[std::size_t(n)] = send(own, n);
        });
    }
    for (std::thread &thread : pool)
        thread.join();
    return answers;
}

std::string chatBody(const std::string &model, bool stream, const std::string &extra)
{
    return R"({"model":")" + model + R"(","messages":[{"role":"user","content":"Say hello."}])" +
           (stream ? R"(,"stream":true)" : "") + (extra.empty() ? "" : "," + extra) + "}";
}

} // namespace keymux::testing
