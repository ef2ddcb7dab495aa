// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/secretkeeper.h"

#include <QDialog>

class QLineEdit;
class QPushButton;

namespace keymux::gui {

class MessageBar;

/// Takes one key's secret and puts it where it belongs.
class SecretDialog : public QDialog {
    Q_OBJECT
public:
    SecretDialog(SecretKeeper &keeper, const QString &keyId, QWidget *parent = nullptr);

Q_SIGNALS:
    void stored(const QString &keyId);

private:
    void save();

    SecretKeeper &m_keeper;
    QString m_keyId;
    MessageBar *m_message;
    QLineEdit *m_value;
    QPushButton *m_save;
};

} // namespace keymux::gui
