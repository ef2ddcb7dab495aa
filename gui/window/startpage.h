// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/emptystate.h"
#include "widgets/messagebar.h"

#include <QWidget>

namespace keymux::gui {

/// The first start: connect to a gateway, or run one on this computer.
class StartPage : public QWidget {
    Q_OBJECT
public:
    explicit StartPage(QWidget *parent = nullptr);

    MessageBar &messages() { return *m_messages; }

Q_SIGNALS:
    void connectWanted();
    void demoWanted();
    void ownKeysWanted();

private:
    MessageBar *m_messages;
};

} // namespace keymux::gui
