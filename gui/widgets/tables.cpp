// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/tables.h"

#include <QAction>
#include <QHeaderView>
#include <QMenu>
#include <QSettings>
#include <QSplitter>
#include <QTableView>

using namespace Qt::StringLiterals;

namespace keymux::gui {

QTableView *tableOf(QAbstractItemModel &model, const QString &name)
{
    auto *table = new QTableView;
    table->setModel(&model);
    table->setAccessibleName(name);
    table->setSelectionBehavior(QAbstractItemView::SelectRows);
    table->setSelectionMode(QAbstractItemView::SingleSelection);
    table->setAlternatingRowColors(true);
    table->setShowGrid(false);
    table->setWordWrap(false);
    table->verticalHeader()->hide();
    table->verticalHeader()->setDefaultSectionSize(28);
    QHeaderView *header = table->horizontalHeader();
    header->setHighlightSections(false);
    header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    header->setStretchLastSection(true);
    return table;
}

KeptColumns::KeptColumns(QHeaderView &header, const QString &name)
    : QObject(&header), m_header(header), m_settingsName(name + "/columns"_L1)
{
    // Until somebody asks for another, rows are in the model's own order.
    header.setSortIndicator(-1, Qt::AscendingOrder);
    header.setSectionsMovable(true);
    header.restoreState(QSettings().value(m_settingsName).toByteArray());
    if (header.isSortIndicatorShown())
        header.model()->sort(header.sortIndicatorSection(), header.sortIndicatorOrder());
    header.setContextMenuPolicy(Qt::CustomContextMenu);
    connect(&header, &QWidget::customContextMenuRequested, this, &KeptColumns::showMenu);
    connect(&header, &QHeaderView::sectionMoved, this, &KeptColumns::keep);
    connect(&header, &QHeaderView::sectionResized, this, &KeptColumns::keep);
    connect(&header, &QHeaderView::sortIndicatorChanged, this, &KeptColumns::keep);
}

void KeptColumns::keep() const
{
    QSettings().setValue(m_settingsName, m_header.saveState());
}

void KeptColumns::showMenu(const QPoint &at)
{
    auto *menu = new QMenu(&m_header);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    if (m_header.isSortIndicatorShown()) {
        connect(menu->addAction(tr("Unsorted")), &QAction::triggered, this, [this] {
            m_header.setSortIndicator(-1, Qt::AscendingOrder);
            m_header.model()->sort(-1);
        });
        menu->addSeparator();
    }
    for (int i = 1; i < m_header.count(); ++i) {
        QAction *action = menu->addAction(m_header.model()->headerData(i, Qt::Horizontal, Qt::DisplayRole).toString());
        action->setCheckable(true);
        action->setChecked(!m_header.isSectionHidden(i));
        connect(action, &QAction::toggled, this, [this, i](bool shown) {
            m_header.setSectionHidden(i, !shown);
            keep();
        });
    }
    menu->popup(m_header.mapToGlobal(at));
}

void keepSplitter(QSplitter &splitter, const QString &name)
{
    const QString settingsName = name + "/splitter"_L1;
    splitter.restoreState(QSettings().value(settingsName).toByteArray());
    QObject::connect(&splitter, &QSplitter::splitterMoved, &splitter,
                     [&splitter, settingsName] { QSettings().setValue(settingsName, splitter.saveState()); });
}

} // namespace keymux::gui
