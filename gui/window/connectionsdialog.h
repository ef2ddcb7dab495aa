// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/connection.h"
#include "client/gatewayclient.h"
#include "client/keychain.h"

#include <QDialog>

class QComboBox;
class QLineEdit;
class QListWidget;
class QPushButton;
class QVBoxLayout;

namespace keymux::gui {

class MessageBar;

/// The gateways a person works with: made, changed, tested, removed, moved to another computer. Tokens go to the
/// keychain and nowhere else.
class ConnectionsDialog : public QDialog {
    Q_OBJECT
public:
    ConnectionsDialog(ConnectionList &list, Keychain &keychain, QWidget *parent = nullptr);

    void select(const QString &id);
    /// An empty form for a gateway that is not in the list yet.
    void startNew();

Q_SIGNALS:
    /// The person wants to work with this one; its token is in the keychain.
    void chosen(const QString &id);
    void listChanged();

private:
    void buildForm(QVBoxLayout &into);
    void fillList();
    void showSelected();
    Connection edited() const;
    bool checkForm();
    void saveAnd(bool open);
    void stored(const Connection &connection, bool open);
    void test();
    void removeSelected();
    void exportList();
    void importList();
    void askForCertificate(const QString &sha256, const QString &why);

    ConnectionList &m_list;
    Keychain &m_keychain;
    GatewayClient m_probe;
    Connection m_shown;
    QListWidget *m_names;
    QLineEdit *m_name, *m_adminUrl, *m_clientUrl, *m_token;
    QComboBox *m_colour;
    QPushButton *m_test, *m_remove, *m_save, *m_open;
    MessageBar *m_message;
};

} // namespace keymux::gui
