// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/mainwindow.h"

#include "page/live/livepage.h"
#include "page/logs/logspage.h"
#include "page/models/modelspage.h"
#include "page/overview/overviewpage.h"
#include "page/pool/applyflow.h"
#include "page/pool/poolpage.h"
#include "page/pool/revisionsdialog.h"
#include "page/secrets/secretspage.h"
#include "page/settings/settingspage.h"
#include "page/virtualkeys/virtualkeyspage.h"
#include "theme/colours.h"
#include "window/connectionsdialog.h"
#include "window/connectionstatus.h"
#include "window/startpage.h"
#include "window/tray.h"

#include <QApplication>
#include <QBoxLayout>
#include <QCloseEvent>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenuBar>
#include <QPushButton>
#include <QSettings>
#include <QStackedWidget>
#include <QToolButton>

using namespace Qt::StringLiterals;

namespace keymux::gui {

MainWindow::MainWindow(Theme &theme, const QString &dataFolder, QWidget *parent)
    : QMainWindow(parent), m_theme(theme), m_dataFolder(dataFolder), m_connections(dataFolder + "/connections.json"_L1),
      m_local(dataFolder + "/gateway"_L1), m_sync(m_session, m_document, dataFolder + "/drafts"_L1),
      m_apply(new ApplyFlow(m_document, m_sync, this)), m_rail(new QListWidget), m_stack(new QStackedWidget),
      m_start(new StartPage), m_connectionButton(new QToolButton), m_status(new ConnectionStatus(m_session)),
      m_search(new QLineEdit), m_applyButton(new QPushButton), m_revertButton(new QPushButton(tr("Revert")))
{
    setWindowTitle(u"Keymux"_s);
    setWindowIcon(QIcon(u":/keymux/icons/keymux.svg"_s));
    setMinimumSize(820, 560);
    m_tray = new Tray(m_session, this);
    buildBar();
    buildRail();
    buildMenus();
    connect(m_start, &StartPage::connectWanted, this, [this] { showConnections(true); });
    connect(m_start, &StartPage::demoWanted, this, [this] { runHere(true); });
    connect(m_start, &StartPage::ownKeysWanted, this, [this] { runHere(false); });
    connect(&m_local, &LocalGateway::ready, this, &MainWindow::localReady);
    connect(&m_local, &LocalGateway::failed, this,
            [this](const QString &problem) { m_start->messages().show(Tone::Bad, problem); });
    connect(m_tray, &Tray::openWanted, this, [this] {
        showNormal();
        raise();
        activateWindow();
    });
    connect(&m_theme, &Theme::changed, this, &MainWindow::refreshIcons);
    restore();
    refreshConnections();
}

MainWindow::~MainWindow()
{
    // Pages and dialogs show what the members know, so they go first.
    qDeleteAll(findChildren<QDialog *>(Qt::FindDirectChildrenOnly));
    delete takeCentralWidget();
    delete m_tray;
    delete m_apply;
}

void MainWindow::addPage(Page *page)
{
    m_pages.append(page);
    m_stack->addWidget(page);
    auto *item = new QListWidgetItem(themedIcon(page->iconName(), palette()), page->title());
    item->setToolTip(tr("%1 (Ctrl+%2)").arg(page->title()).arg(m_pages.size()));
    m_rail->addItem(item);
}

void MainWindow::buildRail()
{
    m_rail->setObjectName(u"rail"_s);
    m_rail->setAccessibleName(tr("Pages"));
    m_rail->setIconSize(QSize(19, 19));
    m_rail->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto *overview = new OverviewPage(m_session);
    addPage(overview);
    addPage(new LivePage(m_session));
    auto *pool = new PoolPage(m_session, m_document, m_sync);
    addPage(pool);
    connect(pool, &PoolPage::applyWanted, m_apply, &ApplyFlow::start);
    connect(pool, &PoolPage::revisionsWanted, this, &MainWindow::showRevisions);
    addPage(new SecretsPage(m_session, m_document));
    addPage(new ModelsPage(m_session, m_document));
    addPage(new VirtualKeysPage(m_session));
    addPage(new LogsPage(m_session));
    auto *settings = new SettingsPage(m_theme, m_session);
    addPage(settings);
    connect(settings, &SettingsPage::silencedChosen, m_tray, &Tray::setSilenced);
    connect(m_tray, &Tray::silencedChanged, settings, &SettingsPage::setSilenced);
    connect(m_tray, &Tray::silencedChanged, this, [](bool silenced) { QSettings().setValue(u"silenced"_s, silenced); });
    m_tray->setSilenced(QSettings().value(u"silenced"_s).toBool());
    connect(overview, &OverviewPage::pageWanted, this, [this](const QString &icon) {
        for (int i = 0; i < m_pages.size(); ++i) {
            if (m_pages[i]->iconName() == icon)
                showPage(i);
        }
    });
    constexpr int least = 168, around = 2 * 6 + 1; // the style sheet's padding and border
    m_rail->ensurePolished();
    m_rail->setFixedWidth(std::max(least, m_rail->sizeHintForColumn(0) + around));
    m_stack->addWidget(m_start);
    connect(m_rail, &QListWidget::currentRowChanged, this, &MainWindow::showPage);
    auto *row = new QHBoxLayout;
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    row->addWidget(m_rail);
    row->addWidget(m_stack, 1);
    static_cast<QVBoxLayout *>(centralWidget()->layout())->addLayout(row, 1);
}

void MainWindow::buildBar()
{
    auto *bar = new QWidget;
    bar->setObjectName(u"bar"_s);
    bar->setAttribute(Qt::WA_StyledBackground);
    auto *row = new QHBoxLayout(bar);
    row->setContentsMargins(10, 6, 12, 6);
    row->setSpacing(14);
    m_connectionMenu = new QMenu(this);
    m_connectionButton->setMenu(m_connectionMenu);
    m_connectionButton->setPopupMode(QToolButton::InstantPopup);
    m_connectionButton->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_connectionButton->setFocusPolicy(Qt::StrongFocus);
    m_connectionButton->setAccessibleName(tr("Connection"));
    m_search->setPlaceholderText(tr("Search this page (Ctrl+F)"));
    m_search->setAccessibleName(tr("Search this page"));
    m_search->setClearButtonEnabled(true);
    m_search->setMaximumWidth(340);
    connect(m_search, &QLineEdit::textChanged, this, [this](const QString &text) {
        if (Page *page = currentPage())
            page->setSearch(text);
    });
    row->addWidget(m_connectionButton);
    row->addWidget(m_status);
    row->addStretch();
    row->addWidget(m_search, 1);
    m_applyButton->setProperty("primary", true);
    m_applyButton->setObjectName(u"apply"_s);
    connect(m_applyButton, &QPushButton::clicked, m_apply, &ApplyFlow::start);
    connect(m_revertButton, &QPushButton::clicked, m_apply, &ApplyFlow::revert);
    connect(&m_document, &PoolDocument::changed, this, &MainWindow::refreshApply);
    row->addWidget(m_revertButton);
    row->addWidget(m_applyButton);
    refreshApply();
    auto *central = new QWidget;
    auto *column = new QVBoxLayout(central);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(bar);
    setCentralWidget(central);
}

void MainWindow::refreshIcons()
{
    for (int i = 0; i < m_pages.size(); ++i)
        m_rail->item(i)->setIcon(themedIcon(m_pages[i]->iconName(), palette()));
    m_connectionButton->setIcon(themedIcon(u"connection"_s, palette()));
}

Page *MainWindow::currentPage() const
{
    return qobject_cast<Page *>(m_stack->currentWidget());
}

void MainWindow::showPage(int index)
{
    if (index < 0 || index >= m_pages.size())
        return;
    m_rail->setCurrentRow(index);
    m_stack->setCurrentWidget(m_session.isOpen() || m_pages[index]->iconName() == "settings"_L1
                                  ? static_cast<QWidget *>(m_pages[index])
                                  : m_start);
    Page *page = currentPage();
    m_search->setVisible(page && page->isSearchable());
    if (page)
        page->setSearch(m_search->text());
    refreshPageMenu();
    QSettings().setValue(u"page"_s, m_pages[index]->iconName());
}

void MainWindow::begin()
{
    const QString last = m_connections.lastUsed();
    if (!m_connections.problem().isEmpty())
        m_start->messages().show(Tone::Bad, m_connections.problem());
    showPage(std::max(0, m_rail->currentRow()));
    if (m_connections.find(last))
        openConnection(last);
}

void MainWindow::openConnection(const QString &id)
{
    const Connection *found = m_connections.find(id);
    if (!found)
        return;
    const Connection connection = *found;
    if (connection.ownGateway && !m_local.isRunning()) {
        runHere(connection.id == "demo"_L1);
        return;
    }
    m_session.keychain().read(connection.tokenEntry(), this, [this, connection](const KeychainAnswer &answer) {
        if (!answer.ok()) {
            const QString problem =
                answer.failure == KeychainAnswer::Failure::Missing
                    ? tr("The admin token of “%1” is not in the keychain. Enter it again.").arg(connection.name)
                    : answer.problem;
            m_session.close();
            m_stack->setCurrentWidget(m_start);
            m_start->messages().show(Tone::Bad, problem, tr("Connections…"), [this] { showConnections(false); });
            return;
        }
        m_connections.setLastUsed(connection.id);
        m_session.open(connection, answer.value.toUtf8());
        refreshConnections();
        showPage(m_rail->currentRow());
    });
}

void MainWindow::runHere(bool demo)
{
    m_localDemo = demo;
    if (m_local.isRunning()) {
        m_session.close();
        connect(
            &m_local, &LocalGateway::stopped, this, [this, demo] { m_local.start(demo); }, Qt::SingleShotConnection);
        m_local.stop();
        return;
    }
    m_start->messages().show(Tone::Muted, tr("Starting a gateway on this computer…"));
    m_local.start(demo);
}

void MainWindow::localReady()
{
    Connection connection;
    connection.id = m_localDemo ? u"demo"_s : u"own"_s;
    connection.name = m_localDemo ? tr("Demo on this computer") : tr("This computer");
    connection.adminUrl = m_local.adminUrl();
    connection.clientUrl = m_local.clientUrl();
    connection.ownGateway = true;
    m_start->messages().clear();
    m_connections.put(connection);
    m_connections.setLastUsed(connection.id);
    m_session.open(connection, m_local.adminToken());
    refreshConnections();
    showPage(std::max(0, m_rail->currentRow()));
}

void MainWindow::refreshApply()
{
    const int changes = m_document.changeCount();
    m_applyButton->setText(changes == 0 ? tr("Apply") : tr("Apply (%1)").arg(changes));
    m_applyButton->setEnabled(changes > 0);
    m_revertButton->setEnabled(changes > 0);
}

void MainWindow::showRevisions()
{
    auto *dialog = new RevisionsDialog(m_session.client(), m_document.base(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &RevisionsDialog::restored, &m_sync, &PoolSync::load);
    dialog->open();
}

void MainWindow::showConnections(bool fresh)
{
    auto *dialog = new ConnectionsDialog(m_connections, m_session.keychain(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &ConnectionsDialog::chosen, this, &MainWindow::openConnection);
    connect(dialog, &ConnectionsDialog::listChanged, this, &MainWindow::refreshConnections);
    if (fresh)
        dialog->startNew();
    dialog->open();
}

void MainWindow::restore()
{
    const QSettings settings;
    m_theme.choose(Theme::choiceOf(settings.value(u"theme"_s).toString()));
    refreshIcons();
    if (!restoreGeometry(settings.value(u"geometry"_s).toByteArray()))
        resize(1280, 800);
    int row = 0;
    for (int i = 0; i < m_pages.size(); ++i) {
        if (m_pages[i]->iconName() == settings.value(u"page"_s).toString())
            row = i;
    }
    m_rail->setCurrentRow(row);
}

void MainWindow::closeEvent(QCloseEvent *event)
{
    QSettings().setValue(u"geometry"_s, saveGeometry());
    event->accept();
    QApplication::quit();
}

void MainWindow::changeEvent(QEvent *event)
{
    QMainWindow::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && !m_pages.isEmpty())
        refreshIcons();
}

} // namespace keymux::gui
