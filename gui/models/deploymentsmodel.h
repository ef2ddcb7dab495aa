// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewaysession.h"

#include <QAbstractTableModel>
#include <QHash>
#include <QList>
#include <QTimer>

namespace keymux::gui {

/// The deployments of the gateway as the live feed tells them, a row each. Rows that stay keep their selection,
/// whatever comes, goes or moves around them.
class DeploymentsModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        Status,
        Provider,
        Key,
        Model,
        Room,
        RequestsMinute,
        TokensMinute,
        RequestsDay,
        InFlight,
        Requests,
        Errors,
        Rests,
        P50,
        P95,
        Trend,
        ColumnCount
    };
    enum Role {
        SortRole = Qt::UserRole, ///< the raw value behind the text
        StatusRole,              ///< LiveStatus as int
        TrendRole,               ///< QList<double>, the newest last; requests a minute
        IdRole,
    };

    explicit DeploymentsModel(GatewaySession &session, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    const LiveDeployment &deployment(int row) const { return m_rows[row]; }
    /// While paused the rows stay as they are; the newest state is taken up afterwards.
    void setPaused(bool paused);
    bool isPaused() const { return m_paused; }
    /// All rows with all columns, as RFC 4180 has it.
    QString csv() const;

private:
    void take(const LiveChange &change);
    void takeAll(const QList<LiveDeployment> &wanted);
    void changed(const QList<int> &rows);
    void sample();
    void tick();
    QVariant text(const LiveDeployment &d, int column) const;
    QVariant sortKey(const LiveDeployment &d, int column) const;
    QString restText(const LiveDeployment &d) const;

    GatewaySession &m_session;
    QList<LiveDeployment> m_rows;
    QHash<QString, QList<double>> m_trend;
    QTimer m_everySecond;
    bool m_paused = false;
};

} // namespace keymux::gui
