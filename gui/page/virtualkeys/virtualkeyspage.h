// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewaysession.h"
#include "models/virtualkeysmodel.h"
#include "widgets/page.h"

#include <QSortFilterProxyModel>
#include <QTimer>

class QStackedWidget;
class QTableView;

namespace keymux::gui {

class EmptyState;

/// The virtual keys: made, shown once, changed, rotated, blocked, revoked; what each has spent.
class VirtualKeysPage : public Page {
    Q_OBJECT
public:
    explicit VirtualKeysPage(GatewaySession &session, QWidget *parent = nullptr);

    bool isSearchable() const override { return true; }
    void setSearch(const QString &text) override;
    void mint();

protected:
    void showEvent(QShowEvent *event) override;

private:
    void buildTable();
    void buildActions();
    void load();
    void more(const QString &cursor, const QJsonArray &before);
    void shown(const QJsonArray &keys);
    QJsonObject selected();
    void edit();
    void rotate();
    void revoke();
    void setBlocked(bool blocked);
    void showNew(const QJsonObject &answer);
    void done(const GatewayAnswer &answer, const QString &text);

    GatewaySession &m_session;
    VirtualKeysModel m_model;
    QSortFilterProxyModel m_sorted;
    QTableView *m_table;
    QStackedWidget *m_stack;
    EmptyState *m_empty;
    QTimer m_again;
    QAction *m_withRevoked = nullptr;
};

} // namespace keymux::gui
