// SPDX-License-Identifier: GPL-3.0-or-later
#include "client/livefeed.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QJsonDocument>
#include <QNetworkRequest>
#include <QSslCertificate>
#include <QSslError>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

/// The server pings every 15 s; twice that without a word is a dead line.
constexpr int silenceMs = 35000;
constexpr int longestWaitMs = 30000;
constexpr int longestMessage = 64 << 20;

qint64 nowMs()
{
    return QDateTime::currentMSecsSinceEpoch();
}

QJsonValue logLevelValue(const QString &level)
{
    return level.isEmpty() ? QJsonValue(false) : QJsonValue(level);
}

} // namespace

LiveFeed::LiveFeed(QObject *parent) : QObject(parent)
{
    m_socket.setMaxAllowedIncomingMessageSize(longestMessage);
    m_socket.setMaxAllowedIncomingFrameSize(longestMessage);
    m_retry.setSingleShot(true);
    m_silence.setSingleShot(true);
    m_silence.setInterval(silenceMs);
    connect(&m_retry, &QTimer::timeout, this, &LiveFeed::start);
    connect(&m_silence, &QTimer::timeout, this, [this] {
        m_problem = tr("The gateway has been silent for too long.");
        m_socket.abort();
    });
    connect(&m_socket, &QWebSocket::connected, this, [this] {
        m_seq = 0;
        subscribe();
    });
    connect(&m_socket, &QWebSocket::textMessageReceived, this, &LiveFeed::read);
    connect(&m_socket, &QWebSocket::pong, &m_silence, qOverload<>(&QTimer::start));
    connect(&m_socket, &QWebSocket::disconnected, this, &LiveFeed::lost);
    connect(&m_socket, &QWebSocket::sslErrors, this, [this](const QList<QSslError> &errors) {
        if (errors.isEmpty())
            return;
        const QByteArray sha256 = errors.first().certificate().digest(QCryptographicHash::Sha256).toHex();
        if (!m_connection.pinnedSha256.isEmpty() && QString::fromLatin1(sha256) == m_connection.pinnedSha256)
            m_socket.ignoreSslErrors();
    });
}

LiveFeed::~LiveFeed()
{
    disconnect(&m_socket, nullptr, this, nullptr);
}

void LiveFeed::open(const Connection &connection, const QByteArray &token)
{
    close();
    m_connection = connection;
    m_token = token;
    m_failures = 0;
    m_lastHeardMs = 0;
    m_serverVersion.clear();
    start();
}

void LiveFeed::close()
{
    m_retry.stop();
    m_silence.stop();
    setStatus(Status::Off);
    m_socket.abort();
}

void LiveFeed::retryNow()
{
    if (m_status == Status::Waiting || m_status == Status::Refused) {
        m_retry.stop();
        start();
    }
}

void LiveFeed::start()
{
    QUrl url = m_connection.adminUrl;
    url.setScheme(url.scheme() == "https"_L1 ? u"wss"_s : u"ws"_s);
    url.setPath(u"/admin/v1/live"_s);
    QNetworkRequest request(url);
    request.setRawHeader("Authorization", "Bearer " + m_token);
    setStatus(Status::Connecting);
    m_silence.start();
    m_socket.open(request);
}

void LiveFeed::lost()
{
    m_silence.stop();
    if (m_status == Status::Off)
        return;
    const QString said = m_problem.isEmpty() ? m_socket.errorString() : m_problem;
    // The handshake's answer is only told in words.
    const bool refused = m_status == Status::Connecting && (said.contains("401"_L1) || said.contains("403"_L1));
    if (refused) {
        setStatus(Status::Refused, tr("The gateway refuses the admin token. Enter the one in its state folder "
                                      "(admin-token) in the connection's settings."));
        return;
    }
    ++m_failures;
    const int wait = std::min(longestWaitMs, 500 << std::min(m_failures, 7));
    m_nextTryMs = nowMs() + wait;
    m_retry.start(wait);
    setStatus(Status::Waiting, said.isEmpty() ? tr("The gateway closed the connection.") : said);
}

void LiveFeed::read(const QString &text)
{
    m_silence.start();
    m_lastHeardMs = nowMs();
    const QJsonObject message = QJsonDocument::fromJson(text.toUtf8()).object();
    const QString type = message["type"_L1].toString();
    const qint64 seq = message["seq"_L1].toInteger();
    if (m_seq != 0 && seq != m_seq + 1) {
        Q_EMIT gap();
        resync();
    }
    m_seq = seq;
    if (type == "delta"_L1) {
        Q_EMIT delta(message);
    } else if (type == "snapshot"_L1) {
        m_failures = 0;
        Q_EMIT snapshot(message);
        setStatus(Status::Live);
    } else if (type == "event"_L1) {
        Q_EMIT event(message);
    } else if (type == "log"_L1) {
        Q_EMIT logLines(message["lines"_L1].toArray());
    } else if (type == "hello"_L1) {
        m_serverVersion = message["version"_L1].toString();
    }
}

void LiveFeed::setInterval(int ms)
{
    m_intervalMs = std::clamp(ms, 250, 60000);
    subscribe();
}

void LiveFeed::setLogLevel(const QString &level)
{
    m_logLevel = level;
    subscribe();
}

void LiveFeed::subscribe()
{
    if (m_socket.state() != QAbstractSocket::ConnectedState)
        return;
    const QJsonObject message{{"type"_L1, "subscribe"_L1},
                              {"interval_ms"_L1, m_intervalMs},
                              {"events"_L1, true},
                              {"logs"_L1, logLevelValue(m_logLevel)}};
    m_socket.sendTextMessage(QString::fromUtf8(QJsonDocument(message).toJson(QJsonDocument::Compact)));
}

void LiveFeed::resync()
{
    if (m_socket.state() == QAbstractSocket::ConnectedState)
        m_socket.sendTextMessage(u"{\"type\":\"resync\"}"_s);
}

void LiveFeed::setStatus(Status status, const QString &problem)
{
    if (m_status == status && m_problem == problem)
        return;
    m_status = status;
    m_problem = problem;
    Q_EMIT statusChanged();
}

} // namespace keymux::gui
