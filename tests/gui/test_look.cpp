// SPDX-License-Identifier: GPL-3.0-or-later
// Every page and dialog as a person with any eyes, ears and screen meets it.
#include "gui/desk.h"
#include "support/goodanswers.h"
#include "support/pooltext.h"
#include "widgets/page.h"
#include "window/commandpalette.h"
#include "window/connectionsdialog.h"

#include <QAbstractButton>
#include <QAbstractItemView>
#include <QAccessible>
#include <QAction>
#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QScrollBar>
#include <QTabWidget>

using namespace Qt::StringLiterals;
using namespace keymux::gui;
using namespace keymux::gui::testing;
using namespace keymux::testing;

namespace {

/// What can take the focus and says nothing to a screen reader.
QStringList namelessIn(QWidget &root)
{
    QStringList nameless;
    const auto all = root.findChildren<QWidget *>();
    for (QWidget *widget : all) {
        // Parts of Qt's own widgets are told by the whole.
        const bool part = widget->objectName().startsWith(u"qt_"_s) ||
                          qobject_cast<QLineEdit *>(widget->parentWidget()) ||
                          qobject_cast<QComboBox *>(widget->parentWidget()) || qobject_cast<QScrollBar *>(widget);
        if (part || widget->focusPolicy() == Qt::NoFocus || !widget->isVisibleTo(&root) ||
            qobject_cast<QTabBar *>(widget))
            continue;
        QAccessibleInterface *face = QAccessible::queryAccessibleInterface(widget);
        if (!face || face->text(QAccessible::Name).trimmed().isEmpty())
            nameless.append(QString::fromLatin1(widget->metaObject()->className()) + u' ' + widget->objectName());
    }
    return nameless;
}

/// Texts that do not fit into their place.
QStringList clippedIn(QWidget &root)
{
    QStringList clipped;
    const auto labels = root.findChildren<QLabel *>();
    for (const QLabel *label : labels) {
        if (!label->isVisibleTo(&root) || label->text().isEmpty() || label->wordWrap())
            continue;
        if (label->width() < label->sizeHint().width() - 1 && label->width() < 900)
            clipped.append(u"%1 (%2 of %3)"_s.arg(label->text()).arg(label->width()).arg(label->sizeHint().width()));
    }
    const auto buttons = root.findChildren<QAbstractButton *>();
    for (const QAbstractButton *button : buttons) {
        if (button->isVisibleTo(&root) && !button->text().isEmpty() && button->width() < button->sizeHint().width() - 1)
            clipped.append(button->text());
    }
    return clipped;
}

} // namespace

class TestLook : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyPageInLightAndDark()
    {
        QAccessible::setActive(true);
        ScriptedUpstream upstream;
        for (const char *spent : {"key-3", "key-7"})
            upstream.limit(secretOf(spent), "*", {.rpm = 2});
        Behaviour refused;
        refused.status = 401;
        refused.body = R"({"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}})";
        upstream.on({.key = secretOf("key-5")}, refused);
        PoolText pool{.baseUrl = upstream.baseUrl(), .keys = poolKeys(24, R"("rpm_limit": 15, "rpd_limit": 1500)")};
        pool.keys.push_back({"key-off", R"("enabled": false)"});
        pool.keys.push_back({"key-lost", {}, false});
        pool.models = R"([{"model": "gemini-2.0-flash", "priority": 1}, {"model": "gemini-1.5-pro", "priority": 2}])";
        pool.routing =
            R"("model_map": [{"match": "gpt-4*", "models": ["gemini-2.0-flash", "gemini-1.5-pro"]}, {"match": "*", "models": ["*"]}])";
        Daemon daemon(pool.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        auto client = daemon.client();
        for (int i = 0; i < 160; ++i)
            client.post("/v1/chat/completions", chatBody("gpt-4"));
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        for (const auto &[theme, name] :
             {std::pair{Theme::Choice::Light, u"light"_s}, std::pair{Theme::Choice::Dark, u"dark"_s}}) {
            desk.theme().choose(theme);
            for (Page *page : desk.window().pages()) {
                QVERIFY(desk.showPage(page->iconName()));
                QTest::qWait(150);
                Desk::shoot(desk.window(), u"page-%1-%2"_s.arg(page->iconName(), name));
                QVERIFY2(namelessIn(desk.window()).isEmpty(), qUtf8Printable(namelessIn(desk.window()).join(u'\n')));
                QVERIFY2(clippedIn(desk.window()).isEmpty(), qUtf8Printable(clippedIn(desk.window()).join(u'\n')));
            }
        }
        Desk::shoot(desk.window(), u"page-settings-dark-2x"_s, 2);
        desk.theme().choose(Theme::Choice::Light);
    }

    void everyActionHasANameAndNoShortcutIsTakenTwice()
    {
        Daemon daemon(DaemonOptions{.config = "{\"providers\":{}}"});
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        for (Page *page : desk.window().pages()) {
            QHash<QString, QString> taken;
            QList<QAction *> actions = page->pageActions();
            const auto all = desk.window().findChildren<QAction *>();
            for (QAction *action : all) {
                if (!qobject_cast<Page *>(action->parent()) && !action->shortcut().isEmpty())
                    actions.append(action);
            }
            for (const QAction *action : std::as_const(actions)) {
                QVERIFY(!action->text().isEmpty());
                const QString keys = action->shortcut().toString();
                if (keys.isEmpty())
                    continue;
                QVERIFY2(!taken.contains(keys) || taken[keys] == action->text(),
                         qUtf8Printable(u"%1: %2 and %3"_s.arg(keys, action->text(), taken[keys])));
                taken.insert(keys, action->text());
            }
        }
    }

    void theDialogsTooAndTheCommandPaletteFindsThings()
    {
        QAccessible::setActive(true);
        Daemon daemon(DaemonOptions{.config = "{\"providers\":{}}"});
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.trigger(u"Connections…"_s));
        QDialog *dialog = desk.window().findChild<ConnectionsDialog *>();
        QVERIFY(dialog);
        QVERIFY2(namelessIn(*dialog).isEmpty(), qUtf8Printable(namelessIn(*dialog).join(u'\n')));
        QVERIFY2(clippedIn(*dialog).isEmpty(), qUtf8Printable(clippedIn(*dialog).join(u'\n')));
        Desk::shoot(*dialog, u"connections-light"_s);
        dialog->reject();
        QVERIFY(desk.trigger(u"Commands…"_s));
        auto *palette = desk.window().findChild<CommandPalette *>();
        QVERIFY(palette);
        QVERIFY(desk.type(u"Command"_s, u"sett"_s));
        QVERIFY2(namelessIn(*palette).isEmpty(), qUtf8Printable(namelessIn(*palette).join(u'\n')));
        Desk::shoot(*palette, u"commands-light"_s);
        QTest::keyClick(desk.find<QLineEdit>(u"Command"_s), Qt::Key_Return);
        QCOMPARE(desk.window().currentPage()->iconName(), u"settings"_s);
        QVERIFY(desk.showPage(u"pool"_s));
        Desk::shoot(desk.window(), u"pool-empty-light"_s);
    }

    void wordsAreFoundInAnyOrder()
    {
        QVERIFY(commandScore(u"Test all"_s, u"all te"_s) > 0);
        QCOMPARE(commandScore(u"Test all"_s, u"tests"_s), -1);
        QVERIFY(commandScore(u"Test all"_s, u"te"_s) > commandScore(u"Add a test"_s, u"te"_s));
    }
};

QTEST_MAIN(TestLook)
#include "test_look.moc"
