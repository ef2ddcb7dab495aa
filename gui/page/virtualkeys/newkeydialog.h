// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>
#include <QUrl>

class QPlainTextEdit;

namespace keymux::gui {

/// Shows a virtual key the only time it can be seen, with what a client needs to use it.
class NewKeyDialog : public QDialog {
    Q_OBJECT
public:
    NewKeyDialog(const QString &name, const QString &key, const QUrl &client, QWidget *parent = nullptr);

private:
    QWidget *snippets(const QString &key, const QString &base);
};

} // namespace keymux::gui
