// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database.h"
#include "support/daemon.h"
#include "support/show.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <algorithm>
#include <array>
#include <barrier>
#include <chrono>
#include <future>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace keymux;
using namespace keymux::testing;

namespace {

/// What opening the file of this folder says, as another user where this one may write everywhere.
std::string openedAsNobody(const std::filesystem::path &folder)
{
    std::array<int, 2> told{};
    if (pipe(told.data()) != 0)
        return "no pipe";
    const pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) != 0)
            _exit(1);
        const auto database = Database::open(folder.string());
        const std::string said = database ? "opened" : database.error().message;
        _exit(write(told[1], said.data(), said.size()) > 0 ? 0 : 1);
    }
    close(told[1]);
    std::array<char, 1000> text{};
    const ssize_t size = read(told[0], text.data(), text.size());
    close(told[0]);
    waitpid(child, nullptr, 0);
    return {text.data(), std::size_t(std::max<ssize_t>(size, 0))};
}

/// Another writer, past the store: in the midst of a write when it is made, it ends that after this many milliseconds
/// or, sooner, with this object.
class Writer {
public:
    Writer(const std::filesystem::path &folder, int ms)
    {
        std::promise<void> holds;
        auto held = holds.get_future();
        m_thread = std::thread([path = (folder / "keymux.db").string(), ms, ended = m_end.get_future(), &holds] {
            {
                QSqlDatabase other = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), QStringLiteral("writer"));
                other.setDatabaseName(QString::fromStdString(path));
                other.open();
                QSqlQuery query(other);
                query.exec(QStringLiteral("CREATE TABLE theirs (a INTEGER)"));
                query.exec(QStringLiteral("BEGIN IMMEDIATE"));
                holds.set_value();
                ended.wait_for(std::chrono::milliseconds(ms));
                query.exec(QStringLiteral("COMMIT"));
            }
            QSqlDatabase::removeDatabase(QStringLiteral("writer"));
        });
        held.wait();
    }
    ~Writer()
    {
        m_end.set_value();
        m_thread.join();
    }
    Writer(const Writer &) = delete;
    Writer &operator=(const Writer &) = delete;

private:
    std::promise<void> m_end;
    std::thread m_thread;
};

} // namespace

/// The file that all tables of the server are in.
class DatabaseTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    /// Comes first: with it, the first use of Qt's SQL in this process is by several threads at once, after which the
    /// process must still be able to end.
    void anyNumberMayOpenANewFileAtOnce()
    {
        constexpr int rounds = 25, threads = 6;
        std::vector<TemporaryFolder> folders(rounds);
        std::array<std::string, threads> complaints;
        std::barrier together(threads);
        std::vector<std::thread> openers;
        openers.reserve(threads);
        for (std::string &complaint : complaints)
            openers.emplace_back([&] {
                for (const TemporaryFolder &folder : folders) {
                    together.arrive_and_wait();
                    if (const auto database = Database::open(folder.path().string()); !database)
                        complaint = database.error().message;
                }
            });
        for (std::thread &opener : openers)
            opener.join();
        for (const std::string &complaint : complaints)
            QCOMPARE(complaint, std::string());
    }

    void aFileInAnotherJournalModeIsTakenOver()
    {
        const TemporaryFolder folder;
        const auto mode = [&](const char *pragma) {
            const auto database = Database::open(folder.path().string());
            auto query = database ? (*database)->run(QString::fromLatin1(pragma), {}, "ask") : QSqlQuery();
            return query && query->next() ? query->value(0).toString() : QString();
        };
        QCOMPARE(mode("PRAGMA journal_mode=DELETE"), QStringLiteral("delete"));
        QCOMPARE(mode("PRAGMA journal_mode"), QStringLiteral("wal"));
    }

    void aWriterThatHoldsTheFileIsWaitedFor()
    {
        const TemporaryFolder folder;
        const auto database = Database::open(folder.path().string());
        QVERIFY(database.has_value());
        const Writer writer(folder.path(), 300); // the time the other has to wait: what is tested
        const auto made = (*database)->run(QStringLiteral("CREATE TABLE ours (a INTEGER)"), {}, "write");
        QVERIFY2(made.has_value(), made ? "" : made.error().message.c_str());
    }

    /// Here SQLite itself does not wait.
    void aWriterIsWaitedForBeforeTheJournalIsChanged()
    {
        const TemporaryFolder folder;
        const Writer writer(folder.path(), 300);
        const auto database = Database::open(folder.path().string());
        QVERIFY2(database.has_value(), database ? "" : database.error().message.c_str());
    }

    void aWriterThatNeverEndsIsSaidWithTheRemedy()
    {
        const TemporaryFolder folder;
        const auto database = [&] {
            const Writer writer(folder.path(), 60000);
            return Database::open(folder.path().string());
        }();
        QVERIFY(!database);
        QCOMPARE(database.error().code, std::string("store_failed"));
        QVERIFY(database.error().message.find((folder.path() / "keymux.db").string()) != std::string::npos);
        QVERIFY2(database.error().message.find("try again") != std::string::npos, database.error().message.c_str());
    }

    void whatMayNotBeWrittenIsRefusedWithTheRemedy_data()
    {
        QTest::addColumn<int>("file");
        QTest::addColumn<int>("folder");
        QTest::newRow("the file") << 0444 << 0777;
        QTest::newRow("the folder") << 0666 << 0555;
        QTest::newRow("both") << 0444 << 0555;
    }

    void whatMayNotBeWrittenIsRefusedWithTheRemedy()
    {
        QFETCH(int, file);
        QFETCH(int, folder);
        const TemporaryFolder state;
        const auto path = state.path() / "keymux.db";
        {
            const auto database = Database::open(state.path().string());
            QVERIFY(database.has_value());
            QVERIFY((*database)->run(QStringLiteral("PRAGMA journal_mode=DELETE"), {}, "leave WAL mode"));
        }
        std::filesystem::permissions(path, std::filesystem::perms(file));
        std::filesystem::permissions(state.path(), std::filesystem::perms(folder));
        const std::string said = openedAsNobody(state.path());
        std::filesystem::permissions(state.path(), std::filesystem::perms::owner_all);
        QVERIFY2(said.find(path.string()) != std::string::npos, said.c_str());
        QVERIFY2(said.find("make the file and its directory writable") != std::string::npos, said.c_str());
    }
};

QTEST_GUILESS_MAIN(DatabaseTest)
#include "test_database.moc"
