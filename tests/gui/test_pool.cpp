// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/desk.h"
#include "models/poolmodel.h"
#include "support/pooltext.h"
#include "widgets/page.h"

#include <QDialog>
#include <QLineEdit>
#include <QMimeData>
#include <QPushButton>
#include <QTreeView>

using namespace Qt::StringLiterals;
using namespace keymux::gui;
using namespace keymux::gui::testing;
using namespace keymux::testing;

namespace {

/// A gateway with a pool, and the window's Pool page on it.
class PoolDesk {
public:
    explicit PoolDesk(int keys = 3)
        : daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(keys, R"("rpm_limit": 15)")}.options())
    {
    }

    bool begin()
    {
        if (!daemon.ready() || !desk.connectTo(daemon) || !desk.showPage(u"pool"_s))
            return false;
        tree = desk.find<QTreeView>(u"poolTree"_s);
        return tree && waitFor([&] { return tree->model()->rowCount() == 1; });
    }
    QModelIndex key(int row, int column = 0) const
    {
        return tree->model()->index(row, column, tree->model()->index(0, 0));
    }
    /// Edits a cell with the keyboard.
    void edit(const QModelIndex &cell, const QString &text)
    {
        tree->setCurrentIndex(cell);
        tree->edit(cell);
        auto *field = tree->viewport()->findChild<QLineEdit *>();
        QVERIFY(field);
        field->selectAll();
        if (text.isEmpty())
            QTest::keyClick(field, Qt::Key_Delete);
        QTest::keyClicks(field, text);
        QTest::keyClick(field, Qt::Key_Return);
        QTest::qWait(0);
    }
    QPushButton *applyButton() { return desk.window().findChild<QPushButton *>(u"apply"_s); }
    std::string live() { return daemon.admin().get("/admin/v1/pool").body; }

    ScriptedUpstream upstream;
    Daemon daemon;
    Desk desk;
    QTreeView *tree = nullptr;
};

} // namespace

class TestPool : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void anEditIsUndoneRedoneAndApplied()
    {
        PoolDesk desk;
        QVERIFY(desk.begin());
        const ModelTesters tester(desk.tree->model());
        const std::string before = desk.live();
        QVERIFY(!desk.applyButton()->isEnabled());
        desk.edit(desk.key(1, PoolModel::Rpm), u"40"_s);
        QCOMPARE(desk.key(1, PoolModel::Rpm).data().toString(), u"40"_s);
        QCOMPARE(desk.applyButton()->text(), u"Apply (1)"_s);
        QVERIFY(desk.desk.trigger(u"Undo"_s));
        QCOMPARE(desk.key(1, PoolModel::Rpm).data().toString(), u"15"_s);
        QVERIFY(!desk.applyButton()->isEnabled());
        QVERIFY(desk.desk.trigger(u"Redo"_s));
        QCOMPARE(desk.live(), before);
        Desk::shoot(desk.desk.window(), u"pool-light"_s);
        QTest::mouseClick(desk.applyButton(), Qt::LeftButton);
        QVERIFY(waitFor([&] { return desk.desk.find<QDialog>(u"applyDialog"_s) != nullptr; }));
        Desk::shoot(*desk.desk.find<QDialog>(u"applyDialog"_s), u"pool-apply-light"_s);
        auto *dialog = desk.desk.find<QDialog>(u"applyDialog"_s);
        QTest::mouseClick(desk.desk.find<QPushButton>(u"Apply"_s, dialog), Qt::LeftButton);
        QVERIFY(waitFor([&] { return desk.live().find("\"rpm_limit\": 40") != std::string::npos; }));
        QVERIFY(waitFor([&] { return !desk.applyButton()->isEnabled(); }));
        QVERIFY(waitFor([&] { return desk.desk.window().currentPage()->messages().text().contains(u"Revision 2"_s); }));
    }

    void whatIsWrongIsMarkedAndBlocksApply()
    {
        PoolDesk desk;
        QVERIFY(desk.begin());
        desk.edit(desk.key(0, PoolModel::Rpm), u"0"_s);
        QVERIFY(
            waitFor([&] { return !desk.key(0, PoolModel::Rpm).data(PoolModel::ProblemRole).toString().isEmpty(); }));
        QVERIFY(!desk.key(0, PoolModel::Name).data(PoolModel::ProblemRole).toString().isEmpty());
        QVERIFY(desk.key(1, PoolModel::Rpm).data(PoolModel::ProblemRole).toString().isEmpty());
        Desk::shoot(desk.desk.window(), u"pool-problem-light"_s);
        QTest::mouseClick(desk.applyButton(), Qt::LeftButton);
        QVERIFY(waitFor([&] { return desk.desk.find<QDialog>(u"applyDialog"_s) != nullptr; }));
        auto *dialog = desk.desk.find<QDialog>(u"applyDialog"_s);
        QVERIFY(!desk.desk.find<QPushButton>(u"Apply"_s, dialog)->isEnabled());
    }

    void aSecretInPlaceOfAReferenceIsNotTaken()
    {
        PoolDesk desk;
        QVERIFY(desk.begin());
        const QString before = desk.key(0, PoolModel::Reference).data().toString();
        desk.edit(desk.key(0, PoolModel::Reference), u"sk-proj-0123456789abcdefghij"_s);
        QCOMPARE(desk.key(0, PoolModel::Reference).data().toString(), before);
        QVERIFY(desk.desk.window().currentPage()->messages().text().contains(u"no reference"_s));
        QVERIFY(!desk.desk.window().document().isChanged());
    }

    void keysAreAddedMovedSwitchedOffAndRemoved()
    {
        PoolDesk desk;
        QVERIFY(desk.begin());
        const ModelTesters tester(desk.tree->model());
        desk.tree->setCurrentIndex(desk.key(2));
        QVERIFY(desk.desk.trigger(u"Move up"_s));
        QCOMPARE(desk.key(1).data().toString(), u"key-3"_s);
        QCOMPARE(desk.key(2).data().toString(), u"key-2"_s);
        QVERIFY(desk.desk.trigger(u"Add key"_s));
        QCOMPARE(desk.tree->model()->rowCount(desk.tree->model()->index(0, 0)), 4);
        desk.tree->selectionModel()->clear();
        desk.tree->selectionModel()->select(desk.key(0), QItemSelectionModel::Select | QItemSelectionModel::Rows);
        desk.tree->selectionModel()->select(desk.key(1), QItemSelectionModel::Select | QItemSelectionModel::Rows);
        QVERIFY(desk.desk.trigger(u"Disable"_s));
        QCOMPARE(desk.key(0, PoolModel::Enabled).data(Qt::CheckStateRole).toInt(), int(Qt::Unchecked));
        QCOMPARE(desk.key(1, PoolModel::Enabled).data(Qt::CheckStateRole).toInt(), int(Qt::Unchecked));
        QVERIFY(desk.desk.trigger(u"Remove"_s));
        QCOMPARE(desk.tree->model()->rowCount(desk.tree->model()->index(0, 0)), 2);
        QVERIFY(desk.desk.trigger(u"Undo"_s));
        QCOMPARE(desk.tree->model()->rowCount(desk.tree->model()->index(0, 0)), 4);
        for (int i = 0; i < 3; ++i)
            QVERIFY(desk.desk.trigger(u"Undo"_s));
        QVERIFY(!desk.desk.window().document().isChanged());
    }

    void aKeyIsDraggedInFrontOfAnother()
    {
        PoolDesk desk;
        QVERIFY(desk.begin());
        QAbstractItemModel &model = *desk.tree->model();
        const auto provider = [&] { return model.index(0, 0); }; // an index does not outlive a move
        QVERIFY(model.flags(desk.key(2)) & Qt::ItemIsDragEnabled);
        QVERIFY(!(model.flags(provider()) & Qt::ItemIsDragEnabled));
        const std::unique_ptr<QMimeData> row(model.mimeData({desk.key(2)}));
        model.dropMimeData(row.get(), Qt::MoveAction, 0, 0, provider());
        QCOMPARE(desk.key(0).data().toString(), u"key-3"_s);
        QCOMPARE(desk.key(1).data().toString(), u"key-1"_s);
        const std::unique_ptr<QMimeData> first(model.mimeData({desk.key(0)}));
        QVERIFY(!model.canDropMimeData(first.get(), Qt::MoveAction, 0, 0, QModelIndex()));
        model.dropMimeData(first.get(), Qt::MoveAction, -1, -1, provider());
        QCOMPARE(desk.key(2).data().toString(), u"key-3"_s);
        QVERIFY(desk.desk.trigger(u"Undo"_s));
        QVERIFY(desk.desk.trigger(u"Undo"_s));
        QVERIFY(!desk.desk.window().document().isChanged());
    }

    void limitsOfManyKeysAreSetAtOnce()
    {
        PoolDesk desk(5);
        QVERIFY(desk.begin());
        for (int i = 0; i < 5; ++i)
            desk.tree->selectionModel()->select(desk.key(i), QItemSelectionModel::Select | QItemSelectionModel::Rows);
        QVERIFY(desk.desk.trigger(u"Set limits…"_s));
        QVERIFY(waitFor([&] { return desk.desk.find<QDialog>(u"limitsDialog"_s) != nullptr; }));
        QVERIFY(desk.desk.type(u"Requests a day"_s, u"1500"_s));
        Desk::shoot(*desk.desk.find<QDialog>(u"limitsDialog"_s), u"pool-limits-light"_s);
        QVERIFY(desk.desk.click(u"Set"_s));
        for (int i = 0; i < 5; ++i)
            QCOMPARE(desk.key(i, PoolModel::Rpd).data().toString(), u"1500"_s);
        QCOMPARE(desk.key(0, PoolModel::Rpm).data().toString(), u"15"_s);
        QVERIFY(desk.desk.trigger(u"Undo"_s));
        QVERIFY(!desk.desk.window().document().isChanged());
    }

    void aSecondOperatorsChangeIsMerged()
    {
        PoolDesk desk;
        QVERIFY(desk.begin());
        desk.edit(desk.key(0, PoolModel::Rpm), u"41"_s);
        // Somebody else changes another key.
        const auto pool = desk.daemon.admin().get("/admin/v1/pool");
        std::string theirs = pool.body;
        const std::size_t at = theirs.rfind("\"rpm_limit\": 15");
        QVERIFY(at != std::string::npos);
        theirs.replace(at, 15, "\"rpm_limit\": 77");
        const auto put = desk.daemon.admin().request("PUT", "/admin/v1/pool", theirs,
                                                     {{"If-Match", std::string(pool.header("etag"))}});
        QCOMPARE(put.status, 200);
        QTest::mouseClick(desk.applyButton(), Qt::LeftButton);
        QVERIFY(waitFor([&] { return desk.desk.find<QDialog>(u"applyDialog"_s) != nullptr; }));
        QTest::mouseClick(desk.desk.find<QPushButton>(u"Apply"_s, desk.desk.find<QDialog>(u"applyDialog"_s)),
                          Qt::LeftButton);
        QVERIFY(waitFor([&] { return desk.desk.find<QDialog>(u"conflictDialog"_s) != nullptr; }));
        Desk::shoot(*desk.desk.find<QDialog>(u"conflictDialog"_s), u"pool-conflict-light"_s);
        QVERIFY(desk.desk.click(u"Merge both"_s));
        QVERIFY(waitFor([&] { return desk.desk.find<QDialog>(u"applyDialog"_s) != nullptr; }));
        QTest::mouseClick(desk.desk.find<QPushButton>(u"Apply"_s, desk.desk.find<QDialog>(u"applyDialog"_s)),
                          Qt::LeftButton);
        QVERIFY(waitFor([&] { return desk.live().find("\"rpm_limit\": 41") != std::string::npos; }));
        QVERIFY(desk.live().find("\"rpm_limit\": 77") != std::string::npos);
    }

    void unappliedChangesAreOfferedAtTheNextStart()
    {
        PoolDesk desk;
        QVERIFY(desk.begin());
        desk.edit(desk.key(0, PoolModel::Rpm), u"99"_s);
        QVERIFY(waitFor([&] { return QDir(desk.desk.dataFolder() + u"/drafts"_s).count() > 2; }));
        QVERIFY(desk.begin()); // a new window on the same desk
        QVERIFY(waitFor([&] { return desk.desk.window().currentPage()->messages().isShown(); }));
        QCOMPARE(desk.key(0, PoolModel::Rpm).data().toString(), u"15"_s);
        QVERIFY(desk.desk.click(u"Restore them"_s));
        QCOMPARE(desk.key(0, PoolModel::Rpm).data().toString(), u"99"_s);
        QVERIFY(desk.desk.window().document().isChanged());
    }

    void anOldRevisionIsPutBack()
    {
        PoolDesk desk;
        QVERIFY(desk.begin());
        desk.edit(desk.key(0, PoolModel::Rpm), u"44"_s);
        QTest::mouseClick(desk.applyButton(), Qt::LeftButton);
        QVERIFY(waitFor([&] { return desk.desk.find<QDialog>(u"applyDialog"_s) != nullptr; }));
        QTest::mouseClick(desk.desk.find<QPushButton>(u"Apply"_s, desk.desk.find<QDialog>(u"applyDialog"_s)),
                          Qt::LeftButton);
        QVERIFY(waitFor([&] { return desk.live().find("\"rpm_limit\": 44") != std::string::npos; }));
        QVERIFY(desk.desk.trigger(u"Revisions…"_s));
        QVERIFY(waitFor([&] {
            auto *list = desk.desk.find<QTreeView>(u"Revisions"_s);
            return list && list->model()->rowCount() == 2;
        }));
        auto *list = desk.desk.find<QTreeView>(u"Revisions"_s);
        list->setCurrentIndex(list->model()->index(1, 0));
        QVERIFY(waitFor([&] {
            auto *button = desk.desk.find<QPushButton>(u"Restore this revision"_s);
            return button && button->isEnabled();
        }));
        Desk::shoot(*desk.desk.find<QDialog>(u"revisionsDialog"_s), u"pool-revisions-light"_s);
        QVERIFY(desk.desk.click(u"Restore this revision"_s));
        QVERIFY(waitFor([&] { return desk.key(0, PoolModel::Rpm).data().toString() == u"15"_s; }));
    }
};

QTEST_MAIN(TestPool)
#include "test_pool.moc"
