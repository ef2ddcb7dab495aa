// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/virtualkeys/virtualkeydialog.h"

#include "client/gatewayclient.h"
#include "widgets/dialogs.h"
#include "widgets/messagebar.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDateTimeEdit>
#include <QDoubleValidator>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QIntValidator>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <limits>
#include <utility>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

QLineEdit *numberField(const QString &placeholder)
{
    auto *field = new QLineEdit;
    field->setValidator(new QIntValidator(1, std::numeric_limits<int>::max(), field));
    field->setPlaceholderText(placeholder);
    return field;
}

QJsonValue numberOrNull(const QLineEdit &field)
{
    return field.text().isEmpty() ? QJsonValue() : QJsonValue(field.text().toLongLong());
}

void setNumber(QLineEdit &field, const QJsonValue &value)
{
    field.setText(value.isDouble() ? QString::number(value.toDouble(), 'g', 15) : QString());
}

} // namespace

VirtualKeyDialog::VirtualKeyDialog(GatewayClient &client, const QJsonObject &key, QWidget *parent)
    : QDialog(parent), m_client(client), m_key(key), m_message(new MessageBar), m_name(new QLineEdit),
      m_models(new QLineEdit), m_rpm(numberField(tr("no limit"))), m_tpm(numberField(tr("no limit"))),
      m_parallel(numberField(tr("no limit"))), m_budget(new QLineEdit), m_unit(new QComboBox), m_period(new QComboBox),
      m_expires(new QCheckBox(tr("E&xpires"))),
      m_exposeRoute(new QCheckBox(tr("Answers name the &deployment that served"))), m_expiry(new QDateTimeEdit),
      m_save(new QPushButton)
{
    setObjectName(u"virtualKeyDialog"_s);
    setWindowTitle(key.isEmpty() ? tr("New virtual key") : tr("Virtual key %1").arg(key["name"_L1].toString()));
    m_save->setText(key.isEmpty() ? tr("&Make the key") : tr("&Save"));
    resize(520, 0);
    buildForm();
    fill();
    connect(m_save, &QPushButton::clicked, this, &VirtualKeyDialog::save);
}

void VirtualKeyDialog::buildForm()
{
    m_name->setPlaceholderText(tr("Who or what uses it"));
    m_models->setPlaceholderText(tr("all; or with commas: gpt-4*, gemini-*"));
    auto *amount = new QDoubleValidator(0, 1e12, 6, m_budget);
    amount->setLocale(QLocale::c());
    amount->setNotation(QDoubleValidator::StandardNotation);
    m_budget->setValidator(amount);
    m_budget->setPlaceholderText(tr("none"));
    for (const auto &[unit, name] : {std::pair{u"usd"_s, tr("dollars")}, std::pair{u"tokens"_s, tr("tokens")},
                                     std::pair{u"requests"_s, tr("requests")}})
        m_unit->addItem(name, unit);
    for (const auto &[period, name] : {std::pair{u"day"_s, tr("a day")}, std::pair{u"week"_s, tr("a week")},
                                       std::pair{u"month"_s, tr("a month")}, std::pair{u"total"_s, tr("in all")}})
        m_period->addItem(name, period);
    m_unit->setAccessibleName(tr("Unit of the budget"));
    m_period->setAccessibleName(tr("Period of the budget"));
    m_expiry->setCalendarPopup(true);
    m_expiry->setAccessibleName(tr("Moment of expiry"));
    m_expiry->setEnabled(false);
    connect(m_expires, &QCheckBox::toggled, m_expiry, &QWidget::setEnabled);
    auto *budget = new QHBoxLayout;
    budget->addWidget(m_budget, 1);
    budget->addWidget(m_unit);
    budget->addWidget(m_period);
    auto *form = new QFormLayout;
    form->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    form->setLabelAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    form->addRow(tr("&Name"), m_name);
    form->addRow(tr("M&odels"), m_models);
    form->addRow(tr("&Requests a minute"), m_rpm);
    form->addRow(tr("&Tokens a minute"), m_tpm);
    form->addRow(tr("Requests at on&ce"), m_parallel);
    auto *budgetLabel = new QLabel(tr("&Budget"));
    budgetLabel->setBuddy(m_budget);
    form->addRow(budgetLabel, budget);
    form->addRow(m_expires, m_expiry);
    form->addRow(QString(), m_exposeRoute);
    auto *column = dialogColumn(*this);
    column->addWidget(m_message);
    column->addLayout(form);
    column->addLayout(buttonRow(*this, tr("Cancel"), m_save));
    for (QLineEdit *field : {m_name, m_models, m_rpm, m_tpm, m_parallel, m_budget})
        connect(field, &QLineEdit::textEdited, m_message, &MessageBar::clear);
}

void VirtualKeyDialog::fill()
{
    m_name->setText(m_key["name"_L1].toString());
    QStringList models;
    const QJsonArray globs = m_key["models"_L1].toArray();
    for (const auto &glob : globs)
        models.append(glob.toString());
    m_models->setText(models.join(u", "_s));
    setNumber(*m_rpm, m_key["rpm_limit"_L1]);
    setNumber(*m_tpm, m_key["tpm_limit"_L1]);
    setNumber(*m_parallel, m_key["max_parallel"_L1]);
    const QJsonObject budget = m_key["budget"_L1].toObject();
    setNumber(*m_budget, budget["amount"_L1]);
    m_unit->setCurrentIndex(std::max(0, m_unit->findData(budget["unit"_L1].toString())));
    m_period->setCurrentIndex(std::max(0, m_period->findData(budget["period"_L1].toString())));
    const QDateTime expiry = QDateTime::fromString(m_key["expires_at"_L1].toString(), Qt::ISODateWithMs);
    m_expires->setChecked(expiry.isValid());
    m_expiry->setDateTime(expiry.isValid() ? expiry.toLocalTime() : QDateTime::currentDateTime().addMonths(3));
    m_exposeRoute->setChecked(m_key["expose_route"_L1].toBool());
}

QJsonObject VirtualKeyDialog::fields() const
{
    QJsonArray models;
    const QStringList globs = m_models->text().split(u',', Qt::SkipEmptyParts);
    for (const QString &glob : globs)
        models.append(glob.trimmed());
    QJsonValue budget;
    if (!m_budget->text().isEmpty())
        budget = QJsonObject{{"amount"_L1, QLocale::c().toDouble(m_budget->text())},
                             {"unit"_L1, m_unit->currentData().toString()},
                             {"period"_L1, m_period->currentData().toString()}};
    QJsonValue expiry;
    if (m_expires->isChecked())
        expiry = m_expiry->dateTime().toUTC().toString(Qt::ISODate);
    return {{"name"_L1, m_name->text().trimmed()},
            {"models"_L1, models},
            {"rpm_limit"_L1, numberOrNull(*m_rpm)},
            {"tpm_limit"_L1, numberOrNull(*m_tpm)},
            {"max_parallel"_L1, numberOrNull(*m_parallel)},
            {"budget"_L1, budget},
            {"expires_at"_L1, expiry},
            {"expose_route"_L1, m_exposeRoute->isChecked()}};
}

void VirtualKeyDialog::save()
{
    if (m_name->text().trimmed().isEmpty()) {
        m_message->show(Tone::Bad, tr("Name who or what uses it."));
        m_name->setFocus();
        return;
    }
    m_save->setEnabled(false);
    const QString id = m_key["id"_L1].toString();
    const auto answered = [this](const GatewayAnswer &answer) {
        m_save->setEnabled(true);
        if (!answer.ok()) {
            QStringList said{answer.problem};
            const QJsonArray problems = answer.object()["problems"_L1].toArray();
            // The first is in the message already.
            for (qsizetype i = 1; i < problems.size(); ++i)
                said.append(u"%1: %2"_s.arg(problems[i]["path"_L1].toString(), problems[i]["message"_L1].toString()));
            m_message->show(Tone::Bad, said.join(u'\n'));
            return;
        }
        Q_EMIT saved(answer.object());
        accept();
    };
    if (id.isEmpty())
        m_client.post(u"/admin/v1/virtual-keys"_s, fields(), this, answered);
    else
        m_client.patch(u"/admin/v1/virtual-keys/"_s + id, fields(), this, answered);
}

} // namespace keymux::gui
