// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/live/livepage.h"

#include "models/forecast.h"
#include "models/statustext.h"
#include "page/live/heatmap.h"
#include "page/live/historycharts.h"
#include "page/live/livedelegate.h"
#include "widgets/emptystate.h"
#include "widgets/tables.h"

#include <QAction>
#include <QDateTime>
#include <QFileDialog>
#include <QHeaderView>
#include <QLabel>
#include <QSaveFile>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace keymux::gui {

LivePage::LivePage(GatewaySession &session, QWidget *parent)
    : Page(tr("Live"), u"live"_s, parent), m_session(session), m_model(session),
      m_table(tableOf(m_sorted, tr("Deployments"))), m_tabs(new QTabWidget), m_charts(new HistoryCharts(session)),
      m_stack(new QStackedWidget), m_summary(new QLabel)
{
    m_summary->setProperty("role", QStringLiteral("muted"));
    body().addWidget(m_summary);
    buildTable();
    auto *map = new HeatMap(m_model);
    connect(map, &HeatMap::picked, this, [this](const QString &id) {
        m_tabs->setCurrentIndex(0);
        select(id);
    });
    m_tabs->addTab(m_table, tr("&Table"));
    m_tabs->addTab(map, tr("&Heat map"));
    m_tabs->addTab(m_charts, tr("&Charts"));
    m_tabs->setDocumentMode(true);
    m_tabs->setAccessibleName(tr("Views"));
    m_stack->addWidget(m_tabs);
    m_stack->addWidget(new EmptyState(u"live"_s, tr("No deployments yet"),
                                      tr("A deployment is a key with a model. Add keys on the page Pool, or import "
                                         "them on the page Secrets.")));
    body().addWidget(m_stack, 1);
    buildActions();
    connect(&session, &GatewaySession::liveChanged, this, &LivePage::refreshSummary);
    connect(&session.feed(), &LiveFeed::statusChanged, this, &LivePage::refreshSummary);
    connect(&session, &GatewaySession::opened, this, &LivePage::refreshSummary);
    refreshSummary();
}

void LivePage::buildTable()
{
    m_sorted.setSourceModel(&m_model);
    m_sorted.setSortRole(DeploymentsModel::SortRole);
    m_sorted.setFilterKeyColumn(-1);
    m_sorted.setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_table->setObjectName(u"liveTable"_s);
    m_table->setItemDelegate(new LiveDelegate(m_table));
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setSortingEnabled(true);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->horizontalHeader()->setStretchLastSection(false);
    const int widths[DeploymentsModel::ColumnCount] = {116, 80, 104, 146, 110, 112, 104, 114,
                                                       78,  82, 66,  160, 74,  74,  104};
    for (int i = 0; i < DeploymentsModel::ColumnCount; ++i)
        m_table->setColumnWidth(i, widths[i]);
    new KeptColumns(*m_table->horizontalHeader(), u"live"_s);
}

void LivePage::buildActions()
{
    m_pause = addPageAction(tr("&Pause"), u"pause"_s, QKeySequence(u"Ctrl+P"_s));
    m_pause->setCheckable(true);
    connect(m_pause, &QAction::toggled, this, &LivePage::setPaused);
    connect(addPageAction(tr("&Switch key off"), u"block"_s, {}, false), &QAction::triggered, this,
            [this] { forKey(u"disable"_s, tr("%1 is switched off.")); });
    connect(addPageAction(tr("Switch key &on"), u"play"_s, {}, false), &QAction::triggered, this,
            [this] { forKey(u"enable"_s, tr("%1 is switched on.")); });
    connect(addPageAction(tr("&End the key's rests"), u"refresh"_s, {}, false), &QAction::triggered, this,
            [this] { forKey(u"reset"_s, tr("The rests of %1 are over.")); });
    connect(addPageAction(tr("&Test the key"), u"test"_s, QKeySequence(u"Ctrl+T"_s), false), &QAction::triggered, this,
            [this] { forKey(u"probe"_s, {}); });
    connect(addPageAction(tr("Export as &CSV…"), u"export"_s, QKeySequence(u"Ctrl+E"_s)), &QAction::triggered, this,
            [this] { exportTo(false); });
    connect(addPageAction(tr("Export charts as &PNG…"), u"chart"_s, {}, false), &QAction::triggered, this,
            [this] { exportTo(true); });
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_table->addActions(pageActions());
}

void LivePage::setSearch(const QString &text)
{
    m_sorted.setFilterFixedString(text);
}

void LivePage::select(const QString &deploymentId)
{
    for (int row = 0; row < m_sorted.rowCount(); ++row) {
        const QModelIndex index = m_sorted.index(row, 0);
        if (index.data(DeploymentsModel::IdRole).toString() != deploymentId)
            continue;
        m_table->setCurrentIndex(index);
        m_table->scrollTo(index);
        m_table->setFocus();
        return;
    }
}

void LivePage::forKey(const QString &action, const QString &done)
{
    const QModelIndex current = m_sorted.mapToSource(m_table->currentIndex());
    if (!current.isValid()) {
        messages().show(Tone::Muted, tr("Select a row first."));
        return;
    }
    const QString key = m_model.deployment(current.row()).keyId;
    const QString path = u"/admin/v1/keys/%1/%2"_s.arg(QString::fromLatin1(QUrl::toPercentEncoding(key)), action);
    if (action == "probe"_L1)
        messages().show(Tone::Muted, tr("Asking the provider about %1…").arg(key));
    m_session.client().post(path, {}, this, [this, key, done](const GatewayAnswer &answer) {
        if (!answer.ok())
            messages().show(Tone::Bad, answer.problem);
        else if (!done.isEmpty())
            messages().show(Tone::Good, done.arg(key));
        else
            messages().show(answer.object()["ok"_L1].toBool() ? Tone::Good : Tone::Bad,
                            tr("%1: %2").arg(key, answer.object()["message"_L1].toString()));
    });
}

void LivePage::setPaused(bool paused)
{
    m_model.setPaused(paused);
    m_charts->setPaused(paused);
    m_pause->setText(paused ? tr("&Go on") : tr("&Pause"));
    refreshSummary();
}

void LivePage::exportTo(bool picture)
{
    const bool charts = picture || m_tabs->currentWidget() == m_charts;
    auto *dialog = new QFileDialog(this, tr("Export"), {}, picture ? tr("PNG (*.png)") : tr("CSV (*.csv)"));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(picture ? u"png"_s : u"csv"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this, picture, charts](const QString &name) {
        QSaveFile file(name);
        bool written = file.open(QIODevice::WriteOnly);
        if (written)
            written = picture ? m_charts->picture().save(&file, "PNG")
                              : file.write((charts ? m_charts->csv() : m_model.csv()).toUtf8()) >= 0;
        if (written && file.commit())
            messages().show(Tone::Good, tr("Written to %1.").arg(name));
        else
            messages().show(Tone::Bad, tr("%1 cannot be written: %2").arg(name, file.errorString()));
    });
    dialog->open();
}

void LivePage::refreshSummary()
{
    m_stack->setCurrentIndex(m_session.live().known() && m_model.rowCount() == 0 ? 1 : 0);
    const LiveTotals &totals = m_session.live().totals();
    QString text = tr("%n deployment(s)", nullptr, int(totals.deployments));
    for (const LiveStatus status : StatusText::all()) {
        if (const qint64 count = totals.byStatus.value(StatusText::apiName(status)))
            text += u"  ·  %1 %2"_s.arg(count).arg(StatusText::name(status));
    }
    if (m_pause && m_pause->isChecked())
        text += u"  ·  "_s + tr("paused");
    if (m_session.isStale())
        text += u"  ·  "_s + tr("not of this moment: the connection is lost");
    const qint64 now = QDateTime::currentMSecsSinceEpoch() + m_session.clockOffsetMs();
    const QList<Forecast> forecasts = forecastFor(m_session.live().deployments(), now);
    if (!forecasts.isEmpty())
        text += u"  ·  "_s +
                tr("at this rate %1 is spent at %2")
                    .arg(forecasts.first().model,
                         QDateTime::fromMSecsSinceEpoch(forecasts.first().spentAtMs - m_session.clockOffsetMs())
                             .toString(u"HH:mm"_s));
    m_summary->setText(text);
    m_table->setEnabled(!m_session.isStale());
}

} // namespace keymux::gui
