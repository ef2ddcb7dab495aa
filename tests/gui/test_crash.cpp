// SPDX-License-Identifier: GPL-3.0-or-later
// The desktop is killed in the midst of work. The same program is also the victim: `--edit FOLDER` opens the window on
// a folder, edits the pool and stays.
#include "gui/desk.h"
#include "models/poolmodel.h"
#include "support/pooltext.h"
#include "widgets/page.h"

#include <QLineEdit>
#include <QProcess>
#include <QTreeView>

using namespace Qt::StringLiterals;
using namespace keymux::gui;
using namespace keymux::gui::testing;
using namespace keymux::testing;

namespace {

/// The Pool page's tree with the gateway's keys in it; null when they did not come.
QTreeView *poolTree(Desk &desk)
{
    if (!waitFor([&] { return desk.window().session().live().known(); }) || !desk.showPage(u"pool"_s))
        return nullptr;
    auto *tree = desk.find<QTreeView>(u"poolTree"_s);
    return tree && waitFor([&] { return tree->model()->rowCount() == 1; }) ? tree : nullptr;
}

QModelIndex limitOf(const QTreeView &tree, int key)
{
    return tree.model()->index(key, PoolModel::Rpm, tree.model()->index(0, 0));
}

int editAndStay(const QString &folder)
{
    Desk desk(folder);
    desk.open();
    QTreeView *tree = poolTree(desk);
    if (!tree)
        return 2;
    for (const auto &[key, limit] : {std::pair{0, u"99"_s}, std::pair{2, u"7"_s}}) {
        tree->setCurrentIndex(limitOf(*tree, key));
        tree->edit(limitOf(*tree, key));
        auto *field = tree->viewport()->findChild<QLineEdit *>();
        if (!field)
            return 3;
        field->selectAll();
        QTest::keyClicks(field, limit);
        QTest::keyClick(field, Qt::Key_Return);
        QCoreApplication::processEvents();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    }
    return QApplication::exec();
}

} // namespace

class TestCrash : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void editsOfAKilledDesktopAreOfferedAtTheNextStart()
    {
        ScriptedUpstream upstream;
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(3, R"("rpm_limit": 15)")}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        desk.close();
        QProcess victim;
        victim.setProcessChannelMode(QProcess::ForwardedChannels);
        victim.start(QCoreApplication::applicationFilePath(), {u"--edit"_s, desk.dataFolder()});
        const QDir drafts(desk.dataFolder() + u"/drafts"_s);
        QVERIFY(waitFor(
            [&] {
                const QFileInfoList files = drafts.entryInfoList(QDir::Files);
                QFile draft(files.isEmpty() ? QString() : files.first().filePath());
                return !files.isEmpty() && draft.open(QIODevice::ReadOnly) &&
                       draft.readAll().contains("\"rpm_limit\":7");
            },
            30000));
        QCOMPARE(victim.state(), QProcess::Running);
        victim.kill();
        QVERIFY(victim.waitForFinished());
        QCOMPARE(victim.exitStatus(), QProcess::CrashExit);
        desk.open();
        const QTreeView *tree = poolTree(desk);
        QVERIFY(tree);
        QVERIFY(waitFor([&] { return desk.window().currentPage()->messages().isShown(); }));
        QCOMPARE(limitOf(*tree, 0).data().toString(), u"15"_s);
        QVERIFY(desk.click(u"Restore them"_s));
        QCOMPARE(limitOf(*tree, 0).data().toString(), u"99"_s);
        QCOMPARE(limitOf(*tree, 1).data().toString(), u"15"_s);
        QCOMPARE(limitOf(*tree, 2).data().toString(), u"7"_s);
        QVERIFY(desk.window().document().isChanged());
    }
};

int main(int argc, char **argv)
{
    QApplication app(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    if (arguments.size() == 3 && arguments[1] == "--edit"_L1)
        return editAndStay(arguments[2]);
    TestCrash test;
    return QTest::qExec(&test, arguments);
}

#include "test_crash.moc"
