// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QJsonArray>
#include <QJsonObject>
#include <QList>

namespace keymux::gui {

/// The virtual keys of a gateway as its API lists them. It holds no key's text.
class VirtualKeysModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Name, Key, Status, Models, Limits, Spend, LastUsed, Expires, ColumnCount };
    enum Role {
        SortRole = Qt::UserRole,
        SpentRole, ///< part of the budget that is spent, 0 to 1; -1 without a budget
    };

    using QAbstractTableModel::QAbstractTableModel;

    void setKeys(const QJsonArray &keys);
    const QJsonObject &key(int row) const { return m_keys[row]; }
    int rowOf(const QString &id) const;

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

    /// Part of the budget that is spent: 0 to 1, and above when the last request was more than what was left; -1
    /// without a budget.
    static double spentOf(const QJsonObject &key);
    /// `active`, `blocked`, `expired`, `revoked`, in the person's words.
    static QString statusOf(const QJsonObject &key);

private:
    static QString text(const QJsonObject &key, int column);

    QList<QJsonObject> m_keys;
};

} // namespace keymux::gui
