// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/adminrouter.h"

#include <QByteArray>
#include <algorithm>

namespace keymux {

namespace {

std::vector<std::string> segmentsOf(std::string_view path)
{
    std::vector<std::string> segments;
    if (path.starts_with('/'))
        path.remove_prefix(1);
    while (true) {
        const std::size_t slash = path.find('/');
        segments.emplace_back(path.substr(0, slash));
        if (slash == std::string_view::npos)
            return segments;
        path.remove_prefix(slash + 1);
    }
}

bool isParameter(std::string_view segment)
{
    return segment.starts_with('{') && segment.ends_with('}');
}

/// A path that means something else to another program than to this one names nothing here.
bool isPlain(const HttpRequest &request, const std::vector<std::string> &segments)
{
    return request.path.starts_with('/') && !request.escapedSlash &&
           std::none_of(segments.begin(), segments.end(),
                        [](const std::string &s) { return s.empty() || s == "." || s == ".."; });
}

/// RFC 3986 escapes, and `+` for a space as forms write it.
std::string decoded(std::string_view text)
{
    QByteArray bytes(text.data(), qsizetype(text.size()));
    bytes.replace('+', ' ');
    return QByteArray::fromPercentEncoding(bytes).toStdString();
}

std::vector<std::pair<std::string, std::string>> queryOf(std::string_view raw)
{
    std::vector<std::pair<std::string, std::string>> query;
    while (!raw.empty()) {
        const std::string_view part = raw.substr(0, raw.find('&'));
        raw.remove_prefix(std::min(raw.size(), part.size() + 1));
        if (part.empty())
            continue;
        const std::size_t equals = part.find('=');
        query.emplace_back(decoded(part.substr(0, equals)),
                           equals == std::string_view::npos ? std::string() : decoded(part.substr(equals + 1)));
    }
    return query;
}

/// The scheme's name is case-insensitive (RFC 9110).
std::string_view bearerOf(const HttpRequest &request)
{
    constexpr std::string_view scheme = "bearer ";
    const std::string_view value = request.header("authorization");
    if (value.size() <= scheme.size() || !std::equal(scheme.begin(), scheme.end(), value.begin(), [](char a, char b) {
            return a == (b >= 'A' && b <= 'Z' ? char(b + 32) : b);
        }))
        return {};
    return value.substr(scheme.size());
}

} // namespace

std::string_view AdminRequest::parameter(std::string_view name) const
{
    for (const auto &[key, value] : parameters) {
        if (key == name)
            return value;
    }
    return {};
}

std::optional<std::string_view> AdminRequest::queryValue(std::string_view name) const
{
    for (const auto &[key, value] : query) {
        if (key == name)
            return value;
    }
    return std::nullopt;
}

void AdminRouter::add(std::string method, std::string_view pattern, Handler handler, AdminRouteOptions options)
{
    addTakeOver(
        std::move(method), pattern,
        [handler = std::move(handler)](const AdminRequest &request, std::unique_ptr<HttpExchange> exchange) {
            const AdminReply reply = handler(request);
            AdminAnswer(std::move(exchange)).send(reply);
        },
        options);
}

void AdminRouter::addDeferred(std::string method, std::string_view pattern, DeferredHandler handler,
                              AdminRouteOptions options)
{
    addTakeOver(
        std::move(method), pattern,
        [handler = std::move(handler)](const AdminRequest &request, std::unique_ptr<HttpExchange> exchange) {
            handler(request, AdminAnswer(std::move(exchange)));
        },
        options);
}

void AdminRouter::addTakeOver(std::string method, std::string_view pattern, TakeOverHandler handler,
                              AdminRouteOptions options)
{
    Route route{std::move(method), std::string(pattern), segmentsOf(pattern), std::move(handler), options};
    route.hasParameters = std::any_of(route.segments.begin(), route.segments.end(), isParameter);
    m_routes.push_back(std::move(route));
}

std::vector<std::pair<std::string, std::string>> AdminRouter::routes() const
{
    std::vector<std::pair<std::string, std::string>> list;
    for (const Route &route : m_routes)
        list.emplace_back(route.method, route.pattern);
    return list;
}

AdminRouter::Match AdminRouter::find(const HttpRequest &request) const
{
    Match match;
    const std::vector<std::string> segments = segmentsOf(request.path);
    if (!isPlain(request, segments))
        return match;
    for (const bool withParameters : {false, true}) {
        for (const Route &route : m_routes) {
            if (route.hasParameters != withParameters || route.segments.size() != segments.size() ||
                !std::equal(segments.begin(), segments.end(), route.segments.begin(),
                            [](const std::string &s, const std::string &p) { return s == p || isParameter(p); }))
                continue;
            match.allow += (match.allow.empty() ? "" : ", ") + route.method;
            match.access = route.options.access;
            if (match.route || route.method != request.method)
                continue;
            match.route = &route;
            for (std::size_t i = 0; i < segments.size(); ++i) {
                if (isParameter(route.segments[i]))
                    match.parameters.emplace_back(route.segments[i].substr(1, route.segments[i].size() - 2),
                                                  segments[i]);
            }
        }
        if (!match.allow.empty())
            return match;
    }
    return match;
}

bool AdminRouter::isAuthorized(const HttpRequest &request, AdminAccess access) const
{
    const std::string_view token = bearerOf(request);
    if (token.empty())
        return false;
    if (m_token.equals(token))
        return true;
    return access == AdminAccess::TokenOrMetrics && m_metricsToken && !m_metricsToken->empty() &&
           m_metricsToken->equals(token);
}

AdminReply AdminRouter::refuseToken(const AdminRequest &request)
{
    const std::string_view token = bearerOf(request.http);
    if (!token.empty()) {
        if (const auto wait = m_throttle.wrong(request.address, request.now)) {
            AdminReply reply =
                errorReply(429, "too_many_wrong_tokens",
                           "Too many wrong tokens came from this address; the right one is still taken.");
            reply.headers.emplace_back("retry-after", std::to_string((wait->count() + 999) / 1000));
            return reply;
        }
    }
    AdminReply reply =
        token.starts_with("sk-")
            ? errorReply(401, "invalid_admin_token",
                         "This looks like a virtual key, which opens the client listener only. The admin API needs the "
                         "admin token: what is in STATE/admin-token.")
            : errorReply(401, "invalid_admin_token",
                         "This needs the admin token: `Authorization: Bearer` and what is in STATE/admin-token.");
    reply.headers.emplace_back("www-authenticate", "Bearer");
    reply.headers.emplace_back("x-should-retry", "false");
    return reply;
}

void AdminRouter::handle(std::unique_ptr<HttpExchange> exchange)
{
    const HttpRequest &http = exchange->request();
    Match match = find(http);
    AdminRequest request{
        .http = http,
        .parameters = std::move(match.parameters),
        .query = queryOf(http.query),
        .address = clientAddress(http.peer.toString().toStdString(), http.header("x-forwarded-for"), m_trustedProxies),
        .now = m_now(),
        .authorized = isAuthorized(http, match.access)};
    const auto refuse = [&](const AdminReply &reply) { AdminAnswer(std::move(exchange)).send(reply); };
    // Who has no token learns nothing of what there is.
    if (!request.authorized && (!match.route || match.access != AdminAccess::Public)) {
        refuse(refuseToken(request));
    } else if (match.allow.empty()) {
        refuse(errorReply(404, "not_found",
                          "There is no such path on the admin listener; docs/API.md lists those there are."));
    } else if (!match.route) {
        AdminReply reply = errorReply(405, "method_not_allowed", "This path takes " + match.allow + ".");
        reply.headers.emplace_back("allow", match.allow);
        refuse(reply);
    } else if (http.body.size() > match.route->options.maxBodyBytes) {
        refuse(errorReply(413, "request_too_large",
                          "The body of this request may have at most " +
                              std::to_string(match.route->options.maxBodyBytes) + " bytes."));
    } else {
        match.route->handler(request, std::move(exchange));
    }
}

} // namespace keymux
