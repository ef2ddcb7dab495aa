// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QTcpSocket>

namespace keymux {

/// The socket QtHttpServer believes it reads from. Its bytes are put in by a Connection: one well-formed request at a
/// time, and never a byte of the next before the answer to the last is out.
class FeedSocket : public QTcpSocket {
    Q_OBJECT

public:
    explicit FeedSocket(const QHostAddress &peer);
    ~FeedSocket() override;

    /// Hands bytes to QtHttpServer, which takes them all before this returns.
    void feed(const QByteArray &bytes);
    /// The connection is gone, and so is this socket, at once or soon.
    void leave();

    qint64 bytesAvailable() const override;

protected:
    qint64 readData(char *data, qint64 maxSize) override;
    qint64 writeData(const char *data, qint64 size) override;

private:
    QByteArray m_bytes;
    qsizetype m_at = 0;
};

} // namespace keymux
