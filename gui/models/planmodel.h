// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewaysession.h"
#include "core/router.h"
#include "document/pooldocument.h"

#include <QAbstractTableModel>
#include <memory>

namespace keymux::gui {

/// The route plan of one model name, worked out by the router the gateway uses, from the document as it is edited: each
/// candidate in the order of trying, with what it can do now.
class PlanModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Rank, Key, Model, Provider, Now, Room, Verdict, ColumnCount };

    PlanModel(PoolDocument &document, GatewaySession &session, QObject *parent = nullptr);

    void setName(const QString &model, Endpoint endpoint);
    /// A sentence: how the name is understood, or why there is no plan.
    QString explanation() const { return m_explanation; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

Q_SIGNALS:
    void explained();

private:
    struct Row {
        int rank;
        QString key, model, provider, id;
    };

    void compile();
    void plan();
    QString verdict(int row) const;
    const LiveDeployment *live(const Row &row) const;

    PoolDocument &m_document;
    GatewaySession &m_session;
    std::shared_ptr<const Router> m_router;
    QString m_name, m_explanation;
    Endpoint m_endpoint = Endpoint::Chat;
    QList<Row> m_rows;
};

} // namespace keymux::gui
