// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/startpage.h"

#include <QPushButton>
#include <QVBoxLayout>

namespace keymux::gui {

StartPage::StartPage(QWidget *parent) : QWidget(parent), m_messages(new MessageBar)
{
    auto *state = new EmptyState(QStringLiteral("connection"), tr("Welcome to Keymux"),
                                 tr("Connect to a gateway that runs somewhere, or run one on this computer: with a "
                                    "provider that is only played, to look around, or with keys of your own."));
    connect(state->addButton(tr("&Connect to a gateway…")), &QPushButton::clicked, this, &StartPage::connectWanted);
    connect(state->addButton(tr("Try the &demo here")), &QPushButton::clicked, this, &StartPage::demoWanted);
    connect(state->addButton(tr("Run one here with &my keys")), &QPushButton::clicked, this, &StartPage::ownKeysWanted);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(20, 14, 20, 16);
    column->addWidget(m_messages);
    column->addWidget(state, 1);
}

} // namespace keymux::gui
