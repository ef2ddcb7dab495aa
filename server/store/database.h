// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"
#include "core/result.h"

#include <QSqlDatabase>
#include <QSqlQuery>
#include <QString>
#include <QVariant>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace keymux {

/// STATE/keymux.db: SQLite in WAL mode with synchronous FULL, so that a write that returned success survives kill -9
/// and power loss, and opens again without repair. Shared by the tables of one thread; other threads and processes open
/// their own. Every error names the file and, where there is one, the remedy; its code is `store_failed`, `disk_full`,
/// `store_corrupt` or `store_too_new`.
class Database {
public:
    /// Opens or creates the file; any number of threads and processes may be doing so at once. No table of anybody's is
    /// there before its owner called migrate().
    static Result<std::shared_ptr<Database>> open(const std::string &stateDir);
    ~Database();
    Database(const Database &) = delete;
    Database &operator=(const Database &) = delete;

    /// Brings the tables that go by this name up to date. `steps` are single statements, run in order, each once in the
    /// life of the file; steps are never changed, only added. All or none of the missing ones happen.
    Result<void> migrate(const char *tables, std::span<const char *const> steps);

    /// Prepares, binds and runs one statement; rows are read forward only. `doing` completes the sentence
    /// "cannot … in FILE".
    Result<QSqlQuery> run(const QString &sql, const QVariantList &values, const char *doing);
    /// Runs one statement with each of these rows of values, prepared once. Results are thrown away. Stops at the first
    /// error, so it belongs in a transaction.
    Result<void> runEach(const QString &sql, const std::vector<QVariantList> &rows, const char *doing);
    /// Runs `work` within one immediate transaction: committed when it succeeds, undone when it fails. Waits up to five
    /// seconds for another writer. Not to be nested.
    Result<void> inTransaction(const char *doing, const std::function<Result<void>()> &work);
    /// Turns what SQLite reported into an error for people.
    tl::unexpected<Error> problem(const QSqlError &error, const char *doing) const;

    /// A number that changes when another connection wrote; cheap enough to ask several times a second. -1 when the
    /// file cannot be read.
    std::int64_t othersWrites();
    const std::string &path() const { return m_path; }

private:
    Database() = default;
    Result<void> prepare();
    /// Puts the file into WAL mode, where it stays.
    Result<void> keepJournal();
    Result<void> prepareSchema();

    std::string m_path;
    QString m_connection;
    QSqlDatabase m_database;
};

/// How values are stored: text as UTF-8, moments as Unix milliseconds, what is absent as NULL.
QString sqlText(std::string_view text);
QVariant sqlTime(const std::optional<TimePoint> &t);
std::optional<TimePoint> timeFromSql(const QVariant &value);

} // namespace keymux
