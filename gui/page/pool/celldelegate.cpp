// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/pool/celldelegate.h"

#include "models/poolmodel.h"

#include <QLineEdit>

namespace keymux::gui {

QWidget *CellDelegate::createEditor(QWidget *parent, const QStyleOptionViewItem &, const QModelIndex &index) const
{
    auto *field = new QLineEdit(parent);
    field->setAccessibleName(index.model()->headerData(index.column(), Qt::Horizontal).toString());
    if (index.column() >= PoolModel::Rpm && index.column() <= PoolModel::Parallel)
        field->setPlaceholderText(index.data(Qt::DisplayRole).toString());
    return field;
}

QSize CellDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    return QStyledItemDelegate::sizeHint(option, index).expandedTo({0, 28});
}

} // namespace keymux::gui
