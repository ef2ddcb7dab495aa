// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewaysession.h"
#include "theme/theme.h"
#include "widgets/page.h"

class QCheckBox;
class QComboBox;

namespace keymux::gui {

/// What a person may choose about the desktop itself.
class SettingsPage : public Page {
    Q_OBJECT
public:
    SettingsPage(Theme &theme, GatewaySession &session, QWidget *parent = nullptr);

    void setSilenced(bool silenced);

Q_SIGNALS:
    void silencedChosen(bool silenced);

private:
    QWidget *buildLook();
    QWidget *buildBehaviour();

    Theme &m_theme;
    GatewaySession &m_session;
    QCheckBox *m_silenced = nullptr;
};

} // namespace keymux::gui
