// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/pool/revisionsdialog.h"

#include "page/pool/changesview.h"
#include "widgets/dialogs.h"
#include "widgets/messagebar.h"
#include "widgets/tables.h"

#include <QDateTime>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSplitter>
#include <QTreeWidget>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace keymux::gui {

RevisionsDialog::RevisionsDialog(GatewayClient &client, Json live, QWidget *parent)
    : QDialog(parent), m_client(client), m_live(std::move(live)), m_message(new MessageBar), m_list(new QTreeWidget),
      m_changes(new ChangesView), m_restore(new QPushButton(tr("&Restore this revision")))
{
    setObjectName(u"revisionsDialog"_s);
    setWindowTitle(tr("Revisions"));
    resize(900, 560);
    m_list->setHeaderLabels({tr("Revision"), tr("When"), tr("By"), tr("What")});
    m_list->setRootIsDecorated(false);
    m_list->setAlternatingRowColors(true);
    m_list->setAccessibleName(tr("Revisions"));
    m_list->header()->resizeSection(0, 80);
    m_list->header()->resizeSection(1, 160);
    m_list->header()->resizeSection(2, 80);
    m_changes->setAccessibleName(tr("What restoring it would change"));
    auto *lower = new QWidget;
    auto *lowerColumn = new QVBoxLayout(lower);
    lowerColumn->setContentsMargins(0, 0, 0, 0);
    lowerColumn->addWidget(new QLabel(tr("What restoring it would change:")));
    lowerColumn->addWidget(m_changes, 1);
    auto *both = new QSplitter(Qt::Vertical);
    both->addWidget(m_list);
    both->addWidget(lower);
    both->setChildrenCollapsible(false);
    keepSplitter(*both, u"revisions"_s);
    auto *column = dialogColumn(*this);
    column->addWidget(m_message);
    column->addWidget(both, 1);
    column->addLayout(buttonRow(*this, tr("Close"), m_restore));
    m_restore->setEnabled(false);
    connect(m_restore, &QPushButton::clicked, this, &RevisionsDialog::restore);
    connect(m_list, &QTreeWidget::currentItemChanged, this, &RevisionsDialog::showSelected);
    load();
}

void RevisionsDialog::load()
{
    m_client.get(u"/admin/v1/pool/revisions?limit=200"_s, this, [this](const GatewayAnswer &answer) {
        if (!answer.ok()) {
            m_message->show(Tone::Bad, answer.problem, tr("Try again"), [this] { load(); });
            return;
        }
        m_list->clear();
        const QJsonArray items = answer.items();
        for (const auto &value : items) {
            const QJsonObject revision = value.toObject();
            const QDateTime at = QDateTime::fromString(revision["at"_L1].toString(), Qt::ISODateWithMs).toLocalTime();
            auto *item = new QTreeWidgetItem({QString::number(revision["n"_L1].toInteger()),
                                              QLocale().toString(at, QLocale::ShortFormat),
                                              revision["by"_L1].toString(), revision["summary"_L1].toString()});
            item->setSizeHint(0, QSize(0, 26));
            item->setToolTip(3, item->text(3));
            m_list->addTopLevelItem(item);
        }
        m_list->setCurrentItem(m_list->topLevelItem(0));
    });
}

void RevisionsDialog::showSelected()
{
    const QTreeWidgetItem *item = m_list->currentItem();
    m_restore->setEnabled(false);
    m_changes->clear();
    if (!item)
        return;
    const QString n = item->text(0);
    m_client.get(u"/admin/v1/pool/revisions/"_s + n, this, [this, n](const GatewayAnswer &answer) {
        const QTreeWidgetItem *now = m_list->currentItem();
        if (!answer.ok() || !now || now->text(0) != n)
            return;
        // A revision keeps its comments, which this parser skips; trailing commas it does not know.
        const Json document = Json::parse(answer.object()["text"_L1].toString().toStdString(), nullptr, false, true);
        if (document.is_object())
            m_changes->show(changesBetween(m_live, document));
        m_restore->setEnabled(m_list->indexOfTopLevelItem(const_cast<QTreeWidgetItem *>(now)) > 0);
    });
}

void RevisionsDialog::restore()
{
    const QTreeWidgetItem *item = m_list->currentItem();
    if (!item)
        return;
    m_client.post(u"/admin/v1/pool/revisions/%1/restore"_s.arg(item->text(0)), {}, this,
                  [this](const GatewayAnswer &answer) {
                      if (!answer.ok()) {
                          m_message->show(Tone::Bad, answer.problem);
                          return;
                      }
                      Q_EMIT restored();
                      accept();
                  });
}

} // namespace keymux::gui
