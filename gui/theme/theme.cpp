// SPDX-License-Identifier: GPL-3.0-or-later
#include "theme/theme.h"

#include "theme/colours.h"

#include <QPalette>
#include <QStyleFactory>

using namespace Qt::StringLiterals;

// Resources of a static library are not registered by themselves; the macro must be outside of any namespace.
static void registerIcons()
{
    Q_INIT_RESOURCE(theme);
}

namespace keymux::gui {

namespace {

QPalette paletteFor(bool dark)
{
    const QColor window(dark ? 0xff1d2026 : 0xfff4f5f7), base(dark ? 0xff15181d : 0xffffffff);
    const QColor raised(dark ? 0xff272b33 : 0xffffffff), text(dark ? 0xffe6e9ee : 0xff1b1f27);
    const QColor faint(dark ? 0xff7d8695 : 0xff8b93a1), line(dark ? 0xff3a404b : 0xffd5d9e0);
    const QColor accent(dark ? 0xff3d6be0 : 0xff2f5fd0);
    QPalette p(raised, window);
    p.setColor(QPalette::Window, window);
    p.setColor(QPalette::WindowText, text);
    p.setColor(QPalette::Base, base);
    p.setColor(QPalette::AlternateBase, dark ? QColor(0xff1a1d23) : QColor(0xfff8f9fb));
    p.setColor(QPalette::Text, text);
    p.setColor(QPalette::Button, raised);
    p.setColor(QPalette::ButtonText, text);
    p.setColor(QPalette::BrightText, dark ? QColor(Qt::black) : QColor(Qt::white));
    p.setColor(QPalette::ToolTipBase, raised);
    p.setColor(QPalette::ToolTipText, text);
    p.setColor(QPalette::PlaceholderText, QColor(dark ? 0xff9aa3b2 : 0xff646d7c));
    p.setColor(QPalette::Highlight, accent);
    p.setColor(QPalette::HighlightedText, Qt::white);
    p.setColor(QPalette::Link, dark ? QColor(0xff85aaff) : accent);
    p.setColor(QPalette::LinkVisited, dark ? QColor(0xffb49cff) : QColor(0xff6b46c1));
    p.setColor(QPalette::Mid, line);
    p.setColor(QPalette::Midlight, line);
    p.setColor(QPalette::Dark, line);
    p.setColor(QPalette::Light, raised);
    p.setColor(QPalette::Shadow, Qt::black);
    for (const QPalette::ColorRole role : {QPalette::WindowText, QPalette::Text, QPalette::ButtonText})
        p.setColor(QPalette::Disabled, role, faint);
    p.setColor(QPalette::Disabled, QPalette::Highlight, line);
    return p;
}

/// Only what a palette cannot say. `%1` line, `%2` raised, `%3` accent, `%4` muted text, `%5` hover.
constexpr auto sheet = R"(
QToolTip { border: 1px solid %1; padding: 4px 6px; }
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QDateTimeEdit, QPlainTextEdit, QTextEdit {
    border: 1px solid %1; border-radius: 5px; padding: 4px 7px; background: palette(base); min-height: 18px; }
QTreeView QLineEdit, QTableView QLineEdit { border-radius: 0; padding: 0 3px; min-height: 0; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QDateTimeEdit:focus, QPlainTextEdit:focus,
QTextEdit:focus { border: 1px solid %3; }
QComboBox::drop-down, QDateTimeEdit::drop-down { border: none; width: 22px; }
QComboBox::down-arrow, QDateTimeEdit::down-arrow { image: url(:/keymux/icons/%6-arrow.svg); width: 12px; height: 12px; }
QPushButton { border: 1px solid %1; border-radius: 5px; padding: 5px 14px; background: %2; min-height: 18px; }
QPushButton:hover { background: %5; }
QPushButton:pressed { background: %1; }
QPushButton:focus { border: 1px solid %3; }
QPushButton:default, QPushButton[primary="true"] { background: %3; border: 1px solid %3; color: white; }
QPushButton:default:disabled, QPushButton[primary="true"]:disabled { background: %1; border-color: %1; color: %4; }
QPushButton:default:focus, QPushButton[primary="true"]:focus { border: 2px solid palette(text); padding: 4px 13px; }
QCheckBox { spacing: 8px; }
QCheckBox::indicator, QTreeView::indicator, QMenu::indicator { width: 14px; height: 14px; border: 1px solid %4; border-radius: 3px;
    background: palette(base); }
QCheckBox::indicator:focus, QCheckBox::indicator:hover { border-color: %3; }
QCheckBox::indicator:checked, QTreeView::indicator:checked, QMenu::indicator:checked { background: %3; border-color: %3;
    image: url(:/keymux/icons/white-check.svg); }
QCheckBox::indicator:disabled { border-color: %1; }
QMenu::indicator { margin-left: 5px; }
QToolButton { border: 1px solid transparent; border-radius: 5px; padding: 4px; }
QToolButton:hover { background: %5; }
QToolButton:focus { border: 1px solid %3; }
QToolButton:checked { background: %5; }
QTreeView, QTableView, QListView { border: 1px solid %1; border-radius: 6px; background: palette(base); outline: 0; }
QListView[flat="true"] { border: none; background: transparent; }
QTreeView::item, QTableView::item { padding: 3px 4px; }
QHeaderView { background: transparent; }
QHeaderView::section { background: palette(window); border: none; border-bottom: 1px solid %1; border-right: 1px solid %1;
    padding: 5px 7px; font-weight: 600; color: %4; }
QHeaderView::section:last { border-right: none; }
QTableCornerButton::section { background: palette(window); border: none; }
QMenu { background: %2; border: 1px solid %1; padding: 4px; }
QMenu::item { padding: 5px 26px 5px 24px; border-radius: 4px; }
QMenu::item:selected { background: %3; color: white; }
QMenu::item:disabled { color: %4; background: transparent; }
QMenu::separator { height: 1px; background: %1; margin: 4px 6px; }
QMenuBar { background: palette(window); border-bottom: 1px solid %1; }
QMenuBar::item { padding: 5px 9px; background: transparent; border-radius: 4px; }
QMenuBar::item:selected { background: %5; }
QStatusBar { border-top: 1px solid %1; }
QTabBar::tab { padding: 6px 14px; border: none; border-bottom: 2px solid transparent; color: %4; }
QTabBar::tab:selected { border-bottom: 2px solid %3; color: palette(text); }
QTabBar::tab:focus { color: %3; }
QTabWidget::pane { border: none; border-top: 1px solid %1; }
QSplitter::handle { background: transparent; }
QProgressBar { border: 1px solid %1; border-radius: 5px; background: palette(base); text-align: center; min-height: 16px; }
QProgressBar::chunk { background: %3; border-radius: 4px; }
QScrollBar:vertical { background: transparent; width: 11px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 11px; margin: 0; }
QScrollBar::handle { background: %1; border-radius: 4px; margin: 2px; min-height: 28px; min-width: 28px; }
QScrollBar::handle:hover { background: %4; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QFrame[card="true"] { background: %2; border: 1px solid %1; border-radius: 8px; }
QLabel[role="title"] { font-size: 17pt; font-weight: 600; }
QLabel[role="heading"] { font-weight: 600; }
QLabel[role="muted"] { color: %4; }
QLabel[role="figure"] { font-size: 20pt; font-weight: 600; }
QLabel[role="figure"]:disabled { color: %4; }
#rail { background: %2; border: none; border-right: 1px solid %1; border-radius: 0; padding: 6px; }
#rail::item { padding: 8px 10px; border-radius: 6px; margin: 1px 2px; }
#rail::item:hover { background: %5; }
#rail::item:selected { background: %3; color: white; }
#bar { background: %2; border-bottom: 1px solid %1; }
)";

} // namespace

Theme::Theme(QApplication &application) : m_application(application), m_system(application.palette())
{
    registerIcons();
    m_application.setStyle(QStyleFactory::create(u"Fusion"_s));
    apply();
}

void Theme::choose(Choice choice)
{
    if (choice == m_choice)
        return;
    m_choice = choice;
    apply();
}

void Theme::apply()
{
    const bool dark = m_choice == Choice::Dark || (m_choice == Choice::System && isDark(m_system));
    const QPalette palette = paletteFor(dark);
    m_application.setPalette(palette);
    m_application.setStyleSheet(QString::fromLatin1(sheet).arg(
        palette.color(QPalette::Mid).name(), palette.color(QPalette::Button).name(),
        palette.color(QPalette::Highlight).name(), toneColour(Tone::Muted, palette).name(),
        dark ? u"#323844"_s : u"#e9ecf2"_s, dark ? u"dark"_s : u"light"_s));
    Q_EMIT changed();
}

QString Theme::nameOf(Choice choice)
{
    switch (choice) {
    case Choice::Light:
        return u"light"_s;
    case Choice::Dark:
        return u"dark"_s;
    case Choice::System:
        break;
    }
    return u"system"_s;
}

Theme::Choice Theme::choiceOf(const QString &name)
{
    return name == "light"_L1 ? Choice::Light : name == "dark"_L1 ? Choice::Dark : Choice::System;
}

} // namespace keymux::gui
