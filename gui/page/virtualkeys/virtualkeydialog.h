// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QJsonObject>

class QCheckBox;
class QComboBox;
class QDateTimeEdit;
class QLineEdit;
class QPushButton;
class QSpinBox;

namespace keymux::gui {

class GatewayClient;
class MessageBar;

/// Makes a virtual key, or changes one: name, models, limits, budget, expiry. Empty fields are no limit.
class VirtualKeyDialog : public QDialog {
    Q_OBJECT
public:
    /// `key` as the API lists it; empty: a new one.
    VirtualKeyDialog(GatewayClient &client, const QJsonObject &key, QWidget *parent = nullptr);

Q_SIGNALS:
    /// The gateway's answer; of a new key it has `key`, its text, the only time it is told.
    void saved(const QJsonObject &answer);

private:
    void buildForm();
    void fill();
    void save();
    QJsonObject fields() const;

    GatewayClient &m_client;
    QJsonObject m_key;
    MessageBar *m_message;
    QLineEdit *m_name, *m_models;
    QLineEdit *m_rpm, *m_tpm, *m_parallel, *m_budget;
    QComboBox *m_unit, *m_period;
    QCheckBox *m_expires, *m_exposeRoute;
    QDateTimeEdit *m_expiry;
    QPushButton *m_save;
};

} // namespace keymux::gui
