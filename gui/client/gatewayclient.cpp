// SPDX-License-Identifier: GPL-3.0-or-later
#include "client/gatewayclient.h"

#include <QCryptographicHash>
#include <QJsonDocument>
#include <QNetworkRequest>
#include <QSslCertificate>
#include <QSslError>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

/// Answers beyond this are of no gateway of ours.
constexpr qint64 answerBound = qint64(128) << 20;

QString sentenceFor(QNetworkReply::NetworkError error, const QString &address, const QString &said)
{
    switch (error) {
    case QNetworkReply::ConnectionRefusedError:
        return GatewayClient::tr("Nothing answers at %1. Is the gateway running, and is this its admin address?")
            .arg(address);
    case QNetworkReply::HostNotFoundError:
        return GatewayClient::tr("There is no host with the name in %1. Check the address of the connection.")
            .arg(address);
    case QNetworkReply::TimeoutError:
    case QNetworkReply::OperationCanceledError:
        return GatewayClient::tr("%1 did not answer in time. Check the network, then try again.").arg(address);
    case QNetworkReply::SslHandshakeFailedError:
        return GatewayClient::tr("No safe connection to %1: %2. Check the address, or accept its certificate in the "
                                 "connection's settings.")
            .arg(address, said);
    default:
        return GatewayClient::tr("%1 cannot be reached: %2").arg(address, said);
    }
}

QString sentenceFor(int status, const QString &message)
{
    if (status == 401)
        return GatewayClient::tr(
            "The gateway refuses the admin token. Enter the one in its state folder (admin-token) in "
            "the connection's settings.");
    if (!message.isEmpty())
        return message;
    return GatewayClient::tr("The gateway answered with status %1.").arg(status);
}

} // namespace

QJsonObject GatewayAnswer::object() const
{
    return QJsonDocument::fromJson(body).object();
}

GatewayClient::GatewayClient(QObject *parent) : QObject(parent)
{
    connect(&m_network, &QNetworkAccessManager::sslErrors, this,
            [this](QNetworkReply *reply, const QList<QSslError> &errors) {
                if (errors.isEmpty())
                    return;
                const QSslCertificate certificate = errors.first().certificate();
                const QString sha256 = QString::fromLatin1(certificate.digest(QCryptographicHash::Sha256).toHex());
                if (!m_connection.pinnedSha256.isEmpty() && sha256 == m_connection.pinnedSha256)
                    reply->ignoreSslErrors();
                else
                    Q_EMIT certificateUnknown(sha256, errors.first().errorString());
            });
}

void GatewayClient::setTarget(const Connection &connection, const QByteArray &token)
{
    const auto calls = findChildren<GatewayCall *>();
    for (GatewayCall *call : calls)
        call->abort();
    m_network.clearConnectionCache();
    m_connection = connection;
    m_token = token;
}

QNetworkRequest GatewayClient::requestFor(const QString &path) const
{
    QUrl url = m_connection.adminUrl;
    const qsizetype query = path.indexOf(u'?');
    url.setPath(path.left(query), QUrl::TolerantMode);
    if (query >= 0)
        url.setQuery(path.mid(query + 1));
    QNetworkRequest request(url);
    request.setRawHeader("Authorization", "Bearer " + m_token);
    request.setRawHeader("User-Agent", "keymux-admin/" KEYMUX_VERSION);
    request.setTransferTimeout(m_timeoutMs);
    // A redirect would carry the token to somebody else.
    request.setAttribute(QNetworkRequest::RedirectPolicyAttribute, QNetworkRequest::ManualRedirectPolicy);
    return request;
}

QPointer<GatewayCall> GatewayClient::get(const QString &path, QObject *context, AnswerHandler handler)
{
    return follow(m_network.get(requestFor(path)), context, std::move(handler));
}

QPointer<GatewayCall> GatewayClient::send(const QByteArray &method, const QString &path, const QByteArray &body,
                                          QObject *context, AnswerHandler handler, const QByteArray &ifMatch)
{
    QNetworkRequest request = requestFor(path);
    request.setHeader(QNetworkRequest::ContentTypeHeader, u"application/json"_s);
    if (!ifMatch.isEmpty())
        request.setRawHeader("If-Match", ifMatch);
    return follow(m_network.sendCustomRequest(request, method, body), context, std::move(handler));
}

QPointer<GatewayCall> GatewayClient::post(const QString &path, const QJsonObject &body, QObject *context,
                                          AnswerHandler handler)
{
    return send("POST", path, QJsonDocument(body).toJson(QJsonDocument::Compact), context, std::move(handler));
}

QPointer<GatewayCall> GatewayClient::patch(const QString &path, const QJsonObject &body, QObject *context,
                                           AnswerHandler handler)
{
    return send("PATCH", path, QJsonDocument(body).toJson(QJsonDocument::Compact), context, std::move(handler));
}

QPointer<GatewayCall> GatewayClient::remove(const QString &path, QObject *context, AnswerHandler handler)
{
    return send("DELETE", path, {}, context, std::move(handler));
}

QPointer<GatewayCall> GatewayClient::follow(QNetworkReply *reply, QObject *context, AnswerHandler handler)
{
    auto *call = new GatewayCall(reply, this);
    reply->setParent(call);
    const QPointer<QObject> guard(context);
    connect(reply, &QNetworkReply::downloadProgress, call, [reply](qint64 received, qint64) {
        if (received > answerBound)
            reply->abort();
    });
    connect(reply, &QNetworkReply::finished, call, [this, call, reply, guard, handler = std::move(handler)] {
        const GatewayAnswer answer = answerOf(*reply);
        call->deleteLater();
        if (guard)
            handler(answer);
    });
    if (context)
        connect(context, &QObject::destroyed, call, [call] { call->abort(); });
    return call;
}

GatewayAnswer GatewayClient::answerOf(QNetworkReply &reply) const
{
    GatewayAnswer answer;
    answer.status = reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    answer.cancelled = reply.error() == QNetworkReply::OperationCanceledError && answer.status == 0;
    if (reply.isOpen())
        answer.body = reply.readAll();
    answer.etag = reply.rawHeader("ETag");
    if (answer.status == 0) {
        const QString address = m_connection.adminUrl.toString(QUrl::RemovePath | QUrl::RemoveUserInfo);
        answer.problem = sentenceFor(reply.error(), address, reply.errorString());
    } else if (!answer.ok()) {
        const QJsonObject error = answer.object()["error"_L1].toObject();
        answer.code = error["code"_L1].toString();
        answer.problem = sentenceFor(answer.status, error["message"_L1].toString());
    }
    return answer;
}

} // namespace keymux::gui
