// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/spenddelegate.h"

#include "theme/colours.h"

#include <QPainter>
#include <algorithm>

namespace keymux::gui {

void SpendDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const double part = index.data(m_role).toDouble();
    if (part < 0) {
        QStyledItemDelegate::paint(painter, option, index);
        return;
    }
    QStyleOptionViewItem raised = option;
    raised.displayAlignment = Qt::AlignLeft | Qt::AlignTop;
    QStyledItemDelegate::paint(painter, raised, index);
    const QRectF bar(option.rect.left() + 6, option.rect.bottom() - 6, option.rect.width() - 16, 4);
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
