// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/keychain.h"
#include "support/daemon.h"
#include "support/scriptedupstream.h"
#include "theme/theme.h"
#include "widgets/messagebar.h"
#include "window/mainwindow.h"

#include <QAbstractButton>
#include <QAbstractItemModelTester>
#include <QAbstractProxyModel>
#include <QTemporaryDir>
#include <QtTest>
#include <functional>
#include <memory>
#include <vector>

namespace keymux::gui::testing {

using keymux::testing::Daemon;
using keymux::testing::DaemonOptions;
using keymux::testing::ScriptedUpstream;

/// A desk with the real window on it, and hands: they find things by the names a person reads. With
/// `KEYMUX_LANGUAGE=de` in the environment the window speaks German; what is looked for is still told in English.
class Desk {
public:
    /// Keeps its things in a folder of its own, or in one that outlives it.
    explicit Desk(const QString &folder = {});

    /// A window as the program's main opens it; an earlier one is closed first. What it kept stays.
    MainWindow &open();
    void close() { m_window.reset(); }
    MainWindow &window() { return *m_window; }
    Theme &theme() { return *m_theme; }
    QString dataFolder() const { return m_data; }

    /// Puts a gateway into the list, its token into the keyring, opens the window with it and waits for the first
    /// snapshot. False when it did not come.
    bool connectTo(const Daemon &daemon, const QString &name = QStringLiteral("Test"));

    /// The first visible widget of a type with this object name, accessible name, or text; null when there is none.
    template <typename T>
    T *find(const QString &name, QWidget *within = nullptr)
    {
        for (QWidget *top : within ? QWidgetList{within} : QApplication::topLevelWidgets()) {
            if (!top->isVisible())
                continue;
            const auto all = top->findChildren<T *>();
            for (T *one : all) {
                if (one->isVisible() && isCalled(one, name))
                    return one;
            }
        }
        return nullptr;
    }
    /// Clicks a button by its text. False when there is none that can be clicked.
    bool click(const QString &button);
    /// Types into a field as keys come; what was in it goes.
    bool type(const QString &field, const QString &text);
    /// Opens a page by the icon's name: `live`, `pool`, ….
    bool showPage(const QString &icon);
    /// An action of the menus or of the page, by its text without `&`.
    bool trigger(const QString &action);

    /// Writes what a widget shows now to `screenshots/NAME.png` of the build folder, in the screen's resolution.
    static void shoot(QWidget &widget, const QString &name);

private:
    static bool isCalled(const QWidget *widget, const QString &name);

    QTemporaryDir m_folder;
    QString m_data;
    std::unique_ptr<Theme> m_theme;
    std::unique_ptr<MainWindow> m_window;
};

/// Watches a view's model, and each one below it, for whatever Qt's rules for models forbid.
class ModelTesters {
public:
    explicit ModelTesters(QAbstractItemModel *model)
    {
        while (model) {
            m_testers.push_back(std::make_unique<QAbstractItemModelTester>(model));
            auto *proxy = qobject_cast<QAbstractProxyModel *>(model);
            model = proxy ? proxy->sourceModel() : nullptr;
        }
    }

private:
    std::vector<std::unique_ptr<QAbstractItemModelTester>> m_testers;
};

/// Waits, with the event loop running, until the condition holds.
bool waitFor(const std::function<bool()> &condition, int ms = 10000);

/// What the keyring has under this name, or why it cannot be read.
KeychainAnswer fromKeychain(const QString &entry);

} // namespace keymux::gui::testing
