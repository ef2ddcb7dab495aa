// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/poolmodel.h"

#include <QSortFilterProxyModel>

namespace keymux::gui {

/// Keys of the pool that have a text in any of their columns, or in their models', in the order of a column. Quick at
/// ten thousand keys: a key is asked for one text, and its models only when it is open.
class PoolFilter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    explicit PoolFilter(PoolModel &model, QObject *parent = nullptr);

    void setText(const QString &text);

protected:
    bool filterAcceptsRow(int row, const QModelIndex &parent) const override;
    bool lessThan(const QModelIndex &left, const QModelIndex &right) const override;

private:
    PoolModel &m_model;
    QString m_text;
};

} // namespace keymux::gui
