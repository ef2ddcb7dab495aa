// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/overview/overviewpage.h"

#include "models/statustext.h"
#include "widgets/statusstrip.h"

#include <QApplication>
#include <QClipboard>
#include <QDateTime>
#include <QGridLayout>
#include <QLabel>
#include <QListWidget>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

constexpr int mostEvents = 200;
constexpr int mostTroubles = 100;

QFrame *cardWith(const QString &title, QVBoxLayout *&column)
{
    auto *card = new QFrame;
    card->setProperty("card", true);
    column = new QVBoxLayout(card);
    column->setContentsMargins(14, 12, 14, 12);
    column->setSpacing(6);
    auto *heading = new QLabel(title);
    heading->setProperty("role", QStringLiteral("heading"));
    column->addWidget(heading);
    return card;
}

QListWidget *listIn(QVBoxLayout &column, const QString &name)
{
    auto *list = new QListWidget;
    list->setAccessibleName(name);
    list->setProperty("flat", true);
    list->setWordWrap(true);
    list->setUniformItemSizes(false);
    list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    column.addWidget(list, 1);
    list->hide();
    return list;
}

QLabel *muted(const QString &text)
{
    auto *label = new QLabel(text);
    label->setProperty("role", QStringLiteral("muted"));
    label->setWordWrap(true);
    return label;
}

} // namespace

OverviewPage::OverviewPage(GatewaySession &session, QWidget *parent)
    : Page(tr("Overview"), u"overview"_s, parent), m_session(session), m_strip(new StatusStrip)
{
    auto *figures = new QGridLayout;
    figures->setSpacing(12);
    m_ready = addFigure(*figures, 0, tr("Deployments ready"));
    m_requests = addFigure(*figures, 1, tr("Attempts in the last minute"));
    m_inFlight = addFigure(*figures, 2, tr("In flight"));
    m_errors = addFigure(*figures, 3, tr("Errors since the start"));
    body().addLayout(figures);
    QVBoxLayout *column = nullptr;
    auto *pool = cardWith(tr("The pool now"), column);
    column->addWidget(m_strip);
    m_config = muted({});
    column->addWidget(m_config);
    body().addWidget(pool);
    auto *row = new QHBoxLayout;
    row->setSpacing(12);
    auto *trouble = cardWith(tr("To look into"), column);
    m_noTrouble = muted(tr("Nothing. Every key can serve."));
    column->addWidget(m_noTrouble);
    m_trouble = listIn(*column, tr("To look into"));
    column->addStretch();
    row->addWidget(trouble, 1);
    auto *events = cardWith(tr("What happens"), column);
    m_noEvents = muted(tr("Fallbacks, cooldowns and recoveries appear here as they happen."));
    column->addWidget(m_noEvents);
    m_events = listIn(*column, tr("What happens"));
    column->addStretch();
    row->addWidget(events, 1);
    body().addLayout(row, 1);
    body().addWidget(buildConnect());
    m_soon.setSingleShot(true);
    m_soon.setInterval(0);
    connect(&m_soon, &QTimer::timeout, this, &OverviewPage::refresh);
    connect(&session, &GatewaySession::liveChanged, &m_soon, qOverload<>(&QTimer::start));
    connect(&session, &GatewaySession::opened, this, [this] {
        m_events->clear();
        m_events->hide();
        m_noEvents->show();
        refresh();
    });
    connect(&session.feed(), &LiveFeed::statusChanged, &m_soon, qOverload<>(&QTimer::start));
    connect(&session.feed(), &LiveFeed::event, this, &OverviewPage::addEvent);
    refresh();
}

QLabel *OverviewPage::addFigure(QGridLayout &grid, int column, const QString &name)
{
    auto *card = new QFrame;
    card->setProperty("card", true);
    auto *box = new QVBoxLayout(card);
    box->setContentsMargins(14, 10, 14, 10);
    auto *figure = new QLabel(u"–"_s);
    figure->setProperty("role", QStringLiteral("figure"));
    box->addWidget(figure);
    box->addWidget(muted(name));
    grid.addWidget(card, 0, column);
    grid.setColumnStretch(column, 1);
    return figure;
}

QWidget *OverviewPage::buildConnect()
{
    QVBoxLayout *column = nullptr;
    auto *card = cardWith(tr("Point a client here"), column);
    auto *row = new QHBoxLayout;
    m_endpoint = new QLabel;
    m_endpoint->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    m_endpoint->setAccessibleName(tr("Base URL for clients"));
    auto *copy = new QPushButton(tr("Copy"));
    copy->setAccessibleName(tr("Copy the base URL"));
    connect(copy, &QPushButton::clicked, this, [this] { QApplication::clipboard()->setText(m_endpoint->text()); });
    auto *mint = new QPushButton(tr("Make a virtual key…"));
    connect(mint, &QPushButton::clicked, this, [this] { Q_EMIT pageWanted(u"virtualkeys"_s); });
    row->addWidget(new QLabel(tr("Base URL")));
    row->addWidget(m_endpoint);
    row->addWidget(copy);
    row->addStretch();
    row->addWidget(mint);
    column->addLayout(row);
    return card;
}

void OverviewPage::refresh()
{
    const LiveState &live = m_session.live();
    const LiveTotals &totals = live.totals();
    const QLocale locale;
    QList<StatusStrip::Part> parts;
    for (const LiveStatus status : StatusText::all())
        parts.append({StatusText::name(status), totals.byStatus.value(StatusText::apiName(status)),
                      StatusText::tone(status), StatusText::pattern(status)});
    m_strip->setParts(parts);
    qint64 lastMinute = 0;
    for (const LiveDeployment &d : live.deployments())
        lastMinute += d.rpm.used;
    const bool known = live.known();
    // Figures that are not of this moment look it.
    for (QLabel *figure : {m_ready, m_requests, m_inFlight, m_errors})
        figure->setEnabled(!m_session.isStale());
    m_strip->setEnabled(!m_session.isStale());
    const auto figure = [&](qint64 n) { return known ? locale.toString(n) : u"–"_s; };
    m_ready->setText(known ? tr("%1 of %2")
                                 .arg(locale.toString(totals.byStatus.value(u"ready"_s)))
                                 .arg(locale.toString(totals.deployments))
                           : u"–"_s);
    m_requests->setText(figure(lastMinute));
    m_inFlight->setText(figure(totals.inFlight));
    m_errors->setText(figure(totals.errors));
    m_config->setText(known ? tr("%n key(s), revision %1 of %2", nullptr, int(totals.keys))
                                  .arg(live.config().revision)
                                  .arg(live.config().source)
                            : tr("Waiting for the gateway."));
    const QUrl client = m_session.connection().clientAddress();
    m_endpoint->setText(client.isEmpty() ? u"–"_s : client.toString(QUrl::StripTrailingSlash) + "/v1"_L1);
    if (known && !live.config().error.isEmpty())
        messages().show(Tone::Bad,
                        tr("The config file is not valid, so the last good one serves: %1").arg(live.config().error));
    refreshTrouble();
}

void OverviewPage::refreshTrouble()
{
    QStringList troubles;
    for (const LiveKey &key : m_session.live().keys()) {
        if (!key.resolved && troubles.size() < mostTroubles)
            troubles.append(tr("%1 has no secret. Its reference could not be resolved.").arg(key.keyId));
    }
    QStringList blocked;
    for (const LiveDeployment &d : m_session.live().deployments()) {
        if (d.status != LiveStatus::Blocked || troubles.size() >= mostTroubles)
            continue;
        const QString subject = d.restScope == "deployment"_L1 ? d.id : d.keyId;
        if (!blocked.contains(subject)) {
            blocked.append(subject);
            troubles.append(tr("%1 is blocked: %2.").arg(subject, StatusText::reason(d.restReason)));
        }
    }
    m_noTrouble->setVisible(troubles.isEmpty());
    const LiveState &live = m_session.live();
    m_noTrouble->setText(!live.known()             ? tr("Waiting for the gateway.")
                         : live.totals().keys == 0 ? tr("There are no keys yet: add a provider and its keys on the "
                                                        "page Pool, or import them on the page Secrets.")
                                                   : tr("Nothing. Every key can serve."));
    m_trouble->setVisible(!troubles.isEmpty());
    QStringList shown;
    for (int i = 0; i < m_trouble->count(); ++i)
        shown.append(m_trouble->item(i)->text());
    if (shown != troubles) {
        m_trouble->clear();
        m_trouble->addItems(troubles);
    }
}

void OverviewPage::addEvent(const QJsonObject &event)
{
    const QDateTime at = QDateTime::fromString(event["at"_L1].toString(), Qt::ISODateWithMs).toLocalTime();
    m_events->insertItem(0, at.toString(u"HH:mm:ss  "_s) + StatusText::event(event));
    while (m_events->count() > mostEvents)
        delete m_events->takeItem(m_events->count() - 1);
    m_noEvents->hide();
    m_events->show();
}

} // namespace keymux::gui
