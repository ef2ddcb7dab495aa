// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/revisionstore.h"

#include <array>

namespace keymux {

namespace {

constexpr std::array steps{
    "CREATE TABLE pool_revisions (n INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, made_by TEXT NOT NULL, "
    "summary TEXT NOT NULL, text TEXT NOT NULL)"};

PoolRevision revisionOf(const QSqlQuery &row, bool withText)
{
    return {row.value(0).toLongLong(), timeFromSql(row.value(1)).value_or(TimePoint{}),
            row.value(2).toString().toStdString(), row.value(3).toString().toStdString(),
            withText ? row.value(4).toString().toStdString() : std::string()};
}

} // namespace

Result<std::unique_ptr<RevisionStore>> RevisionStore::open(std::shared_ptr<Database> database)
{
    if (auto ready = database->migrate("pool_revisions", steps); !ready)
        return tl::unexpected(ready.error());
    return std::unique_ptr<RevisionStore>(new RevisionStore(std::move(database)));
}

Result<std::int64_t> RevisionStore::add(const PoolRevision &revision)
{
    constexpr const char *doing = "keep a revision of the pool config";
    auto added = m_database->run(
        QStringLiteral("INSERT INTO pool_revisions (at, made_by, summary, text) VALUES (?, ?, ?, ?)"),
        {sqlTime(revision.at), sqlText(revision.by), sqlText(revision.summary), sqlText(revision.text)}, doing);
    if (!added)
        return tl::unexpected(added.error());
    const qint64 n = added->lastInsertId().toLongLong();
    auto trimmed = m_database->run(
        QStringLiteral("DELETE FROM pool_revisions WHERE n < ? AND (n <= ? OR n IN (SELECT n FROM (SELECT n, "
                       "SUM(LENGTH(text)) OVER (ORDER BY n DESC) AS total FROM pool_revisions) WHERE total > ?))"),
        {n, n - kept, qlonglong(keptBytes)}, doing);
    if (!trimmed)
        return tl::unexpected(trimmed.error());
    return n;
}

Result<void> RevisionStore::remove(std::int64_t n)
{
    auto removed = m_database->run(QStringLiteral("DELETE FROM pool_revisions WHERE n = ?"), {qlonglong(n)},
                                   "take back a revision of the pool config");
    return removed ? Result<void>() : tl::unexpected(removed.error());
}

Result<std::optional<PoolRevision>> RevisionStore::newest() const
{
    auto rows = m_database->run(
        QStringLiteral("SELECT n, at, made_by, summary, text FROM pool_revisions ORDER BY n DESC LIMIT 1"), {},
        "read the revisions of the pool config");
    if (!rows)
        return tl::unexpected(rows.error());
    return rows->next() ? std::optional(revisionOf(*rows, true)) : std::nullopt;
}

Result<PoolRevision> RevisionStore::find(std::int64_t n) const
{
    auto rows = m_database->run(QStringLiteral("SELECT n, at, made_by, summary, text FROM pool_revisions WHERE n = ?"),
                                {qlonglong(n)}, "read a revision of the pool config");
    if (!rows)
        return tl::unexpected(rows.error());
    if (!rows->next())
        return failure("not_found", "There is no revision " + std::to_string(n) + ", or it is no longer kept.");
    return revisionOf(*rows, true);
}

Result<std::vector<PoolRevision>> RevisionStore::list(std::optional<std::int64_t> before, std::size_t limit) const
{
    const QVariant from = before ? QVariant(qlonglong(*before)) : QVariant();
    auto rows = m_database->run(QStringLiteral("SELECT n, at, made_by, summary FROM pool_revisions "
                                               "WHERE ? IS NULL OR n < ? ORDER BY n DESC LIMIT ?"),
                                {from, from, qulonglong(limit)}, "read the revisions of the pool config");
    if (!rows)
        return tl::unexpected(rows.error());
    std::vector<PoolRevision> list;
    while (rows->next())
        list.push_back(revisionOf(*rows, false));
    return list;
}

} // namespace keymux
