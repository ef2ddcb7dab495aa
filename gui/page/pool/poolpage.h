// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/poolsync.h"
#include "models/poolfilter.h"
#include "widgets/page.h"

class QLabel;
class QStackedWidget;
class QTreeView;

namespace keymux::gui {

/// The pool: providers, keys and models in a tree that is edited in place. What is edited goes live with Apply.
class PoolPage : public Page {
    Q_OBJECT
public:
    PoolPage(GatewaySession &session, PoolDocument &document, PoolSync &sync, QWidget *parent = nullptr);

    bool isSearchable() const override { return true; }
    void setSearch(const QString &text) override;

Q_SIGNALS:
    void applyWanted();
    void revisionsWanted();

private:
    void buildTree();
    void buildActions();
    void buildEmpty();
    void listen();
    QModelIndexList selectedRows() const; ///< of the model, one for each row, from above
    QModelIndex current() const;
    void addProvider();
    void addKey();
    void addModel();
    void duplicate();
    void removeSelected();
    void setEnabled(bool enabled);
    void setLimits();
    void move(int step);
    void refresh();
    void selectRow(const QModelIndex &source);

    GatewaySession &m_session;
    PoolDocument &m_document;
    PoolSync &m_sync;
    PoolModel m_model;
    PoolFilter m_sorted;
    QTreeView *m_tree;
    QStackedWidget *m_stack;
    QLabel *m_summary;
    bool m_expanded = false;
};

} // namespace keymux::gui
