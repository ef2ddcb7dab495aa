// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/sealedstore.h"
#include "secrets/secretresolver.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <map>
#include <sys/stat.h>
#include <unistd.h>

using namespace keymux;

namespace {

bool contains(const std::string &text, const std::string &what)
{
    return text.find(what) != std::string::npos;
}

} // namespace

class TestSecretResolver : public QObject {
    Q_OBJECT

    QTemporaryDir m_dir;
    std::map<std::string, std::string> m_env;

    std::string path(const char *name) const { return m_dir.filePath(QString::fromUtf8(name)).toStdString(); }

    void write(const char *name, const QByteArray &content) const
    {
        QFile file(m_dir.filePath(QString::fromUtf8(name)));
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
            qFatal("cannot write");
    }

    SecretContext context() const
    {
        SecretContext result;
        result.baseDir = m_dir.path().toStdString();
        result.env = [this](const char *name) -> const char * {
            const auto it = m_env.find(name);
            return it == m_env.end() ? nullptr : it->second.c_str();
        };
        return result;
    }

    /// The secret, or `code: message`.
    std::string resolved(const std::string &reference, const SecretContext &where) const
    {
        const auto secret = resolveSecret(reference, where);
        return secret ? std::string(secret->reveal()) : secret.error().code + ": " + secret.error().message;
    }
    std::string resolved(const std::string &reference) const { return resolved(reference, context()); }

private Q_SLOTS:
    void init()
    {
        QVERIFY(m_dir.isValid());
        m_env.clear();
    }

    void aVariableIsLookedUpByItsName()
    {
        m_env["GEMINI_KEY_1"] = "AIza-1";
        QCOMPARE(resolved("env:GEMINI_KEY_1"), std::string("AIza-1"));
        QCOMPARE(resolved("env:GEMINI_KEY_2"),
                 std::string("secret_missing: environment variable GEMINI_KEY_2 is not set"));
    }

    void aFileIsReadWithoutItsTrailingNewline()
    {
        for (const char *ending : {"", "\n", "\r\n"}) {
            write("key", QByteArray("AIza-2") + ending);
            QCOMPARE(resolved("file:" + path("key")), std::string("AIza-2"));
        }
    }

    void aRelativePathStartsAtTheConfig()
    {
        write("key", "AIza-3");
        QCOMPARE(resolved("file:key"), std::string("AIza-3"));
        QVERIFY(QDir(m_dir.path()).mkpath(QStringLiteral("sub")));
        write("sub/key", "AIza-4");
        QCOMPARE(resolved("file:sub/key"), std::string("AIza-4"));
    }

    void aPlaceholderIsLookedForInItsOrder()
    {
        SecretContext where = context();
        where.secretDir = path("secrets");
        QVERIFY(QDir(m_dir.path()).mkpath(QStringLiteral("secrets")));
        QVERIFY(QDir(m_dir.path()).mkpath(QStringLiteral("credentials")));
        m_env["CREDENTIALS_DIRECTORY"] = path("credentials");
        const std::string missing = resolved("MY_KEY_PLACEHOLDER", where);
        QVERIFY2(missing.starts_with("secret_missing: MY_KEY_PLACEHOLDER was not found"), missing.c_str());
        QVERIFY(contains(missing, "environment variable MY_KEY") && contains(missing, path("secrets/MY_KEY")) &&
                contains(missing, path("credentials/MY_KEY")));
        write("credentials/MY_KEY", "from-systemd\n");
        QCOMPARE(resolved("MY_KEY_PLACEHOLDER", where), std::string("from-systemd"));
        write("secrets/MY_KEY", "from-directory\n");
        QCOMPARE(resolved("MY_KEY_PLACEHOLDER", where), std::string("from-directory"));
        m_env["MY_KEY"] = "from-environment";
        QCOMPARE(resolved("MY_KEY_PLACEHOLDER", where), std::string("from-environment"));
        // A variable that is there but empty is a mistake to be told, not passed over.
        m_env["MY_KEY"] = "";
        QCOMPARE(resolved("MY_KEY_PLACEHOLDER", where),
                 std::string("secret_bad: environment variable MY_KEY is empty"));
    }

    void aRelativeSecretDirectoryStartsAtTheConfig()
    {
        SecretContext where = context();
        where.secretDir = "relative";
        QVERIFY(QDir(m_dir.path()).mkpath(QStringLiteral("relative")));
        write("relative/KEY", "found");
        QCOMPARE(resolved("KEY_PLACEHOLDER", where), std::string("found"));
    }

    void withoutAnEnvironmentOfItsOwnTheProcessHasOne()
    {
        QVERIFY(qputenv("KEYMUX_TEST_SECRET", "from-process"));
        QCOMPARE(resolved("env:KEYMUX_TEST_SECRET", SecretContext{}), std::string("from-process"));
        QVERIFY(qunsetenv("KEYMUX_TEST_SECRET"));
        QVERIFY(contains(resolved("env:KEYMUX_TEST_SECRET", SecretContext{}), "not set"));
    }

    void whatCannotBeAKeyIsRefusedAndNeverRepeated_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("words");
        QTest::newRow("empty") << QByteArray() << QByteArray("is empty");
        QTest::newRow("a newline alone") << QByteArray("\n") << QByteArray("is empty");
        QTest::newRow("two lines") << QByteArray("TOP-SECRET\nTOP-SECRET") << QByteArray("one word on one line");
        QTest::newRow("a space") << QByteArray("TOP-SECRET x") << QByteArray("one word on one line");
        QTest::newRow("a space before") << QByteArray(" TOP-SECRET") << QByteArray("one word on one line");
        QTest::newRow("a tab") << QByteArray("TOP-SECRET\t") << QByteArray("one word on one line");
        QTest::newRow("a NUL") << QByteArray("TOP-SECRET\0x", 12) << QByteArray("one word on one line");
        QTest::newRow("a header") << QByteArray("TOP-SECRET\r\nX-Evil: 1") << QByteArray("one word on one line");
        QTest::newRow("64 KiB and one") << QByteArray("TOP-SECRET").repeated(6554) << QByteArray("larger than 64 KiB");
    }
    void whatCannotBeAKeyIsRefusedAndNeverRepeated()
    {
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, words);
        write("bad", content);
        const std::string error = resolved("file:" + path("bad"));
        QVERIFY2(error.starts_with("secret_bad: "), error.c_str());
        QVERIFY2(contains(error, words.toStdString()) && contains(error, path("bad")), error.c_str());
        QVERIFY2(!contains(error, "TOP-SECRET"), error.c_str());
        if (content.contains('\0') || content.size() > 65536)
            return; // no variable can be that
        m_env["BAD"] = content.toStdString();
        const std::string fromEnv = resolved("env:BAD");
        QVERIFY2(contains(fromEnv, words.toStdString()) && !contains(fromEnv, "TOP-SECRET"), fromEnv.c_str());
    }

    void aLargeKeyMayBe64KiB()
    {
        write("large", QByteArray(64 << 10, 'k'));
        QCOMPARE(resolved("file:large").size(), std::size_t(64 << 10));
    }

    void whatIsNoFileIsRefused()
    {
        QVERIFY(resolved("file:" + path("missing")).starts_with("secret_missing: "));
        QVERIFY(contains(resolved("file:" + m_dir.path().toStdString()), "not a regular file"));
        QCOMPARE(::mkfifo(path("fifo").c_str(), 0600), 0);
        QVERIFY(contains(resolved("file:fifo"), "not a regular file")); // and nobody waits for a writer
        QVERIFY(QFile::link(m_dir.filePath(QStringLiteral("nowhere")), m_dir.filePath(QStringLiteral("dangling"))));
        QVERIFY(resolved("file:dangling").starts_with("secret_missing: "));
    }

    void aLinkToAFileIsFollowed()
    {
        write("real", "AIza-5");
        QVERIFY(QFile::link(m_dir.filePath(QStringLiteral("real")), m_dir.filePath(QStringLiteral("link"))));
        QCOMPARE(resolved("file:link"), std::string("AIza-5"));
    }

    void aFileThatCannotBeReadIsSaidSo()
    {
        // Everybody may open this one, and nobody read its first bytes.
        if (QFile::exists(QStringLiteral("/proc/self/mem"))) {
            const std::string error = resolved("file:/proc/self/mem");
            QVERIFY2(error.starts_with("secret_denied: file /proc/self/mem cannot be read"), error.c_str());
        }
        write("closed", "TOP-SECRET");
        QVERIFY(QFile::setPermissions(m_dir.filePath(QStringLiteral("closed")), QFileDevice::Permissions()));
        const std::string error = resolved("file:closed");
        if (::geteuid() == 0)
            QCOMPARE(error, std::string("TOP-SECRET")); // nothing is closed to root
        else
            QVERIFY2(error.starts_with("secret_denied: ") && !contains(error, "TOP-SECRET"), error.c_str());
    }

    void aPlaceholderIsLookedForInTheSealedStore()
    {
        SecretContext where = context();
        QVERIFY(QDir(m_dir.path()).mkpath(QStringLiteral("state")));
        where.stateDir = path("state");
        QVERIFY(contains(resolved("SEALED_KEY_PLACEHOLDER", where), "the sealed store"));
        QVERIFY(SealedStore(where.stateDir, where.env).write("SEALED_KEY", Secret("from-store")));
        QCOMPARE(resolved("SEALED_KEY_PLACEHOLDER", where), std::string("from-store"));
        QCOMPARE(resolved("store:SEALED_KEY", where), std::string("from-store"));
        m_env["SEALED_KEY"] = "from-environment";
        QCOMPARE(resolved("SEALED_KEY_PLACEHOLDER", where), std::string("from-environment"));
        QVERIFY(QFile::remove(m_dir.filePath(QStringLiteral("state/master-key"))));
        m_env.clear();
        QVERIFY(resolved("SEALED_KEY_PLACEHOLDER", where).starts_with("secret_denied: "));
    }

    void whatIsNotSetUpIsSaidSo()
    {
        m_env["KEY_1"] = "TOP-SECRET";
        for (const char *reference : {"store:KEY_1", "infisical:KEY_1", "vault:a#KEY_1"})
            QVERIFY2(resolved(reference).starts_with("secret_missing: "), reference);
        for (const char *reference : {"env:KEY_*", "file:/run/secrets/KEY_*"})
            QVERIFY2(resolved(reference).starts_with("secret_bad: a set of secrets"), reference);
    }

    void theMembersOfASetAreReferencesInOrder()
    {
        const auto listed = [](const SecretContext &where, const std::string &reference) {
            const auto found = SecretResolver(localSources(where)).list(reference);
            std::string all;
            for (const std::string &one : found ? *found : std::vector<std::string>{found.error().code})
                all += (all.empty() ? "" : " ") + one;
            return all;
        };
        SecretContext where = context();
        QVERIFY(QDir(m_dir.path()).mkpath(QStringLiteral("set-state")));
        where.stateDir = path("set-state");
        QVERIFY(QDir(m_dir.path()).mkpath(QStringLiteral("set/SET_FOLDER")));
        for (const char *name : {"set/SET_KEY_10", "set/SET_KEY_2", "set/SET_KEY_1", "set/.SET_KEY_3", "set/OTHER_1"})
            write(name, "value");
        QCOMPARE(listed(where, "file:set/SET_*"),
                 std::string("file:set/SET_KEY_1 file:set/SET_KEY_2 file:set/SET_KEY_10"));
        QCOMPARE(listed(where, "file:" + path("set/*")),
                 "file:" + path("set/OTHER_1") + " file:" + path("set/SET_KEY_1") + " file:" + path("set/SET_KEY_2") +
                     " file:" + path("set/SET_KEY_10"));
        QCOMPARE(listed(where, "file:nowhere/SET_*"), std::string("secret_missing"));
        QVERIFY(qputenv("KEYMUX_SET_B", "1") && qputenv("KEYMUX_SET_A", "2"));
        QCOMPARE(listed({}, "env:KEYMUX_SET_*"), std::string("env:KEYMUX_SET_A env:KEYMUX_SET_B"));
        QVERIFY(SealedStore(where.stateDir, where.env).write("STORED_1", Secret("value")));
        QCOMPARE(listed(where, "store:STORED_*"), std::string("store:STORED_1"));
        QCOMPARE(listed(where, "keychain:KEY_*"), std::string("secret_bad"));
        QCOMPARE(listed(where, "infisical:KEY_*"), std::string("secret_missing"));
    }

    void aLiteralIsTakenOnlyWhereItIsAllowedAndNeverRepeated()
    {
        const std::string error = resolved("sk-TOP-SECRET");
        QVERIFY2(error.starts_with("secret_bad: ") && !contains(error, "TOP-SECRET"), error.c_str());
        SecretContext where = context();
        where.allowLiteralKeys = true;
        QCOMPARE(resolved("sk-TOP-SECRET", where), std::string("sk-TOP-SECRET"));
        const std::string bad = resolved("sk TOP-SECRET", where);
        QVERIFY2(bad.starts_with("secret_bad: ") && !contains(bad, "TOP-SECRET"), bad.c_str());
        QVERIFY(resolved("", where).starts_with("secret_bad: "));
    }
};

QTEST_APPLESS_MAIN(TestSecretResolver)
#include "test_secretresolver.moc"
