// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTcpSocket>

namespace keymux {

class Connection;

/// The socket QtHttpServer believes it reads from. Its bytes are put in by a Connection: one well-formed request at a
/// time, and never a byte of the next before the answer to the last is out.
class FeedSocket : public QTcpSocket {
    Q_OBJECT

public:
    FeedSocket(Connection *connection, const QHostAddress &peer);
    ~FeedSocket() override;

    Connection *connection() const { return m_connection; }
    /// Hands bytes to QtHttpServer, which takes them all before this returns.
    void feed(const QByteArray &bytes);

    qint64 bytesAvailable() const override;

protected:
    qint64 readData(char *data, qint64 maxSize) override;
    qint64 writeData(const char *data, qint64 size) override;

private:
    Connection *m_connection;
    QByteArray m_bytes;
    qsizetype m_at = 0;
};

} // namespace keymux
