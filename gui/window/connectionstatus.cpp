// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/connectionstatus.h"

#include <QDateTime>
#include <QEvent>
#include <QHBoxLayout>
#include <QLocale>
#include <QPainter>
#include <algorithm>

namespace keymux::gui {

ConnectionStatus::ConnectionStatus(GatewaySession &session, QWidget *parent)
    : QWidget(parent), m_session(session), m_dot(new QLabel), m_text(new QLabel)
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    row->addWidget(m_dot);
    row->addWidget(m_text);
    m_everySecond.setInterval(1000);
    connect(&m_everySecond, &QTimer::timeout, this, &ConnectionStatus::refresh);
    connect(&session.feed(), &LiveFeed::statusChanged, this, &ConnectionStatus::refresh);
    connect(&session, &GatewaySession::opened, this, &ConnectionStatus::refresh);
    refresh();
}

void ConnectionStatus::refresh()
{
    const LiveFeed &feed = m_session.feed();
    const QString stale = feed.lastHeardMs() == 0
                              ? QString()
                              : tr("stale since %1")
                                    .arg(QLocale().toString(QDateTime::fromMSecsSinceEpoch(feed.lastHeardMs()).time(),
                                                            QStringLiteral("HH:mm:ss")));
    m_everySecond.stop();
    switch (feed.status()) {
    case LiveFeed::Status::Off:
        set(Tone::Off, tr("Not connected"), {});
        break;
    case LiveFeed::Status::Connecting:
        set(Tone::Warning, stale.isEmpty() ? tr("Connecting…") : tr("Connecting… (%1)").arg(stale), {});
        break;
    case LiveFeed::Status::Live:
        set(Tone::Good, tr("Connected"), tr("Version %1").arg(feed.serverVersion()));
        break;
    case LiveFeed::Status::Waiting: {
        const qint64 left = std::max<qint64>(0, feed.nextTryMs() - QDateTime::currentMSecsSinceEpoch());
        const QString wait = tr("Reconnecting in %n s", nullptr, int((left + 999) / 1000));
        set(Tone::Warning, stale.isEmpty() ? wait : tr("%1, %2").arg(wait, stale), feed.problem());
        m_everySecond.start();
        break;
    }
    case LiveFeed::Status::Refused:
        set(Tone::Bad, tr("Refused"), feed.problem());
        break;
    }
}

void ConnectionStatus::set(Tone tone, const QString &text, const QString &more)
{
    m_tone = tone;
    m_text->setText(text);
    setToolTip(more);
    setAccessibleName(more.isEmpty() ? text : tr("%1: %2").arg(text, more));
    QPixmap dot(QSize(10, 10) * devicePixelRatioF());
    dot.setDevicePixelRatio(devicePixelRatioF());
    dot.fill(Qt::transparent);
    QPainter painter(&dot);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(Qt::NoPen);
    painter.setBrush(toneColour(tone, palette()));
    painter.drawEllipse(1, 1, 8, 8);
    m_dot->setPixmap(dot);
}

void ConnectionStatus::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        refresh();
}

} // namespace keymux::gui
