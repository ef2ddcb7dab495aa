// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/connectionsdialog.h"

#include "theme/colours.h"
#include "widgets/dialogs.h"
#include "widgets/messagebar.h"
#include "widgets/wrappedlabel.h"

#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QPushButton>
#include <QSaveFile>
#include <QVBoxLayout>
#include <utility>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

QIcon colourIcon(const QString &colour)
{
    QPixmap pixmap(16, 16);
    pixmap.fill(Qt::transparent);
    if (!colour.isEmpty()) {
        QPainter painter(&pixmap);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setBrush(QColor(colour));
        painter.setPen(Qt::NoPen);
        painter.drawRoundedRect(2, 2, 12, 12, 3, 3);
    }
    return QIcon(pixmap);
}

} // namespace

ConnectionsDialog::ConnectionsDialog(ConnectionList &list, Keychain &keychain, QWidget *parent)
    : QDialog(parent), m_list(list), m_keychain(keychain), m_names(new QListWidget), m_name(new QLineEdit),
      m_adminUrl(new QLineEdit), m_clientUrl(new QLineEdit), m_token(new QLineEdit), m_colour(new QComboBox),
      m_test(new QPushButton(tr("&Test"))), m_remove(new QPushButton(tr("&Remove"))),
      m_save(new QPushButton(tr("&Save"))), m_open(new QPushButton(tr("Save and &connect"))), m_message(new MessageBar)
{
    setWindowTitle(tr("Connections"));
    setObjectName(u"connectionsDialog"_s);
    resize(780, 460);
    m_probe.setTimeout(8000);
    m_names->setAccessibleName(tr("Connections"));
    auto *add = new QPushButton(tr("&New"));
    auto *importButton = new QPushButton(tr("&Import…"));
    auto *exportButton = new QPushButton(tr("&Export…"));
    for (QPushButton *button : {add, m_remove, importButton, exportButton})
        button->setAutoDefault(false);
    auto *left = new QVBoxLayout;
    left->addWidget(m_names, 1);
    auto *listButtons = new QHBoxLayout;
    listButtons->addWidget(add);
    listButtons->addWidget(m_remove);
    left->addLayout(listButtons);
    auto *transfer = new QHBoxLayout;
    transfer->addWidget(importButton);
    transfer->addWidget(exportButton);
    left->addLayout(transfer);
    auto *right = new QVBoxLayout;
    buildForm(*right);
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(16, 16, 16, 16);
    row->setSpacing(18);
    row->addLayout(left, 2);
    row->addLayout(right, 5);
    connect(add, &QPushButton::clicked, this, &ConnectionsDialog::startNew);
    connect(m_remove, &QPushButton::clicked, this, &ConnectionsDialog::removeSelected);
    connect(exportButton, &QPushButton::clicked, this, &ConnectionsDialog::exportList);
    connect(importButton, &QPushButton::clicked, this, &ConnectionsDialog::importList);
    connect(m_names, &QListWidget::currentRowChanged, this, &ConnectionsDialog::showSelected);
    connect(m_test, &QPushButton::clicked, this, &ConnectionsDialog::test);
    connect(m_save, &QPushButton::clicked, this, [this] { saveAnd(false); });
    connect(m_open, &QPushButton::clicked, this, [this] { saveAnd(true); });
    connect(&m_probe, &GatewayClient::certificateUnknown, this, &ConnectionsDialog::askForCertificate);
    fillList();
    if (m_names->count() == 0)
        startNew();
    else
        select(m_list.lastUsed());
}

void ConnectionsDialog::buildForm(QVBoxLayout &into)
{
    m_name->setPlaceholderText(tr("Production"));
    m_adminUrl->setPlaceholderText(u"https://gateway.example:4001"_s);
    m_clientUrl->setPlaceholderText(tr("The admin address with port 4000"));
    m_token->setEchoMode(QLineEdit::Password);
    m_token->setPlaceholderText(tr("From the file admin-token in the gateway's state folder"));
    m_colour->addItem(tr("None"), QString());
    for (const auto &[name, colour] : {std::pair{tr("Blue"), u"#2f5fd0"_s}, std::pair{tr("Green"), u"#1a7f45"_s},
                                       std::pair{tr("Orange"), u"#c05000"_s}, std::pair{tr("Red"), u"#c0303a"_s},
                                       std::pair{tr("Violet"), u"#6b46c1"_s}})
        m_colour->addItem(colourIcon(colour), name, colour);
    auto *form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    form->setHorizontalSpacing(14);
    form->setVerticalSpacing(10);
    form->addRow(tr("N&ame"), m_name);
    form->addRow(tr("Co&lour"), m_colour);
    form->addRow(tr("Admin a&ddress"), m_adminUrl);
    form->addRow(tr("Admin to&ken"), m_token);
    form->addRow(tr("Address &for clients"), m_clientUrl);
    auto *note = new WrappedLabel(tr("The token is kept in the keychain of this computer and in no file."));
    note->setProperty("role", QStringLiteral("muted"));
    form->addRow(QString(), note);
    into.addWidget(m_message);
    into.addLayout(form);
    into.addStretch();
    auto *buttons = buttonRow(*this, tr("Close"), m_open, {m_test});
    m_save->setAutoDefault(false);
    buttons->insertWidget(buttons->count() - 1, m_save);
    into.addLayout(buttons);
    for (QLineEdit *field : {m_name, m_adminUrl, m_token, m_clientUrl})
        connect(field, &QLineEdit::textEdited, m_message, &MessageBar::clear);
}

void ConnectionsDialog::fillList()
{
    const QSignalBlocker quiet(m_names);
    m_names->clear();
    for (const Connection &c : m_list.all()) {
        auto *item = new QListWidgetItem(colourIcon(c.colour), c.name);
        item->setData(Qt::UserRole, c.id);
        item->setToolTip(c.ownGateway ? tr("Runs on this computer") : c.adminUrl.toString());
        m_names->addItem(item);
    }
}

void ConnectionsDialog::select(const QString &id)
{
    for (int i = 0; i < m_names->count(); ++i) {
        if (m_names->item(i)->data(Qt::UserRole).toString() == id)
            m_names->setCurrentRow(i);
    }
    if (m_names->currentRow() < 0)
        m_names->setCurrentRow(0);
    showSelected();
}

void ConnectionsDialog::startNew()
{
    {
        const QSignalBlocker quiet(m_names);
        m_names->setCurrentRow(-1);
    }
    m_shown = newConnection({}, QUrl());
    m_name->clear();
    m_adminUrl->setText(u"http://127.0.0.1:4001"_s);
    m_clientUrl->clear();
    m_token->clear();
    m_colour->setCurrentIndex(0);
    m_remove->setEnabled(false);
    m_message->clear();
    m_name->setFocus();
}

void ConnectionsDialog::showSelected()
{
    const QListWidgetItem *item = m_names->currentItem();
    const Connection *found = item ? m_list.find(item->data(Qt::UserRole).toString()) : nullptr;
    if (!found)
        return;
    m_shown = *found;
    m_name->setText(m_shown.name);
    m_adminUrl->setText(m_shown.adminUrl.toString());
    m_clientUrl->setText(m_shown.clientUrl.toString());
    m_colour->setCurrentIndex(std::max(0, m_colour->findData(m_shown.colour)));
    m_token->clear();
    m_remove->setEnabled(true);
    m_message->clear();
    m_keychain.read(m_shown.tokenEntry(), this, [this, id = m_shown.id](const KeychainAnswer &answer) {
        if (id != m_shown.id)
            return;
        if (answer.ok())
            m_token->setText(answer.value);
        else if (answer.failure != KeychainAnswer::Failure::Missing)
            m_message->show(Tone::Warning, answer.problem);
    });
}

Connection ConnectionsDialog::edited() const
{
    Connection c = m_shown;
    c.name = m_name->text().trimmed();
    c.adminUrl = QUrl(m_adminUrl->text().trimmed(), QUrl::StrictMode);
    c.clientUrl = QUrl(m_clientUrl->text().trimmed(), QUrl::StrictMode);
    c.colour = m_colour->currentData().toString();
    if (c.name.isEmpty())
        c.name = c.adminUrl.host();
    return c;
}

bool ConnectionsDialog::checkForm()
{
    const Connection c = edited();
    const bool http = c.adminUrl.scheme() == "http"_L1 || c.adminUrl.scheme() == "https"_L1;
    if (!c.adminUrl.isValid() || !http || c.adminUrl.host().isEmpty()) {
        m_message->show(Tone::Bad, tr("The admin address must look like https://gateway.example:4001."));
        m_adminUrl->setFocus();
        return false;
    }
    if (!c.isPrivate())
        m_message->show(Tone::Warning,
                        tr("Without TLS the admin token can be read on the way to %1. Set server.tls on the "
                           "gateway and use https.")
                            .arg(c.adminUrl.host()));
    if (m_token->text().trimmed().isEmpty()) {
        m_message->show(Tone::Bad,
                        tr("Enter the admin token; the gateway keeps it in the file admin-token of its state "
                           "folder."));
        m_token->setFocus();
        return false;
    }
    return true;
}

void ConnectionsDialog::saveAnd(bool open)
{
    if (!checkForm())
        return;
    const Connection c = edited();
    m_keychain.write(c.tokenEntry(), m_token->text().trimmed(), this, [this, c, open](const KeychainAnswer &answer) {
        if (answer.ok())
            stored(c, open);
        else
            m_message->show(Tone::Bad, answer.problem);
    });
}

void ConnectionsDialog::stored(const Connection &connection, bool open)
{
    if (!m_list.put(connection)) {
        m_message->show(Tone::Bad, m_list.problem());
        return;
    }
    m_shown = connection;
    fillList();
    select(connection.id);
    Q_EMIT listChanged();
    m_message->show(Tone::Good, tr("“%1” is saved.").arg(connection.name));
    if (open) {
        Q_EMIT chosen(connection.id);
        accept();
    }
}

void ConnectionsDialog::test()
{
    if (!checkForm())
        return;
    m_test->setEnabled(false);
    m_message->show(Tone::Muted, tr("Asking the gateway…"));
    m_probe.setTarget(edited(), m_token->text().trimmed().toUtf8());
    m_probe.get(u"/admin/v1/state"_s, this, [this](const GatewayAnswer &answer) {
        m_test->setEnabled(true);
        if (!answer.ok()) {
            if (!answer.problem.isEmpty() && m_message->text() == tr("Asking the gateway…"))
                m_message->show(Tone::Bad, answer.problem);
            return;
        }
        const QJsonObject totals = answer.object()["totals"_L1].toObject();
        m_message->show(Tone::Good, tr("It answers: %1 keys, %2 deployments.")
                                        .arg(totals["keys"_L1].toInteger())
                                        .arg(totals["deployments"_L1].toInteger()));
    });
}

void ConnectionsDialog::askForCertificate(const QString &sha256, const QString &why)
{
    QString grouped = sha256.toUpper();
    for (qsizetype i = grouped.size() - 8; i > 0; i -= 8)
        grouped.insert(i, u' ');
    const QString text =
        m_shown.pinnedSha256.isEmpty()
            ? tr("Nobody vouches for this gateway's certificate (%1). Its SHA-256 is %2. Compare it with the one on "
                 "the "
                 "gateway before you trust it.")
            : tr("This gateway shows another certificate than the one you trusted (%1). Its SHA-256 is %2. Unless it "
                 "was renewed, somebody is between you and the gateway.");
    m_message->show(Tone::Warning, text.arg(why, grouped), tr("Trust this certificate"), [this, sha256] {
        m_shown.pinnedSha256 = sha256;
        test();
    });
}

void ConnectionsDialog::removeSelected()
{
    const Connection gone = m_shown;
    m_message->show(
        Tone::Warning,
        tr("Remove “%1” and its token from this computer? The gateway itself is not touched.").arg(gone.name),
        tr("Remove"), [this, gone] {
            m_keychain.remove(gone.tokenEntry(), this, [](const KeychainAnswer &) {});
            m_list.remove(gone.id);
            fillList();
            Q_EMIT listChanged();
            if (m_names->count() == 0)
                startNew();
            else
                select({});
        });
}

void ConnectionsDialog::exportList()
{
    auto *dialog = new QFileDialog(this, tr("Export connections without their tokens"), {}, tr("JSON (*.json)"));
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->selectFile(u"keymux-connections.json"_s);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &name) {
        QSaveFile file(name);
        if (file.open(QIODevice::WriteOnly) && file.write(m_list.exported()) >= 0 && file.commit())
            m_message->show(Tone::Good, tr("Written to %1. Tokens are not in it.").arg(name));
        else
            m_message->show(Tone::Bad, tr("%1 cannot be written: %2").arg(name, file.errorString()));
    });
    dialog->open();
}

void ConnectionsDialog::importList()
{
    auto *dialog = new QFileDialog(this, tr("Import connections"), {}, tr("JSON (*.json)"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString &name) {
        QFile file(name);
        const int added = file.open(QIODevice::ReadOnly) ? m_list.import(file.read(1 << 20)) : -1;
        if (added < 0) {
            m_message->show(Tone::Bad, tr("%1 is not a list of connections.").arg(name));
            return;
        }
        fillList();
        Q_EMIT listChanged();
        m_message->show(Tone::Good, tr("%n connection(s) added. Enter the token of each.", nullptr, added));
    });
    dialog->open();
}

} // namespace keymux::gui
