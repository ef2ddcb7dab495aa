// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewaysession.h"

#include <QObject>
#include <QSet>
#include <QTimer>

namespace keymux::gui {

/// Looks at the virtual keys' budgets once a minute: the gateway tells when one is used up, and nobody wants to learn
/// it only then.
class BudgetWatch : public QObject {
    Q_OBJECT
public:
    explicit BudgetWatch(GatewaySession &session, QObject *parent = nullptr);

    /// Asks the gateway now.
    void look();

Q_SIGNALS:
    /// A key has spent four fifths of its budget, and not all; said once, and again when it had been below since.
    void nearlySpent(const QString &id, const QString &name, int percent);
    /// All keys were looked at.
    void looked();

private:
    void read(const QString &cursor);
    void judge(const QJsonObject &key);

    GatewaySession &m_session;
    QTimer m_again;
    QPointer<GatewayCall> m_call;
    QSet<QString> m_told; ///< ids
    int m_pages = 0;
};

} // namespace keymux::gui
