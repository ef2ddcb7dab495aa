// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/jsonchanges.h"

#include <QDialog>

class QComboBox;
class QLineEdit;

namespace keymux::gui {

class MessageBar;

/// A new provider: one that is known by name, or any other by its address.
class ProviderDialog : public QDialog {
    Q_OBJECT
public:
    explicit ProviderDialog(QWidget *parent = nullptr);

Q_SIGNALS:
    void chosen(const QString &name, const keymux::gui::Json &provider);

private:
    void add();

    MessageBar *m_message;
    QComboBox *m_known;
    QLineEdit *m_name, *m_address, *m_models;
};

} // namespace keymux::gui
