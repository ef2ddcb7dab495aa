// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewayclient.h"
#include "document/jsonchanges.h"

#include <QDialog>

class QPushButton;
class QTreeWidget;

namespace keymux::gui {

class ChangesView;
class MessageBar;

/// The revisions of the pool: who changed what when; any of them can be put back.
class RevisionsDialog : public QDialog {
    Q_OBJECT
public:
    /// `live` is the document in force, to compare with.
    RevisionsDialog(GatewayClient &client, Json live, QWidget *parent = nullptr);

Q_SIGNALS:
    void restored();

private:
    void load();
    void showSelected();
    void restore();

    GatewayClient &m_client;
    Json m_live;
    MessageBar *m_message;
    QTreeWidget *m_list;
    ChangesView *m_changes;
    QPushButton *m_restore;
};

} // namespace keymux::gui
