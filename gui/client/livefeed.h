// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/connection.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QObject>
#include <QTimer>
#include <QWebSocket>

namespace keymux::gui {

/// The live feed of one gateway (docs/API.md, "Live feed"): connects, connects again with growing patience, notices
/// gaps in `seq` and silence, and asks for a snapshot where it lost the thread.
class LiveFeed : public QObject {
    Q_OBJECT
public:
    enum class Status {
        Off,
        Connecting,
        Live,
        Waiting, ///< for the next try, at nextTryMs()
        Refused, ///< token, origin or certificate: only a person can help
    };

    explicit LiveFeed(QObject *parent = nullptr);
    ~LiveFeed() override;

    void open(const Connection &connection, const QByteArray &token);
    void close();
    /// Tries at once instead of waiting.
    void retryNow();

    /// How often the gateway tells what changed, in milliseconds (250 to 60000).
    void setInterval(int ms);
    /// `debug`, `info`, `warning`, `error`, or empty for no log lines.
    void setLogLevel(const QString &level);
    void resync();

    Status status() const { return m_status; }
    QString problem() const { return m_problem; } ///< why it is not live, a sentence
    qint64 nextTryMs() const { return m_nextTryMs; }
    qint64 lastHeardMs() const { return m_lastHeardMs; } ///< since 1970 by this computer's clock; 0: never
    int intervalMs() const { return m_intervalMs; }
    QString serverVersion() const { return m_serverVersion; }

Q_SIGNALS:
    void statusChanged();
    void snapshot(const QJsonObject &message);
    void delta(const QJsonObject &message);
    void event(const QJsonObject &message);
    void logLines(const QJsonArray &lines);
    /// Messages were missed; what is drawn should show a gap.
    void gap();

private:
    void start();
    void read(const QString &text);
    void subscribe();
    void lost();
    void setStatus(Status status, const QString &problem = {});

    QWebSocket m_socket;
    QTimer m_retry, m_silence;
    Connection m_connection;
    QByteArray m_token;
    Status m_status = Status::Off;
    QString m_problem, m_logLevel, m_serverVersion;
    qint64 m_nextTryMs = 0, m_lastHeardMs = 0, m_seq = 0;
    int m_intervalMs = 1000;
    int m_failures = 0;
};

} // namespace keymux::gui
