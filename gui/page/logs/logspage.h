// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewaysession.h"
#include "models/logmodel.h"
#include "widgets/page.h"

#include <QSortFilterProxyModel>

class QComboBox;
class QTableView;

namespace keymux::gui {

/// Lines of a level and above.
class LogFilter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    using QSortFilterProxyModel::QSortFilterProxyModel;
    void setLeast(int rank);

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;

private:
    int m_least = 0;
};

/// The gateway's log as it is written: level, filter, follow, pause, copy.
class LogsPage : public Page {
    Q_OBJECT
public:
    explicit LogsPage(GatewaySession &session, QWidget *parent = nullptr);

    bool isSearchable() const override { return true; }
    void setSearch(const QString &text) override;

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void buildTable();
    void load();
    void take(const QJsonArray &lines);
    void copy();

    GatewaySession &m_session;
    LogModel m_model;
    LogFilter m_filter;
    QTableView *m_table;
    QComboBox *m_level;
    QAction *m_follow, *m_pause;
};

} // namespace keymux::gui
