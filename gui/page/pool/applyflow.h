// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/poolsync.h"

#include <QObject>
#include <QPointer>

class QDialog;
class QWidget;

namespace keymux::gui {

/// The way from what is edited to what is live: shows the change in words, sends it, and settles a conflict with
/// somebody who was quicker. Any page's edits go through it.
class ApplyFlow : public QObject {
    Q_OBJECT
public:
    ApplyFlow(PoolDocument &document, PoolSync &sync, QWidget *window);

    void start();
    void revert();

private:
    void showConflict();
    void say(const QString &problem);

    PoolDocument &m_document;
    PoolSync &m_sync;
    QWidget *m_window;
    QPointer<QDialog> m_dialog;
    QPointer<class MessageBar> m_message;
};

} // namespace keymux::gui
