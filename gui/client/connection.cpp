// SPDX-License-Identifier: GPL-3.0-or-later
#include "client/connection.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QHostAddress>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSaveFile>
#include <QUuid>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

constexpr int defaultClientPort = 4000;
constexpr qint64 fileBound = 1 << 20;

QJsonObject toJson(const Connection &c)
{
    return {{"id"_L1, c.id},
            {"name"_L1, c.name},
            {"colour"_L1, c.colour},
            {"admin_url"_L1, c.adminUrl.toString()},
            {"client_url"_L1, c.clientUrl.toString()},
            {"pinned_sha256"_L1, c.pinnedSha256},
            {"own_gateway"_L1, c.ownGateway}};
}

Connection fromJson(const QJsonObject &o)
{
    Connection c;
    c.id = o["id"_L1].toString();
    c.name = o["name"_L1].toString();
    c.colour = o["colour"_L1].toString();
    c.adminUrl = QUrl(o["admin_url"_L1].toString());
    c.clientUrl = QUrl(o["client_url"_L1].toString());
    c.pinnedSha256 = o["pinned_sha256"_L1].toString();
    c.ownGateway = o["own_gateway"_L1].toBool();
    return c;
}

QList<Connection> listFrom(const QJsonObject &document)
{
    QList<Connection> list;
    const QJsonArray items = document["connections"_L1].toArray();
    for (const auto &item : items) {
        Connection c = fromJson(item.toObject());
        if (!c.id.isEmpty() && (c.adminUrl.isValid() || c.ownGateway))
            list.append(std::move(c));
    }
    return list;
}

} // namespace

QUrl Connection::clientAddress() const
{
    if (!clientUrl.isEmpty())
        return clientUrl;
    QUrl url = adminUrl;
    url.setPort(defaultClientPort);
    url.setPath({});
    return url;
}

bool Connection::isPrivate() const
{
    if (adminUrl.scheme() == "https"_L1)
        return true;
    const QString host = adminUrl.host();
    return host == "localhost"_L1 || QHostAddress(host).isLoopback();
}

Connection newConnection(const QString &name, const QUrl &adminUrl)
{
    Connection c;
    c.id = QUuid::createUuid().toString(QUuid::WithoutBraces);
    c.name = name;
    c.adminUrl = adminUrl;
    return c;
}

ConnectionList::ConnectionList(QString file) : m_file(std::move(file))
{
    QFile f(m_file);
    if (!f.exists())
        return;
    if (!f.open(QIODevice::ReadOnly)) {
        m_problem = QCoreApplication::translate("ConnectionList", "%1 cannot be read: %2").arg(m_file, f.errorString());
        return;
    }
    const QJsonDocument document = QJsonDocument::fromJson(f.read(fileBound));
    if (!document.isObject()) {
        m_problem =
            QCoreApplication::translate("ConnectionList", "%1 is not a list of connections; it is left as it is "
                                                          "until a connection is saved.")
                .arg(m_file);
        return;
    }
    m_all = listFrom(document.object());
    m_lastUsed = document.object()["last_used"_L1].toString();
}

const Connection *ConnectionList::find(const QString &id) const
{
    const auto it = std::find_if(m_all.begin(), m_all.end(), [&](const Connection &c) { return c.id == id; });
    return it == m_all.end() ? nullptr : &*it;
}

bool ConnectionList::put(const Connection &connection)
{
    const auto it =
        std::find_if(m_all.begin(), m_all.end(), [&](const Connection &c) { return c.id == connection.id; });
    if (it == m_all.end())
        m_all.append(connection);
    else
        *it = connection;
    return save();
}

bool ConnectionList::remove(const QString &id)
{
    m_all.removeIf([&](const Connection &c) { return c.id == id; });
    if (m_lastUsed == id)
        m_lastUsed.clear();
    return save();
}

bool ConnectionList::setLastUsed(const QString &id)
{
    if (m_lastUsed == id)
        return true;
    m_lastUsed = id;
    return save();
}

QByteArray ConnectionList::exported() const
{
    QJsonArray items;
    for (const Connection &c : m_all)
        items.append(toJson(c));
    return QJsonDocument(QJsonObject{{"connections"_L1, items}, {"last_used"_L1, m_lastUsed}}).toJson();
}

int ConnectionList::import(const QByteArray &text)
{
    const QJsonDocument document = QJsonDocument::fromJson(text);
    if (!document.isObject() || !document.object()["connections"_L1].isArray())
        return -1;
    int added = 0;
    const QList<Connection> list = listFrom(document.object());
    for (const Connection &c : list) {
        if (find(c.id))
            continue;
        m_all.append(c);
        ++added;
    }
    save();
    return added;
}

bool ConnectionList::save()
{
    QDir().mkpath(QFileInfo(m_file).path());
    QSaveFile f(m_file);
    if (f.open(QIODevice::WriteOnly)) {
        f.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
        f.write(exported());
        if (f.commit()) {
            m_problem.clear();
            return true;
        }
    }
    m_problem = QCoreApplication::translate("ConnectionList", "%1 cannot be written: %2").arg(m_file, f.errorString());
    return false;
}

} // namespace keymux::gui
