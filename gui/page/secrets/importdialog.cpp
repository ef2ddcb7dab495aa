// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/secrets/importdialog.h"

#include "core/knownproviders.h"
#include "page/secrets/csvcolumns.h"
#include "page/secrets/secretfield.h"
#include "widgets/dialogs.h"
#include "widgets/messagebar.h"
#include "widgets/tables.h"
#include "widgets/wrappedlabel.h"

#include <QComboBox>
#include <QCryptographicHash>
#include <QDragEnterEvent>
#include <QFile>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QSplitter>
#include <QTableWidget>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

constexpr qint64 fileBound = 4 << 20;
constexpr int mostKnown = 2000; ///< keychain entries looked at for duplicates

} // namespace

ImportDialog::ImportDialog(GatewaySession &session, PoolDocument &document, SecretKeeper &keeper, QWidget *parent)
    : QDialog(parent), m_session(session), m_document(document), m_keeper(keeper), m_message(new MessageBar),
      m_text(new SecretField), m_columns(new CsvColumns), m_provider(new QComboBox), m_models(new QLineEdit),
      m_rows(new QTableWidget(0, 4)), m_notes(new WrappedLabel), m_progress(new QProgressBar),
      m_confirm(new QPushButton)
{
    setObjectName(u"importDialog"_s);
    setWindowTitle(tr("Import keys"));
    setAcceptDrops(true);
    resize(900, 600);
    build();
    if (document.json().contains("providers")) {
        for (const auto &[name, provider] : document.json()["providers"].items()) {
            for (const Json &key : provider.value("keys", Json::array())) {
                const std::string reference = key.is_object() ? key.value("api_key", std::string()) : std::string();
                const QString entry = QString::fromStdString(reference).section(u':', 1);
                if ((reference.starts_with("keychain:") || reference.starts_with("store:")) &&
                    m_toLearn.size() < mostKnown)
                    m_toLearn.append({entry, QString::fromStdString(key.value("key_id", std::string()))});
            }
        }
    }
    learnKnown(0);
    preview();
}

ImportDialog::~ImportDialog()
{
    m_read.forget();
}

void ImportDialog::build()
{
    m_text->setPlaceholderText(tr("Paste keys, or drop a file here: NAME=key lines, a table, JSON, or one key a line"));
    m_text->setAccessibleName(tr("Keys"));
    m_text->setObjectName(u"importText"_s);
    m_provider->addItem(tr("By the keys' names"), QString());
    for (const KnownProvider &provider : knownProviders()) {
        const QString name = QString::fromUtf8(provider.name.data(), qsizetype(provider.name.size()));
        m_provider->addItem(name, name);
    }
    m_models->setPlaceholderText(tr("the provider's, or names with commas"));
    m_rows->setHorizontalHeaderLabels({tr("Key"), tr("Provider"), tr("Secret"), tr("What happens")});
    m_rows->setAccessibleName(tr("What would be imported"));
    m_rows->setObjectName(u"importRows"_s);
    m_rows->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_rows->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_rows->setShowGrid(false);
    m_rows->setAlternatingRowColors(true);
    m_rows->verticalHeader()->hide();
    m_rows->horizontalHeader()->setStretchLastSection(true);
    m_rows->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_notes->setProperty("role", QStringLiteral("muted"));
    m_progress->hide();
    auto *form = new QFormLayout;
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    form->addRow(tr("Keys of &provider"), m_provider);
    form->addRow(tr("&Models"), m_models);
    auto *file = new QPushButton(tr("&Open a file…"));
    auto *reveal = new QPushButton(tr("Hold to re&veal"));
    auto *buttons = buttonRow(*this, tr("Cancel"), m_confirm, {file, reveal});
    buttons->insertWidget(2, m_progress, 1);
    auto *both = new QSplitter(Qt::Vertical);
    both->addWidget(m_text);
    both->addWidget(m_rows);
    both->setChildrenCollapsible(false);
    keepSplitter(*both, u"import"_s);
    auto *column = dialogColumn(*this);
    column->addWidget(m_message);
    column->addLayout(form);
    column->addWidget(m_columns);
    column->addWidget(both, 1);
    column->addWidget(m_notes);
    column->addLayout(buttons);
    connect(m_text, &SecretField::textChanged, this, &ImportDialog::preview);
    m_columns->hide();
    connect(m_columns, &CsvColumns::changed, this, [this](const CsvMapping &mapping) {
        m_mapping = mapping;
        preview();
    });
    connect(m_provider, &QComboBox::currentIndexChanged, this, &ImportDialog::preview);
    connect(m_models, &QLineEdit::textChanged, this, &ImportDialog::preview);
    connect(file, &QPushButton::clicked, this, &ImportDialog::openFile);
    connect(reveal, &QPushButton::pressed, m_text, [this] { m_text->setRevealed(true); });
    connect(reveal, &QPushButton::released, m_text, [this] { m_text->setRevealed(false); });
    connect(m_confirm, &QPushButton::clicked, this, &ImportDialog::confirm);
}

void ImportDialog::learnKnown(int row)
{
    if (row >= m_toLearn.size()) {
        preview();
        return;
    }
    m_session.keychain().read(m_toLearn[row].first, this, [this, row](const KeychainAnswer &answer) {
        if (answer.ok())
            m_known.insert(QCryptographicHash::hash(answer.value.toUtf8(), QCryptographicHash::Sha256),
                           m_toLearn[row].second);
        // A keychain that is locked for one is locked for all.
        const bool goesOn = answer.ok() || answer.failure == KeychainAnswer::Failure::Missing;
        learnKnown(goesOn ? row + 1 : int(m_toLearn.size()));
    });
}

void ImportDialog::setText(const QString &text)
{
    m_text->setPlainText(text);
}

void ImportDialog::openFile()
{
    auto *dialog = new QFileDialog(this, tr("Keys to import"));
    dialog->setFileMode(QFileDialog::ExistingFile);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, &ImportDialog::readFile);
    dialog->open();
}

void ImportDialog::readFile(const QString &name)
{
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly)) {
        m_message->show(Tone::Bad, tr("%1 cannot be read: %2").arg(name, file.errorString()));
        return;
    }
    setText(QString::fromUtf8(file.read(fileBound + 1)));
}

void ImportDialog::dragEnterEvent(QDragEnterEvent *event)
{
    if (event->mimeData()->hasUrls() || event->mimeData()->hasText())
        event->acceptProposedAction();
}

void ImportDialog::dropEvent(QDropEvent *event)
{
    const QList<QUrl> urls = event->mimeData()->urls();
    if (!urls.isEmpty() && urls.first().isLocalFile())
        readFile(urls.first().toLocalFile());
    else
        setText(event->mimeData()->text());
    event->acceptProposedAction();
}

void ImportDialog::readText()
{
    m_read.forget();
    SecretImportOptions options;
    options.provider = m_provider->currentData().toString();
    const QStringList models = m_models->text().split(u',', Qt::SkipEmptyParts);
    for (const QString &model : models)
        options.models.append(model.trimmed());
    options.scheme = m_keeper.scheme();
    options.knownKeys = m_known;
    options.mapping = m_mapping;
    const QString text = m_text->toPlainText();
    m_read = text.trimmed().isEmpty() ? SecretImport() : readSecrets(text.toUtf8(), options);
}

void ImportDialog::preview()
{
    readText();
    // What was chosen by hand for one table says nothing about another.
    const QStringList columns = m_read.table ? m_read.table->titles(true) : QStringList();
    if (columns != m_mapped) {
        m_mapped = columns;
        if (m_mapping) {
            m_mapping.reset();
            readText();
        }
    }
    m_columns->setVisible(m_read.table.has_value());
    if (m_read.table)
        m_columns->show(*m_read.table, m_read.mapping, !m_provider->currentData().toString().isEmpty());
    showRows();
}

void ImportDialog::showRows()
{
    m_rows->setRowCount(int(m_read.rows.size()));
    for (int i = 0; i < m_read.rows.size(); ++i) {
        const SecretImport::Row &row = m_read.rows[i];
        const QStringList cells{row.keyId, row.provider, row.masked,
                                row.problem.isEmpty() ? tr("is added") : row.problem};
        for (int column = 0; column < cells.size(); ++column)
            m_rows->setItem(i, column, new QTableWidgetItem(cells[column]));
    }
    m_rows->setColumnWidth(0, 220);
    // A table that is mapped wrongly is an error; a note is none.
    const bool told = m_read.table && !m_read.problem.isEmpty();
    m_message->clear();
    if (told)
        m_message->show(Tone::Warning, m_read.problem);
    m_notes->setText(m_read.problem.isEmpty() ? m_read.notes.mid(0, 4).join(u'\n') : told ? QString() : m_read.problem);
    m_notes->setVisible(!m_notes->text().isEmpty());
    const int taken = m_read.taken();
    m_confirm->setText(taken == 0 ? tr("&Import") : tr("&Import %n key(s)", nullptr, taken));
    m_confirm->setEnabled(taken > 0);
}

void ImportDialog::confirm()
{
    if (const QString why = m_keeper.obstacle(); !why.isEmpty()) {
        m_message->show(Tone::Bad, why);
        return;
    }
    QList<std::pair<QString, QString>> secrets;
    for (const FoundSecret &secret : m_read.import.secrets)
        secrets.append(
            {QString::fromStdString(secret.reference).section(u':', 1), QString::fromStdString(secret.value)});
    m_confirm->setEnabled(false);
    m_text->setEnabled(false);
    m_progress->setRange(0, int(secrets.size()));
    m_progress->setValue(0);
    m_progress->show();
    m_keeper.storeAll(
        secrets, this, [this](int done) { m_progress->setValue(done); },
        [this](const QString &problem) { storedAll(problem); });
}

void ImportDialog::storedAll(const QString &problem)
{
    m_text->setEnabled(true);
    m_confirm->setEnabled(true);
    if (!problem.isEmpty()) {
        m_message->show(Tone::Bad, problem);
        return;
    }
    const int taken = m_read.taken();
    const Result<MergedImport> merged = addedTo(m_document.json(), m_read);
    const Json document = merged ? Json::parse(merged->text, nullptr, false, true) : Json();
    if (!document.is_object()) {
        m_message->show(Tone::Bad, merged ? tr("The keys cannot be added to this document.")
                                          : QString::fromStdString(merged.error().message));
        return;
    }
    m_document.replace(tr("Import %n key(s)", nullptr, taken), document);
    m_text->clear();
    m_read.forget();
    Q_EMIT imported(taken);
    accept();
}

} // namespace keymux::gui
