// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/environmentsource.h"
#include "secrets/filesource.h"
#include "secrets/keychainsource.h"
#include "secrets/sealedstore.h"
#include "secrets/sourcecontract.h"
#include "support/keyringsession.h"

#include <QDBusConnection>
#include <QDBusConnectionInterface>
#include <QDBusInterface>
#include <QDBusObjectPath>
#include <QDBusReply>
#include <QFile>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>
#include <map>
#include <sys/stat.h>
#include <unistd.h>

using namespace keymux;
using namespace keymux::testing;

namespace {

class Environment : public SourceKind {
public:
    SecretSource &source() override { return m_source; }
    bool put(const std::string &name, const std::string &value) override
    {
        m_values[name] = value;
        return true;
    }
    bool take(const std::string &name) override { return m_values.erase(name) > 0; }

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

class Files : public SourceKind {
public:
    SecretSource &source() override { return m_source; }
    bool put(const std::string &name, const std::string &value) override
    {
        QFile file(pathOf(name));
        return file.open(QIODevice::WriteOnly) && file.write(value.data(), qint64(value.size())) >= 0;
    }
    bool take(const std::string &name) override { return QFile::remove(pathOf(name)); }
    bool deny() override { return geteuid() != 0 && chmod(m_dir.path().toUtf8().constData(), 0) == 0; }
    /// Something that would be waited for for ever is no secret, and is not waited for.
    bool slow(bool on) override
    {
        if (!on)
            return QFile::remove(pathOf("PIPE"));
        if (mkfifo(pathOf("PIPE").toUtf8().constData(), 0600) != 0)
            return false;
        const auto pipe = m_source.read("PIPE", {});
        return !pipe && pipe.error().code == "secret_bad";
    }
    bool allow() override { return chmod(m_dir.path().toUtf8().constData(), 0700) == 0; }

private:
    QString pathOf(const std::string &name) const { return m_dir.filePath(QString::fromStdString(name)); }
    QTemporaryDir m_dir;
    FileSource m_source{m_dir.path().toStdString()};
};

class Sealed : public SourceKind {
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
class Keychain : public SourceKind {
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
    // It stays locked: nobody is there to type the password.
    /// Stopped, it answers nobody.
    bool down(bool on) override
    {
        const auto pid =
            QDBusConnection::sessionBus().interface()->servicePid(QStringLiteral("org.freedesktop.secrets"));
        return pid.isValid() && kill(pid_t(pid.value()), on ? SIGSTOP : SIGCONT) == 0;
    }
    bool canList() const override { return false; }

private:
    KeychainSource &m_source;
};

} // namespace

/// What every source of secrets promises, held against each of this machine.
class TestSourceContract : public QObject {
    Q_OBJECT

    std::unique_ptr<KeychainSource> m_keychain = std::make_unique<KeychainSource>(Millis(5000));
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
        std::unique_ptr<SourceKind> made;
        if (kind == QStringLiteral("keychain")) {
            if (!inKeyringSession())
                QSKIP("dbus-run-session or gnome-keyring-daemon is not installed");
            made = std::make_unique<Keychain>(*m_keychain);
        } else if (kind == QStringLiteral("store")) {
            made = std::make_unique<Sealed>();
        } else if (kind == QStringLiteral("files")) {
            made = std::make_unique<Files>();
        } else {
            made = std::make_unique<Environment>();
        }
        QCOMPARE(QString::fromStdString(std::string(made->source().name())), kind);

        SourceContract(*made).hold();
    }
};

int main(int argc, char **argv)
{
    if (argc == 1)
        enterKeyringSession(argv[0]);
    QCoreApplication application(argc, argv);
    TestSourceContract test;
    return QTest::qExec(&test, argc, argv);
}
#include "test_sourcecontract.moc"
