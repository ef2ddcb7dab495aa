// SPDX-License-Identifier: GPL-3.0-or-later
#include "client/gatewaysession.h"

#include <QDateTime>

namespace keymux::gui {

GatewaySession::GatewaySession(QObject *parent) : QObject(parent)
{
    connect(&m_feed, &LiveFeed::snapshot, this,
            [this](const QJsonObject &message) { told(m_live.applySnapshot(message)); });
    connect(&m_feed, &LiveFeed::delta, this, [this](const QJsonObject &message) {
        const LiveChange change = m_live.applyDelta(message);
        if (change.needsResync)
            m_feed.resync();
        else
            told(change);
    });
}

void GatewaySession::told(const LiveChange &change)
{
    m_clockOffsetMs = m_live.atMs() - QDateTime::currentMSecsSinceEpoch();
    Q_EMIT liveChanged(change);
}

void GatewaySession::open(const Connection &connection, const QByteArray &token)
{
    m_live.clear();
    m_client.setTarget(connection, token);
    m_feed.open(connection, token);
    Q_EMIT opened();
}

void GatewaySession::close()
{
    m_live.clear();
    m_feed.close();
    m_client.setTarget({}, {});
    Q_EMIT opened();
}

} // namespace keymux::gui
