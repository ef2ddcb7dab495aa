// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/live/livedelegate.h"

#include "models/deploymentsmodel.h"
#include "models/statustext.h"

#include <QApplication>
#include <QPainter>
#include <algorithm>

namespace keymux::gui {

namespace {

void drawBackground(QPainter &painter, const QStyleOptionViewItem &option)
{
    QStyleOptionViewItem plain = option;
    plain.text.clear();
    plain.icon = {};
    const QStyle *style = option.widget ? option.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &plain, &painter, option.widget);
}

QColor textColour(const QStyleOptionViewItem &option)
{
    const bool selected = option.state & QStyle::State_Selected;
    return option.palette.color(selected ? QPalette::HighlightedText : QPalette::Text);
}

void drawStatus(QPainter &painter, const QStyleOptionViewItem &option, LiveStatus status)
{
    const bool selected = option.state & QStyle::State_Selected;
    const QColor tone = toneColour(StatusText::tone(status), option.palette);
    const QRectF mark(option.rect.left() + 6, option.rect.center().y() - 6.5, 14, 14);
    painter.setPen(Qt::NoPen);
    painter.setBrush(tone);
    painter.drawRoundedRect(mark, 3.5, 3.5);
    QFont font = option.font;
    font.setPixelSize(10);
    font.setBold(true);
    painter.setFont(font);
    painter.setPen(option.palette.color(QPalette::BrightText));
    if (isDark(option.palette))
        painter.setPen(Qt::black);
    painter.drawText(mark, Qt::AlignCenter, QString(StatusText::letter(status)));
    painter.setFont(option.font);
    painter.setPen(selected ? textColour(option) : tone);
    painter.drawText(option.rect.adjusted(27, 0, -4, 0), Qt::AlignVCenter | Qt::AlignLeft,
                     option.fontMetrics.elidedText(StatusText::name(status), Qt::ElideRight, option.rect.width() - 31));
}

void drawRoom(QPainter &painter, const QStyleOptionViewItem &option, double room, LiveStatus status)
{
    const bool serves = status == LiveStatus::Ready || status == LiveStatus::Limited || status == LiveStatus::Probing;
    const Tone tone = !serves ? Tone::Off : room < 0.1 ? Tone::Bad : room < 0.3 ? Tone::Warning : Tone::Good;
    const QRectF bar(option.rect.left() + 6, option.rect.center().y() - 4, option.rect.width() - 52, 9);
    painter.setPen(Qt::NoPen);
    painter.setBrush(option.palette.color(QPalette::Mid));
    painter.drawRoundedRect(bar, 3, 3);
    painter.setBrush(toneColour(tone, option.palette));
    if (room > 0)
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), std::max(3.0, bar.width() * room), bar.height()), 3, 3);
    painter.setPen(textColour(option));
    painter.drawText(QRectF(bar.right() + 2, option.rect.top(), 40, option.rect.height()),
                     Qt::AlignVCenter | Qt::AlignRight, DeploymentsModel::tr("%1 %").arg(int(room * 100)));
}

void drawTrend(QPainter &painter, const QStyleOptionViewItem &option, const QList<double> &points)
{
    if (points.size() < 2)
        return;
    const double most = std::max(1.0, *std::max_element(points.begin(), points.end()));
    const QRectF area = QRectF(option.rect).adjusted(6, 4, -6, -4);
    const double step = area.width() / 59;
    QPolygonF line;
    for (qsizetype i = 0; i < points.size(); ++i)
        line << QPointF(area.right() - double(points.size() - 1 - i) * step,
                        area.bottom() - points[i] / most * area.height());
    painter.setBrush(Qt::NoBrush);
    const bool selected = option.state & QStyle::State_Selected;
    painter.setPen(QPen(selected ? textColour(option) : toneColour(Tone::Accent, option.palette), 1.4));
    painter.drawPolyline(line);
}

} // namespace

void LiveDelegate::paint(QPainter *painter, const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    const int column = index.column();
    if (column != DeploymentsModel::Status && column != DeploymentsModel::Room && column != DeploymentsModel::Trend) {
        QStyledItemDelegate::paint(painter, option, index);
        return;
    }
    QStyleOptionViewItem own = option;
    initStyleOption(&own, index);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setClipRect(own.rect);
    drawBackground(*painter, own);
    const auto status = LiveStatus(index.data(DeploymentsModel::StatusRole).toInt());
    if (column == DeploymentsModel::Status)
        drawStatus(*painter, own, status);
    else if (column == DeploymentsModel::Room)
        drawRoom(*painter, own, index.data(DeploymentsModel::SortRole).toDouble(), status);
    else
        drawTrend(*painter, own, index.data(DeploymentsModel::TrendRole).value<QList<double>>());
    painter->restore();
}

QSize LiveDelegate::sizeHint(const QStyleOptionViewItem &option, const QModelIndex &index) const
{
    return QStyledItemDelegate::sizeHint(option, index).expandedTo({0, 26});
}

} // namespace keymux::gui
