// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/poolfilter.h"

namespace keymux::gui {

PoolFilter::PoolFilter(PoolModel &model, QObject *parent) : QSortFilterProxyModel(parent), m_model(model)
{
    setSourceModel(&model);
}

void PoolFilter::setText(const QString &text)
{
    const QString folded = text.trimmed().toCaseFolded();
    if (folded == m_text)
        return;
    m_text = folded;
    invalidateFilter();
}

bool PoolFilter::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    if (m_text.isEmpty() || !parent.isValid() || m_model.kindOf(parent) != PoolModel::Kind::Provider)
        return true;
    return m_model.searchText(parent.row(), row).contains(m_text);
}

bool PoolFilter::lessThan(const QModelIndex &left, const QModelIndex &right) const
{
    return m_model.isLess(left, right);
}

} // namespace keymux::gui
