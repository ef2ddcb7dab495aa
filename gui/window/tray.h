// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewaysession.h"
#include "window/budgetwatch.h"

#include <QDateTime>
#include <QHash>
#include <QObject>
#include <QSystemTrayIcon>

class QMenu;
class QAction;

namespace keymux::gui {

/// The icon in the tray: its badge is the state of the gateway, its balloons tell what somebody should look into. Can
/// be silenced.
class Tray : public QObject {
    Q_OBJECT
public:
    explicit Tray(GatewaySession &session, QObject *parent = nullptr);

    bool isSilenced() const { return m_silenced; }
    void setSilenced(bool silenced);

Q_SIGNALS:
    void openWanted();
    void silencedChanged(bool silenced);
    /// Title and sentence of what was told, also where there is no tray.
    void told(const QString &title, const QString &text);

private:
    void onEvent(const QJsonObject &event);
    void onLive();
    void tell(const QString &what, const QString &title, const QString &text);
    void refreshIcon();

    GatewaySession &m_session;
    BudgetWatch m_budgets;
    QSystemTrayIcon m_icon;
    QMenu *m_menu;
    QAction *m_silence;
    QHash<QString, QDateTime> m_lastTold; ///< by what it was about
    bool m_silenced = false;
    bool m_exhausted = false;
};

} // namespace keymux::gui
