// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewaysession.h"
#include "widgets/page.h"

#include <QTimer>

class QGridLayout;
class QLabel;
class QListWidget;
class QVBoxLayout;

namespace keymux::gui {

class StatusStrip;

/// The gateway at a glance: how much of the pool can serve, what happened in the last minute, what somebody should look
/// into, and how to use it.
class OverviewPage : public Page {
    Q_OBJECT
public:
    explicit OverviewPage(GatewaySession &session, QWidget *parent = nullptr);

Q_SIGNALS:
    void pageWanted(const QString &title);

private:
    QLabel *addFigure(QGridLayout &grid, int column, const QString &name);
    QWidget *buildConnect();
    void refresh();
    void refreshTrouble();
    void addEvent(const QJsonObject &event);

    GatewaySession &m_session;
    QTimer m_soon;
    QLabel *m_ready, *m_requests, *m_inFlight, *m_errors, *m_config, *m_endpoint, *m_noTrouble, *m_noEvents;
    StatusStrip *m_strip;
    QListWidget *m_trouble, *m_events;
};

} // namespace keymux::gui
