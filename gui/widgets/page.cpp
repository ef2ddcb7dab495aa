// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/page.h"

#include "theme/colours.h"

#include <QAction>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>
#include <utility>

namespace keymux::gui {

Page::Page(const QString &title, const QString &icon, QWidget *parent)
    : QWidget(parent), m_title(title), m_icon(icon), m_messages(new MessageBar), m_header(new QHBoxLayout),
      m_body(new QVBoxLayout)
{
    setAccessibleName(title);
    auto *heading = new QLabel(title);
    heading->setProperty("role", QStringLiteral("title"));
    m_header->addWidget(heading);
    m_header->addStretch();
    m_header->setSpacing(6);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 14, 20, 16);
    column->setSpacing(10);
    column->addLayout(m_header);
    column->addWidget(m_messages);
    column->addLayout(m_body, 1);
}

QAction *Page::addPageAction(const QString &text, const QString &icon, const QKeySequence &shortcut, bool button)
{
    auto *action = new QAction(themedIcon(icon, palette()), text, this);
    action->setProperty("iconName", icon);
    action->setShortcut(shortcut);
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    addAction(action);
    m_actions.append(action);
    if (button) {
        auto *toolButton = new QToolButton;
        toolButton->setDefaultAction(action);
        toolButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        toolButton->setFocusPolicy(Qt::StrongFocus);
        addToHeader(toolButton);
    }
    return action;
}

void Page::addToHeader(QWidget *widget)
{
    m_header->addWidget(widget);
}

void Page::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    if (!std::exchange(m_ordered, true))
        orderTabs();
}

/// Tab visits what is on top first, whenever it was made.
void Page::orderTabs()
{
    QList<QWidget *> top, rest;
    for (int i = 0; i < m_header->count(); ++i) {
        if (QWidget *widget = m_header->itemAt(i)->widget(); widget && widget->focusPolicy() & Qt::TabFocus)
            top.append(widget);
    }
    for (QWidget *widget = nextInFocusChain(); widget && widget != this; widget = widget->nextInFocusChain()) {
        if (isAncestorOf(widget) && widget->focusPolicy() & Qt::TabFocus && !top.contains(widget))
            rest.append(widget);
    }
    const QList<QWidget *> all = top + rest;
    for (qsizetype i = 1; i < all.size(); ++i)
        setTabOrder(all[i - 1], all[i]);
}

void Page::changeEvent(QEvent *event)
{
    QWidget::changeEvent(event);
    if (event->type() != QEvent::PaletteChange)
        return;
    for (QAction *action : std::as_const(m_actions))
        action->setIcon(themedIcon(action->property("iconName").toString(), palette()));
}

} // namespace keymux::gui
