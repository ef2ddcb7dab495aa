// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/sealedstore.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>
#include <map>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace keymux;

/// Secrets at rest: nothing is readable without the key, nothing is lost to a kill, nothing is overwritten by mistake.
class TestSealedStore : public QObject {
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_dir;
    std::map<std::string, std::string> m_env;

    std::string path(const char *name) const { return m_dir->filePath(QString::fromUtf8(name)).toStdString(); }
    std::string state() const { return m_dir->path().toStdString(); }
    SealedStore store() const
    {
        return SealedStore(state(), [this](const char *name) -> const char * {
            const auto found = m_env.find(name);
            return found == m_env.end() ? nullptr : found->second.c_str();
        });
    }
    QByteArray content(const char *name) const
    {
        QFile file(m_dir->filePath(QString::fromUtf8(name)));
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }
    void put(const char *name, const QByteArray &text) const
    {
        QFile file(m_dir->filePath(QString::fromUtf8(name)));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(text), text.size());
        QVERIFY(file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner));
    }
    static std::string readFrom(SealedStore &&store, const std::string &name)
    {
        const auto secret = store.read(name, {});
        return secret ? std::string(secret->reveal()) : secret.error().code;
    }
    static std::string code(const Result<void> &result) { return result ? "done" : result.error().code; }
    /// Runs it in a process of its own that is killed after that many microseconds.
    template <typename F>
    static void killedAfter(int microseconds, F work)
    {
        const pid_t child = fork();
        if (child == 0) {
            work();
            _exit(0);
        }
        usleep(useconds_t(microseconds));
        kill(child, SIGKILL);
        waitpid(child, nullptr, 0);
    }

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        QVERIFY(m_dir->isValid());
        m_env.clear();
    }

    void whatIsWrittenCanBeReadAndIsNotReadableInTheFiles()
    {
        QCOMPARE(readFrom(store(), "KEY_1"), std::string("secret_missing"));
        QCOMPARE(code(store().write("KEY_1", Secret("TOP-SECRET-1"))), std::string("done"));
        QCOMPARE(code(store().write("KEY_2", Secret("TOP-SECRET-2"))), std::string("done"));
        QCOMPARE(readFrom(store(), "KEY_1"), std::string("TOP-SECRET-1"));
        QCOMPARE(readFrom(store(), "KEY_2"), std::string("TOP-SECRET-2"));
        for (const char *file : {"secrets.sealed", "master-key"}) {
            QVERIFY(!content(file).contains("TOP-SECRET"));
            struct stat mode {};
            QCOMPARE(stat(path(file).c_str(), &mode), 0);
            QCOMPARE(int(mode.st_mode & 07777), 0600);
        }
    }

    void namesAreListedInTheOrderOfTheirNumbers()
    {
        for (const char *name : {"KEY_10", "KEY_9", "OTHER", "KEY_1"})
            QCOMPARE(code(store().write(name, Secret("value"))), std::string("done"));
        QCOMPARE(*store().list("KEY_*"), (std::vector<std::string>{"KEY_1", "KEY_9", "KEY_10"}));
        QVERIFY(QFile::remove(m_dir->filePath(QStringLiteral("master-key"))));
        QCOMPARE(store().list("*")->size(), std::size_t(4)); // names are no secret
    }

    void everyWriteHasANonceOfItsOwn()
    {
        QCOMPARE(code(store().write("KEY", Secret("same"))), std::string("done"));
        const QByteArray before = content("secrets.sealed");
        QCOMPARE(code(store().write("KEY", Secret("same"))), std::string("done"));
        QVERIFY(before != content("secrets.sealed"));
    }

    void aBoxUnderAnotherNameDoesNotOpen()
    {
        QCOMPARE(code(store().write("CHEAP", Secret("cheap-key"))), std::string("done"));
        QCOMPARE(code(store().write("COSTLY", Secret("costly-key"))), std::string("done"));
        QByteArray text = content("secrets.sealed");
        text.replace("CHEAP ", "XXXXX ").replace("COSTLY ", "CHEAP ").replace("XXXXX ", "COSTLY ");
        put("secrets.sealed", text);
        QCOMPARE(readFrom(store(), "CHEAP"), std::string("secret_bad"));
        QCOMPARE(readFrom(store(), "COSTLY"), std::string("secret_bad"));
    }

    void aWrongKeyIsSaidAndNothingIsOverwritten()
    {
        QCOMPARE(code(store().write("KEY", Secret("value"))), std::string("done"));
        const QByteArray key = content("master-key"), sealed = content("secrets.sealed");
        put("master-key", QByteArray(64, 'a') + "\n");
        const auto read = store().read("KEY", {});
        QCOMPARE(read.error().code, std::string("secret_denied"));
        QVERIFY2(read.error().message.find("sealed with another one") != std::string::npos,
                 read.error().message.c_str());
        QCOMPARE(code(store().write("KEY", Secret("other"))), std::string("secret_denied"));
        QCOMPARE(code(store().write("NEW", Secret("other"))), std::string("secret_denied"));
        QCOMPARE(code(store().remove("KEY")), std::string("secret_denied"));
        QCOMPARE(store().rekey({}).error().code, std::string("secret_denied"));
        QVERIFY(QFile::remove(m_dir->filePath(QStringLiteral("master-key"))));
        QCOMPARE(code(store().write("KEY", Secret("other"))), std::string("secret_denied"));
        QVERIFY(content("master-key").isEmpty()); // and no new one was made beside what the old one sealed
        QCOMPARE(content("secrets.sealed"), sealed);
        put("master-key", key);
        QCOMPARE(readFrom(store(), "KEY"), std::string("value"));
    }

    void aDamagedFileIsSaidAndNothingIsOverwritten_data()
    {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("something else") << QByteArray("{\"keys\": []}\n");
        QTest::newRow("a newer version") << QByteArray("keymux-sealed-store 2\ncheck AAAA\n");
        QTest::newRow("no check") << QByteArray("keymux-sealed-store 1\n");
        QTest::newRow("cut off") << QByteArray("keymux-sealed-store 1\ncheck AAAA");
        QTest::newRow("no base64") << QByteArray("keymux-sealed-store 1\ncheck !!!!\n");
    }
    void aDamagedFileIsSaidAndNothingIsOverwritten()
    {
        QFETCH(QByteArray, text);
        QCOMPARE(code(store().write("KEY", Secret("value"))), std::string("done"));
        put("secrets.sealed", text);
        QCOMPARE(readFrom(store(), "KEY"), std::string("secret_denied"));
        QCOMPARE(store().list("*").error().code, std::string("secret_denied"));
        QCOMPARE(code(store().write("KEY", Secret("other"))), std::string("secret_denied"));
        QCOMPARE(content("secrets.sealed"), text);
    }

    void theKeyMayComeFromACredentialOrAFile()
    {
        QVERIFY(QDir(m_dir->path()).mkpath(QStringLiteral("credentials")));
        put("credentials/keymux-master-key", QByteArray(64, 'b') + "\n");
        m_env["CREDENTIALS_DIRECTORY"] = path("credentials");
        QCOMPARE(code(store().write("KEY", Secret("value"))), std::string("done"));
        QVERIFY(content("master-key").isEmpty());
        // The same 32 bytes, in base64.
        put("mine", QByteArray(32, '\xbb').toBase64() + "\n");
        m_env["KEYMUX_MASTER_KEY_FILE"] = path("mine");
        QCOMPARE(readFrom(store(), "KEY"), std::string("value"));
        m_env["KEYMUX_MASTER_KEY_FILE"] = path("missing");
        QCOMPARE(readFrom(store(), "KEY"), std::string("secret_denied"));
        put("mine", "password123\n");
        m_env["KEYMUX_MASTER_KEY_FILE"] = path("mine");
        const auto bad = store().read("KEY", {});
        QVERIFY2(bad.error().code == "secret_bad" && bad.error().message.find("password123") == std::string::npos,
                 bad.error().message.c_str());
    }

    void aKeyThatOthersMayReadIsRefused()
    {
        QCOMPARE(code(store().write("KEY", Secret("value"))), std::string("done"));
        QCOMPARE(chmod(path("master-key").c_str(), 0640), 0);
        const auto read = store().read("KEY", {});
        QVERIFY2(!read && read.error().message.find("chmod 600") != std::string::npos, "it was read");
    }

    void rekeyingSealsEverythingAnew()
    {
        for (int i = 0; i < 20; ++i)
            QCOMPARE(code(store().write("KEY_" + std::to_string(i), Secret("value-" + std::to_string(i)))),
                     std::string("done"));
        SealedStore running = store();
        QCOMPARE(std::string(running.read("KEY_7", {})->reveal()), std::string("value-7"));
        const QByteArray key = content("master-key"), sealed = content("secrets.sealed");
        QCOMPARE(store().rekey({})->entries, std::size_t(20));
        QVERIFY(content("master-key") != key && content("secrets.sealed") != sealed);
        QCOMPARE(std::string(running.read("KEY_7", {})->reveal()), std::string("value-7")); // without a restart
        put("master-key", key);
        QCOMPARE(readFrom(store(), "KEY_7"), std::string("secret_denied")); // the old key opens nothing any more
    }

    void rekeyingTakesAKeyThatIsKeptElsewhere()
    {
        QCOMPARE(code(store().write("KEY", Secret("value"))), std::string("done"));
        put("elsewhere", QByteArray(64, 'c'));
        QCOMPARE(store().rekey(path("elsewhere"))->keyFile, path("elsewhere"));
        QCOMPARE(readFrom(store(), "KEY"), std::string("secret_denied"));
        m_env["KEYMUX_MASTER_KEY_FILE"] = path("elsewhere");
        QCOMPARE(readFrom(store(), "KEY"), std::string("value"));
        QCOMPARE(store().rekey({}).error().code, std::string("usage"));
        QCOMPARE(readFrom(store(), "KEY"), std::string("value"));
    }

    void aRekeyThatIsKilledLeavesTheOldKeyOrTheNewOne()
    {
        for (int i = 0; i < 200; ++i)
            QCOMPARE(code(store().write("KEY_" + std::to_string(i), Secret("value-" + std::to_string(i)))),
                     std::string("done"));
        QElapsedTimer timer;
        timer.start();
        QVERIFY(store().rekey({}));
        const int whole = int(timer.nsecsElapsed() / 1000);
        constexpr int rounds = 60;
        for (int round = 0; round < rounds; ++round) {
            killedAfter(whole * round * 3 / (2 * rounds), [this] { (void)store().rekey({}); });
            QCOMPARE(readFrom(store(), "KEY_199"), std::string("value-199"));
            if (round % 3 == 0) // a write puts right what was left, and may be killed itself
                killedAfter(whole * round / rounds, [this] { (void)store().write("NEW", Secret("value")); });
            QCOMPARE(readFrom(store(), "KEY_0"), std::string("value-0"));
        }
        QCOMPARE(code(store().write("NEW", Secret("value"))), std::string("done"));
        for (int i = 0; i < 200; ++i)
            QCOMPARE(readFrom(store(), "KEY_" + std::to_string(i)), "value-" + std::to_string(i));
    }

    void everyMomentBetweenTheTwoFilesOfARekeyCanBeReadAndIsPutRight()
    {
        QCOMPARE(code(store().write("KEY", Secret("value"))), std::string("done"));
        const QByteArray old = content("master-key");
        QVERIFY(store().rekey({}));
        put("master-key.next", content("master-key")); // as if it was killed before the last rename
        put("master-key", old);
        QCOMPARE(readFrom(store(), "KEY"), std::string("value"));
        QCOMPARE(code(store().write("KEY_2", Secret("value-2"))), std::string("done"));
        QVERIFY(content("master-key.next").isEmpty());
        QCOMPARE(readFrom(store(), "KEY"), std::string("value"));
        QCOMPARE(readFrom(store(), "KEY_2"), std::string("value-2"));
    }

    void writersOfSeveralProcessesLoseNothing()
    {
        std::vector<pid_t> children;
        for (int writer = 0; writer < 4; ++writer) {
            const pid_t child = fork();
            if (child == 0) {
                bool good = true;
                for (int i = 0; i < 25; ++i)
                    good = store().write("W" + std::to_string(writer) + "_" + std::to_string(i), Secret("v")) && good;
                _exit(good ? 0 : 1);
            }
            children.push_back(child);
        }
        for (const pid_t child : children) {
            int status = 1;
            QCOMPARE(waitpid(child, &status, 0), child);
            QCOMPARE(status, 0);
        }
        QCOMPARE(store().list("*")->size(), std::size_t(100));
        QCOMPARE(readFrom(store(), "W3_24"), std::string("v"));
    }

    void aWriterThatHoldsTheLockForGoodIsSaid()
    {
        const int fd = open(path("secrets.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        QCOMPARE(flock(fd, LOCK_EX), 0);
        QCOMPARE(code(store().write("KEY", Secret("v"))), std::string("store_busy"));
        close(fd);
        QCOMPARE(code(store().write("KEY", Secret("v"))), std::string("done"));
    }

    void whatCannotBeStoredIsRefused()
    {
        QCOMPARE(code(store().write("a b", Secret("v"))), std::string("bad_name"));
        QCOMPARE(code(store().write("", Secret("v"))), std::string("bad_name"));
        QCOMPARE(code(store().write(std::string(257, 'a'), Secret("v"))), std::string("bad_name"));
        QCOMPARE(code(store().write("KEY_*", Secret("v"))), std::string("bad_name"));
        QCOMPARE(code(store().write("KEY", Secret())), std::string("secret_bad"));
        QCOMPARE(code(store().write("KEY", Secret(std::string(65537, 'a')))), std::string("secret_bad"));
        QCOMPARE(code(SealedStore(path("nowhere")).write("KEY", Secret("v"))), std::string("state_unwritable"));
        QCOMPARE(code(store().remove("KEY")), std::string("secret_missing"));
        QVERIFY(content("secrets.sealed").isEmpty() && content("master-key").isEmpty());
    }
};

QTEST_APPLESS_MAIN(TestSealedStore)
#include "test_sealedstore.moc"
