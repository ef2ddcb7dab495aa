// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/secretkeeper.h"
#include "models/secretsmodel.h"
#include "page/secrets/keytests.h"
#include "widgets/page.h"

#include <QSortFilterProxyModel>
#include <QTimer>

class QLabel;
class QProgressBar;
class QPushButton;
class QStackedWidget;
class QTableView;

namespace keymux::gui {

/// The secrets of the pool's keys: entered once, masked always, in the keychain and nowhere else here.
class SecretsPage : public Page {
    Q_OBJECT
public:
    SecretsPage(GatewaySession &session, PoolDocument &document, QWidget *parent = nullptr);

    bool isSearchable() const override { return true; }
    void setSearch(const QString &text) override;

private:
    void buildTable();
    void buildReveal();
    void buildActions();
    void listen();
    const SecretsModel::Row *current();
    QString entryOf(const SecretsModel::Row &row) const;
    void enter();
    void importKeys();
    void reveal(bool shown);
    void copy();
    void tickCopy();
    void test(bool all);

    GatewaySession &m_session;
    PoolDocument &m_document;
    SecretKeeper m_keeper;
    SecretsModel m_model;
    QSortFilterProxyModel m_sorted;
    KeyTests m_tests;
    QTableView *m_table;
    QStackedWidget *m_stack;
    QLabel *m_value;
    QPushButton *m_reveal, *m_copy, *m_cancelTests;
    QProgressBar *m_progress;
    QTimer m_copyTimer;
    QByteArray m_copiedDigest;
    int m_copyLeft = 0;
};

} // namespace keymux::gui
