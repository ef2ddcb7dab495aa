// SPDX-License-Identifier: GPL-3.0-or-later
#include "gui/desk.h"
#include "support/pooltext.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QDialog>
#include <QProcess>
#include <QTableView>

using namespace Qt::StringLiterals;
using namespace keymux::gui;
using namespace keymux::gui::testing;
using namespace keymux::testing;

namespace {

bool lockKeyring()
{
    // A message rather than a QDBusInterface, which leaks what it learns of the other side.
    auto lock = QDBusMessage::createMethodCall(u"org.freedesktop.secrets"_s, u"/org/freedesktop/secrets"_s,
                                               u"org.freedesktop.Secret.Service"_s, u"Lock"_s);
    const QList<QDBusObjectPath> what{QDBusObjectPath(u"/org/freedesktop/secrets/aliases/default"_s)};
    lock << QVariant::fromValue(what);
    return QDBusConnection::sessionBus().call(lock).type() == QDBusMessage::ReplyMessage;
}

} // namespace

/// A keyring that is locked, and one that is not there.
class TestKeyring : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void whatIsKeptIsReadAgainAndRemoved()
    {
        Keychain keychain;
        int done = 0;
        keychain.write(u"entry"_s, u"value"_s, qApp, [&](const KeychainAnswer &answer) { done += answer.ok(); });
        QVERIFY(waitFor([&] { return done == 1; }));
        QCOMPARE(fromKeychain(u"entry"_s).value, u"value"_s);
        keychain.remove(u"entry"_s, qApp, [&](const KeychainAnswer &answer) { done += answer.ok(); });
        QVERIFY(waitFor([&] { return done == 2; }));
        QCOMPARE(fromKeychain(u"entry"_s).failure, KeychainAnswer::Failure::Missing);
        QVERIFY(fromKeychain(u"entry"_s).problem.contains(u"entry"_s));
    }

    void aLockedKeyringIsSaidAndNothingIsStored()
    {
        ScriptedUpstream upstream;
        Daemon daemon(PoolText{.baseUrl = upstream.baseUrl(), .keys = poolKeys(1)}.options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Desk desk;
        QVERIFY(desk.connectTo(daemon));
        QVERIFY(desk.showPage(u"secrets"_s));
        auto *table = desk.find<QTableView>(u"secretsTable"_s);
        QVERIFY(waitFor([&] { return table->model()->rowCount() == 1; }));
        QVERIFY(lockKeyring());
        table->selectRow(0);
        const QString before = table->model()->index(0, 2).data().toString();
        QVERIFY(desk.trigger(u"Enter secret…"_s));
        QVERIFY(waitFor([&] { return desk.find<QDialog>(u"secretDialog"_s) != nullptr; }));
        QVERIFY(desk.type(u"Secret"_s, u"sk-behind-a-lock"_s));
        QVERIFY(desk.click(u"Save"_s));
        QVERIFY(waitFor(
            [&] {
                auto *bar = desk.find<MessageBar>(u"messageBar"_s, desk.find<QDialog>(u"secretDialog"_s));
                return bar && bar->text().contains(u"keychain"_s, Qt::CaseInsensitive);
            },
            30000));
        QCOMPARE(table->model()->index(0, 2).data().toString(), before);
        QVERIFY(!desk.window().document().isChanged());
        QCOMPARE(daemon.admin().get("/admin/v1/secrets").body.find("key-1"), std::string::npos);
    }
};

QTEST_MAIN(TestKeyring)
#include "test_keyring.moc"
