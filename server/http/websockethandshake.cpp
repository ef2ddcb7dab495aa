// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/websocketframing.h"

#include <QByteArray>
#include <QCryptographicHash>
#include <algorithm>

namespace keymux {

namespace {

std::string lower(std::string_view text)
{
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return result;
}

/// Whether a list of words, separated by commas, holds that one.
bool hasWord(std::string_view list, std::string_view word)
{
    const std::string text = lower(list);
    for (std::size_t from = 0; from <= text.size();) {
        const std::size_t end = std::min(text.find(',', from), text.size());
        std::string_view item = std::string_view(text).substr(from, end - from);
        item.remove_prefix(std::min(item.find_first_not_of(" \t"), item.size()));
        item = item.substr(0, item.find_last_not_of(" \t") + 1);
        if (item == word)
            return true;
        from = end + 1;
    }
    return false;
}

/// Headers with rules of their own must be there once: two of them could be read differently.
std::optional<std::string_view> only(const HttpRequest &request, std::string_view name)
{
    std::optional<std::string_view> found;
    for (const auto &[key, value] : request.headers) {
        if (key != name)
            continue;
        if (found)
            return std::nullopt;
        found = value;
    }
    return found;
}

bool isKey(std::string_view key)
{
    const auto decoded = QByteArray::fromBase64Encoding(QByteArray(key.data(), qsizetype(key.size())),
                                                        QByteArray::AbortOnBase64DecodingErrors);
    return key.size() == 24 && decoded && decoded.decoded.size() == 16;
}

/// `host:port` without the port that the scheme has anyway.
std::string hostOf(std::string_view authority, std::string_view scheme)
{
    std::string host = lower(authority);
    const std::string_view port = scheme == "https" ? ":443" : ":80";
    if (host.ends_with(port))
        return host.substr(0, host.size() - port.size());
    return host;
}

bool isSameHost(std::string_view origin, std::string_view host)
{
    const std::size_t colon = origin.find("://");
    if (colon == std::string_view::npos || host.empty())
        return false;
    const std::string scheme = lower(origin.substr(0, colon));
    if (scheme != "http" && scheme != "https")
        return false;
    return hostOf(origin.substr(colon + 3), scheme) == hostOf(host, scheme);
}

} // namespace

std::string webSocketAccept(std::string_view key)
{
    QByteArray text(key.data(), qsizetype(key.size()));
    text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"; // RFC 6455, 1.3
    return QCryptographicHash::hash(text, QCryptographicHash::Sha1).toBase64().toStdString();
}

std::optional<WebSocketRefusal> webSocketRefusal(const HttpRequest &request)
{
    const bool namesOrigin = std::any_of(request.headers.begin(), request.headers.end(),
                                         [](const auto &header) { return header.first == "origin"; });
    if (namesOrigin && !isSameHost(only(request, "origin").value_or(""), request.header("host")))
        return WebSocketRefusal{403, "origin_not_allowed",
                                "A page of another site may not open this; a program sends no Origin."};
    if (!hasWord(request.header("upgrade"), "websocket"))
        return WebSocketRefusal{426,
                                "upgrade_required",
                                "This path is a websocket: ask with `Upgrade: websocket`.",
                                {{"upgrade", "websocket"}}};
    if (request.http10 || !hasWord(request.header("connection"), "upgrade"))
        return WebSocketRefusal{400, "invalid_request_error",
                                "A websocket begins with HTTP/1.1 and `Connection: Upgrade`."};
    if (only(request, "sec-websocket-version") != std::optional<std::string_view>("13"))
        return WebSocketRefusal{426,
                                "upgrade_required",
                                "This server speaks version 13 of the websocket protocol.",
                                {{"upgrade", "websocket"}, {"sec-websocket-version", "13"}}};
    if (const auto key = only(request, "sec-websocket-key"); !key || !isKey(*key))
        return WebSocketRefusal{400, "invalid_request_error",
                                "`Sec-WebSocket-Key` must be 16 bytes in base64, and be there once."};
    return std::nullopt;
}

} // namespace keymux
