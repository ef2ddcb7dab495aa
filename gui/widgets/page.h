// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/messagebar.h"

#include <QList>
#include <QWidget>

class QAction;
class QHBoxLayout;
class QLabel;
class QVBoxLayout;

namespace keymux::gui {

/// One entry of the rail: a title with its actions, a message bar, and the body below.
class Page : public QWidget {
    Q_OBJECT
public:
    /// `icon` names one of theme/icons.
    Page(const QString &title, const QString &icon, QWidget *parent = nullptr);

    QString title() const { return m_title; }
    QString iconName() const { return m_icon; }
    MessageBar &messages() { return *m_messages; }

    /// What the page can do: its menu, its toolbar buttons and the command palette show the same actions.
    QList<QAction *> pageActions() const { return m_actions; }
    /// The window's search box; pages without a list ignore it.
    virtual void setSearch(const QString &text) { Q_UNUSED(text) }
    virtual bool isSearchable() const { return false; }

protected:
    /// Adds an action with a shortcut (may be empty) of this page; shown as a button beside the title unless told not
    /// to.
    QAction *addPageAction(const QString &text, const QString &icon, const QKeySequence &shortcut, bool button = true);
    /// A widget beside the title, left of the buttons.
    void addToHeader(QWidget *widget);
    QVBoxLayout &body() { return *m_body; }
    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    void orderTabs();

    QString m_title, m_icon;
    QList<QAction *> m_actions;
    MessageBar *m_messages;
    QHBoxLayout *m_header;
    bool m_ordered = false;
    QVBoxLayout *m_body;
};

} // namespace keymux::gui
