// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "http/connection.h"

#include <QAbstractHttpServer>
#include <QHttpServerRequest>
#if QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
#include <QHttpServerResponder>
#endif

namespace keymux {

/// Where QtHttpServer hands requests over, one a time; everything else about them is done here. What it wants the
/// answer written to, a socket up to Qt 6.4 and a responder since, is nothing to us: `Reply` writes to the real socket.
class RequestParser : public QAbstractHttpServer {
public:
    explicit RequestParser(ConnectionContext &context) : m_context(context) {}

#if QT_VERSION >= QT_VERSION_CHECK(6, 8, 0)
    using Answer = QHttpServerResponder &;
    using NoAnswer = QHttpServerResponder &;
#elif QT_VERSION >= QT_VERSION_CHECK(6, 5, 0)
    using Answer = QHttpServerResponder &;
    using NoAnswer = QHttpServerResponder &&;
#else
    using Answer = QTcpSocket *;
    using NoAnswer = QTcpSocket *;
#endif

protected:
    bool handleRequest(const QHttpServerRequest &, Answer) override
    {
        if (m_context.feeding)
            m_context.feeding->requestParsed();
        return true;
    }
    void missingHandler(const QHttpServerRequest &, NoAnswer) override {}

private:
    ConnectionContext &m_context;
};

} // namespace keymux
