// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "theme/colours.h"

#include <QFrame>
#include <QLabel>
#include <QToolButton>
#include <functional>

class QPushButton;

namespace keymux::gui {

/// A message inside the page instead of a dialog over it: one at a time, with at most one button for the next step.
class MessageBar : public QFrame {
    Q_OBJECT
public:
    explicit MessageBar(QWidget *parent = nullptr);

    void show(Tone tone, const QString &text);
    void show(Tone tone, const QString &text, const QString &button, std::function<void()> action);
    void clear();

    QString text() const { return m_text->text(); }
    bool isShown() const { return !isHidden(); }

protected:
    void changeEvent(QEvent *event) override;
    void paintEvent(QPaintEvent *event) override;

private:
    void refreshIcons();

    QLabel *m_icon, *m_text;
    QPushButton *m_button;
    QToolButton *m_close;
    std::function<void()> m_action;
    Tone m_tone = Tone::Muted;
};

} // namespace keymux::gui
