// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/reply.h"

#include "http/connection.h"

#include <array>
#include <charconv>
#include <ctime>

namespace keymux {

namespace {

/// The Date header, made once a second.
std::string_view httpDate()
{
    thread_local std::time_t made = 0;
    thread_local char text[64];
    thread_local std::size_t length = 0;
    const std::time_t now = std::time(nullptr);
    if (now != made || length == 0) {
        std::tm utc{};
        gmtime_r(&now, &utc);
        length = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
        made = now;
    }
    return {text, length};
}

bool isOneLine(std::string_view text)
{
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

} // namespace

std::string_view reasonPhrase(int status)
{
    switch (status) {
    case 101:
        return "Switching Protocols";
    case 200:
        return "OK";
    case 204:
        return "No Content";
    case 400:
        return "Bad Request";
    case 401:
        return "Unauthorized";
    case 403:
        return "Forbidden";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 408:
        return "Request Timeout";
    case 413:
        return "Content Too Large";
    case 415:
        return "Unsupported Media Type";
    case 417:
        return "Expectation Failed";
    case 426:
        return "Upgrade Required";
    case 422:
        return "Unprocessable Content";
    case 429:
        return "Too Many Requests";
    case 431:
        return "Request Header Fields Too Large";
    case 500:
        return "Internal Server Error";
    case 501:
        return "Not Implemented";
    case 502:
        return "Bad Gateway";
    case 503:
        return "Service Unavailable";
    case 504:
        return "Gateway Timeout";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return status < 400 ? "OK" : "Error";
    }
}

Reply::Reply(Connection *connection, HttpRequest request, bool keepAlive)
    : m_connection(connection), m_request(std::move(request)), m_keepAlive(keepAlive)
{
}

Reply::~Reply()
{
    if (m_connection && !m_finished) {
        m_finished = true;
        m_connection->replyAborted();
    }
}

/// Status line and headers, but for those that frame a body.
std::string Reply::startOfHead(int status, const HeaderList &headers) const
{
    std::string text = "HTTP/1.1 " + std::to_string(status) + ' ';
    text.reserve(512);
    text += reasonPhrase(status);
    text += "\r\ndate: ";
    text += httpDate();
    text += "\r\nx-request-id: ";
    text += m_request.id;
    text += "\r\n";
    for (const auto &[name, value] : headers) {
        if (!isOneLine(name) || !isOneLine(value))
            continue; // what comes from outside must not be able to add a header of its own
        text += name;
        text += ": ";
        text += value;
        text += "\r\n";
    }
    return text;
}

std::string Reply::head(int status, const HeaderList &headers, std::optional<std::int64_t> contentLength)
{
    m_headSent = true;
    m_noBody = m_request.method == "HEAD" || status == 204 || status == 304;
    m_chunked = !contentLength && !m_noBody && !m_request.http10;
    m_keepAlive = m_keepAlive && m_connection->mayKeepAlive() && (contentLength || m_chunked || m_noBody);
    m_bodyLeft = m_noBody ? std::nullopt : contentLength;

    std::string text = startOfHead(status, headers);
    if (m_chunked)
        text += "transfer-encoding: chunked\r\n";
    else if (contentLength && status != 204)
        text += "content-length: " + std::to_string(*contentLength) + "\r\n";
    if (!m_keepAlive)
        text += "connection: close\r\n";
    text += "\r\n";
    return text;
}

void Reply::sendHead(int status, const HeaderList &headers, std::optional<std::int64_t> contentLength)
{
    if (!m_connection || m_headSent || m_finished)
        return;
    const std::string text = head(status, headers, contentLength);
    m_connection->write(text.data(), qint64(text.size()));
}

void Reply::sendBody(std::string_view bytes)
{
    if (!m_connection || m_finished || m_noBody || bytes.empty())
        return;
    if (m_bodyLeft)
        *m_bodyLeft -= std::int64_t(bytes.size());
    if (!m_chunked) {
        m_connection->write(bytes.data(), qint64(bytes.size()));
    } else {
        std::array<char, 20> size;
        char *end = std::to_chars(size.data(), size.data() + 16, bytes.size(), 16).ptr;
        *end++ = '\r';
        *end++ = '\n';
        m_connection->write(size.data(), end - size.data());
        m_connection->write(bytes.data(), qint64(bytes.size()));
        m_connection->write("\r\n", 2);
    }
    m_connection->flush();
}

void Reply::finish()
{
    if (!m_connection || m_finished)
        return;
    m_finished = true;
    if (!m_headSent) {
        m_connection->replyAborted();
        return;
    }
    // An answer shorter than it promised must not be taken for a whole one.
    if (m_bodyLeft.value_or(0) != 0) {
        m_connection->replyAborted();
        return;
    }
    if (m_chunked)
        m_connection->write("0\r\n\r\n", 5);
    m_connection->flush();
    m_connection->replyFinished(m_keepAlive);
}

void Reply::abort()
{
    if (!m_connection || m_finished)
        return;
    m_finished = true;
    m_connection->replyAborted();
}

std::int64_t Reply::pendingBytes() const
{
    return m_connection ? m_connection->pendingBytes() : 0;
}

void Reply::sendAll(int status, const HeaderList &headers, std::string_view body)
{
    if (!m_connection || m_headSent || m_finished)
        return;
    std::string text = head(status, headers, std::int64_t(body.size()));
    if (!m_noBody && body.size() <= (64 << 10)) {
        text += body;
        m_connection->write(text.data(), qint64(text.size()));
    } else {
        m_connection->write(text.data(), qint64(text.size()));
        if (!m_noBody)
            m_connection->write(body.data(), qint64(body.size()));
    }
    m_bodyLeft.reset();
    m_chunked = false;
    finish();
}

void Reply::upgrade(const HeaderList &headers)
{
    if (!m_connection || m_headSent || m_finished)
        return;
    m_headSent = true;
    m_keepAlive = false;
    const std::string text = startOfHead(101, headers) + "\r\n";
    m_connection->write(text.data(), qint64(text.size()));
    m_connection->flush();
    m_connection->upgraded();
}

void Reply::sendShared(std::string_view head, const QByteArray &bytes)
{
    if (!m_connection || m_finished)
        return;
    m_connection->write(head.data(), qint64(head.size()));
    m_connection->write(bytes);
    m_connection->flush();
}

void Reply::connectionGone()
{
    m_connection.clear();
    if (!std::exchange(m_finished, true))
        Q_EMIT clientGone();
}

} // namespace keymux
