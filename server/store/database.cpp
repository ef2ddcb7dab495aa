// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/database.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QFile>
#include <QSqlError>
#include <QThread>
#include <QUuid>
#include <clocale>

namespace keymux {

namespace {

/// How the versions of the tables are kept: 1 knew only virtual keys and kept their version in `user_version`; since 2
/// each group of tables has its own in `schema_versions`.
constexpr int layout = 2;

/// How long another connection that holds the file is waited for.
constexpr int patienceMs = 5000;

/// Since 6.8 Qt's SQL needs an application object; where nobody has made one, as in a command, it gets one for the rest
/// of the process' life.
void needApplication()
{
    if (QCoreApplication::instance())
        return;
    static int argc = 1;
    static char name[] = "keymuxd";
    static char *argv[] = {name, nullptr};
    [[maybe_unused]] static const auto *const application = new QCoreApplication(argc, argv);
    // With it came the user's locale, which has no say in the numbers that commands print.
    std::setlocale(LC_NUMERIC, "C");
}

/// Whether Qt can open SQLite files. Asked once, before the first connection of whichever thread comes first: Qt's
/// table of drivers is made at the first question without a lock, and made twice it keeps the process from ending.
bool driverIsThere()
{
    static const bool there = [] {
        needApplication();
        return QSqlDatabase::isDriverAvailable(QStringLiteral("QSQLITE"));
    }();
    return there;
}

/// SQLITE_BUSY.
constexpr int busy = 5;

/// SQLite's primary result code (sqlite.org/rescode.html): Qt reports the extended ones, which have it in their low
/// byte.
int primaryCode(const QSqlError &error)
{
    return error.nativeErrorCode().toInt() & 0xff;
}

} // namespace

QString sqlText(std::string_view text)
{
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

QVariant sqlTime(const std::optional<TimePoint> &t)
{
    return t ? QVariant(qint64(t->time_since_epoch().count())) : QVariant();
}

std::optional<TimePoint> timeFromSql(const QVariant &value)
{
    if (value.isNull())
        return std::nullopt;
    return TimePoint(Millis(value.toLongLong()));
}

Database::~Database()
{
    if (m_database.isValid())
        m_database.close();
    m_database = QSqlDatabase();
    QSqlDatabase::removeDatabase(m_connection);
}

Result<std::shared_ptr<Database>> Database::open(const std::string &stateDir)
{
    std::shared_ptr<Database> database(new Database);
    database->m_path = stateDir + "/keymux.db";
    if (auto ready = database->prepare(); !ready)
        return tl::unexpected(ready.error());
    return database;
}

tl::unexpected<Error> Database::problem(const QSqlError &error, const char *doing) const
{
    std::string code = "store_failed", remedy;
    switch (primaryCode(error)) {
    case busy:
        remedy = "; another process has been writing to it for seconds: try again";
        break;
    case 8: // SQLITE_READONLY
        remedy = "; make the file and its directory writable";
        break;
    case 11: // SQLITE_CORRUPT
    case 26: // SQLITE_NOTADB
        code = "store_corrupt";
        remedy = "; it is damaged: restore it from a backup, or move it away to start without keys";
        break;
    case 13: // SQLITE_FULL
        code = "disk_full";
        remedy = "; make room and try again";
        break;
    default:
        break;
    }
    // What SQLite says; where the fault is not its own, what Qt's driver says.
    const QString reason = error.databaseText().isEmpty() ? error.text() : error.databaseText();
    return failure(code,
                   std::string("cannot ") + doing + " in " + m_path + ": " + reason.trimmed().toStdString() + remedy);
}

Result<QSqlQuery> Database::run(const QString &sql, const QVariantList &values, const char *doing)
{
    QSqlQuery query(m_database);
    query.setForwardOnly(true);
    if (!query.prepare(sql))
        return problem(query.lastError(), doing);
    for (const QVariant &value : values)
        query.addBindValue(value);
    if (!query.exec())
        return problem(query.lastError(), doing);
    return query;
}

Result<void> Database::runEach(const QString &sql, const std::vector<QVariantList> &rows, const char *doing)
{
    if (rows.empty())
        return {};
    QSqlQuery query(m_database);
    query.setForwardOnly(true);
    if (!query.prepare(sql))
        return problem(query.lastError(), doing);
    for (const QVariantList &row : rows) {
        for (qsizetype i = 0; i < row.size(); ++i)
            query.bindValue(int(i), row[i]);
        if (!query.exec())
            return problem(query.lastError(), doing);
    }
    return {};
}

Result<void> Database::inTransaction(const char *doing, const std::function<Result<void>()> &work)
{
    // Immediate, so that two writers wait for each other here instead of failing halfway.
    if (auto begun = run(QStringLiteral("BEGIN IMMEDIATE"), {}, doing); !begun)
        return tl::unexpected(begun.error());
    Result<void> done = work();
    if (done) {
        if (auto committed = run(QStringLiteral("COMMIT"), {}, doing); !committed)
            done = tl::unexpected(committed.error());
    }
    if (!done)
        QSqlQuery(m_database).exec(QStringLiteral("ROLLBACK"));
    return done;
}

Result<void> Database::prepare()
{
    if (!driverIsThere())
        return failure("store_failed", "Qt's SQLite driver is not installed (package libqt6sql6-sqlite)");
    m_connection = QUuid::createUuid().toString();
    m_database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_connection);
    m_database.setDatabaseName(sqlText(m_path));
    m_database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1").arg(patienceMs));
    if (!m_database.open())
        return problem(m_database.lastError(), "open the database");
    if (auto done = keepJournal(); !done)
        return done;
    // What was answered must survive a power cut: every commit waits for the disk.
    for (const char *pragma : {"PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"}) {
        if (auto done = run(QString::fromLatin1(pragma), {}, "prepare the database"); !done)
            return tl::unexpected(done.error());
    }
    QFile::setPermissions(sqlText(m_path), QFile::ReadOwner | QFile::WriteOwner);
    return prepareSchema();
}

Result<void> Database::keepJournal()
{
    // Where two connections do this to a new file at once, each reads while it wants to write: SQLite refuses one of
    // them without waiting, so that the other can go on.
    const QDeadlineTimer patience(patienceMs);
    QSqlQuery query(m_database);
    while (!query.exec(QStringLiteral("PRAGMA journal_mode=WAL"))) {
        if (primaryCode(query.lastError()) != busy || patience.hasExpired())
            return problem(query.lastError(), "prepare the database");
        QThread::msleep(1);
    }
    return {};
}

Result<void> Database::prepareSchema()
{
    constexpr const char *doing = "prepare the database";
    return inTransaction(doing, [&]() -> Result<void> {
        auto version = run(QStringLiteral("PRAGMA user_version"), {}, doing);
        if (!version)
            return tl::unexpected(version.error());
        const int found = version->next() ? version->value(0).toInt() : 0;
        version->finish();
        if (found > layout)
            return failure("store_too_new",
                           m_path + " was written by a newer version of keymuxd; run that one, or restore a backup");
        if (found == layout)
            return {};
        std::vector<const char *> steps{
            "CREATE TABLE schema_versions (tables TEXT PRIMARY KEY, version INTEGER NOT NULL)"};
        if (found == 1)
            steps.push_back("INSERT INTO schema_versions VALUES ('virtual_keys', 1)");
        steps.push_back("PRAGMA user_version=2");
        for (const char *step : steps) {
            if (auto done = run(QString::fromLatin1(step), {}, doing); !done)
                return tl::unexpected(done.error());
        }
        return {};
    });
}

Result<void> Database::migrate(const char *tables, std::span<const char *const> steps)
{
    constexpr const char *doing = "prepare the tables";
    const QString name = QString::fromLatin1(tables);
    return inTransaction(doing, [&]() -> Result<void> {
        auto found = run(QStringLiteral("SELECT version FROM schema_versions WHERE tables = ?"), {name}, doing);
        if (!found)
            return tl::unexpected(found.error());
        const auto version = std::size_t(found->next() ? found->value(0).toULongLong() : 0);
        found->finish();
        if (version > steps.size())
            return failure("store_too_new",
                           m_path + " was written by a newer version of keymuxd; run that one, or restore a backup");
        if (version == steps.size())
            return {};
        for (const char *step : steps.subspan(version)) {
            if (auto done = run(QString::fromLatin1(step), {}, doing); !done)
                return tl::unexpected(done.error());
        }
        auto noted = run(QStringLiteral("INSERT OR REPLACE INTO schema_versions VALUES (?, ?)"),
                         {name, qulonglong(steps.size())}, doing);
        return noted ? Result<void>() : tl::unexpected(noted.error());
    });
}

std::int64_t Database::othersWrites()
{
    QSqlQuery query(m_database);
    if (!query.exec(QStringLiteral("PRAGMA data_version")) || !query.next())
        return -1;
    return query.value(0).toLongLong();
}

} // namespace keymux
