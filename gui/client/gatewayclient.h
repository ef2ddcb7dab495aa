// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/connection.h"

#include <QByteArray>
#include <QJsonArray>
#include <QJsonObject>
#include <QNetworkAccessManager>
#include <QNetworkReply>
#include <QObject>
#include <QPointer>
#include <functional>

namespace keymux::gui {

/// What came of one call of the admin API.
struct GatewayAnswer {
    int status = 0; ///< 0: no answer
    QByteArray body;
    QByteArray etag;
    QString code;    ///< the error's code, as the API page has it; empty when there is none
    QString problem; ///< a sentence that says what failed and what to do; empty when all went well
    bool cancelled = false;

    bool ok() const { return status >= 200 && status < 300; }
    QJsonObject object() const;
    /// `items` of a list.
    QJsonArray items() const { return object().value(QLatin1StringView("items")).toArray(); }
};

using AnswerHandler = std::function<void(const GatewayAnswer &)>;

/// One call under way. Deletes itself when it is answered; abort() answers it with `cancelled`.
class GatewayCall : public QObject {
    Q_OBJECT
public:
    void abort() { m_reply->abort(); }

private:
    friend class GatewayClient;
    GatewayCall(QNetworkReply *reply, QObject *parent) : QObject(parent), m_reply(reply) {}
    QNetworkReply *m_reply;
};

/// The admin API of one gateway: the only place of the desktop that speaks HTTP. Nothing here waits. A call whose
/// `context` is destroyed is cancelled and its handler not called.
class GatewayClient : public QObject {
    Q_OBJECT
public:
    explicit GatewayClient(QObject *parent = nullptr);

    /// Cancels what is under way; later calls go to this gateway.
    void setTarget(const Connection &connection, const QByteArray &token);
    bool hasTarget() const { return !m_connection.adminUrl.isEmpty(); }
    const Connection &connection() const { return m_connection; }
    const QByteArray &token() const { return m_token; }

    /// `path` begins with `/` and may have a query: `/admin/v1/state`.
    QPointer<GatewayCall> get(const QString &path, QObject *context, AnswerHandler handler);
    QPointer<GatewayCall> send(const QByteArray &method, const QString &path, const QByteArray &body, QObject *context,
                               AnswerHandler handler, const QByteArray &ifMatch = {});
    QPointer<GatewayCall> post(const QString &path, const QJsonObject &body, QObject *context, AnswerHandler handler);
    QPointer<GatewayCall> patch(const QString &path, const QJsonObject &body, QObject *context, AnswerHandler handler);
    QPointer<GatewayCall> remove(const QString &path, QObject *context, AnswerHandler handler);

    /// How long a call may take, in milliseconds.
    void setTimeout(int ms) { m_timeoutMs = ms; }

Q_SIGNALS:
    /// The gateway showed a certificate that nobody vouches for; it was not talked to. `sha256` is its hex digest.
    void certificateUnknown(const QString &sha256, const QString &why);

private:
    QNetworkRequest requestFor(const QString &path) const;
    QPointer<GatewayCall> follow(QNetworkReply *reply, QObject *context, AnswerHandler handler);
    GatewayAnswer answerOf(QNetworkReply &reply) const;

    QNetworkAccessManager m_network;
    Connection m_connection;
    QByteArray m_token;
    int m_timeoutMs = 20000;
};

} // namespace keymux::gui
