// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/httpexchange.h"

#include <QPointer>

namespace keymux {

class Connection;

/// Writes one answer to one connection.
class Reply : public HttpExchange {
    Q_OBJECT

public:
    Reply(Connection *connection, HttpRequest request, bool keepAlive);
    ~Reply() override;

    const HttpRequest &request() const override { return m_request; }
    void sendHead(int status, const HeaderList &headers, std::optional<std::int64_t> contentLength) override;
    void sendBody(std::string_view bytes) override;
    void finish() override;
    void abort() override;
    bool headSent() const override { return m_headSent; }
    std::int64_t pendingBytes() const override;
    void sendAll(int status, const HeaderList &headers, std::string_view body) override;
    void upgrade(const HeaderList &headers) override;
    void sendShared(std::string_view head, const QByteArray &bytes) override;

    /// The connection is gone: from here on every call does nothing.
    void connectionGone();
    /// Bytes of a client after upgrade().
    void deliver(const QByteArray &bytes) { Q_EMIT received(bytes); }

private:
    std::string startOfHead(int status, const HeaderList &headers) const;
    std::string head(int status, const HeaderList &headers, std::optional<std::int64_t> contentLength);

    QPointer<Connection> m_connection;
    HttpRequest m_request;
    bool m_keepAlive;
    bool m_headSent = false;
    bool m_chunked = false;
    bool m_noBody = false; ///< HEAD, 204, 304
    bool m_finished = false;
    std::optional<std::int64_t> m_bodyLeft; ///< of a known length
};

/// `200 OK` and so on; the reason is for people only.
std::string_view reasonPhrase(int status);

} // namespace keymux
