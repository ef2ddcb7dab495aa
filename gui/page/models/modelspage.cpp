// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/models/modelspage.h"

#include "widgets/tables.h"

#include <QAction>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

QWidget *titled(const QString &title, const QList<QWidget *> &widgets)
{
    auto *box = new QWidget;
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    auto *label = new QLabel(title);
    label->setProperty("role", QStringLiteral("heading"));
    column->addWidget(label);
    for (QWidget *widget : widgets)
        column->addWidget(widget, widget == widgets.last() ? 1 : 0);
    return box;
}

} // namespace

ModelsPage::ModelsPage(GatewaySession &session, PoolDocument &document, QWidget *parent)
    : Page(tr("Models"), u"models"_s, parent), m_document(document), m_rules(document), m_plan(document, session),
      m_rulesTable(tableOf(m_rules, tr("Rules"))), m_planTable(tableOf(m_plan, tr("Route plan"))),
      m_name(new QLineEdit), m_endpoint(new QComboBox), m_explanation(new QLabel)
{
    auto *both = new QSplitter(Qt::Vertical);
    both->addWidget(buildRules());
    both->addWidget(buildPlan());
    both->setStretchFactor(0, 2);
    both->setStretchFactor(1, 3);
    both->setChildrenCollapsible(false);
    keepSplitter(*both, u"models"_s);
    body().addWidget(both, 1);
    buildActions();
    ask();
}

QWidget *ModelsPage::buildRules()
{
    m_rulesTable->setObjectName(u"rulesTable"_s);
    m_rulesTable->verticalHeader()->show();
    m_rulesTable->setColumnWidth(RulesModel::Match, 260);
    m_rulesTable->setDragDropMode(QAbstractItemView::InternalMove);
    m_rulesTable->setDragDropOverwriteMode(false);
    m_rulesTable->setDropIndicatorShown(true);
    return titled(tr("Rules, asked from above; the pool's own names come first"), {m_rulesTable});
}

QWidget *ModelsPage::buildPlan()
{
    m_planTable->setObjectName(u"planTable"_s);
    const int widths[PlanModel::ColumnCount] = {60, 170, 190, 110, 110, 70, 250};
    for (int i = 0; i < PlanModel::ColumnCount; ++i)
        m_planTable->setColumnWidth(i, widths[i]);
    new KeptColumns(*m_planTable->horizontalHeader(), u"plan"_s);
    m_name->setPlaceholderText(tr("gpt-4, gemini-2.0-flash, …"));
    m_name->setAccessibleName(tr("Model name"));
    m_name->setClearButtonEnabled(true);
    for (const Endpoint endpoint : {Endpoint::Chat, Endpoint::Completions, Endpoint::Embeddings}) {
        const std::string_view name = endpointName(endpoint);
        m_endpoint->addItem(QString::fromUtf8(name.data(), qsizetype(name.size())), int(endpoint));
    }
    m_endpoint->setAccessibleName(tr("Endpoint"));
    m_explanation->setProperty("role", QStringLiteral("muted"));
    auto *question = new QWidget;
    auto *row = new QHBoxLayout(question);
    row->setContentsMargins(0, 0, 0, 0);
    row->addWidget(m_name, 1);
    row->addWidget(m_endpoint);
    row->addWidget(m_explanation, 2);
    connect(m_name, &QLineEdit::textChanged, this, &ModelsPage::ask);
    connect(m_endpoint, &QComboBox::currentIndexChanged, this, &ModelsPage::ask);
    connect(&m_plan, &PlanModel::explained, this, [this] { m_explanation->setText(m_plan.explanation()); });
    return titled(tr("Where would a request go?"), {question, m_planTable});
}

void ModelsPage::buildActions()
{
    connect(addPageAction(tr("&Add rule"), u"add"_s, QKeySequence(u"Ins"_s)), &QAction::triggered, this, [this] {
        m_rules.add();
        m_rulesTable->setCurrentIndex(m_rules.index(0, 0));
        m_rulesTable->edit(m_rules.index(0, 0));
    });
    connect(addPageAction(tr("&Remove rule"), u"delete"_s, QKeySequence::Delete), &QAction::triggered, this, [this] {
        if (m_rulesTable->currentIndex().isValid())
            m_rules.remove(m_rulesTable->currentIndex().row());
    });
    connect(addPageAction(tr("Move u&p"), u"up"_s, QKeySequence(u"Alt+Up"_s)), &QAction::triggered, this,
            [this] { move(-1); });
    connect(addPageAction(tr("Move do&wn"), u"down"_s, QKeySequence(u"Alt+Down"_s)), &QAction::triggered, this,
            [this] { move(1); });
    QAction *undo = addPageAction(tr("&Undo"), u"undo"_s, QKeySequence::Undo, false);
    QAction *redo = addPageAction(tr("&Redo"), u"redo"_s, QKeySequence::Redo, false);
    connect(undo, &QAction::triggered, &m_document.undoStack(), &QUndoStack::undo);
    connect(redo, &QAction::triggered, &m_document.undoStack(), &QUndoStack::redo);
}

void ModelsPage::move(int step)
{
    const QModelIndex current = m_rulesTable->currentIndex();
    if (!current.isValid())
        return;
    m_rules.move(current.row(), current.row() + step);
}

void ModelsPage::ask()
{
    m_plan.setName(m_name->text().trimmed(), Endpoint(m_endpoint->currentData().toInt()));
}

} // namespace keymux::gui
