// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewaysession.h"
#include "document/pooldocument.h"
#include "theme/colours.h"

#include <QAbstractTableModel>
#include <QHash>

namespace keymux::gui {

/// The keys of the pool with where each one's secret is, and what is known of it. No secret is in here.
class SecretsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Key, Provider, Reference, Where, State, Tested, ColumnCount };

    struct Row {
        QString keyId, provider, reference;
        Pointer pointer; ///< of the key in the document
    };

    SecretsModel(PoolDocument &document, GatewaySession &session, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    const Row &row(int n) const { return m_rows[n]; }
    /// What a test of the key said.
    void setTested(const QString &keyId, bool ok, const QString &text);

private:
    void read();
    QString stateOf(const QString &keyId, Tone &tone) const;

    PoolDocument &m_document;
    GatewaySession &m_session;
    QList<Row> m_rows;
    QHash<QString, std::pair<bool, QString>> m_tested;
};

} // namespace keymux::gui
