// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/desk.h"

#include "client/connection.h"
#include "gui/tsfile.h"
#include "translations/translations.h"
#include "widgets/page.h"

#include <QAction>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QSettings>

using namespace Qt::StringLiterals;

namespace keymux::gui::testing {

namespace {

/// A text without the letters that stand for shortcuts.
QString plain(QString text)
{
    return text.remove(u'&');
}

/// What the window may say for an English text, in the language it speaks; two contexts may put it differently.
QStringList spoken(const QString &english)
{
    static const QMultiHash<QString, QString> texts = [] {
        QMultiHash<QString, QString> all;
        if (QLocale().language() == QLocale::English)
            return all;
        const auto read = textsOf(QStringLiteral(KEYMUX_SOURCE_DIR "/gui/translations/keymux_de.ts"));
        for (auto it = read.begin(); it != read.end(); ++it)
            all.insert(plain(it.key().section(u'|', 1)), plain(it.value()));
        return all;
    }();
    return texts.values(english) << english;
}

} // namespace

bool waitFor(const std::function<bool()> &condition, int ms)
{
    return QTest::qWaitFor(condition, ms);
}

KeychainAnswer fromKeychain(const QString &entry)
{
    Keychain keychain;
    std::optional<KeychainAnswer> got;
    keychain.read(entry, qApp, [&](const KeychainAnswer &answer) { got = answer; });
    waitFor([&] { return got.has_value(); });
    return got.value_or(KeychainAnswer{KeychainAnswer::Failure::Other, {}, u"no answer came"_s});
}

Desk::Desk(const QString &folder) : m_data(folder.isEmpty() ? m_folder.path() : folder)
{
    QApplication::setOrganizationName(u"keymux"_s);
    QApplication::setApplicationName(u"keymux-admin"_s);
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_data + "/settings"_L1);
    qputenv("PATH", KEYMUX_BUILD_DIR "/bin:" + qgetenv("PATH"));
    static bool translated = false;
    if (!std::exchange(translated, true))
        translate(*qApp, QLocale(qEnvironmentVariable("KEYMUX_LANGUAGE", u"en"_s)));
    m_theme = std::make_unique<Theme>(*qApp);
}

MainWindow &Desk::open()
{
    m_window.reset();
    m_window = std::make_unique<MainWindow>(*m_theme, m_data);
    m_window->resize(1280, 800);
    m_window->show();
    m_window->begin();
    // Shortcuts need an active window; without one they are triggered by name.
    (void)QTest::qWaitForWindowActive(m_window.get(), 1000);
    return *m_window;
}

bool Desk::connectTo(const Daemon &daemon, const QString &name)
{
    Connection connection = newConnection(name, QUrl(QString::fromStdString(daemon.adminUrl())));
    connection.id = u"test"_s;
    connection.clientUrl = QUrl(QString::fromStdString(daemon.url()));
    ConnectionList list(m_data + "/connections.json"_L1);
    list.put(connection);
    list.setLastUsed(connection.id);
    Keychain keychain;
    bool done = false, ok = false;
    keychain.write(connection.tokenEntry(), QString::fromStdString(daemon.adminToken()), qApp,
                   [&](const KeychainAnswer &answer) {
                       ok = answer.ok();
                       done = true;
                   });
    if (!waitFor([&] { return done; }) || !ok)
        return false;
    MainWindow &shown = open();
    return waitFor([&] { return shown.session().live().known(); });
}

bool Desk::isCalled(const QWidget *widget, const QString &name)
{
    const QStringList names = spoken(name);
    if (widget->objectName() == name || names.contains(widget->accessibleName()))
        return true;
    if (const auto *button = qobject_cast<const QAbstractButton *>(widget))
        return names.contains(plain(button->text()));
    if (const auto *label = qobject_cast<const QLabel *>(widget))
        return names.contains(label->text());
    // A field is called by its buddy.
    const auto labels = widget->window()->findChildren<QLabel *>();
    for (const QLabel *label : labels) {
        if (label->buddy() == widget && names.contains(plain(label->text())))
            return true;
    }
    return false;
}

bool Desk::click(const QString &button)
{
    auto *found = find<QAbstractButton>(button);
    if (!found || !found->isEnabled())
        return false;
    QTest::mouseClick(found, Qt::LeftButton);
    return true;
}

bool Desk::type(const QString &field, const QString &text)
{
    QWidget *found = find<QLineEdit>(field);
    if (!found)
        found = find<QWidget>(field);
    if (!found)
        return false;
    found->setFocus();
    QTest::keyClick(found, Qt::Key_A, Qt::ControlModifier);
    QTest::keyClick(found, Qt::Key_Delete);
    QTest::keyClicks(found, text);
    return true;
}

bool Desk::showPage(const QString &icon)
{
    const auto &pages = m_window->pages();
    for (int i = 0; i < pages.size(); ++i) {
        if (pages[i]->iconName() == icon) {
            m_window->showPage(i);
            return m_window->currentPage() == pages[i];
        }
    }
    return false;
}

bool Desk::trigger(const QString &action)
{
    const QStringList names = spoken(action);
    QList<QAction *> all = m_window->findChildren<QAction *>();
    for (QAction *one : std::as_const(all)) {
        if (!names.contains(plain(one->text())) || !one->isEnabled())
            continue;
        // An action of a page that is not shown is another page's.
        const auto *page = qobject_cast<Page *>(one->parent());
        if (page && page != m_window->currentPage())
            continue;
        one->trigger();
        return true;
    }
    return false;
}

void Desk::shoot(QWidget &widget, const QString &name)
{
    const QString folder = QStringLiteral(KEYMUX_BUILD_DIR "/screenshots");
    QDir().mkpath(folder);
    QCoreApplication::sendPostedEvents(nullptr, QEvent::LayoutRequest); // what was just changed has its place by now
    QVERIFY(widget.grab().save(folder + u'/' + name + ".png"_L1));
}

} // namespace keymux::gui::testing
