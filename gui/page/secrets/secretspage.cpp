// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/secrets/secretspage.h"

#include "page/secrets/importdialog.h"
#include "page/secrets/secretdialog.h"
#include "secrets/secret.h"
#include "widgets/emptystate.h"
#include "widgets/tables.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QCryptographicHash>
#include <QFontDatabase>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

constexpr int clipboardSeconds = 20;

QByteArray digestOfText(const QString &text)
{
    return QCryptographicHash::hash(text.toUtf8(), QCryptographicHash::Sha256);
}

} // namespace

SecretsPage::SecretsPage(GatewaySession &session, PoolDocument &document, QWidget *parent)
    : Page(tr("Secrets"), u"secrets"_s, parent), m_session(session), m_document(document), m_keeper(session),
      m_model(document, session), m_tests(session), m_table(tableOf(m_sorted, tr("Secrets"))),
      m_stack(new QStackedWidget), m_value(new QLabel), m_reveal(new QPushButton(tr("Hold to re&veal"))),
      m_copy(new QPushButton(tr("&Copy"))), m_cancelTests(new QPushButton(tr("Cancel"))), m_progress(new QProgressBar)
{
    buildTable();
    m_stack->addWidget(m_table);
    auto *empty = new EmptyState(u"secrets"_s, tr("No keys yet"),
                                 tr("Import the keys of your providers: paste them, drop a file, or open one. Their "
                                    "secrets go into the keychain of this computer."));
    connect(empty->addButton(tr("Import keys…")), &QPushButton::clicked, this, &SecretsPage::importKeys);
    m_stack->addWidget(empty);
    body().addWidget(m_stack, 1);
    buildReveal();
    buildActions();
    listen();
}

void SecretsPage::buildTable()
{
    m_sorted.setSourceModel(&m_model);
    m_sorted.setFilterKeyColumn(-1);
    m_sorted.setFilterCaseSensitivity(Qt::CaseInsensitive);
    m_table->setObjectName(u"secretsTable"_s);
    m_table->setSortingEnabled(true);
    const int widths[SecretsModel::ColumnCount] = {180, 110, 250, 110, 100, 200};
    for (int i = 0; i < SecretsModel::ColumnCount; ++i)
        m_table->setColumnWidth(i, widths[i]);
    new KeptColumns(*m_table->horizontalHeader(), u"secrets"_s);
}

void SecretsPage::buildReveal()
{
    m_value->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_value->setObjectName(u"secretValue"_s);
    m_value->setTextFormat(Qt::PlainText);
    m_value->setText(u"••••••••"_s);
    m_progress->hide();
    m_progress->setAccessibleName(tr("Progress of the tests"));
    m_cancelTests->hide();
    auto *row = new QHBoxLayout;
    row->addWidget(m_value);
    row->addWidget(m_reveal);
    row->addWidget(m_copy);
    row->addStretch();
    row->addWidget(m_progress);
    row->addWidget(m_cancelTests);
    body().addLayout(row);
    m_reveal->setEnabled(false);
    m_copy->setEnabled(false);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentChanged, this, [this](const QModelIndex &current) {
        m_reveal->setEnabled(current.isValid());
        m_copy->setEnabled(current.isValid());
    });
    connect(m_reveal, &QPushButton::pressed, this, [this] { reveal(true); });
    connect(m_reveal, &QPushButton::released, this, [this] { reveal(false); });
    connect(m_copy, &QPushButton::clicked, this, &SecretsPage::copy);
    connect(m_cancelTests, &QPushButton::clicked, &m_tests, &KeyTests::cancel);
    m_copyTimer.setInterval(1000);
    connect(&m_copyTimer, &QTimer::timeout, this, &SecretsPage::tickCopy);
}

void SecretsPage::buildActions()
{
    connect(addPageAction(tr("&Import…"), u"import"_s, QKeySequence(u"Ctrl+I"_s)), &QAction::triggered, this,
            &SecretsPage::importKeys);
    connect(addPageAction(tr("&Enter secret…"), u"edit"_s, QKeySequence(u"F2"_s)), &QAction::triggered, this,
            &SecretsPage::enter);
    connect(addPageAction(tr("&Test"), u"test"_s, QKeySequence(u"Ctrl+T"_s)), &QAction::triggered, this,
            [this] { test(false); });
    connect(addPageAction(tr("Test &all"), u"test"_s, QKeySequence(u"Ctrl+Shift+T"_s)), &QAction::triggered, this,
            [this] { test(true); });
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_table->addActions(pageActions());
    connect(m_table, &QTableView::doubleClicked, this, &SecretsPage::enter);
}

void SecretsPage::listen()
{
    const auto count = [this] { m_stack->setCurrentIndex(m_document.isLoaded() && m_model.rowCount() == 0 ? 1 : 0); };
    connect(&m_model, &QAbstractItemModel::modelReset, this, count);
    connect(&m_model, &QAbstractItemModel::rowsInserted, this, count);
    connect(&m_model, &QAbstractItemModel::rowsRemoved, this, count);
    connect(&m_document, &PoolDocument::changed, this, count);
    connect(&m_tests, &KeyTests::tested, &m_model, &SecretsModel::setTested);
    connect(&m_tests, &KeyTests::progress, this, [this](int done, int all) {
        m_progress->setVisible(all > 1);
        m_cancelTests->setVisible(all > 1);
        m_progress->setRange(0, all);
        m_progress->setValue(done);
    });
    connect(&m_tests, &KeyTests::finished, this, [this](int good, int bad, bool cancelled) {
        m_progress->hide();
        m_cancelTests->hide();
        const QString text = tr("%1 good, %2 bad").arg(good).arg(bad);
        messages().show(bad > 0 ? Tone::Warning : Tone::Good,
                        cancelled ? tr("Cancelled: %1.").arg(text) : tr("Tested: %1.").arg(text));
    });
}

void SecretsPage::setSearch(const QString &text)
{
    m_sorted.setFilterFixedString(text);
}

const SecretsModel::Row *SecretsPage::current()
{
    const QModelIndex index = m_sorted.mapToSource(m_table->currentIndex());
    if (index.isValid())
        return &m_model.row(index.row());
    messages().show(Tone::Muted, tr("Select a key first."));
    return nullptr;
}

QString SecretsPage::entryOf(const SecretsModel::Row &row) const
{
    const bool named = row.reference.startsWith("keychain:"_L1) || row.reference.startsWith("store:"_L1);
    return named ? row.reference.section(u':', 1) : row.keyId;
}

void SecretsPage::enter()
{
    const SecretsModel::Row *row = current();
    if (!row)
        return;
    const QString entry = entryOf(*row);
    const Pointer pointer = row->pointer;
    auto *dialog = new SecretDialog(m_keeper, entry, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &SecretDialog::stored, this, [this, entry, pointer, keyId = row->keyId] {
        const Json *key = m_document.at(pointer);
        // The document may have changed under the dialog.
        if (key && key->is_object() && key->value("key_id", std::string()) == keyId.toStdString())
            m_document.setValue(tr("Refer to the secret of %1").arg(keyId), pointer / "api_key",
                                (m_keeper.scheme() + entry).toStdString());
        messages().show(Tone::Good,
                        m_document.isChanged()
                            ? tr("The secret of %1 is stored. Apply the change for the gateway to use it.").arg(keyId)
                            : tr("The secret of %1 is stored.").arg(keyId));
    });
    dialog->open();
}

void SecretsPage::importKeys()
{
    if (!m_document.isLoaded()) {
        messages().show(Tone::Muted, tr("Waiting for the gateway's pool."));
        return;
    }
    auto *dialog = new ImportDialog(m_session, m_document, m_keeper, this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &ImportDialog::imported, this, [this](int keys) {
        messages().show(Tone::Good,
                        tr("%n key(s) imported. Apply the change for the gateway to use them.", nullptr, keys));
    });
    dialog->open();
}

void SecretsPage::reveal(bool shown)
{
    if (!shown) {
        m_value->setText(u"••••••••"_s);
        return;
    }
    const SecretsModel::Row *row = current();
    if (!row)
        return;
    m_session.keychain().read(entryOf(*row), this, [this](const KeychainAnswer &answer) {
        if (!answer.ok())
            messages().show(Tone::Warning, answer.problem);
        else if (m_reveal->isDown())
            m_value->setText(answer.value);
    });
}

void SecretsPage::copy()
{
    const SecretsModel::Row *row = current();
    if (!row)
        return;
    m_session.keychain().read(entryOf(*row), this, [this](const KeychainAnswer &answer) {
        if (!answer.ok()) {
            messages().show(Tone::Warning, answer.problem);
            return;
        }
        QApplication::clipboard()->setText(answer.value);
        m_copiedDigest = digestOfText(answer.value);
        m_copyLeft = clipboardSeconds + 1;
        m_copyTimer.start();
        tickCopy();
    });
}

void SecretsPage::tickCopy()
{
    if (--m_copyLeft > 0) {
        m_copy->setText(tr("Cleared in %1 s").arg(m_copyLeft));
        return;
    }
    m_copyTimer.stop();
    m_copy->setText(tr("&Copy"));
    // Something else that was copied since stays.
    if (digestOfText(QApplication::clipboard()->text()) == m_copiedDigest)
        QApplication::clipboard()->clear();
    m_copiedDigest.clear();
}

void SecretsPage::test(bool all)
{
    QStringList keys;
    if (all) {
        for (const LiveKey &key : m_session.live().keys())
            keys.append(key.keyId);
    } else if (const SecretsModel::Row *row = current()) {
        keys.append(row->keyId);
    }
    if (!keys.isEmpty())
        m_tests.start(keys);
}

} // namespace keymux::gui
