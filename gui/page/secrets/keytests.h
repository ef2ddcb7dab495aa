// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewaysession.h"

#include <QObject>
#include <QStringList>

namespace keymux::gui {

/// Tests keys against their providers through the gateway, a few at a time; never anything that costs.
class KeyTests : public QObject {
    Q_OBJECT
public:
    explicit KeyTests(GatewaySession &session, QObject *parent = nullptr) : QObject(parent), m_session(session) {}

    void start(const QStringList &keyIds);
    void cancel();
    bool isRunning() const { return m_running > 0 || !m_waiting.isEmpty(); }

Q_SIGNALS:
    void tested(const QString &keyId, bool ok, const QString &text);
    void progress(int done, int all);
    void finished(int good, int bad, bool cancelled);

private:
    void next();

    GatewaySession &m_session;
    QStringList m_waiting;
    QList<QPointer<GatewayCall>> m_calls;
    int m_running = 0, m_all = 0, m_good = 0, m_bad = 0;
    bool m_cancelled = false;
};

} // namespace keymux::gui
