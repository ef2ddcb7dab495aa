// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QDialog>
#include <QList>

class QLineEdit;
class QLabel;
class QListWidget;

namespace keymux::gui {

/// Every action of the window, found by typing parts of its name.
class CommandPalette : public QDialog {
    Q_OBJECT
public:
    /// The actions must live as long as the dialog.
    CommandPalette(const QList<QAction *> &actions, QWidget *parent = nullptr);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void filter(const QString &text);
    void run();

    QList<QAction *> m_actions;
    QLineEdit *m_text;
    QListWidget *m_list;
    QLabel *m_nothing;
};

/// How well `text` names `command`: each word must be in it, words at its beginning count more; -1: it does not.
int commandScore(const QString &command, const QString &text);

} // namespace keymux::gui
