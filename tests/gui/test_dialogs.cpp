// SPDX-License-Identifier: GPL-3.0-or-later
// Every dialog as it looks at first, filled in, and when something is wrong with what was entered.
#include "gui/walk.h"
#include "models/poolmodel.h"
#include "support/goodanswers.h"
#include "support/pooltext.h"
#include "widgets/page.h"

#include <QComboBox>
#include <QDialog>
#include <QLineEdit>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableView>
#include <QTableWidget>
#include <QTreeView>
#include <csignal>

using namespace Qt::StringLiterals;
using namespace keymux::gui;
using namespace keymux::gui::testing;
using namespace keymux::testing;

namespace {

/// A gateway with four keys and the window on one of its pages.
struct OpenDesk {
    ScriptedUpstream upstream;
    Daemon daemon{PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(4, R"("rpm_limit": 15)")}.options()};
    Desk desk;

    bool begin(const QString &page)
    {
        return daemon.ready() && desk.connectTo(daemon, u"Production"_s) && desk.showPage(page) &&
               waitFor([&] { return desk.window().document().json().contains("providers"); });
    }
    QDialog *dialog(const QString &name)
    {
        QDialog *found = nullptr;
        (void)waitFor([&] { return (found = desk.find<QDialog>(name)) != nullptr; });
        return found;
    }
    bool told(QWidget &dialog)
    {
        return waitFor([&] { return desk.find<MessageBar>(u"messageBar"_s, &dialog) != nullptr; });
    }
    QTreeView &tree() { return *desk.find<QTreeView>(u"poolTree"_s); }
    bool edit(int key, int column, const QString &text)
    {
        QAbstractItemModel &model = *tree().model();
        return waitFor([&] { return model.rowCount() == 1; }) &&
               model.setData(model.index(key, column, model.index(0, 0)), text);
    }
    QPushButton &applyButton() { return *desk.window().findChild<QPushButton *>(u"apply"_s); }
};

} // namespace

class TestDialogs : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void connections()
    {
        OpenDesk open;
        QVERIFY(open.begin(u"overview"_s));
        QVERIFY(open.desk.trigger(u"Connections…"_s));
        QDialog *dialog = open.dialog(u"connectionsDialog"_s);
        QVERIFY(dialog);
        QVERIFY(waitFor([&] { return !open.desk.find<QLineEdit>(u"Admin token"_s)->text().isEmpty(); }));
        look(open.desk, *dialog, u"dialog-connections-typical"_s);
        QVERIFY(open.desk.click(u"Test"_s));
        QVERIFY(open.told(*dialog));
        look(open.desk, *dialog, u"dialog-connections-tested"_s);
        QVERIFY(open.desk.click(u"New"_s));
        look(open.desk, *dialog, u"dialog-connections-empty"_s);
        QVERIFY(open.desk.type(u"Admin address"_s, u"gateway.example"_s));
        QVERIFY(open.desk.click(u"Save and connect"_s));
        QVERIFY(open.told(*dialog));
        look(open.desk, *dialog, u"dialog-connections-error"_s);
    }

    void commandsAndAbout()
    {
        OpenDesk open;
        QVERIFY(open.begin(u"pool"_s));
        QVERIFY(open.desk.trigger(u"Commands…"_s));
        QDialog *palette = open.dialog(u"commandPalette"_s);
        QVERIFY(palette);
        look(open.desk, *palette, u"dialog-commands-full"_s);
        QVERIFY(open.desk.type(u"Command"_s, u"pool"_s));
        look(open.desk, *palette, u"dialog-commands-typical"_s);
        QVERIFY(open.desk.type(u"Command"_s, u"zzzz"_s));
        look(open.desk, *palette, u"dialog-commands-empty"_s);
        palette->reject();
        QVERIFY(open.desk.trigger(u"About Keymux"_s));
        auto *about = open.desk.window().findChild<QMessageBox *>();
        QVERIFY(about);
        look(open.desk, *about, u"dialog-about-typical"_s);
    }

    void aProviderIsAdded()
    {
        OpenDesk open;
        QVERIFY(open.begin(u"pool"_s));
        QVERIFY(open.desk.trigger(u"Add provider…"_s));
        QDialog *dialog = open.dialog(u"providerDialog"_s);
        QVERIFY(dialog);
        look(open.desk, *dialog, u"dialog-provider-empty"_s);
        QVERIFY(open.desk.click(u"Add"_s));
        QVERIFY(open.told(*dialog));
        look(open.desk, *dialog, u"dialog-provider-error"_s);
        auto *known = open.desk.find<QComboBox>(u"Provider"_s);
        QVERIFY(known);
        known->setCurrentIndex(known->count() - 1);
        QVERIFY(open.desk.type(u"Name"_s, u"our-own"_s));
        QVERIFY(open.desk.type(u"Address"_s, u"https://llm.example/v1"_s));
        QVERIFY(open.desk.type(u"Models"_s, u"large, small"_s));
        look(open.desk, *dialog, u"dialog-provider-typical"_s);
    }

    void limitsAreSet()
    {
        OpenDesk open;
        QVERIFY(open.begin(u"pool"_s));
        QVERIFY(waitFor([&] { return open.tree().model()->rowCount() == 1; }));
        open.tree().selectAll();
        QVERIFY(open.desk.trigger(u"Set limits…"_s));
        QDialog *dialog = open.dialog(u"limitsDialog"_s);
        QVERIFY(dialog);
        look(open.desk, *dialog, u"dialog-limits-empty"_s);
        QVERIFY(open.desk.type(u"Requests a day"_s, u"1500"_s));
        look(open.desk, *dialog, u"dialog-limits-typical"_s);
    }

    void changesAreApplied()
    {
        OpenDesk open;
        QVERIFY(open.begin(u"pool"_s));
        QVERIFY(open.edit(0, PoolModel::Rpm, u"40"_s));
        QVERIFY(open.edit(1, PoolModel::Rpd, u"1000"_s));
        QTest::mouseClick(&open.applyButton(), Qt::LeftButton);
        QDialog *dialog = open.dialog(u"applyDialog"_s);
        QVERIFY(dialog);
        look(open.desk, *dialog, u"dialog-apply-typical"_s);
        dialog->reject();
        QVERIFY(open.edit(2, PoolModel::Rpm, u"0"_s));
        QTest::mouseClick(&open.applyButton(), Qt::LeftButton);
        QVERIFY(waitFor([&] { return (dialog = open.dialog(u"applyDialog"_s)) && open.told(*dialog); }));
        look(open.desk, *dialog, u"dialog-apply-error"_s);
    }

    void somebodyElseWasQuicker()
    {
        OpenDesk open;
        QVERIFY(open.begin(u"pool"_s));
        QVERIFY(open.edit(0, PoolModel::Rpm, u"41"_s));
        const auto pool = open.daemon.admin().get("/admin/v1/pool");
        std::string theirs = pool.body;
        const std::size_t at = theirs.rfind("\"rpm_limit\": 15");
        QVERIFY(at != std::string::npos);
        theirs.replace(at, 15, "\"rpm_limit\": 77");
        const auto put = open.daemon.admin().request("PUT", "/admin/v1/pool", theirs,
                                                     {{"If-Match", std::string(pool.header("etag"))}});
        QCOMPARE(put.status, 200);
        QTest::mouseClick(&open.applyButton(), Qt::LeftButton);
        QDialog *apply = open.dialog(u"applyDialog"_s);
        QVERIFY(apply);
        QTest::mouseClick(open.desk.find<QPushButton>(u"Apply"_s, apply), Qt::LeftButton);
        QDialog *conflict = open.dialog(u"conflictDialog"_s);
        QVERIFY(conflict);
        look(open.desk, *conflict, u"dialog-conflict-typical"_s);
        QVERIFY(open.desk.click(u"Reload theirs"_s));
        QVERIFY(open.desk.trigger(u"Revisions…"_s));
        QDialog *revisions = open.dialog(u"revisionsDialog"_s);
        QVERIFY(revisions);
        QTreeView *list = open.desk.find<QTreeView>(u"Revisions"_s, revisions);
        QVERIFY(list && waitFor([&] { return list->model()->rowCount() == 2; }));
        list->setCurrentIndex(list->model()->index(1, 0));
        QVERIFY(waitFor([&] {
            auto *restore = open.desk.find<QPushButton>(u"Restore this revision"_s);
            return restore && restore->isEnabled();
        }));
        look(open.desk, *revisions, u"dialog-revisions-typical"_s);
        revisions->close();
        open.daemon.process().signal(SIGKILL);
        QVERIFY(open.daemon.process().wait().has_value());
        QVERIFY(open.desk.trigger(u"Revisions…"_s));
        QVERIFY(waitFor([&] { return (revisions = open.dialog(u"revisionsDialog"_s)) && open.told(*revisions); }));
        look(open.desk, *revisions, u"dialog-revisions-error"_s);
    }

    void secretsAreEnteredAndImported()
    {
        OpenDesk open;
        QVERIFY(open.begin(u"secrets"_s));
        auto *table = open.desk.find<QTableView>(u"secretsTable"_s);
        QVERIFY(waitFor([&] { return table->model()->rowCount() == 4; }));
        table->selectRow(0);
        QVERIFY(open.desk.trigger(u"Enter secret…"_s));
        QDialog *secret = open.dialog(u"secretDialog"_s);
        QVERIFY(secret);
        look(open.desk, *secret, u"dialog-secret-empty"_s);
        QVERIFY(open.desk.click(u"Save"_s));
        QVERIFY(open.told(*secret));
        look(open.desk, *secret, u"dialog-secret-error"_s);
        QVERIFY(open.desk.type(u"Secret"_s, u"sk-0123456789"_s));
        look(open.desk, *secret, u"dialog-secret-typical"_s);
        secret->reject();
        QVERIFY(open.desk.trigger(u"Import…"_s));
        QDialog *import = open.dialog(u"importDialog"_s);
        QVERIFY(import);
        look(open.desk, *import, u"dialog-import-empty"_s);
        auto *text = open.desk.find<QPlainTextEdit>(u"importText"_s);
        auto *rows = open.desk.find<QTableWidget>(u"importRows"_s);
        QString all;
        for (int i = 1; i <= 40; ++i)
            all += u"GEMINI_KEY_%1=AIzaSecretNumber%2\n"_s.arg(i).arg(i, 4, 10, QLatin1Char('0'));
        text->setPlainText(all);
        QVERIFY(waitFor([&] { return rows->rowCount() == 40; }));
        look(open.desk, *import, u"dialog-import-typical"_s);
        text->setPlainText(
            u"GEMINI_KEY_1=AIzaSecretNumber0001\nGEMINI_KEY_2=AIzaSecretNumber0001\nEMPTY=\nnot a key\n"_s);
        QVERIFY(waitFor([&] { return rows->rowCount() < 40; }));
        look(open.desk, *import, u"dialog-import-error"_s);
        text->setPlainText(u"Owner;Label;Token\nanna;gemini-anna;AIzaSyTableSecretNumber000000000000001\n"_s
                           u"ben;gemini-ben;AIzaSyTableSecretNumber000000000000002\n"_s);
        QVERIFY(waitFor([&] { return rows->rowCount() == 2; }));
        look(open.desk, *import, u"dialog-import-table"_s);
        open.desk.find<QComboBox>(u"csvName"_s)->setCurrentIndex(3);
        QVERIFY(open.told(*import));
        look(open.desk, *import, u"dialog-import-table-error"_s);
    }

    void virtualKeysAreMadeAndChanged()
    {
        OpenDesk open;
        QVERIFY(open.begin(u"virtualkeys"_s));
        auto *table = open.desk.find<QTableView>(u"virtualKeysTable"_s);
        QVERIFY(waitFor([&] { return table->model()->rowCount() == 1; }));
        QVERIFY(open.desk.trigger(u"New…"_s));
        QDialog *dialog = open.dialog(u"virtualKeyDialog"_s);
        QVERIFY(dialog);
        look(open.desk, *dialog, u"dialog-virtualkey-empty"_s);
        QVERIFY(open.desk.type(u"Models"_s, u"gpt-4**["_s));
        QVERIFY(open.desk.click(u"Make the key"_s));
        QVERIFY(open.told(*dialog));
        look(open.desk, *dialog, u"dialog-virtualkey-error"_s);
        QVERIFY(open.desk.type(u"Name"_s, u"build server"_s));
        QVERIFY(open.desk.type(u"Models"_s, u"gpt-4*, gemini-2.0-flash"_s));
        QVERIFY(open.desk.type(u"Requests a minute"_s, u"60"_s));
        QVERIFY(open.desk.type(u"Budget"_s, u"20"_s));
        QVERIFY(!open.desk.find<MessageBar>(u"messageBar"_s, dialog)); // what was wrong is being mended
        look(open.desk, *dialog, u"dialog-virtualkey-typical"_s);
        QVERIFY(open.desk.click(u"Make the key"_s));
        QDialog *made = open.dialog(u"newKeyDialog"_s);
        QVERIFY(made);
        look(open.desk, *made, u"dialog-newkey-typical"_s);
    }
};

QTEST_MAIN(TestDialogs)
#include "test_dialogs.moc"
