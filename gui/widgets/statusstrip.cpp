// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/statusstrip.h"

#include <QPainter>
#include <QPainterPath>

namespace keymux::gui {

namespace {

constexpr int barHeight = 18;
constexpr int swatch = 10;

} // namespace

StatusStrip::StatusStrip(QWidget *parent) : QWidget(parent)
{
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void StatusStrip::setParts(const QList<Part> &parts)
{
    if (parts == m_parts)
        return;
    m_parts = parts;
    QStringList said;
    for (const Part &part : parts) {
        if (part.count > 0)
            said.append(QStringLiteral("%1 %2").arg(part.count).arg(part.name));
    }
    setAccessibleName(said.join(QStringLiteral(", ")));
    setToolTip(accessibleName());
    update();
}

QSize StatusStrip::sizeHint() const
{
    return {320, barHeight + 10 + fontMetrics().height()};
}

void StatusStrip::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    qint64 total = 0;
    for (const Part &part : std::as_const(m_parts))
        total += part.count;
    QPainterPath clip;
    clip.addRoundedRect(QRectF(0, 0, width(), barHeight), 5, 5);
    painter.setClipPath(clip);
    painter.fillRect(QRect(0, 0, width(), barHeight), palette().color(QPalette::Mid));
    double x = 0;
    for (const Part &part : std::as_const(m_parts)) {
        if (part.count == 0)
            continue;
        const double w = double(width()) * double(part.count) / double(total);
        const QRectF rect(x, 0, w, barHeight);
        const QColor colour = toneColour(part.tone, palette());
        painter.fillRect(rect, part.pattern == Qt::SolidPattern ? colour : colour.darker(isDark(palette()) ? 220 : 90));
        if (part.pattern != Qt::SolidPattern)
            painter.fillRect(rect, QBrush(palette().color(QPalette::Base), part.pattern));
        x += w;
    }
    painter.setClipping(false);
    double at = 0;
    const int base = barHeight + 8;
    for (const Part &part : std::as_const(m_parts)) {
        if (part.count == 0)
            continue;
        const QString text = QStringLiteral("%1 %2").arg(part.count).arg(part.name);
        const QRectF mark(at, base + (fontMetrics().height() - swatch) / 2.0, swatch, swatch);
        painter.fillRect(mark, toneColour(part.tone, palette()));
        if (part.pattern != Qt::SolidPattern)
            painter.fillRect(mark, QBrush(palette().color(QPalette::Base), part.pattern));
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(QPointF(at + swatch + 5, base + fontMetrics().ascent()), text);
        at += swatch + 5 + fontMetrics().horizontalAdvance(text) + 18;
    }
}

} // namespace keymux::gui
