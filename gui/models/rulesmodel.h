// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/pooldocument.h"

#include <QAbstractTableModel>

namespace keymux::gui {

/// The rules of `routing.model_map`, in the order in which they are asked; edited in place, dragged into another order.
class RulesModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Match, Models, ColumnCount };

    explicit RulesModel(PoolDocument &document, QObject *parent = nullptr);

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role = Qt::EditRole) override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    Qt::DropActions supportedDropActions() const override { return Qt::MoveAction; }
    QStringList mimeTypes() const override;
    QMimeData *mimeData(const QModelIndexList &indexes) const override;
    bool dropMimeData(const QMimeData *data, Qt::DropAction action, int row, int column,
                      const QModelIndex &parent) override;

    void add();
    void remove(int row);
    void move(int from, int to);

private:
    const Json *rules() const;
    QString problemOf(const QModelIndex &index) const;

    PoolDocument &m_document;
};

} // namespace keymux::gui
