// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/keychainsource.h"
#include "support/keyringsession.h"
#include "support/load.h"
#include "support/pooltext.h"
#include "support/scriptedupstream.h"

#include <QCoreApplication>
#include <QDBusConnection>
#include <QDBusConnectionInterface>
#include <QDBusInterface>
#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QDBusReply>
#include <QtTest>
#include <csignal>
#include <cstdlib>

using namespace keymux;
using namespace keymux::testing;

namespace {

constexpr const char *service = "org.freedesktop.secrets";

bool waitFor(const std::function<bool()> &condition, Ms timeout = Ms(20000))
{
    const Moment deadline = Clock::now() + timeout;
    while (!condition()) {
        if (Clock::now() > deadline)
            return false;
        std::this_thread::sleep_for(Ms(20));
    }
    return true;
}

bool lockKeyring()
{
    QDBusInterface secrets(QString::fromLatin1(service), QStringLiteral("/org/freedesktop/secrets"),
                           QStringLiteral("org.freedesktop.Secret.Service"));
    const QList<QDBusObjectPath> all{QDBusObjectPath(QStringLiteral("/org/freedesktop/secrets/collection/login"))};
    return secrets.call(QStringLiteral("Lock"), QVariant::fromValue(all)).type() == QDBusMessage::ReplyMessage;
}

QDBusConnectionInterface *bus()
{
    return QDBusConnection::sessionBus().interface();
}

bool isUnlocked()
{
    QDBusMessage question = QDBusMessage::createMethodCall(
        QString::fromLatin1(service), QStringLiteral("/org/freedesktop/secrets/collection/login"),
        QStringLiteral("org.freedesktop.DBus.Properties"), QStringLiteral("Get"));
    question << QStringLiteral("org.freedesktop.Secret.Collection") << QStringLiteral("Locked");
    const QDBusReply<QVariant> locked = QDBusConnection::sessionBus().call(question);
    return locked.isValid() && !locked.value().toBool();
}

bool killKeyring()
{
    const auto pid = bus()->servicePid(QString::fromLatin1(service));
    if (pid.isValid())
        kill(pid_t(pid.value()), SIGKILL);
    return waitFor([] { return !bus()->isServiceRegistered(QString::fromLatin1(service)).value(); });
}

/// As a session's start brings it, with the password. Whoever asks for a keyring in between makes the bus start a
/// locked one, so it may take more than one try.
bool startKeyring()
{
    for (int i = 0; i < 10; ++i) {
        killKeyring();
        const int started =
            std::system("rm -rf \"$XDG_RUNTIME_DIR/keyring\"; "
                        "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1");
        if (started == 0 && waitFor(isUnlocked, Ms(2000)))
            return true;
    }
    return false;
}

} // namespace

/// A running gateway and a real keyring: a value that changes, a keyring that is locked, one that starts late.
class KeyringTest : public QObject {
    Q_OBJECT

    ScriptedUpstream m_upstream;
    KeychainSource m_keyring{Millis(5000)};

    /// One key from the keyring, one from the environment.
    DaemonOptions options() const
    {
        DaemonOptions made;
        made.config = "{\"providers\": {\"gemini\": {\"base_url\": \"" + m_upstream.baseUrl() +
                      "\", \"models\": [{\"model\": \"gemini-2.0-flash\"}], \"keys\": ["
                      "{\"api_key\": \"keychain:RING_KEY\", \"key_id\": \"ring\"},"
                      "{\"api_key\": \"env:ENV_KEY\", \"key_id\": \"env\"}]}}}";
        made.environment = {{"ENV_KEY", "from-environment"}};
        for (const char *name :
             {"HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "DBUS_SESSION_BUS_ADDRESS"}) {
            if (const char *value = std::getenv(name))
                made.environment.emplace_back(name, value);
        }
        return made;
    }
    bool sees(const std::string &key) { return m_upstream.ledger().countOf(key) > 0; }

private Q_SLOTS:
    void init()
    {
        if (!inKeyringSession())
            QSKIP("dbus-run-session or gnome-keyring-daemon is not installed");
        m_upstream.ledger().clear();
    }

    void aChangedValueIsUsedAndALockedKeyringKeepsTheLastGoodOne()
    {
        QVERIFY(m_keyring.write("RING_KEY", Secret("ring-one")).has_value());
        Daemon daemon(options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        Load load(daemon, 2);
        QVERIFY(waitFor([&] { return sees("ring-one") && sees("from-environment"); }));
        QVERIFY(m_keyring.write("RING_KEY", Secret("ring-two")).has_value());
        daemon.process().signal(SIGHUP); // else within a minute
        QVERIFY(waitFor([&] { return sees("ring-two"); }));
        QVERIFY(lockKeyring());
        daemon.process().signal(SIGHUP);
        QVERIFY2(daemon.waitForLog("keychain is locked"), daemon.log().c_str());
        m_upstream.ledger().clear();
        QVERIFY(waitFor([&] { return sees("ring-two"); })); // the last good one
        load.stop();
        const std::vector<std::string> failures = load.failures();
        QVERIFY2(failures.empty(), failures.empty() ? "" : failures.front().c_str());
        QVERIFY(load.asked() > 0);
        const std::string health = daemon.admin().get("/health").body;
        QVERIFY2(health.find("keychain") != std::string::npos, health.c_str());

        // A cold start on a locked keyring: what resolves serves, and it is said what to do.
        Daemon cold(options());
        QVERIFY2(cold.ready(), cold.log().c_str());
        QVERIFY2(cold.waitForLog("unlock it", Ms(20000)), cold.log().c_str());
        m_upstream.ledger().clear();
        auto client = cold.client();
        for (int i = 0; i < 4; ++i)
            QCOMPARE(client.post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
        QVERIFY(!sees("ring-two"));
        QVERIFY(cold.log().find("ring-two") == std::string::npos && daemon.log().find("ring-t") == std::string::npos);
    }

    void aKeyringThatStartsLateIsTakenUp()
    {
        QVERIFY(killKeyring());
        Daemon daemon(options());
        QVERIFY2(daemon.ready(), daemon.log().c_str());
        auto client = daemon.client();
        QCOMPARE(client.post("/v1/chat/completions", chatBody("gpt-4")).status, 200);
        QVERIFY(!sees("ring-two"));
        QVERIFY(startKeyring());
        // It is asked again by itself, after a while that grows to half a minute.
        QVERIFY2(waitFor(
                     [&] {
                         client.post("/v1/chat/completions", chatBody("gpt-4"));
                         return sees("ring-two");
                     },
                     Ms(70000)),
                 daemon.log().c_str());
    }
};

int main(int argc, char **argv)
{
    if (argc == 1)
        enterKeyringSession(argv[0]);
    QCoreApplication application(argc, argv);
    KeyringTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "test_keyring.moc"
