// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/pool/providerdialog.h"

#include "core/knownproviders.h"
#include "widgets/dialogs.h"
#include "widgets/messagebar.h"

#include <QComboBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QUrl>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace keymux::gui {

ProviderDialog::ProviderDialog(QWidget *parent)
    : QDialog(parent), m_message(new MessageBar), m_known(new QComboBox), m_name(new QLineEdit),
      m_address(new QLineEdit), m_models(new QLineEdit)
{
    setObjectName(u"providerDialog"_s);
    setWindowTitle(tr("Add a provider"));
    resize(520, 0);
    for (const KnownProvider &provider : knownProviders())
        m_known->addItem(QString::fromUtf8(provider.name.data(), qsizetype(provider.name.size())),
                         QString::fromUtf8(provider.baseUrl.data(), qsizetype(provider.baseUrl.size())));
    m_known->addItem(tr("Another…"), QString());
    m_models->setPlaceholderText(tr("names with commas, the one to be tried first in front"));
    const auto show = [this] {
        const bool other = m_known->currentData().toString().isEmpty();
        m_name->setText(other ? QString() : m_known->currentText());
        m_address->setText(m_known->currentData().toString());
        m_address->setEnabled(other);
    };
    connect(m_known, &QComboBox::currentIndexChanged, this, show);
    show();
    auto *form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    form->addRow(tr("&Provider"), m_known);
    form->addRow(tr("&Name"), m_name);
    form->addRow(tr("A&ddress"), m_address);
    form->addRow(tr("&Models"), m_models);
    auto *addButton = new QPushButton(tr("&Add"));
    auto *column = dialogColumn(*this);
    column->addWidget(m_message);
    column->addLayout(form);
    column->addLayout(buttonRow(*this, tr("Cancel"), addButton));
    for (QLineEdit *field : {m_name, m_address, m_models})
        connect(field, &QLineEdit::textChanged, m_message, &MessageBar::clear);
    connect(addButton, &QPushButton::clicked, this, &ProviderDialog::add);
}

void ProviderDialog::add()
{
    const QString name = m_name->text().trimmed();
    const QUrl address(m_address->text().trimmed(), QUrl::StrictMode);
    Json models = Json::array();
    int priority = 1;
    const QStringList names = m_models->text().split(u',', Qt::SkipEmptyParts);
    for (const QString &model : names)
        models.push_back({{"model", model.trimmed().toStdString()}, {"priority", priority++}});
    if (name.isEmpty() || models.empty()) {
        m_message->show(Tone::Bad, name.isEmpty() ? tr("Give it a name.") : tr("Name at least one model."));
        return;
    }
    Json provider = Json::object();
    if (m_address->isEnabled()) {
        if (!address.isValid() || address.host().isEmpty()) {
            m_message->show(Tone::Bad, tr("The address must look like https://api.example.com/v1."));
            return;
        }
        provider["base_url"] = address.toString().toStdString();
    }
    provider["models"] = models;
    Q_EMIT chosen(name, provider);
    accept();
}

} // namespace keymux::gui
