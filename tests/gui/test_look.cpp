// SPDX-License-Identifier: GPL-3.0-or-later
// Names, shortcuts and colours that hold on every page.
#include "gui/desk.h"
#include "theme/colours.h"
#include "widgets/page.h"
#include "window/commandpalette.h"

#include <QAction>
#include <QHeaderView>
#include <QLineEdit>
#include <QMenu>
#include <QSplitter>
#include <QTableView>
#include <QTreeView>
#include <cmath>

using namespace Qt::StringLiterals;
using namespace keymux::gui;
using namespace keymux::gui::testing;
using namespace keymux::testing;

namespace {

/// How bright a colour is to the eye, 0 to 1 (WCAG 2.1, relative luminance).
double luminance(const QColor &colour)
{
    const auto linear = [](double c) { return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

/// WCAG 2.1, contrast ratio: AA asks for 4.5 for ordinary text.
double contrast(const QColor &a, const QColor &b)
{
    const double first = luminance(a), second = luminance(b);
    return (std::max(first, second) + 0.05) / (std::min(first, second) + 0.05);
}

/// A colour that lets some of what is behind it through, on that.
QColor over(const QColor &wash, const QColor &behind)
{
    const auto mix = [a = wash.alphaF()](float top, float below) { return a * top + (1 - a) * below; };
    return QColor::fromRgbF(mix(wash.redF(), behind.redF()), mix(wash.greenF(), behind.greenF()),
                            mix(wash.blueF(), behind.blueF()));
}

} // namespace

class TestLook : public QObject {
    Q_OBJECT

private Q_SLOTS:
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

    void theCommandPaletteFindsThings()
    {
        Daemon daemon(DaemonOptions{.config = "{\"providers\":{}}"});
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.trigger(u"Commands…"_s));
        QVERIFY(desk.type(u"Command"_s, u"sett"_s));
        QTest::keyClick(desk.find<QLineEdit>(u"Command"_s), Qt::Key_Return);
        QCOMPARE(desk.window().currentPage()->iconName(), u"settings"_s);
    }

    void columnsAndSplittersComeBackAsTheyWereLeft()
    {
        Daemon daemon(DaemonOptions{.config = "{\"providers\":{}}"});
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        const auto headers = [&] {
            QList<QHeaderView *> found;
            for (const char *table : {"liveTable", "secretsTable", "virtualKeysTable", "logTable", "planTable"})
                found.append(desk.window().findChild<QTableView *>(QLatin1String(table))->horizontalHeader());
            found.append(desk.window().findChild<QTreeView *>(u"poolTree"_s)->header());
            return found;
        };
        for (QHeaderView *header : headers()) {
            QCOMPARE(header->sortIndicatorSection(), -1);
            header->resizeSection(1, 163);
            header->moveSection(2, 1);
            Q_EMIT header->customContextMenuRequested(QPoint(4, 4));
            auto *menu = header->findChild<QMenu *>();
            QVERIFY(menu);
            const QString third = header->model()->headerData(2, Qt::Horizontal, Qt::DisplayRole).toString();
            for (QAction *action : menu->actions()) {
                if (action->text() == third)
                    action->trigger();
            }
            QVERIFY(header->isSectionHidden(2));
            menu->close();
        }
        QVERIFY(desk.showPage(u"models"_s));
        auto *splitter = desk.window().currentPage()->findChild<QSplitter *>();
        const QPoint handle = splitter->handle(1)->rect().center();
        QTest::mousePress(splitter->handle(1), Qt::LeftButton, {}, handle);
        QTest::mouseMove(splitter->handle(1), handle + QPoint(0, 60));
        QTest::mouseRelease(splitter->handle(1), Qt::LeftButton, {}, handle + QPoint(0, 60));
        const QList<int> sizes = splitter->sizes();
        desk.open();
        for (QHeaderView *header : headers()) {
            QCOMPARE(header->sectionSize(1), 163);
            QCOMPARE(header->visualIndex(2), 1);
            QVERIFY(header->isSectionHidden(2));
        }
        QVERIFY(waitFor([&] { return desk.window().session().live().known(); }));
        QVERIFY(desk.showPage(u"models"_s));
        QCOMPARE(desk.window().currentPage()->findChild<QSplitter *>()->sizes(), sizes);
    }

    void everyColourCanBeReadOnWhatIsBehindIt()
    {
        Desk desk;
        for (const Theme::Choice choice : {Theme::Choice::Light, Theme::Choice::Dark}) {
            desk.theme().choose(choice);
            const QPalette palette = QApplication::palette();
            QStringList faint;
            const auto check = [&](const QString &name, const QColor &text, const QColor &behind) {
                if (contrast(text, behind) < 4.5)
                    faint.append(u"%1: %2"_s.arg(name).arg(contrast(text, behind)));
            };
            for (const QPalette::ColorRole role :
                 {QPalette::Window, QPalette::Base, QPalette::AlternateBase, QPalette::Button}) {
                const QColor behind = palette.color(role);
                const QString on = u" on "_s + QString::number(role);
                check(u"text"_s + on, palette.color(QPalette::Text), behind);
                check(u"placeholder"_s + on, palette.color(QPalette::PlaceholderText), behind);
                check(u"link"_s + on, palette.color(QPalette::Link), behind);
                for (const Tone tone : {Tone::Good, Tone::Warning, Tone::Bad, Tone::Off, Tone::Accent, Tone::Muted})
                    check(u"tone %1"_s.arg(int(tone)) + on, toneColour(tone, palette), behind);
            }
            check(u"selection"_s, palette.color(QPalette::HighlightedText), palette.color(QPalette::Highlight));
            for (const Tone tone : {Tone::Good, Tone::Warning, Tone::Bad, Tone::Off, Tone::Accent, Tone::Muted})
                check(u"text on wash %1"_s.arg(int(tone)), palette.color(QPalette::Text),
                      over(toneWash(tone, palette), palette.color(QPalette::Window)));
            QVERIFY2(faint.isEmpty(), qUtf8Printable(faint.join(u'\n')));
        }
        desk.theme().choose(Theme::Choice::Light);
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
