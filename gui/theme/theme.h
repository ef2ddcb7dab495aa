// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QApplication>
#include <QObject>
#include <QPalette>
#include <QString>

namespace keymux::gui {

/// Light, dark, or what the system has; switched while the program runs.
class Theme : public QObject {
    Q_OBJECT
public:
    enum class Choice { System, Light, Dark };

    explicit Theme(QApplication &application);

    Choice choice() const { return m_choice; }
    void choose(Choice choice);

    /// `system`, `light`, `dark`, as settings keep it; what is none of them is System.
    static QString nameOf(Choice choice);
    static Choice choiceOf(const QString &name);

Q_SIGNALS:
    void changed();

private:
    void apply();

    QApplication &m_application;
    QPalette m_system;
    Choice m_choice = Choice::System;
};

} // namespace keymux::gui
