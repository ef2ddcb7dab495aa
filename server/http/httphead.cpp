// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/httphead.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace keymux {

namespace {

constexpr std::size_t maxHeaders = 256;
constexpr std::size_t maxTarget = 16 << 10;
constexpr std::array methods{std::string_view("GET"),   std::string_view("POST"),   std::string_view("PUT"),
                             std::string_view("PATCH"), std::string_view("DELETE"), std::string_view("OPTIONS"),
                             std::string_view("HEAD")};

tl::unexpected<HttpProblem> refuse(int status, std::string message, std::string code = "invalid_request_error")
{
    return tl::unexpected(HttpProblem{status, std::move(code), std::move(message)});
}

bool isTokenByte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool isToken(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), isTokenByte);
}

/// Visible characters, spaces and tabs; bytes above 127 are let through as HTTP does.
bool isFieldValue(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
}

std::string lower(std::string_view text)
{
    std::string result(text);
    for (char &c : result)
        c = c >= 'A' && c <= 'Z' ? char(c + 32) : c;
    return result;
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

int hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    const char l = char(c | 32);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

/// Percent-decoded; absent for a broken escape or a control character.
std::optional<std::string> decodedPath(std::string_view path, bool &escapedSlash)
{
    std::string out;
    out.reserve(path.size());
    for (std::size_t i = 0; i < path.size(); ++i) {
        char c = path[i];
        if (c == '%') {
            if (i + 2 >= path.size() || hexDigit(path[i + 1]) < 0 || hexDigit(path[i + 2]) < 0)
                return std::nullopt;
            c = char(hexDigit(path[i + 1]) << 4 | hexDigit(path[i + 2]));
            i += 2;
            escapedSlash = escapedSlash || c == '/';
        }
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            return std::nullopt;
        out += c;
    }
    return out;
}

/// Reads one head, line by line.
class HeadReader {
public:
    explicit HeadReader(std::string_view block) : m_rest(block) {}

    tl::expected<HttpHead, HttpProblem> read()
    {
        if (auto problem = requestLine())
            return tl::unexpected(*problem);
        while (auto text = line()) {
            if (text->empty())
                break;
            if (auto problem = header(*text))
                return tl::unexpected(*problem);
        }
        if (m_broken)
            return refuse(400, "A line of the request's head does not end with CR LF.");
        if (auto problem = framing())
            return tl::unexpected(*problem);
        return std::move(m_head);
    }

private:
    using MaybeProblem = std::optional<HttpProblem>;
    static MaybeProblem problem(int status, std::string message, std::string code = "invalid_request_error")
    {
        return HttpProblem{status, std::move(code), std::move(message)};
    }

    std::optional<std::string_view> line()
    {
        const std::size_t end = m_rest.find('\n');
        if (end == std::string_view::npos)
            return std::nullopt;
        if (end == 0 || m_rest[end - 1] != '\r') {
            m_broken = true;
            return std::nullopt;
        }
        const std::string_view text = m_rest.substr(0, end - 1);
        m_rest.remove_prefix(end + 1);
        return text;
    }

    MaybeProblem requestLine()
    {
        const auto text = line();
        if (!text)
            return problem(400, "The request line does not end with CR LF.");
        const std::size_t first = text->find(' '), last = text->rfind(' ');
        if (first == std::string_view::npos || last == first)
            return problem(400, "The request line must be METHOD TARGET HTTP/1.1.");
        const std::string_view method = text->substr(0, first), target = text->substr(first + 1, last - first - 1),
                               version = text->substr(last + 1);
        if (version != "HTTP/1.1" && version != "HTTP/1.0")
            return problem(version.starts_with("HTTP/") ? 505 : 400, "Only HTTP/1.1 and HTTP/1.0 are spoken here.");
        m_head.request.http10 = version == "HTTP/1.0";
        if (!isToken(method))
            return problem(400, "The request method is malformed.");
        if (std::find(methods.begin(), methods.end(), method) == methods.end())
            return noSuchMethod();
        m_head.request.method = method;
        return readTarget(target);
    }

    static MaybeProblem noSuchMethod()
    {
        MaybeProblem found = problem(405, "There is no such method here.", "method_not_allowed");
        for (const std::string_view method : methods)
            (found->allow += found->allow.empty() ? "" : ", ") += method;
        return found;
    }

    MaybeProblem readTarget(std::string_view target)
    {
        if (target.size() > maxTarget)
            return problem(431, "The request target is longer than 16 KiB.");
        // The absolute form that proxies use names the host again; only its path matters here.
        for (std::string_view scheme : {"http://", "https://"}) {
            if (!target.starts_with(scheme))
                continue;
            const std::size_t slash = target.find('/', scheme.size());
            target = slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
        }
        const bool visible = std::all_of(target.begin(), target.end(),
                                         [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
        if (target.empty() || (target.front() != '/' && target != "*") || !visible)
            return problem(400, "The request target must be a path.");
        const std::size_t question = target.find('?');
        auto path = decodedPath(target.substr(0, question), m_head.request.escapedSlash);
        if (!path)
            return problem(400, "The request target has a broken percent escape.");
        m_head.request.path = std::move(*path);
        if (question != std::string_view::npos)
            m_head.request.query = target.substr(question + 1);
        return std::nullopt;
    }

    MaybeProblem header(std::string_view text)
    {
        const std::size_t colon = text.find(':');
        if (colon == std::string_view::npos || !isToken(text.substr(0, colon)))
            return problem(400, "A header line must be Name: value, without a space before the colon or folded lines.");
        const std::string_view value = trimmed(text.substr(colon + 1));
        if (!isFieldValue(value))
            return problem(400, "A header's value holds control characters.");
        if (m_head.request.headers.size() >= maxHeaders)
            return problem(431, "The request has more than 256 headers.");
        m_head.request.headers.emplace_back(lower(text.substr(0, colon)), std::string(value));
        return note(m_head.request.headers.back().first, value);
    }

    MaybeProblem note(const std::string &name, std::string_view value)
    {
        if (name == "content-length")
            return contentLength(value);
        if (name == "transfer-encoding") {
            if (m_head.chunked || lower(value) != "chunked")
                return problem(501, "The only transfer encoding understood here is chunked.");
            m_head.chunked = true;
        } else if (name == "host") {
            if (std::exchange(m_hasHost, true))
                return problem(400, "There are two Host headers.");
        } else if (name == "connection") {
            m_connection += ',' + lower(value);
        } else if (name == "expect") {
            if (lower(value) != "100-continue")
                return problem(417, "The only expectation that can be met is 100-continue.");
            m_head.expectsContinue = true;
        } else if (name == "content-encoding") {
            if (lower(value) != "identity")
                return problem(415, "Send the body without Content-Encoding.", "unsupported_content_encoding");
        }
        return std::nullopt;
    }

    MaybeProblem contentLength(std::string_view value)
    {
        std::int64_t length = 0;
        const bool digits = !value.empty() && value.size() <= 18 &&
                            std::all_of(value.begin(), value.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!digits || std::exchange(m_hasLength, true))
            return problem(400, "Content-Length must be there once, as a decimal number.");
        std::from_chars(value.data(), value.data() + value.size(), length);
        m_head.contentLength = length;
        return std::nullopt;
    }

    MaybeProblem framing()
    {
        if (m_hasLength && m_head.chunked)
            return problem(400, "Content-Length and Transfer-Encoding exclude each other.");
        if (m_head.request.http10 && m_head.chunked)
            return problem(400, "HTTP/1.0 has no Transfer-Encoding.");
        if (!m_head.request.http10 && !m_hasHost)
            return problem(400, "HTTP/1.1 needs a Host header.");
        if (m_head.request.http10)
            m_head.expectsContinue = false; // it knows no interim answers
        m_head.keepAlive = !m_head.request.http10 && m_connection.find("close") == std::string::npos;
        return std::nullopt;
    }

    std::string_view m_rest;
    HttpHead m_head;
    std::string m_connection;
    bool m_hasHost = false, m_hasLength = false, m_broken = false;
};

} // namespace

std::string_view HttpRequest::header(std::string_view name) const
{
    for (const auto &[key, value] : headers) {
        if (key == name)
            return value;
    }
    return {};
}

tl::expected<HttpHead, HttpProblem> readHttpHead(std::string_view block)
{
    return HeadReader(block).read();
}

} // namespace keymux
