// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/tray.h"

#include "theme/colours.h"

#include <QApplication>
#include <QMenu>
#include <QPainter>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

/// The same thing is told again only after this long.
constexpr qint64 againAfterS = 600;

QPixmap badge(Tone tone)
{
    QPixmap pixmap = QIcon(u":/keymux/icons/keymux.svg"_s).pixmap(64, 64);
    if (pixmap.isNull()) {
        pixmap = QPixmap(64, 64);
        pixmap.fill(Qt::transparent);
    }
    QPainter painter(&pixmap);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(Qt::white, 3));
    painter.setBrush(toneColour(tone, QApplication::palette()));
    painter.drawEllipse(40, 40, 22, 22);
    return pixmap;
}

} // namespace

Tray::Tray(GatewaySession &session, QObject *parent)
    : QObject(parent), m_session(session), m_budgets(session, this), m_menu(new QMenu),
      m_silence(m_menu->addAction(tr("Silence notifications")))
{
    connect(this, &QObject::destroyed, m_menu, &QObject::deleteLater);
    m_silence->setCheckable(true);
    connect(m_silence, &QAction::toggled, this, &Tray::setSilenced);
    QAction *open = new QAction(tr("Open Keymux"), m_menu);
    m_menu->insertAction(m_silence, open);
    connect(open, &QAction::triggered, this, &Tray::openWanted);
    m_menu->addSeparator();
    connect(m_menu->addAction(tr("Quit")), &QAction::triggered, qApp, &QApplication::quit);
    m_icon.setContextMenu(m_menu);
    connect(&m_icon, &QSystemTrayIcon::activated, this, [this](QSystemTrayIcon::ActivationReason reason) {
        if (reason == QSystemTrayIcon::Trigger)
            Q_EMIT openWanted();
    });
    connect(&m_icon, &QSystemTrayIcon::messageClicked, this, &Tray::openWanted);
    connect(&session.feed(), &LiveFeed::event, this, &Tray::onEvent);
    connect(&session.feed(), &LiveFeed::statusChanged, this, &Tray::refreshIcon);
    connect(&session, &GatewaySession::liveChanged, this, &Tray::onLive);
    connect(&m_budgets, &BudgetWatch::nearlySpent, this, [this](const QString &id, const QString &name, int percent) {
        tell(u"nearly_spent"_s + id, tr("Budget nearly used up"),
             tr("Virtual key %1 has spent %2 % of its budget.").arg(name).arg(percent));
    });
    connect(&session, &GatewaySession::opened, this, [this] {
        m_lastTold.clear();
        m_exhausted = false;
        refreshIcon();
    });
    refreshIcon();
    if (QSystemTrayIcon::isSystemTrayAvailable())
        m_icon.show();
}

void Tray::setSilenced(bool silenced)
{
    if (silenced == m_silenced)
        return;
    m_silenced = silenced;
    m_silence->setChecked(silenced);
    Q_EMIT silencedChanged(silenced);
}

void Tray::onEvent(const QJsonObject &event)
{
    const QString kind = event["event"_L1].toString();
    if (kind == "key_failed"_L1) {
        const QString key = event["key_id"_L1].toString();
        tell(kind + key, tr("Key %1 failed").arg(key), event["detail"_L1].toString());
    } else if (kind == "virtual_key_limited"_L1) {
        const QString key = event["virtual_key"_L1].toString(), limit = event["limit"_L1].toString();
        if (limit == "budget"_L1)
            tell(kind + key, tr("Budget used up"), tr("Virtual key %1 has spent its budget.").arg(key));
    }
}

void Tray::onLive()
{
    const LiveTotals &totals = m_session.live().totals();
    const bool exhausted = totals.deployments > 0 && totals.byStatus.value(u"ready"_s) == 0;
    if (exhausted && !m_exhausted)
        tell(u"exhausted"_s, tr("Pool exhausted"), tr("No deployment has room now; clients wait or get 429."));
    if (exhausted != m_exhausted) {
        m_exhausted = exhausted;
        refreshIcon();
    }
}

void Tray::tell(const QString &what, const QString &title, const QString &text)
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const QDateTime last = m_lastTold.value(what);
    if (last.isValid() && last.secsTo(now) < againAfterS)
        return;
    m_lastTold.insert(what, now);
    Q_EMIT told(title, text);
    if (!m_silenced && m_icon.isVisible())
        m_icon.showMessage(title, text, QIcon(badge(Tone::Warning)));
}

void Tray::refreshIcon()
{
    const bool live = m_session.feed().status() == LiveFeed::Status::Live;
    const Tone tone = !live ? Tone::Off : m_exhausted ? Tone::Bad : Tone::Good;
    m_icon.setIcon(QIcon(badge(tone)));
    m_icon.setToolTip(!live         ? tr("Keymux: not connected")
                      : m_exhausted ? tr("Keymux: the pool is exhausted")
                                    : tr("Keymux: %1 ready").arg(m_session.live().totals().byStatus.value(u"ready"_s)));
}

} // namespace keymux::gui
