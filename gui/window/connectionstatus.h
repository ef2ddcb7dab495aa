// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewaysession.h"
#include "theme/colours.h"

#include <QLabel>
#include <QTimer>
#include <QWidget>

namespace keymux::gui {

/// How the window stands with its gateway, always in the same place: connected, connecting again in n seconds, how old
/// what is shown is, or why the gateway refuses.
class ConnectionStatus : public QWidget {
    Q_OBJECT
public:
    explicit ConnectionStatus(GatewaySession &session, QWidget *parent = nullptr);

    QString text() const { return m_text->text(); }

protected:
    void changeEvent(QEvent *event) override;

private:
    void refresh();
    void set(Tone tone, const QString &text, const QString &more);

    GatewaySession &m_session;
    QLabel *m_dot, *m_text;
    QTimer m_everySecond; ///< only while something is counted
    Tone m_tone = Tone::Off;
};

} // namespace keymux::gui
