// SPDX-License-Identifier: GPL-3.0-or-later
// The window's menus: every action with its shortcut, and the palette that finds them.
#include "theme/colours.h"
#include "widgets/page.h"
#include "window/commandpalette.h"
#include "window/mainwindow.h"

#include <QApplication>
#include <QLineEdit>
#include <QMenuBar>
#include <QMessageBox>
#include <QSettings>
#include <QToolButton>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

void collect(const QMenu &menu, QList<QAction *> &into)
{
    const auto actions = menu.actions();
    for (QAction *action : actions) {
        if (const QMenu *inner = action->menu())
            collect(*inner, into);
        else
            into.append(action);
    }
}

} // namespace

void MainWindow::buildMenus()
{
    QMenu *file = menuBar()->addMenu(tr("&Gateway"));
    file->addAction(tr("&Connections…"), QKeySequence(u"Ctrl+O"_s), this, [this] { showConnections(false); });
    file->addAction(tr("&New connection…"), QKeySequence(u"Ctrl+Shift+N"_s), this, [this] { showConnections(true); });
    file->addSeparator();
    file->addAction(tr("Run the &demo on this computer"), this, [this] { runHere(true); });
    file->addAction(tr("&Run a gateway with my keys on this computer"), this, [this] { runHere(false); });
    file->addAction(tr("&Stop the gateway on this computer"), this, [this] {
        m_session.close();
        m_local.stop();
    });
    file->addSeparator();
    file->addAction(tr("&Reconnect now"), QKeySequence(u"Ctrl+R"_s), this, [this] { m_session.feed().retryNow(); });
    file->addSeparator();
    QAction *quit = file->addAction(tr("&Quit"), QKeySequence(u"Ctrl+Q"_s), this, &QWidget::close);
    quit->setMenuRole(QAction::QuitRole);
    QMenu *view = menuBar()->addMenu(tr("&View"));
    for (int i = 0; i < m_pages.size(); ++i) {
        view->addAction(m_pages[i]->title(), QKeySequence(u"Ctrl+%1"_s.arg(i + 1)), this, [this, i] { showPage(i); });
    }
    view->addSeparator();
    view->addAction(tr("&Search this page"), QKeySequence::Find, this, [this] {
        m_search->setFocus();
        m_search->selectAll();
    });
    QMenu *theme = view->addMenu(tr("&Theme"));
    for (const auto &[choice, name] :
         {std::pair{Theme::Choice::System, tr("As the &system")}, std::pair{Theme::Choice::Light, tr("&Light")},
          std::pair{Theme::Choice::Dark, tr("&Dark")}}) {
        theme->addAction(name, this, [this, choice = choice] {
            m_theme.choose(choice);
            QSettings().setValue(u"theme"_s, Theme::nameOf(choice));
        });
    }
    m_pageMenu = menuBar()->addMenu(tr("&Page"));
    QMenu *help = menuBar()->addMenu(tr("&Help"));
    help->addAction(tr("&Commands…"), QKeySequence(u"Ctrl+K"_s), this, &MainWindow::showPalette);
    help->addAction(tr("&About Keymux"), this, &MainWindow::showAbout);
}

void MainWindow::refreshPageMenu()
{
    if (!m_pageMenu)
        return;
    m_pageMenu->clear();
    const Page *page = currentPage();
    if (page)
        m_pageMenu->addActions(page->pageActions());
    m_pageMenu->menuAction()->setVisible(page && !page->pageActions().isEmpty());
}

void MainWindow::refreshConnections()
{
    m_connectionMenu->clear();
    for (const Connection &c : m_connections.all()) {
        QAction *action = m_connectionMenu->addAction(c.name, this, [this, id = c.id] { openConnection(id); });
        action->setCheckable(true);
        action->setChecked(m_session.isOpen() && c.id == m_session.connection().id);
    }
    m_connectionMenu->addSeparator();
    m_connectionMenu->addAction(tr("Connections…"), this, [this] { showConnections(false); });
    const QString name = m_session.isOpen() ? m_session.connection().name : tr("No connection");
    m_connectionButton->setText(name);
    setWindowTitle(m_session.isOpen() ? u"%1 – Keymux"_s.arg(name) : u"Keymux"_s);
    const QString colour = m_session.connection().colour;
    m_connectionButton->setStyleSheet(
        colour.isEmpty() ? QString() : u"QToolButton { border-left: 5px solid %1; padding-left: 6px; }"_s.arg(colour));
}

void MainWindow::showPalette()
{
    QList<QAction *> actions;
    const auto menus = menuBar()->actions();
    for (const QAction *menu : menus) {
        if (menu->menu())
            collect(*menu->menu(), actions);
    }
    auto *palette = new CommandPalette(actions, this);
    palette->setAttribute(Qt::WA_DeleteOnClose);
    palette->open();
}

void MainWindow::showAbout()
{
    const QString server = m_session.feed().serverVersion();
    auto *box = new QMessageBox(this);
    box->setAttribute(Qt::WA_DeleteOnClose);
    box->setWindowTitle(tr("About Keymux"));
    box->setIconPixmap(windowIcon().pixmap(64, 64));
    box->setTextInteractionFlags(Qt::TextSelectableByMouse);
    box->setText(tr("<b>Keymux %1</b><br>Hundreds of provider keys behind one virtual key.")
                     .arg(QLatin1StringView(KEYMUX_VERSION)));
    box->setInformativeText(tr("Gateway %1 · Qt %2 · %3 · GPL-3.0-or-later")
                                .arg(server.isEmpty() ? tr("not connected") : server, QLatin1StringView(qVersion()),
                                     QSysInfo::prettyProductName()));
    box->open();
}

} // namespace keymux::gui
