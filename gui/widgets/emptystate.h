// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QWidget>

class QLabel;
class QPushButton;
class QHBoxLayout;

namespace keymux::gui {

/// What a page shows when it has nothing to show: what is missing, why, and buttons for the next step.
class EmptyState : public QWidget {
    Q_OBJECT
public:
    EmptyState(const QString &icon, const QString &title, const QString &text, QWidget *parent = nullptr);

    void setText(const QString &title, const QString &text);
    /// The first one added is the primary.
    QPushButton *addButton(const QString &text);

protected:
    void changeEvent(QEvent *event) override;

private:
    QString m_iconName;
    QLabel *m_icon, *m_title, *m_text;
    QHBoxLayout *m_buttons;
    bool m_hasPrimary = false;
};

} // namespace keymux::gui
