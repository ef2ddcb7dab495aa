// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/live/heatmap.h"

#include "models/statustext.h"

#include <QAccessible>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>

namespace keymux::gui {

namespace {

constexpr int cell = 22;
constexpr int gap = 3;
constexpr int margin = 10;

QColor mixed(const QColor &a, const QColor &b, double part)
{
    const auto mix = [&](int x, int y) { return int(x + (y - x) * part); };
    return QColor(mix(a.red(), b.red()), mix(a.green(), b.green()), mix(a.blue(), b.blue()));
}

QColor fillOf(const LiveDeployment &d, const QPalette &palette)
{
    const Tone tone = StatusText::tone(d.status);
    if (d.status != LiveStatus::Ready)
        return toneColour(tone, palette);
    return mixed(toneColour(Tone::Warning, palette), toneColour(Tone::Good, palette),
                 std::clamp(d.room() * 1.6, 0.0, 1.0));
}

} // namespace

HeatMap::HeatMap(DeploymentsModel &model, QWidget *parent) : QAbstractScrollArea(parent), m_model(model)
{
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Heat map of the pool"));
    setFrameShape(QFrame::NoFrame);
    viewport()->setMouseTracking(true);
    connect(&model, &QAbstractItemModel::dataChanged, viewport(), [this] { viewport()->update(); });
    connect(&model, &QAbstractItemModel::layoutChanged, this, &HeatMap::fit);
    connect(&model, &QAbstractItemModel::modelReset, this, &HeatMap::fit);
}

int HeatMap::perLine() const
{
    return std::max(1, (viewport()->width() - 2 * margin + gap) / (cell + gap));
}

QRect HeatMap::cellOf(int row) const
{
    const int x = margin + row % perLine() * (cell + gap);
    const int y = margin + row / perLine() * (cell + gap) - verticalScrollBar()->value();
    return {x, y, cell, cell};
}

int HeatMap::rowAt(const QPoint &point) const
{
    const int column = (point.x() - margin) / (cell + gap);
    const int line = (point.y() - margin + verticalScrollBar()->value()) / (cell + gap);
    const int row = line * perLine() + column;
    return column < 0 || column >= perLine() || row < 0 || row >= m_model.rowCount() ? -1 : row;
}

void HeatMap::fit()
{
    const int lines = (m_model.rowCount() + perLine() - 1) / perLine();
    verticalScrollBar()->setRange(0, std::max(0, 2 * margin + lines * (cell + gap) - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(cell);
    viewport()->update();
}

void HeatMap::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(viewport()->rect(), palette().color(QPalette::Base));
    QFont font = painter.font();
    font.setPixelSize(11);
    font.setBold(true);
    painter.setFont(font);
    const int first = std::max(0, (verticalScrollBar()->value() - margin) / (cell + gap) * perLine());
    for (int row = first; row < m_model.rowCount(); ++row) {
        const QRect rect = cellOf(row);
        if (rect.top() > viewport()->height())
            break;
        const LiveDeployment &d = m_model.deployment(row);
        painter.setPen(Qt::NoPen);
        painter.setBrush(fillOf(d, palette()));
        painter.drawRoundedRect(rect, 4, 4);
        painter.setPen(isDark(palette()) ? Qt::black : Qt::white);
        if (d.status == LiveStatus::Ready && d.room() < 0.3)
            painter.drawText(rect, Qt::AlignCenter, QStringLiteral("!"));
        else
            painter.drawText(rect, Qt::AlignCenter, QString(StatusText::letter(d.status)));
        if (row == m_current && hasFocus()) {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(palette().color(QPalette::Text), 2));
            painter.drawRoundedRect(rect.adjusted(-1, -1, 1, 1), 5, 5);
        }
    }
}

void HeatMap::resizeEvent(QResizeEvent *event)
{
    QAbstractScrollArea::resizeEvent(event);
    fit();
}

void HeatMap::setCurrent(int row)
{
    if (row < 0 || row >= m_model.rowCount())
        return;
    m_current = row;
    const LiveDeployment &d = m_model.deployment(row);
    setAccessibleDescription(tr("%1: %2, %3 % room").arg(d.id, StatusText::name(d.status)).arg(int(d.room() * 100)));
    QAccessibleEvent said(this, QAccessible::DescriptionChanged);
    QAccessible::updateAccessibility(&said);
    const QRect rect = cellOf(row);
    if (rect.top() < 0)
        verticalScrollBar()->setValue(verticalScrollBar()->value() + rect.top() - margin);
    else if (rect.bottom() > viewport()->height())
        verticalScrollBar()->setValue(verticalScrollBar()->value() + rect.bottom() - viewport()->height() + margin);
    viewport()->update();
}

void HeatMap::mousePressEvent(QMouseEvent *event)
{
    const int row = rowAt(event->position().toPoint());
    setCurrent(row);
    if (row >= 0)
        Q_EMIT picked(m_model.deployment(row).id);
}

void HeatMap::keyPressEvent(QKeyEvent *event)
{
    switch (event->key()) {
    case Qt::Key_Left:
        return setCurrent(m_current - 1);
    case Qt::Key_Right:
        return setCurrent(m_current + 1);
    case Qt::Key_Up:
        return setCurrent(m_current - perLine());
    case Qt::Key_Down:
        return setCurrent(m_current < 0 ? 0 : m_current + perLine());
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
        if (m_current >= 0 && m_current < m_model.rowCount())
            Q_EMIT picked(m_model.deployment(m_current).id);
        return;
    default:
        QAbstractScrollArea::keyPressEvent(event);
    }
}

bool HeatMap::viewportEvent(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QAbstractScrollArea::viewportEvent(event);
    const auto *help = static_cast<QHelpEvent *>(event);
    const int row = rowAt(help->pos());
    if (row < 0) {
        QToolTip::hideText();
        return true;
    }
    const LiveDeployment &d = m_model.deployment(row);
    QToolTip::showText(help->globalPos(), tr("%1\n%2, %3 % room, %n in flight", nullptr, int(d.inFlight))
                                              .arg(d.id, StatusText::name(d.status))
                                              .arg(int(d.room() * 100)));
    return true;
}

} // namespace keymux::gui
