// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/desk.h"
#include "support/goodanswers.h"
#include "support/pooltext.h"
#include "widgets/page.h"

#include <QClipboard>
#include <QComboBox>
#include <QDialog>
#include <QDirIterator>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableView>
#include <QTableWidget>

using namespace Qt::StringLiterals;
using namespace keymux::gui;
using namespace keymux::gui::testing;
using namespace keymux::testing;

namespace {

/// Files below a folder that hold the text.
QStringList filesWith(const QString &folder, const QByteArray &text)
{
    QStringList found;
    QDirIterator it(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (it.hasNext()) {
        QFile file(it.next());
        if (file.open(QIODevice::ReadOnly) && file.readAll().contains(text))
            found.append(file.fileName());
    }
    return found;
}

} // namespace

class TestSecrets : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void threeHundredKeysFromAFileServe()
    {
        ScriptedUpstream upstream;
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.showPage(u"secrets"_s));
        QVERIFY(waitFor([&] { return desk.find<QTableView>(u"secretsTable"_s)->model()->rowCount() == 1; }));
        QString text = u"# keys of the team\n"_s;
        for (int i = 1; i <= 300; ++i)
            text += u"GEMINI_KEY_%1=AIzaSecretNumber%2\n"_s.arg(i).arg(i, 4, 10, QLatin1Char('0'));
        QVERIFY(desk.trigger(u"Import…"_s));
        QVERIFY(waitFor([&] { return desk.find<QPlainTextEdit>(u"importText"_s) != nullptr; }));
        desk.find<QPlainTextEdit>(u"importText"_s)->setPlainText(text);
        auto *rows = desk.find<QTableWidget>(u"importRows"_s);
        QVERIFY(waitFor([&] { return rows->rowCount() == 300; }));
        QVERIFY(!rows->item(0, 2)->text().contains(u"AIzaSecret"_s));
        Desk::shoot(*desk.find<QDialog>(u"importDialog"_s), u"secrets-import-light"_s);
        QCOMPARE(fromKeychain(u"GEMINI_KEY_1"_s).value, QString());
        QVERIFY(desk.click(u"Import 300 keys"_s));
        QVERIFY(waitFor([&] { return desk.find<QDialog>(u"importDialog"_s) == nullptr; }, 60000));
        QCOMPARE(fromKeychain(u"GEMINI_KEY_300"_s).value, u"AIzaSecretNumber0300"_s);
        Desk::shoot(desk.window(), u"secrets-light"_s);
        auto *apply = desk.window().findChild<QPushButton *>(u"apply"_s);
        QTest::mouseClick(apply, Qt::LeftButton);
        QVERIFY(waitFor([&] { return desk.find<QDialog>(u"applyDialog"_s) != nullptr; }));
        QTest::mouseClick(desk.find<QPushButton>(u"Apply"_s, desk.find<QDialog>(u"applyDialog"_s)), Qt::LeftButton);
        QVERIFY(waitFor([&] { return desk.window().session().live().keys().size() == 301; }, 20000));
        QVERIFY(waitFor([&] {
            for (const LiveKey &key : desk.window().session().live().keys()) {
                if (!key.resolved)
                    return false;
            }
            return true;
        }));
        // Nowhere but in the keyring: not in what the desktop keeps, and not in the gateway's files.
        QCOMPARE(filesWith(desk.dataFolder(), "AIzaSecretNumber"), QStringList());
        QCOMPARE(filesWith(QString::fromStdString(daemon.folder().string()), "AIzaSecretNumber"), QStringList());
        QVERIFY(desk.trigger(u"Import…"_s));
        desk.find<QPlainTextEdit>(u"importText"_s)->setPlainText(u"GEMINI_KEY_900=AIzaSecretNumber0007\n"_s);
        QVERIFY(waitFor(
            [&] {
                auto *again = desk.find<QTableWidget>(u"importRows"_s);
                return again && again->rowCount() == 1 &&
                       again->item(0, 3)->text().contains(u"has this secret already"_s);
            },
            60000));
    }

    void aTablesColumnsAreChosen()
    {
        ScriptedUpstream upstream;
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.showPage(u"secrets"_s));
        QVERIFY(desk.trigger(u"Import…"_s));
        QVERIFY(waitFor([&] { return desk.find<QPlainTextEdit>(u"importText"_s) != nullptr; }));
        auto *dialog = desk.find<QDialog>(u"importDialog"_s);
        QVERIFY(desk.find<QWidget>(u"csvColumns"_s) == nullptr);
        desk.find<QPlainTextEdit>(u"importText"_s)
            ->setPlainText(
                u"Owner;Label;Token;Old token\n"
                "anna;gemini-anna;AIzaSyTableSecretNumber000000000000001;AIzaSyTableSecretNumber000000000000008\n"
                "ben;gemini-ben;AIzaSyTableSecretNumber000000000000002;\n"
                "eva;gemini-eva;;AIzaSyTableSecretNumber000000000000009\n"_s);
        auto *rows = desk.find<QTableWidget>(u"importRows"_s);
        auto *name = desk.find<QComboBox>(u"csvName"_s), *secret = desk.find<QComboBox>(u"csvSecret"_s);
        QVERIFY(name && secret);
        QCOMPARE(name->currentText(), u"Label"_s);
        QCOMPARE(secret->currentText(), u"Token"_s);
        QCOMPARE(rows->rowCount(), 3);
        QCOMPARE(rows->item(0, 3)->text(), u"Line 4 has no secret"_s);
        QVERIFY(!desk.find<QLabel>(u"csvSecretSample"_s)->text().contains(u"AIza"_s));
        // The preview follows at once, and what cannot be meant is said and cannot be confirmed.
        name->setFocus();
        QTest::keyClick(name, Qt::Key_Up);
        QCOMPARE(name->currentText(), u"Owner"_s);
        QCOMPARE(rows->rowCount(), 0);
        QVERIFY(dialog->findChild<MessageBar *>()->text().contains(u"Nothing says whose keys these are"_s));
        auto *provider = desk.find<QComboBox>(u"Keys of provider"_s);
        QVERIFY(provider);
        provider->setCurrentIndex(provider->findText(u"gemini"_s));
        QCOMPARE(rows->rowCount(), 3);
        QVERIFY(rows->item(1, 0)->text().contains(u"anna"_s));
        provider->setCurrentIndex(0);
        name->setCurrentIndex(secret->currentIndex());
        QCOMPARE(rows->rowCount(), 0);
        QVERIFY(!desk.find<QPushButton>(u"Import"_s, dialog)->isEnabled());
        QVERIFY(waitFor([&] { return dialog->findChild<MessageBar *>()->text().contains(u"“Token”"_s); }));
        name->setCurrentIndex(name->findText(u"Label"_s));
        secret->setCurrentIndex(secret->findText(u"Old token"_s));
        QVERIFY(desk.click(u"Import 2 keys"_s));
        QVERIFY(waitFor([&] { return desk.find<QDialog>(u"importDialog"_s) == nullptr; }, 20000));
        QCOMPARE(fromKeychain(u"GEMINI_EVA"_s).value, u"AIzaSyTableSecretNumber000000000000009"_s);
        QCOMPARE(filesWith(desk.dataFolder(), "AIzaSyTableSecret"), QStringList());
    }

    void aSecretIsEnteredRevealedAndCopied()
    {
        ScriptedUpstream upstream;
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.showPage(u"secrets"_s));
        auto *table = desk.find<QTableView>(u"secretsTable"_s);
        const ModelTesters tester(table->model());
        QVERIFY(waitFor([&] { return table->model()->rowCount() == 1; }));
        table->selectRow(0);
        QVERIFY(desk.trigger(u"Enter secret…"_s));
        QVERIFY(waitFor([&] { return desk.find<QDialog>(u"secretDialog"_s) != nullptr; }));
        QVERIFY(desk.type(u"Secret"_s, u"sk-a-new-secret-0815"_s));
        Desk::shoot(*desk.find<QDialog>(u"secretDialog"_s), u"secret-dialog-light"_s);
        QVERIFY(desk.click(u"Save"_s));
        QVERIFY(waitFor([&] { return table->model()->index(0, 2).data().toString() == u"store:key-1"_s; }));
        QCOMPARE(fromKeychain(u"key-1"_s).value, u"sk-a-new-secret-0815"_s);
        table->selectRow(0);
        auto *value = desk.find<QLabel>(u"secretValue"_s);
        auto *hold = desk.find<QPushButton>(u"Hold to reveal"_s);
        QTest::mousePress(hold, Qt::LeftButton);
        QVERIFY(waitFor([&] { return value->text() == u"sk-a-new-secret-0815"_s; }));
        QTest::mouseRelease(hold, Qt::LeftButton);
        QVERIFY(!value->text().contains(u"0815"_s));
        QVERIFY(desk.click(u"Copy"_s));
        QVERIFY(waitFor([&] { return QApplication::clipboard()->text() == u"sk-a-new-secret-0815"_s; }));
    }

    void keysAreTestedAgainstTheirProvider()
    {
        ScriptedUpstream upstream;
        Behaviour refused;
        refused.status = 401;
        upstream.on({.key = secretOf("key-2")}, refused);
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(3)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.showPage(u"secrets"_s));
        QVERIFY(desk.trigger(u"Test all"_s));
        QVERIFY(waitFor([&] { return desk.window().currentPage()->messages().text() == u"Tested: 2 good, 1 bad."_s; }));
        Desk::shoot(desk.window(), u"secrets-tested-light"_s);
    }
};

QTEST_MAIN(TestSecrets)
#include "test_secrets.moc"
