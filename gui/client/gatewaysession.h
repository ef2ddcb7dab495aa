// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewayclient.h"
#include "client/keychain.h"
#include "client/livefeed.h"
#include "client/livestate.h"

#include <QObject>

namespace keymux::gui {

/// The gateway the window shows now: its API, its live feed and what the feed has told. Pages are given this one and
/// read again when opened() says so. All of it belongs to the GUI thread.
class GatewaySession : public QObject {
    Q_OBJECT
public:
    explicit GatewaySession(QObject *parent = nullptr);

    void open(const Connection &connection, const QByteArray &token);
    void close();

    bool isOpen() const { return m_client.hasTarget(); }
    const Connection &connection() const { return m_client.connection(); }
    GatewayClient &client() { return m_client; }
    LiveFeed &feed() { return m_feed; }
    const LiveState &live() const { return m_live; }
    Keychain &keychain() { return m_keychain; }
    /// What is shown is not of this moment, because the feed is not live.
    bool isStale() const { return m_feed.status() != LiveFeed::Status::Live; }
    /// The gateway's clock minus this computer's, in milliseconds, so that countdowns agree with the gateway.
    qint64 clockOffsetMs() const { return m_clockOffsetMs; }

Q_SIGNALS:
    void opened(); ///< another gateway (or none): everything known is of an earlier one
    void liveChanged(const LiveChange &change);

private:
    void told(const LiveChange &change);

    GatewayClient m_client;
    LiveFeed m_feed;
    LiveState m_live;
    Keychain m_keychain;
    qint64 m_clockOffsetMs = 0;
};

} // namespace keymux::gui
