// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/pool/poolpage.h"

#include "page/pool/celldelegate.h"
#include "page/pool/limitsdialog.h"
#include "page/pool/providerdialog.h"
#include "widgets/emptystate.h"
#include "widgets/tables.h"

#include <QAction>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QStackedWidget>
#include <QTreeView>
#include <QVBoxLayout>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace keymux::gui {

PoolPage::PoolPage(GatewaySession &session, PoolDocument &document, PoolSync &sync, QWidget *parent)
    : Page(tr("Pool"), u"pool"_s, parent), m_session(session), m_document(document), m_sync(sync),
      m_model(document, session), m_sorted(m_model), m_tree(new QTreeView), m_stack(new QStackedWidget),
      m_summary(new QLabel)
{
    m_summary->setProperty("role", QStringLiteral("muted"));
    body().addWidget(m_summary);
    buildTree();
    m_stack->addWidget(m_tree);
    buildEmpty();
    body().addWidget(m_stack, 1);
    buildActions();
    listen();
    refresh();
}

void PoolPage::buildTree()
{
    m_tree->setModel(&m_sorted);
    m_tree->setObjectName(u"poolTree"_s);
    m_tree->setAccessibleName(tr("Pool"));
    m_tree->setItemDelegate(new CellDelegate(m_tree));
    m_tree->setUniformRowHeights(true);
    m_tree->setAlternatingRowColors(true);
    m_tree->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_tree->setEditTriggers(QAbstractItemView::EditKeyPressed | QAbstractItemView::DoubleClicked);
    m_tree->setSortingEnabled(true);
    m_tree->setDragDropMode(QAbstractItemView::InternalMove);
    m_tree->setDropIndicatorShown(true);
    QHeaderView *header = m_tree->header();
    header->setStretchLastSection(false);
    const int widths[PoolModel::ColumnCount] = {230, 210, 110, 72, 108, 104, 112, 76, 72, 66, 110, 90};
    for (int i = 0; i < PoolModel::ColumnCount; ++i)
        header->resizeSection(i, widths[i]);
    new KeptColumns(*header, u"pool"_s); // unsorted is the order in which keys are tried
}

void PoolPage::buildEmpty()
{
    auto *empty = new EmptyState(u"pool"_s, tr("No keys yet"),
                                 tr("Add a provider and its keys. Nothing goes live before you press Apply."));
    connect(empty->addButton(tr("Add a provider…")), &QPushButton::clicked, this, &PoolPage::addProvider);
    m_stack->addWidget(empty);
}

void PoolPage::buildActions()
{
    QAction *undo = addPageAction(tr("&Undo"), u"undo"_s, QKeySequence::Undo);
    QAction *redo = addPageAction(tr("&Redo"), u"redo"_s, QKeySequence::Redo);
    QUndoStack &stack = m_document.undoStack();
    const auto names = [this, undo, redo, &stack] {
        undo->setEnabled(stack.canUndo());
        redo->setEnabled(stack.canRedo());
        undo->setToolTip(stack.canUndo() ? tr("Undo: %1").arg(stack.undoText()) : tr("Nothing to undo"));
        redo->setToolTip(stack.canRedo() ? tr("Redo: %1").arg(stack.redoText()) : tr("Nothing to redo"));
    };
    names();
    connect(&stack, &QUndoStack::indexChanged, this, names);
    connect(undo, &QAction::triggered, &stack, &QUndoStack::undo);
    connect(redo, &QAction::triggered, &stack, &QUndoStack::redo);
    const auto add = [this](const QString &text, const QString &icon, const QKeySequence &keys, bool button,
                            auto slot) {
        connect(addPageAction(text, icon, keys, button), &QAction::triggered, this, slot);
    };
    add(tr("Add &provider…"), u"add"_s, {}, false, [this] { addProvider(); });
    add(tr("Add &key"), u"add"_s, QKeySequence(u"Ins"_s), true, [this] { addKey(); });
    add(tr("Add &model"), u"add"_s, {}, false, [this] { addModel(); });
    add(tr("D&uplicate key"), u"copy"_s, QKeySequence(u"Ctrl+D"_s), false, [this] { duplicate(); });
    add(tr("&Remove"), u"delete"_s, QKeySequence::Delete, true, [this] { removeSelected(); });
    add(tr("&Enable"), u"play"_s, {}, false, [this] { setEnabled(true); });
    add(tr("&Disable"), u"block"_s, {}, false, [this] { setEnabled(false); });
    add(tr("Set &limits…"), u"edit"_s, QKeySequence(u"Ctrl+L"_s), true, [this] { setLimits(); });
    add(tr("Move u&p"), u"up"_s, QKeySequence(u"Alt+Up"_s), false, [this] { move(-1); });
    add(tr("Move do&wn"), u"down"_s, QKeySequence(u"Alt+Down"_s), false, [this] { move(1); });
    add(tr("&Apply…"), u"apply"_s, QKeySequence(u"Ctrl+Return"_s), false, [this] { Q_EMIT applyWanted(); });
    add(tr("Re&visions…"), u"history"_s, {}, true, [this] { Q_EMIT revisionsWanted(); });
    m_tree->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_tree->addActions(pageActions());
}

void PoolPage::listen()
{
    connect(&m_model, &PoolModel::editRefused, this, [this](const QString &why) { messages().show(Tone::Bad, why); });
    connect(&m_document, &PoolDocument::changed, this, &PoolPage::refresh);
    connect(&m_document, &PoolDocument::checked, this, &PoolPage::refresh);
    connect(&m_model, &QAbstractItemModel::modelReset, this, [this] { m_tree->expandToDepth(0); });
    connect(&m_sync, &PoolSync::failed, this, [this](const QString &problem) {
        messages().show(Tone::Bad, problem, tr("Try again"), [this] { m_sync.load(); });
    });
    connect(&m_sync, &PoolSync::draftFound, this, [this] {
        messages().show(Tone::Warning,
                        tr("There are changes of %1 that were not applied.")
                            .arg(QLocale().toString(m_sync.draftAt(), QLocale::ShortFormat)),
                        tr("Restore them"), [this] { m_sync.restoreDraft(); });
    });
    connect(&m_sync, &PoolSync::applied, this, [this](qint64 revision, const QString &summary) {
        messages().show(Tone::Good, tr("Revision %1 is live: %2").arg(revision).arg(summary));
    });
    connect(&m_sync, &PoolSync::changedElsewhere, this,
            [this] { messages().show(Tone::Muted, tr("The pool was changed elsewhere; this is the newest.")); });
}

void PoolPage::setSearch(const QString &text)
{
    m_sorted.setText(text);
    if (!text.isEmpty())
        m_tree->expandToDepth(0);
}

void PoolPage::refresh()
{
    m_stack->setCurrentIndex(m_document.isLoaded() && m_model.rowCount() == 0 ? 1 : 0);
    int keys = 0;
    for (int p = 0; p < m_model.rowCount(); ++p)
        keys += m_model.rowCount(m_model.index(p, 0));
    QString text = !m_document.isLoaded() ? tr("Waiting for the gateway.")
                                          : tr("%n provider(s)", nullptr, m_model.rowCount()) + u"  ·  "_s +
                                                tr("%n key(s)", nullptr, keys);
    if (const int changes = m_document.changeCount())
        text += u"  ·  "_s + tr("%n change(s) not applied", nullptr, changes);
    if (const auto problems = m_document.problemList().size())
        text += u"  ·  "_s + tr("%n problem(s)", nullptr, int(problems)) + u": "_s +
                QString::fromStdString(m_document.problemList().front().path + " – " +
                                       m_document.problemList().front().message);
    m_summary->setText(text);
}

QModelIndex PoolPage::current() const
{
    return m_sorted.mapToSource(m_tree->currentIndex()).siblingAtColumn(0);
}

QModelIndexList PoolPage::selectedRows() const
{
    QModelIndexList rows;
    const QModelIndexList selected = m_tree->selectionModel()->selectedRows();
    for (const QModelIndex &index : selected)
        rows.append(m_sorted.mapToSource(index));
    std::sort(rows.begin(), rows.end());
    return rows;
}

void PoolPage::selectRow(const QModelIndex &source)
{
    const QModelIndex index = m_sorted.mapFromSource(source);
    if (!index.isValid())
        return;
    m_tree->setCurrentIndex(index);
    m_tree->scrollTo(index);
    m_tree->setFocus();
}

} // namespace keymux::gui
