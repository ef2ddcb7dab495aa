// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QByteArray>
#include <QHostAddress>
#include <QObject>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keymux {

/// One request as it came in, complete. Header names are lower case; the body is shared, never copied.
struct HttpRequest {
    std::string id; ///< names this request in its answer (`x-request-id`), in logs and traces
    std::string method;
    std::string path;  ///< percent-decoded, without query
    std::string query; ///< raw
    std::vector<std::pair<std::string, std::string>> headers;
    QByteArray body;
    QHostAddress peer;
    bool http10 = false;
    bool escapedSlash = false; ///< the path held a slash written as %2F

    /// The first header of that (lower-case) name, or empty.
    std::string_view header(std::string_view name) const;
};

using HeaderList = std::vector<std::pair<std::string, std::string>>;

/// One request and its answer. Whoever handles the request owns the exchange; destroying it before finish() closes the
/// connection. All calls on the listener's thread. After clientGone() every call is a harmless no-op.
class HttpExchange : public QObject {
    Q_OBJECT

public:
    ~HttpExchange() override = default;

    virtual const HttpRequest &request() const = 0;
    /// Sends status line and headers; `x-request-id` and what frames the body are added. Without a length the body is
    /// chunked (HTTP/1.0: ended by closing).
    virtual void sendHead(int status, const HeaderList &headers, std::optional<std::int64_t> contentLength) = 0;
    /// Sends a piece of the body; may be called many times.
    virtual void sendBody(std::string_view bytes) = 0;
    /// Ends the answer; the connection is kept for the next request when it may be.
    virtual void finish() = 0;
    /// Cuts the connection: the client sees that the answer is not whole.
    virtual void abort() = 0;
    virtual bool headSent() const = 0;
    /// Bytes written but not yet taken by the kernel; the sender stops above a mark of its own and goes on at
    /// drained().
    virtual std::int64_t pendingBytes() const = 0;

    /// Head, body and end in one write.
    virtual void sendAll(int status, const HeaderList &headers, std::string_view body) = 0;

    /// Answers 101 and leaves HTTP behind: from here on sendBody() and sendShared() write bytes as they are, received()
    /// brings what comes, no time of the listener's runs, and finish() closes when all is written.
    virtual void upgrade(const HeaderList &headers) = 0;
    /// `head`, then `bytes` without a copy: what many readers are sent is held in memory once.
    virtual void sendShared(std::string_view head, const QByteArray &bytes) = 0;

Q_SIGNALS:
    void received(const QByteArray &bytes); ///< after upgrade() only
    void clientGone();                      ///< emitted once, before the answer was finished
    void drained();                         ///< pendingBytes() fell below 64 KiB
};

} // namespace keymux
