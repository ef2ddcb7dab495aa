// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/secrets/secretdialog.h"

#include "widgets/dialogs.h"
#include "widgets/messagebar.h"
#include "widgets/wrappedlabel.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace keymux::gui {

SecretDialog::SecretDialog(SecretKeeper &keeper, const QString &keyId, QWidget *parent)
    : QDialog(parent), m_keeper(keeper), m_keyId(keyId), m_message(new MessageBar), m_value(new QLineEdit),
      m_save(new QPushButton(tr("&Save")))
{
    setObjectName(u"secretDialog"_s);
    setWindowTitle(tr("Secret of %1").arg(keyId));
    resize(480, 0);
    m_value->setEchoMode(QLineEdit::Password);
    auto *form = new QFormLayout;
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    form->addRow(tr("S&ecret"), m_value);
    auto *note =
        new WrappedLabel(keeper.scheme() == "store:"_L1
                             ? tr("It goes into the keychain of this computer, and over TLS or loopback into the "
                                  "gateway's sealed store.")
                             : tr("It goes into the keychain of this computer, where the gateway finds it."));
    note->setProperty("role", QStringLiteral("muted"));
    auto *column = dialogColumn(*this);
    column->addWidget(m_message);
    column->addLayout(form);
    column->addWidget(note);
    column->addLayout(buttonRow(*this, tr("Cancel"), m_save));
    connect(m_value, &QLineEdit::textEdited, m_message, &MessageBar::clear);
    connect(m_save, &QPushButton::clicked, this, &SecretDialog::save);
}

void SecretDialog::save()
{
    const QString value = m_value->text().trimmed();
    if (value.isEmpty() || value.contains(u' ')) {
        m_message->show(Tone::Bad, value.isEmpty() ? tr("Enter the secret.")
                                                   : tr("A provider's key is one word, without spaces."));
        return;
    }
    m_save->setEnabled(false);
    m_keeper.store(m_keyId, value, this, [this](const QString &problem) {
        m_save->setEnabled(true);
        if (!problem.isEmpty()) {
            m_message->show(Tone::Bad, problem);
            return;
        }
        m_value->clear();
        Q_EMIT stored(m_keyId);
        accept();
    });
}

} // namespace keymux::gui
