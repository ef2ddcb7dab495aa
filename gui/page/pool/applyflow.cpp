// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/pool/applyflow.h"

#include "document/changewords.h"
#include "page/pool/changesview.h"
#include "widgets/dialogs.h"
#include "widgets/messagebar.h"
#include "widgets/tables.h"
#include "widgets/wrappedlabel.h"

#include <QDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QSplitter>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

QString summaryOf(const Json &before, const Json &after)
{
    const PoolConfigReading was = readPoolConfig(before.dump(), {.allowLiteralKeys = true});
    const PoolConfigReading is = readPoolConfig(after.dump(), {.allowLiteralKeys = true});
    return was.valid() && is.valid() ? changeInWords(was.config, is.config) : QString();
}

QDialog *dialogFor(QWidget *window, const QString &name, const QString &title)
{
    auto *dialog = new QDialog(window);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setObjectName(name);
    dialog->setWindowTitle(title);
    dialogColumn(*dialog);
    return dialog;
}

QWidget *titled(const QString &title, QWidget *widget)
{
    auto *box = new QWidget;
    auto *column = new QVBoxLayout(box);
    column->setContentsMargins(0, 0, 0, 0);
    auto *label = new QLabel(title);
    label->setProperty("role", QStringLiteral("heading"));
    column->addWidget(label);
    column->addWidget(widget, 1);
    return box;
}

} // namespace

ApplyFlow::ApplyFlow(PoolDocument &document, PoolSync &sync, QWidget *window)
    : QObject(window), m_document(document), m_sync(sync), m_window(window)
{
    connect(&sync, &PoolSync::conflict, this, &ApplyFlow::showConflict);
    connect(&sync, &PoolSync::refused, this, &ApplyFlow::say);
    connect(&sync, &PoolSync::failed, this, &ApplyFlow::say);
    connect(&sync, &PoolSync::applied, this, [this] {
        if (m_dialog)
            m_dialog->accept();
    });
}

void ApplyFlow::say(const QString &problem)
{
    if (m_message)
        m_message->show(Tone::Bad, problem);
}

void ApplyFlow::start()
{
    if (!m_document.isChanged() || (m_dialog && m_dialog->isVisible()))
        return;
    m_document.checkNow();
    m_dialog = dialogFor(m_window, u"applyDialog"_s, tr("Apply changes"));
    m_dialog->resize(780, 460);
    auto *column = static_cast<QVBoxLayout *>(m_dialog->layout());
    m_message = new MessageBar;
    column->addWidget(m_message);
    auto *summary = new WrappedLabel(summaryOf(m_document.base(), m_document.json()));
    summary->setObjectName(u"applySummary"_s);
    column->addWidget(summary);
    auto *view = new ChangesView;
    view->show(m_document.changes());
    column->addWidget(view, 1);
    auto *apply = new QPushButton(tr("&Apply"));
    column->addLayout(buttonRow(*m_dialog, tr("Cancel"), apply));
    connect(apply, &QPushButton::clicked, this, [this] { m_sync.apply(); });
    if (const auto &problems = m_document.problemList(); !problems.empty()) {
        QStringList said{tr("This cannot go live yet:")};
        for (std::size_t i = 0; i < std::min<std::size_t>(problems.size(), 5); ++i)
            said.append(QString::fromStdString(problems[i].path + ": " + problems[i].message));
        m_message->show(Tone::Bad, said.join(u'\n'));
        apply->setEnabled(false);
    }
    m_dialog->open();
}

void ApplyFlow::showConflict()
{
    if (m_dialog)
        m_dialog->reject();
    m_dialog = dialogFor(m_window, u"conflictDialog"_s, tr("Somebody else was quicker"));
    m_dialog->resize(1000, 520);
    auto *column = static_cast<QVBoxLayout *>(m_dialog->layout());
    m_message = new MessageBar;
    column->addWidget(m_message);
    auto *text = new WrappedLabel(
        tr("The pool was changed on the gateway since you began. Left are their changes, right are yours."));
    column->addWidget(text);
    auto *theirs = new ChangesView, *mine = new ChangesView;
    theirs->show(changesBetween(m_document.base(), m_sync.theirs()));
    mine->show(m_document.changes());
    theirs->setAccessibleName(tr("Their changes"));
    mine->setAccessibleName(tr("Your changes"));
    auto *both = new QSplitter;
    both->addWidget(titled(tr("Theirs, live now"), theirs));
    both->addWidget(titled(tr("Yours"), mine));
    both->setChildrenCollapsible(false);
    keepSplitter(*both, u"conflict"_s);
    column->addWidget(both, 1);
    auto *take = new QPushButton(tr("&Reload theirs"));
    auto *overwrite = new QPushButton(tr("&Overwrite with mine"));
    auto *mergeButton = new QPushButton(tr("&Merge both"));
    column->addLayout(buttonRow(*m_dialog, tr("Cancel"), mergeButton, {take, overwrite}));
    connect(take, &QPushButton::clicked, this, [this] {
        m_sync.takeTheirs();
        m_dialog->accept();
    });
    connect(overwrite, &QPushButton::clicked, this, [this] { m_sync.overwrite(); });
    connect(mergeButton, &QPushButton::clicked, this, [this] {
        const std::vector<std::string> conflicts = m_sync.takeMerge();
        m_dialog->accept();
        m_dialog = nullptr;
        start();
        if (!conflicts.empty() && m_message) {
            QStringList said{tr("Both of you changed this; yours is taken:")};
            for (const std::string &path : conflicts)
                said.append(QString::fromStdString(path));
            m_message->show(Tone::Warning, said.join(u'\n'));
        }
    });
    m_dialog->open();
}

void ApplyFlow::revert()
{
    if (m_document.isChanged())
        m_document.replace(tr("Revert all changes"), Json(m_document.base()));
}

} // namespace keymux::gui
