// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewaysession.h"
#include "client/localgateway.h"
#include "document/poolsync.h"
#include "theme/theme.h"

#include <QMainWindow>
#include <memory>

class QLineEdit;
class QListWidget;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace keymux::gui {

class ApplyFlow;
class ConnectionStatus;
class ConnectionsDialog;
class Page;
class StartPage;
class Tray;

/// The window: the rail with its pages, the bar with connection and search, menus, and what is kept between runs.
class MainWindow : public QMainWindow {
    Q_OBJECT
public:
    /// `dataFolder` holds the connections and the gateway that runs here; it is made when it is missing.
    MainWindow(Theme &theme, const QString &dataFolder, QWidget *parent = nullptr);
    ~MainWindow() override;

    /// Opens the gateway that was used last, or offers the first steps.
    void begin();
    /// Opens one of the list; its token is read from the keychain.
    void openConnection(const QString &id);

    GatewaySession &session() { return m_session; }
    PoolDocument &document() { return m_document; }
    const QList<Page *> &pages() const { return m_pages; }
    void showPage(int index);
    Page *currentPage() const;

protected:
    void closeEvent(QCloseEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void buildRail();
    void buildBar();
    void buildMenus();
    void addPage(Page *page);
    void refreshIcons();
    void refreshConnections();
    void refreshPageMenu();
    void refreshApply();
    void showRevisions();
    void showConnections(bool fresh);
    void runHere(bool demo);
    void localReady();
    void showPalette();
    void showAbout();
    void restore();

    Theme &m_theme;
    QString m_dataFolder;
    ConnectionList m_connections;
    GatewaySession m_session;
    LocalGateway m_local;
    PoolDocument m_document;
    PoolSync m_sync;
    ApplyFlow *m_apply;
    QList<Page *> m_pages;
    QListWidget *m_rail;
    QStackedWidget *m_stack;
    StartPage *m_start;
    QToolButton *m_connectionButton;
    ConnectionStatus *m_status;
    QLineEdit *m_search;
    QPushButton *m_applyButton, *m_revertButton;
    QMenu *m_connectionMenu = nullptr, *m_pageMenu = nullptr;
    Tray *m_tray = nullptr;
    bool m_localDemo = false;
};

} // namespace keymux::gui
