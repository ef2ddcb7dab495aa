// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/virtualkeystore.h"
#include "support/daemon.h"
#include "support/show.h"

#include <QFile>
#include <QSqlDatabase>
#include <QSqlQuery>
#include <barrier>
#include <filesystem>
#include <thread>

using namespace keymux;
using namespace keymux::testing;

namespace {

VirtualKey keyNamed(const std::string &name, int number = 0)
{
    VirtualKey key;
    key.id = "vk_" + name + std::to_string(number);
    key.name = name;
    key.digest = digestOf(name + std::to_string(number));
    key.hint = "abcd";
    key.createdAt = TimePoint(Millis(1700000000000 + number));
    return key;
}

std::unique_ptr<VirtualKeyStore> opened(const std::filesystem::path &folder)
{
    auto store = VirtualKeyStore::open(folder.string());
    if (!store)
        qWarning("%s", store.error().message.c_str());
    return store ? std::move(*store) : nullptr;
}

} // namespace

/// Virtual keys in a real SQLite file.
class VirtualKeyStoreTest : public QObject {
    Q_OBJECT

private:
    std::unique_ptr<TemporaryFolder> m_folder;

    std::string database() const { return (m_folder->path() / "keymux.db").string(); }
    /// Runs SQL past the store.
    void run(const QString &sql) const
    {
        {
            QSqlDatabase db = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("beside"));
            db.setDatabaseName(QString::fromStdString(database()));
            QVERIFY(db.open());
            QVERIFY(QSqlQuery(db).exec(sql));
        }
        QSqlDatabase::removeDatabase(QStringLiteral("beside"));
    }

private Q_SLOTS:
    void init() { m_folder = std::make_unique<TemporaryFolder>(); }

    void whatIsStoredComesBackUnchanged()
    {
        VirtualKey key = keyNamed("J\xc3\xbcrgen's \"key\"; DROP TABLE virtual_keys");
        key.models = {"gpt-4*", "gemini-2.0-flash", "odd, name"};
        key.exposeRoute = true;
        key.expiresAt = TimePoint(Millis(1893456000123));
        {
            const auto store = opened(m_folder->path());
            QVERIFY(store && store->insert(key) && store->insert(keyNamed("plain", 1)));
        }
        const auto again = opened(m_folder->path());
        const auto all = again->all();
        QVERIFY(all.has_value());
        QCOMPARE(all->size(), std::size_t(2));
        QVERIFY(all->at(0) == key);
        QVERIFY(all->at(1) == keyNamed("plain", 1));
    }

    void limitsAndReplacementComeBackUnchanged()
    {
        VirtualKey key = keyNamed("limited");
        key.limits = {5, 1000, 3, Budget{0.125, BudgetUnit::Usd, BudgetPeriod::Week}};
        key.metadata = R"({"a":"\u00fc"})";
        key.blocked = true;
        key.oldDigest = digestOf("old");
        key.oldUntil = TimePoint(Millis(1893456000123));
        {
            const auto store = opened(m_folder->path());
            QVERIFY(store->insert(key));
        }
        QVERIFY(opened(m_folder->path())->find("limited").value() == key);
    }

    void useIsKeptAndDoesNotCountAsAChangeOfKeys()
    {
        const auto store = opened(m_folder->path()), other = opened(m_folder->path());
        QVERIFY(store->insert(keyNamed("a")));
        const std::int64_t before = other->changeCounter();
        const VirtualKeyRoom::Usage usage{
            "vk_a0", {1, 20, 0.5}, {2, 40, 1.5}, TimePoint(Millis(7)), TimePoint(Millis(1700000000000))};
        VirtualKeyRoom::Usage orphan = usage;
        orphan.id = "vk_gone";
        QVERIFY(store->storeUsage({usage, orphan}));
        QCOMPARE(store->usage()->size(), std::size_t(1));
        QVERIFY(store->usage()->front() == usage);
        QCOMPARE(other->changeCounter(), before);
    }

    void aDatabaseOfTheFirstLayoutIsTakenOver()
    {
        run(QStringLiteral("CREATE TABLE virtual_keys (id TEXT PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL "
                           "UNIQUE, hint TEXT NOT NULL, models TEXT NOT NULL, expose_route INTEGER NOT NULL, "
                           "created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER)"));
        run(QStringLiteral("INSERT INTO virtual_keys VALUES ('vk_1', 'old', x'00', 'abcd', '[]', 0, 1, NULL, NULL)"));
        run(QStringLiteral("PRAGMA user_version=1"));
        const auto store = opened(m_folder->path());
        QVERIFY(store != nullptr);
        const auto key = store->find("old");
        QVERIFY(key.has_value());
        QVERIFY(key->limits == VirtualKeyLimits() && !key->blocked && key->metadata.empty());
        QVERIFY(store->insert(keyNamed("new")));
    }

    void aRefusedChangeWritesNothing()
    {
        const auto store = opened(m_folder->path());
        QVERIFY(store->insert(keyNamed("a")));
        const auto refused = store->change("a", [](VirtualKey &key) -> Result<void> {
            key.name = "b";
            return failure("no", "no");
        });
        QCOMPARE(refused.error().code, std::string("no"));
        QVERIFY(store->find("a").has_value());
        QVERIFY(store->revoke("vk_a0", TimePoint(Millis(1))));
        QCOMPARE(store->change("vk_a0", [](VirtualKey &) { return Result<void>(); }).error().code,
                 std::string("revoked"));
    }

    void theFileIsTheOwnersAlone()
    {
        const auto store = opened(m_folder->path());
        const auto others = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
        for (const auto &file : std::filesystem::directory_iterator(m_folder->path())) {
            const auto perms = std::filesystem::status(file.path()).permissions();
            QVERIFY2((perms & others) == std::filesystem::perms::none, file.path().c_str());
        }
    }

    void oneDigestIsStoredOnce()
    {
        const auto store = opened(m_folder->path());
        VirtualKey twin = keyNamed("a");
        QCOMPARE(store->insertOnce(twin).value(), true);
        twin.id = "vk_other";
        QCOMPARE(store->insertOnce(twin).value(), false);
        QCOMPARE(store->insert(twin).error().code, std::string("already_there"));
        QVERIFY(store->revoke("vk_a0", TimePoint(Millis(5))));
        QCOMPARE(store->insertOnce(twin).value(), false); // a revoked key does not come back
        QCOMPARE(store->all()->size(), std::size_t(1));
    }

    void keysAreFoundByIdOrByTheirOnlyName()
    {
        const auto store = opened(m_folder->path());
        for (int i = 0; i < 2; ++i)
            QVERIFY(store->insert(keyNamed("twice", i)));
        QVERIFY(store->insert(keyNamed("once")));
        // One whose name is the id of another: the id counts.
        VirtualKey sly = keyNamed("vk_once0", 7);
        QVERIFY(store->insert(sly));
        QCOMPARE(store->find("once")->id, std::string("vk_once0"));
        QCOMPARE(store->find("vk_once0")->name, std::string("once"));
        QCOMPARE(store->find("vk_twice1")->id, std::string("vk_twice1"));
        QCOMPARE(store->find("twice").error().code, std::string("ambiguous"));
        QCOMPARE(store->find("nobody").error().code, std::string("not_found"));
        QCOMPARE(store->find("").error().code, std::string("not_found"));
    }

    void revokingTwiceKeepsTheFirstMoment()
    {
        const auto store = opened(m_folder->path());
        QVERIFY(store->insert(keyNamed("a")));
        QVERIFY(store->revoke("vk_a0", TimePoint(Millis(1000))));
        QVERIFY(store->revoke("vk_a0", TimePoint(Millis(2000))));
        QCOMPARE(store->find("a")->revokedAt.value().time_since_epoch().count(), std::int64_t(1000));
        QCOMPARE(store->revoke("vk_b", TimePoint()).error().code, std::string("not_found"));
    }

    void theCounterTellsOfEveryChange()
    {
        const auto mine = opened(m_folder->path()), other = opened(m_folder->path());
        std::int64_t last = mine->changeCounter();
        QCOMPARE(mine->changeCounter(), last);
        QVERIFY(other->insert(keyNamed("a")));
        QVERIFY(mine->changeCounter() != last);
        last = mine->changeCounter();
        QVERIFY(mine->insert(keyNamed("b")));
        QVERIFY(mine->changeCounter() != last);
        last = mine->changeCounter();
        QVERIFY(other->revoke("vk_a0", TimePoint(Millis(1))));
        QVERIFY(mine->changeCounter() != last);
        last = mine->changeCounter();
        QCOMPARE(mine->changeCounter(), last);
    }

    void threadsThatWriteTogetherLoseNothing()
    {
        constexpr int threads = 4, each = 25;
        std::barrier start(threads);
        std::vector<std::thread> writers;
        std::atomic<int> failures = 0;
        for (int t = 0; t < threads; ++t)
            writers.emplace_back([&, t] {
                start.arrive_and_wait(); // opening creates the file and its schema: all at once
                const auto store = opened(m_folder->path());
                for (int i = 0; i < each; ++i)
                    failures += store && store->insert(keyNamed("t" + std::to_string(t), i)) ? 0 : 1;
            });
        for (std::thread &writer : writers)
            writer.join();
        QCOMPARE(failures.load(), 0);
        QCOMPARE(opened(m_folder->path())->all()->size(), std::size_t(threads * each));
    }

    void processesThatWriteTogetherLoseNothing()
    {
        constexpr int processes = 6;
        std::vector<std::unique_ptr<Process>> all;
        for (int i = 0; i < processes; ++i)
            all.push_back(std::make_unique<Process>(
                std::vector<std::string>{daemonProgram(), "key", "mint", "p" + std::to_string(i), "--state",
                                         m_folder->path().string()},
                std::vector<std::string>{"HOME=" + m_folder->path().string(), "LANG=C.UTF-8"}));
        const auto store = opened(m_folder->path());
        for (int i = 0; i < 20; ++i)
            QVERIFY(store->insert(keyNamed("mine", i)));
        for (const auto &process : all)
            QCOMPARE(process->wait(), std::optional<int>(0));
        QCOMPARE(store->all()->size(), std::size_t(processes + 20));
    }

    void errorsNameTheFileAndTheRemedy_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("code");
        QTest::newRow("no database") << QByteArray(5000, 'x') << QByteArray("store_corrupt");
        QTest::newRow("a database's head only")
            << QByteArray("SQLite format 3\0", 16) + QByteArray(5000, '\xff') << QByteArray("store_corrupt");
    }

    void errorsNameTheFileAndTheRemedy()
    {
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, code);
        QFile file(QString::fromStdString(database()));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        const auto store = VirtualKeyStore::open(m_folder->path().string());
        QVERIFY(!store);
        QCOMPARE(store.error().code, code.toStdString());
        QVERIFY(store.error().message.find(database()) != std::string::npos);
        QVERIFY2(store.error().message.find("restore") != std::string::npos, store.error().message.c_str());
        QVERIFY(store.error().message.find(": ;") == std::string::npos); // a reason is given
    }

    void aMissingFolderIsAnErrorWithAReason()
    {
        const auto store = VirtualKeyStore::open((m_folder->path() / "nowhere").string());
        QVERIFY(!store);
        QVERIFY2(store.error().message.find("unable to open") != std::string::npos, store.error().message.c_str());
    }

    void aNewerSchemaIsLeftAlone()
    {
        opened(m_folder->path());
        run(QStringLiteral("PRAGMA user_version=99"));
        const auto store = VirtualKeyStore::open(m_folder->path().string());
        QVERIFY(!store);
        QCOMPARE(store.error().code, std::string("store_too_new"));
    }

    void aFullDiskIsSaidAndNothingIsLost()
    {
        const auto store = opened(m_folder->path());
        QVERIFY(store->insert(keyNamed("before")));
        // A process that may not make a file grow meets what a disk without room is.
        Process full({"/bin/sh", "-c",
                      "trap '' XFSZ; ulimit -f 64; exec " + daemonProgram() + " key mint large --state " +
                          m_folder->path().string() + " $(for i in $(seq 1 4000); do echo --models " +
                          std::string(40, 'm') + "$i; done)"},
                     {"HOME=/tmp", "PATH=/usr/bin:/bin", "LANG=C.UTF-8"});
        QCOMPARE(full.wait(), std::optional<int>(1));
        full.waitForEnd();
        QVERIFY(full.out().empty()); // no key was shown that was not stored
        QVERIFY2(full.err().find(database()) != std::string::npos, full.err().c_str());
        QVERIFY(store->insert(keyNamed("after")));
        QCOMPARE(store->all()->size(), std::size_t(2));
    }
};

QTEST_GUILESS_MAIN(VirtualKeyStoreTest)
#include "test_virtualkeystore.moc"
