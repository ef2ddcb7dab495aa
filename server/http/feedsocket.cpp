// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/feedsocket.h"

#include <algorithm>
#include <cstring>

namespace keymux {

FeedSocket::FeedSocket(const QHostAddress &peer)
{
    setPeerAddress(peer);
    setOpenMode(QIODevice::ReadWrite | QIODevice::Unbuffered);
    setSocketState(QAbstractSocket::ConnectedState); // QtHttpServer 6.4 deletes a socket that is not connected once it
                                                     // was answered
}

FeedSocket::~FeedSocket()
{
    setSocketState(QAbstractSocket::UnconnectedState); // nothing to hang up
}

void FeedSocket::feed(const QByteArray &bytes)
{
    m_bytes = bytes;
    m_at = 0;
    Q_EMIT readyRead();
}

void FeedSocket::leave()
{
    if (!parent()) {
        delete this;
        return;
    }
    // Since Qt 6.5 it belongs to a handler of QtHttpServer's, which goes when it sees the socket go, and takes it
    // along.
    setSocketState(QAbstractSocket::UnconnectedState);
    Q_EMIT disconnected();
}

qint64 FeedSocket::bytesAvailable() const
{
    return QAbstractSocket::bytesAvailable() + (m_bytes.size() - m_at);
}

qint64 FeedSocket::readData(char *data, qint64 maxSize)
{
    const qint64 size = std::min<qint64>(maxSize, m_bytes.size() - m_at);
    std::memcpy(data, m_bytes.constData() + m_at, std::size_t(size));
    m_at += qsizetype(size);
    return size;
}

/// Answers are written to the real socket; whatever QtHttpServer has to say by itself is swallowed.
qint64 FeedSocket::writeData(const char *, qint64 size)
{
    return size;
}

} // namespace keymux
