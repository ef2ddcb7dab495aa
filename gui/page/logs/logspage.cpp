// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/logs/logspage.h"

#include "widgets/tables.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QFontDatabase>
#include <QHeaderView>
#include <QTableView>
#include <QVBoxLayout>
#include <utility>

using namespace Qt::StringLiterals;

namespace keymux::gui {

void LogFilter::setLeast(int rank)
{
    m_least = rank;
    invalidateFilter();
}

bool LogFilter::filterAcceptsRow(int row, const QModelIndex &parent) const
{
    const auto *model = static_cast<const LogModel *>(sourceModel());
    return model->rank(row) >= m_least && QSortFilterProxyModel::filterAcceptsRow(row, parent);
}

LogsPage::LogsPage(GatewaySession &session, QWidget *parent)
    : Page(tr("Logs"), u"logs"_s, parent), m_session(session), m_table(tableOf(m_filter, tr("Log"))),
      m_level(new QComboBox)
{
    for (const auto &[level, name] :
         {std::pair{u"debug"_s, tr("All")}, std::pair{u"info"_s, tr("Info and above")},
          std::pair{u"warning"_s, tr("Warnings and errors")}, std::pair{u"error"_s, tr("Errors")}})
        m_level->addItem(name, level);
    m_level->setAccessibleName(tr("Level"));
    m_level->setCurrentIndex(1);
    addToHeader(m_level);
    m_follow = addPageAction(tr("&Follow"), u"down"_s, QKeySequence(u"Ctrl+J"_s));
    m_follow->setCheckable(true);
    m_follow->setChecked(true);
    m_pause = addPageAction(tr("&Pause"), u"pause"_s, QKeySequence(u"Ctrl+P"_s));
    m_pause->setCheckable(true);
    connect(addPageAction(tr("&Copy"), u"copy"_s, QKeySequence::Copy), &QAction::triggered, this, &LogsPage::copy);
    connect(addPageAction(tr("C&lear"), u"delete"_s, {}), &QAction::triggered, this, [this] { m_model.clear(); });
    buildTable();
    body().addWidget(m_table, 1);
    connect(m_level, &QComboBox::currentIndexChanged, this,
            [this] { m_filter.setLeast(LogModel::rankOf(m_level->currentData().toString())); });
    m_filter.setLeast(LogModel::rankOf(m_level->currentData().toString()));
    connect(m_pause, &QAction::toggled, this, [this](bool paused) {
        if (!paused)
            load();
    });
    connect(&session.feed(), &LiveFeed::logLines, this, [this](const QJsonArray &lines) {
        if (!m_pause->isChecked())
            take(lines);
    });
    connect(&session, &GatewaySession::opened, this, [this] {
        m_model.clear();
        if (isVisible())
            load();
    });
}

void LogsPage::buildTable()
{
    m_filter.setSourceModel(&m_model);
    m_filter.setFilterKeyColumn(-1);
    m_filter.setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_table->setObjectName(u"logTable"_s);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->setAlternatingRowColors(false);
    m_table->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_table->verticalHeader()->setDefaultSectionSize(24);
    m_table->setColumnWidth(LogModel::When, 120);
    m_table->setColumnWidth(LogModel::Level, 90);
    m_table->setColumnWidth(LogModel::Category, 110);
    new KeptColumns(*m_table->horizontalHeader(), u"logs"_s);
}

void LogsPage::setSearch(const QString &text)
{
    m_filter.setFilterFixedString(text);
}

void LogsPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    // Lines are sent only while somebody reads them.
    m_session.feed().setLogLevel(u"debug"_s);
    load();
}

void LogsPage::hideEvent(QHideEvent *event)
{
    Page::hideEvent(event);
    m_session.feed().setLogLevel({});
}

void LogsPage::load()
{
    if (!m_session.isOpen())
        return;
    m_session.client().get(u"/admin/v1/logs?level=debug&limit=500"_s, this, [this](const GatewayAnswer &answer) {
        if (answer.cancelled)
            return;
        if (!answer.ok()) {
            messages().show(Tone::Bad, answer.problem, tr("Try again"), [this] { load(); });
            return;
        }
        QJsonArray oldestFirst;
        const QJsonArray items = answer.items();
        for (auto it = items.end(); it != items.begin();)
            oldestFirst.append(*--it);
        take(oldestFirst);
    });
}

void LogsPage::take(const QJsonArray &lines)
{
    m_model.append(lines);
    if (m_follow->isChecked())
        m_table->scrollToBottom();
}

void LogsPage::copy()
{
    QStringList lines;
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    for (const QModelIndex &row : rows)
        lines.append(m_model.line(m_filter.mapToSource(row).row()));
    if (lines.isEmpty()) {
        for (int row = 0; row < m_filter.rowCount(); ++row)
            lines.append(m_model.line(m_filter.mapToSource(m_filter.index(row, 0)).row()));
    }
    QApplication::clipboard()->setText(lines.join(u'\n'));
    messages().show(Tone::Good, tr("%n line(s) copied.", nullptr, int(lines.size())));
}

} // namespace keymux::gui
