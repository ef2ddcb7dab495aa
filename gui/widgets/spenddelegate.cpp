// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/spenddelegate.h"

#include "theme/colours.h"

#include <QApplication>
#include <QPainter>
#include <algorithm>
#include <utility>

namespace keymux::gui {

void SpendDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const double part = index.data(m_role).toDouble();
    if (part < 0) {
        QStyledItemDelegate::paint(painter, option, index);
        return;
    }
    QStyleOptionViewItem raised = option;
    initStyleOption(&raised, index);
    // The whole cell is filled; its text stands above the bar.
    const QString text = std::exchange(raised.text, QString());
    const QStyle &style = *(option.widget ? option.widget->style() : QApplication::style());
    style.drawControl(QStyle::CE_ItemViewItem, &raised, painter, option.widget);
    const QRect line(option.rect.left() + 3, option.rect.top() + 3, option.rect.width() - 10,
                     option.fontMetrics.height());
    style.drawItemText(painter, line, Qt::AlignLeft | Qt::AlignVCenter, raised.palette, true,
                       option.fontMetrics.elidedText(text, Qt::ElideRight, line.width()),
                       option.state & QStyle::State_Selected ? QPalette::HighlightedText : QPalette::Text);
    const QRectF bar(line.left(), line.bottom() + 3, line.width(), 4);
    const Tone tone = part >= 1 ? Tone::Bad : part >= 0.8 ? Tone::Warning : Tone::Good;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(Qt::NoPen);
    painter->setBrush(option.palette.color(QPalette::Mid));
    painter->drawRoundedRect(bar, 2, 2);
    painter->setBrush(toneColour(tone, option.palette));
    painter->drawRoundedRect(QRectF(bar.left(), bar.top(), bar.width() * std::clamp(part, 0.0, 1.0), bar.height()), 2,
                             2);
    painter->restore();
}

} // namespace keymux::gui
