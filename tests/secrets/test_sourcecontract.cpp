// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/environmentsource.h"
#include "secrets/filesource.h"
#include "secrets/keychainsource.h"
#include "secrets/sealedstore.h"

#include <QDBusInterface>
#include <QDBusObjectPath>
#include <QDBusReply>
#include <QFile>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>
#include <atomic>
#include <map>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace keymux;

namespace {

constexpr const char *insideKeyring = "KEYMUX_TEST_KEYRING";

/// One kind of source with the means to change what it holds from outside.
class Kind {
public:
    virtual ~Kind() = default;
    virtual SecretSource &source() = 0;
    virtual bool put(const std::string &name, const std::string &value) = 0;
    virtual bool take(const std::string &name) = 0;
    /// From now on it refuses to give what it has; false where that cannot be had here.
    virtual bool deny() = 0;
    virtual bool allow() = 0;
    virtual bool canList() const { return true; }
};

class Environment : public Kind {
public:
    SecretSource &source() override { return m_source; }
    bool put(const std::string &name, const std::string &value) override
    {
        m_values[name] = value;
        return true;
    }
    bool take(const std::string &name) override { return m_values.erase(name) > 0; }
    bool deny() override { return false; }
    bool allow() override { return true; }

private:
    std::map<std::string, std::string> m_values;
    EnvironmentSource m_source{[this](const char *name) -> const char * {
                                   const auto found = m_values.find(name);
                                   return found == m_values.end() ? nullptr : found->second.c_str();
                               },
                               [this] {
                                   std::vector<std::string> names;
                                   for (const auto &[name, value] : m_values)
                                       names.push_back(name);
                                   return names;
                               }};
};

class Files : public Kind {
public:
    SecretSource &source() override { return m_source; }
    bool put(const std::string &name, const std::string &value) override
    {
        QFile file(pathOf(name));
        return file.open(QIODevice::WriteOnly) && file.write(value.data(), qint64(value.size())) >= 0;
    }
    bool take(const std::string &name) override { return QFile::remove(pathOf(name)); }
    bool deny() override { return geteuid() != 0 && chmod(m_dir.path().toUtf8().constData(), 0) == 0; }
    bool allow() override { return chmod(m_dir.path().toUtf8().constData(), 0700) == 0; }

private:
    QString pathOf(const std::string &name) const { return m_dir.filePath(QString::fromStdString(name)); }
    QTemporaryDir m_dir;
    FileSource m_source{m_dir.path().toStdString()};
};

class Sealed : public Kind {
public:
    SecretSource &source() override { return m_source; }
    bool put(const std::string &name, const std::string &value) override
    {
        return SealedStore(m_dir.path().toStdString()).write(name, Secret(value)).has_value();
    }
    bool take(const std::string &name) override
    {
        return SealedStore(m_dir.path().toStdString()).remove(name).has_value();
    }
    bool deny() override
    {
        return QFile::rename(key(), key() + QStringLiteral(".away")) &&
               QFile::copy(file(), file() + QStringLiteral("2")) && QFile::remove(file()) &&
               QFile::rename(file() + QStringLiteral("2"), file());
    }
    bool allow() override { return QFile::rename(key() + QStringLiteral(".away"), key()); }

private:
    QString key() const { return m_dir.filePath(QStringLiteral("master-key")); }
    QString file() const { return m_dir.filePath(QStringLiteral("secrets.sealed")); }
    QTemporaryDir m_dir;
    SealedStore m_source{m_dir.path().toStdString()};
};

/// A real keyring on a session bus of its own.
class Keychain : public Kind {
public:
    explicit Keychain(KeychainSource &source) : m_source(source) {}
    SecretSource &source() override { return m_source; }
    bool put(const std::string &name, const std::string &value) override
    {
        return m_source.write(name, Secret(value)).has_value();
    }
    bool take(const std::string &name) override { return m_source.remove(name).has_value(); }
    bool deny() override
    {
        QDBusInterface service(QStringLiteral("org.freedesktop.secrets"), QStringLiteral("/org/freedesktop/secrets"),
                               QStringLiteral("org.freedesktop.Secret.Service"));
        const QList<QDBusObjectPath> all{QDBusObjectPath(QStringLiteral("/org/freedesktop/secrets/collection/login"))};
        return service.call(QStringLiteral("Lock"), QVariant::fromValue(all)).type() == QDBusMessage::ReplyMessage;
    }
    bool allow() override { return true; } // it stays locked: nobody is there to type the password
    bool canList() const override { return false; }

private:
    KeychainSource &m_source;
};

} // namespace

/// What every source of secrets promises, held against each of this machine.
class TestSourceContract : public QObject {
    Q_OBJECT

    std::unique_ptr<KeychainSource> m_keychain = std::make_unique<KeychainSource>(Millis(5000));
    std::unique_ptr<Kind> m_kind;

    std::string read(const std::string &name) const
    {
        const auto secret = m_kind->source().read(name, {});
        return secret ? std::string(secret->reveal()) : secret.error().code;
    }
    std::string list(const std::string &glob) const
    {
        const auto names = m_kind->source().list(glob);
        std::string all;
        for (const std::string &name : names ? *names : std::vector<std::string>{names.error().code})
            all += (all.empty() ? "" : " ") + name;
        return all;
    }

private Q_SLOTS:
    void holds_data()
    {
        QTest::addColumn<QString>("kind");
        for (const char *kind : {"environment", "files", "store", "keychain"})
            QTest::newRow(kind) << QString::fromLatin1(kind);
    }
    void holds()
    {
        QFETCH(QString, kind);
        if (kind == QStringLiteral("keychain")) {
            if (!qEnvironmentVariableIsSet(insideKeyring))
                QSKIP("dbus-run-session or gnome-keyring-daemon is not installed");
            m_kind = std::make_unique<Keychain>(*m_keychain);
        } else if (kind == QStringLiteral("store")) {
            m_kind = std::make_unique<Sealed>();
        } else if (kind == QStringLiteral("files")) {
            m_kind = std::make_unique<Files>();
        } else {
            m_kind = std::make_unique<Environment>();
        }
        QCOMPARE(QString::fromStdString(std::string(m_kind->source().name())), kind);

        QCOMPARE(read("KEY_1"), std::string("secret_missing")); // missing
        const auto missing = m_kind->source().read("KEY_1", {});
        QVERIFY2(missing.error().message.find("KEY_1") != std::string::npos, missing.error().message.c_str());
        QVERIFY(m_kind->put("KEY_1", "value-one")); // written, read
        QCOMPARE(read("KEY_1"), std::string("value-one"));
        QVERIFY(m_kind->put("KEY_1", "value-two")); // changed
        QCOMPARE(read("KEY_1"), std::string("value-two"));
        QVERIFY(m_kind->put("KEY_10", "value-ten") && m_kind->put("KEY_9", "value-nine"));
        QCOMPARE(list("KEY_*"), std::string(m_kind->canList() ? "KEY_1 KEY_9 KEY_10" : "secret_bad"));
        QVERIFY(m_kind->take("KEY_1")); // gone
        QCOMPARE(read("KEY_1"), std::string("secret_missing"));
        QVERIFY(m_kind->put("BAD", "SECRET WORDS")); // what cannot be a key, and is not repeated
        const auto bad = m_kind->source().read("BAD", {});
        QVERIFY2(!bad && bad.error().code == "secret_bad" && bad.error().message.find("WORDS") == std::string::npos,
                 bad ? "it was taken" : bad.error().message.c_str());

        std::vector<std::thread> threads; // by several at once
        std::atomic<int> good = 0;
        for (int i = 0; i < 8; ++i)
            threads.emplace_back(
                [&] { good += read("KEY_9") == "value-nine" && read("KEY_10") == "value-ten" ? 1 : 0; });
        for (std::thread &thread : threads)
            thread.join();
        QCOMPARE(good.load(), 8);

        if (!m_kind->deny()) // denied, within a bounded time
            return;
        QElapsedTimer timer;
        timer.start();
        const std::string denied = read("KEY_9");
        QVERIFY2(denied == "secret_denied" || denied == "secret_locked", denied.c_str());
        QVERIFY(timer.elapsed() < 20000);
        const auto why = m_kind->source().read("KEY_9", {});
        QVERIFY(!why && why.error().message.find("value-nine") == std::string::npos);
        qInfo("%s", why.error().message.c_str());
        QVERIFY(m_kind->allow());
        if (kind != QStringLiteral("keychain"))
            QCOMPARE(read("KEY_9"), std::string("value-nine"));
    }
};

/// Starts itself again on a session bus of its own with an unlocked keyring, where both are installed.
static void enterKeyring(const char *self)
{
    if (qEnvironmentVariableIsSet(insideKeyring) ||
        QStandardPaths::findExecutable(QStringLiteral("dbus-run-session")).isEmpty() ||
        QStandardPaths::findExecutable(QStringLiteral("gnome-keyring-daemon")).isEmpty())
        return;
    QTemporaryDir home;
    home.setAutoRemove(false);
    for (const char *variable : {"HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"})
        qputenv(variable, home.path().toUtf8());
    qunsetenv("DISPLAY");
    qunsetenv("WAYLAND_DISPLAY");
    qputenv(insideKeyring, home.path().toUtf8());
    const char *script = "printf password | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; "
                         "for i in $(seq 100); do dbus-send --session --dest=org.freedesktop.DBus --print-reply / "
                         "org.freedesktop.DBus.NameHasOwner string:org.freedesktop.secrets | grep -q true && break; "
                         "sleep 0.1; done; "
                         "\"$0\" \"$@\"; code=$?; rm -rf \"$KEYMUX_TEST_KEYRING\"; exit $code";
    execlp("dbus-run-session", "dbus-run-session", "--", "sh", "-c", script, self, nullptr);
    qunsetenv(insideKeyring);
}

int main(int argc, char **argv)
{
    if (argc == 1)
        enterKeyring(argv[0]);
    QCoreApplication application(argc, argv);
    TestSourceContract test;
    return QTest::qExec(&test, argc, argv);
}
#include "test_sourcecontract.moc"
