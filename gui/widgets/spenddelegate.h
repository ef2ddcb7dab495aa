// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QStyledItemDelegate>

namespace keymux::gui {

/// A text with a bar below it that says how much of something is used up; red beyond four fifths.
class SpendDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    /// `role` gives the part that is used, 0 to 1; below 0: no bar.
    explicit SpendDelegate(int role, QObject *parent = nullptr) : QStyledItemDelegate(parent), m_role(role) {}

    void paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const override;

private:
    int m_role;
};

} // namespace keymux::gui
