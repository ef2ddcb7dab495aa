// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/virtualkeys/virtualkeyspage.h"

#include "page/virtualkeys/newkeydialog.h"
#include "page/virtualkeys/virtualkeydialog.h"
#include "widgets/emptystate.h"
#include "widgets/spenddelegate.h"
#include "widgets/tables.h"

#include <QAction>
#include <QHeaderView>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

const QString keysPath = u"/admin/v1/virtual-keys"_s;
constexpr qsizetype mostKeys = 20000;

} // namespace

VirtualKeysPage::VirtualKeysPage(GatewaySession &session, QWidget *parent)
    : Page(tr("Virtual keys"), u"virtualkeys"_s, parent), m_session(session),
      m_table(tableOf(m_sorted, tr("Virtual keys"))), m_stack(new QStackedWidget),
      m_empty(new EmptyState(u"virtualkeys"_s, tr("No virtual keys yet"),
                             tr("A virtual key is what clients use in place of your providers' keys. Each can have its "
                                "own models, limits and budget.")))
{
    connect(m_empty->addButton(tr("Make a virtual key…")), &QPushButton::clicked, this, &VirtualKeysPage::mint);
    buildTable();
    m_stack->addWidget(m_table);
    m_stack->addWidget(m_empty);
    body().addWidget(m_stack, 1);
    buildActions();
    m_again.setInterval(5000);
    connect(&m_again, &QTimer::timeout, this, [this] {
        if (isVisible())
            load();
    });
    m_again.start();
    connect(&session, &GatewaySession::opened, this, [this] {
        m_model.setKeys({});
        if (isVisible())
            load();
    });
}

void VirtualKeysPage::buildTable()
{
    m_sorted.setSourceModel(&m_model);
    m_sorted.setSortRole(VirtualKeysModel::SortRole);
    m_sorted.setFilterKeyColumn(-1);
    m_sorted.setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_table->setObjectName(u"virtualKeysTable"_s);
    m_table->setItemDelegateForColumn(VirtualKeysModel::Spend, new SpendDelegate(VirtualKeysModel::SpentRole, m_table));
    m_table->setSortingEnabled(true);
    m_table->verticalHeader()->setDefaultSectionSize(32);
    const int widths[VirtualKeysModel::ColumnCount] = {160, 88, 72, 130, 180, 180, 130, 100};
    for (int i = 0; i < VirtualKeysModel::ColumnCount; ++i)
        m_table->setColumnWidth(i, widths[i]);
    new KeptColumns(*m_table->horizontalHeader(), u"virtualkeys"_s);
    connect(m_table, &QTableView::doubleClicked, this, &VirtualKeysPage::edit);
}

void VirtualKeysPage::buildActions()
{
    connect(addPageAction(tr("&New…"), u"add"_s, QKeySequence::New), &QAction::triggered, this, &VirtualKeysPage::mint);
    connect(addPageAction(tr("&Edit…"), u"edit"_s, QKeySequence(u"F2"_s)), &QAction::triggered, this,
            &VirtualKeysPage::edit);
    connect(addPageAction(tr("Ro&tate"), u"rotate"_s, {}), &QAction::triggered, this, &VirtualKeysPage::rotate);
    connect(addPageAction(tr("&Revoke"), u"delete"_s, QKeySequence::Delete), &QAction::triggered, this,
            &VirtualKeysPage::revoke);
    connect(addPageAction(tr("&Block"), u"block"_s, {}, false), &QAction::triggered, this,
            [this] { setBlocked(true); });
    connect(addPageAction(tr("&Unblock"), u"play"_s, {}, false), &QAction::triggered, this,
            [this] { setBlocked(false); });
    m_withRevoked = addPageAction(tr("Show re&voked keys"), u"history"_s, {}, false);
    m_withRevoked->setCheckable(true);
    connect(m_withRevoked, &QAction::toggled, this, &VirtualKeysPage::load);
    connect(addPageAction(tr("Re&fresh"), u"refresh"_s, QKeySequence::Refresh, false), &QAction::triggered, this,
            &VirtualKeysPage::load);
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_table->addActions(pageActions());
}

void VirtualKeysPage::setSearch(const QString &text)
{
    m_sorted.setFilterFixedString(text);
}

void VirtualKeysPage::showEvent(QShowEvent *event)
{
    Page::showEvent(event);
    load();
}

void VirtualKeysPage::load()
{
    if (m_session.isOpen())
        more({}, {});
}

void VirtualKeysPage::more(const QString &cursor, const QJsonArray &before)
{
    QString path = keysPath + "?limit=1000"_L1;
    if (m_withRevoked->isChecked())
        path += "&revoked=true"_L1;
    if (!cursor.isEmpty())
        path += "&cursor="_L1 + QString::fromLatin1(QUrl::toPercentEncoding(cursor));
    m_session.client().get(path, this, [this, before](const GatewayAnswer &answer) {
        if (answer.cancelled)
            return;
        if (!answer.ok()) {
            messages().show(Tone::Bad, answer.problem, tr("Try again"), [this] { load(); });
            return;
        }
        QJsonArray all = before;
        const QJsonArray items = answer.items();
        for (const auto &item : items)
            all.append(item);
        const QString next = answer.object()["next"_L1].toString();
        if (next.isEmpty() || all.size() >= mostKeys)
            shown(all);
        else
            more(next, all);
    });
}

void VirtualKeysPage::shown(const QJsonArray &keys)
{
    const QString id = selected()["id"_L1].toString();
    m_model.setKeys(keys);
    m_stack->setCurrentWidget(keys.isEmpty() ? static_cast<QWidget *>(m_empty) : m_table);
    if (const int row = m_model.rowOf(id); row >= 0)
        m_table->selectRow(m_sorted.mapFromSource(m_model.index(row, 0)).row());
}

QJsonObject VirtualKeysPage::selected()
{
    const QModelIndex index = m_sorted.mapToSource(m_table->currentIndex());
    return index.isValid() ? m_model.key(index.row()) : QJsonObject();
}

void VirtualKeysPage::mint()
{
    auto *dialog = new VirtualKeyDialog(m_session.client(), {}, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &VirtualKeyDialog::saved, this, &VirtualKeysPage::showNew);
    dialog->open();
}

void VirtualKeysPage::showNew(const QJsonObject &answer)
{
    load();
    auto *dialog = new NewKeyDialog(answer["name"_L1].toString(), answer["key"_L1].toString(),
                                    m_session.connection().clientAddress(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->open();
}

void VirtualKeysPage::edit()
{
    const QJsonObject key = selected();
    if (key.isEmpty()) {
        messages().show(Tone::Muted, tr("Select a virtual key first."));
        return;
    }
    auto *dialog = new VirtualKeyDialog(m_session.client(), key, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &VirtualKeyDialog::saved, this, &VirtualKeysPage::load);
    dialog->open();
}

void VirtualKeysPage::rotate()
{
    const QJsonObject key = selected();
    if (key.isEmpty()) {
        messages().show(Tone::Muted, tr("Select a virtual key first."));
        return;
    }
    const QString id = key["id"_L1].toString(), name = key["name"_L1].toString();
    messages().show(Tone::Warning, tr("Give “%1” a new text? The old one goes on working for one hour.").arg(name),
                    tr("Rotate"), [this, id] {
                        m_session.client().post(u"%1/%2/rotate"_s.arg(keysPath, id), {{"grace_s"_L1, 3600}}, this,
                                                [this](const GatewayAnswer &answer) {
                                                    if (answer.ok())
                                                        showNew(answer.object());
                                                    else
                                                        messages().show(Tone::Bad, answer.problem);
                                                });
                    });
}

void VirtualKeysPage::revoke()
{
    const QJsonObject key = selected();
    if (key.isEmpty()) {
        messages().show(Tone::Muted, tr("Select a virtual key first."));
        return;
    }
    const QString id = key["id"_L1].toString(), name = key["name"_L1].toString();
    messages().show(Tone::Warning, tr("Revoke “%1”? Clients that use it are refused at once, for good.").arg(name),
                    tr("Revoke"), [this, id, name] {
                        m_session.client().remove(u"%1/%2"_s.arg(keysPath, id), this,
                                                  [this, name](const GatewayAnswer &answer) {
                                                      done(answer, tr("“%1” is revoked.").arg(name));
                                                  });
                    });
}

void VirtualKeysPage::setBlocked(bool blocked)
{
    const QJsonObject key = selected();
    if (key.isEmpty())
        return;
    const QString name = key["name"_L1].toString();
    m_session.client().patch(u"%1/%2"_s.arg(keysPath, key["id"_L1].toString()), {{"blocked"_L1, blocked}}, this,
                             [this, name, blocked](const GatewayAnswer &answer) {
                                 done(answer,
                                      blocked ? tr("“%1” is blocked.").arg(name) : tr("“%1” works again.").arg(name));
                             });
}

void VirtualKeysPage::done(const GatewayAnswer &answer, const QString &text)
{
    if (answer.ok())
        messages().show(Tone::Good, text);
    else
        messages().show(Tone::Bad, answer.problem);
    load();
}

} // namespace keymux::gui
