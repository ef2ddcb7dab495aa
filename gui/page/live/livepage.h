// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/deploymentsmodel.h"
#include "widgets/page.h"

#include <QSortFilterProxyModel>

class QLabel;
class QStackedWidget;
class QTabWidget;
class QTableView;

namespace keymux::gui {

class HistoryCharts;

/// What every deployment does now, as a table, as a heat map, and over time.
class LivePage : public Page {
    Q_OBJECT
public:
    explicit LivePage(GatewaySession &session, QWidget *parent = nullptr);

    bool isSearchable() const override { return true; }
    void setSearch(const QString &text) override;

private:
    void buildTable();
    void buildActions();
    void select(const QString &deploymentId);
    void forKey(const QString &action, const QString &done);
    void setPaused(bool paused);
    void exportTo(bool picture);
    void refreshSummary();

    GatewaySession &m_session;
    DeploymentsModel m_model;
    QSortFilterProxyModel m_sorted;
    QTableView *m_table;
    QTabWidget *m_tabs;
    HistoryCharts *m_charts;
    QStackedWidget *m_stack;
    QLabel *m_summary;
    QAction *m_pause = nullptr;
};

} // namespace keymux::gui
