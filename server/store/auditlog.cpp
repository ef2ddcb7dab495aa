// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/auditlog.h"

#include <array>

namespace keymux {

namespace {

constexpr std::array steps{
    "CREATE TABLE audit_log (n INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, actor TEXT NOT NULL, "
    "action TEXT NOT NULL, subject TEXT NOT NULL, address TEXT NOT NULL)"};

QString bounded(std::string_view text)
{
    return sqlText(text.substr(0, 256));
}

} // namespace

Result<std::unique_ptr<AuditLog>> AuditLog::open(std::shared_ptr<Database> database)
{
    if (auto ready = database->migrate("audit", steps); !ready)
        return tl::unexpected(ready.error());
    return std::unique_ptr<AuditLog>(new AuditLog(std::move(database)));
}

Result<void> AuditLog::add(std::string_view actor, std::string_view action, std::string_view subject,
                           std::string_view address, TimePoint at)
{
    auto added = m_database->run(
        QStringLiteral("INSERT INTO audit_log (at, actor, action, subject, address) VALUES (?, ?, ?, ?, ?)"),
        {sqlTime(at), bounded(actor), bounded(action), bounded(subject), bounded(address)}, "note a change");
    if (!added)
        return tl::unexpected(added.error());
    const qint64 n = added->lastInsertId().toLongLong();
    auto trimmed = m_database->run(QStringLiteral("DELETE FROM audit_log WHERE n <= ?"), {n - kept}, "note a change");
    return trimmed ? Result<void>() : tl::unexpected(trimmed.error());
}

Result<std::vector<AuditEntry>> AuditLog::list(std::optional<std::int64_t> before, std::size_t limit) const
{
    auto rows = m_database->run(QStringLiteral("SELECT n, at, actor, action, subject, address FROM audit_log "
                                               "WHERE ? IS NULL OR n < ? ORDER BY n DESC LIMIT ?"),
                                {before ? QVariant(qlonglong(*before)) : QVariant(),
                                 before ? QVariant(qlonglong(*before)) : QVariant(), qulonglong(limit)},
                                "read the audit log");
    if (!rows)
        return tl::unexpected(rows.error());
    std::vector<AuditEntry> list;
    while (rows->next()) {
        list.push_back({rows->value(0).toLongLong(), timeFromSql(rows->value(1)).value_or(TimePoint{}),
                        rows->value(2).toString().toStdString(), rows->value(3).toString().toStdString(),
                        rows->value(4).toString().toStdString(), rows->value(5).toString().toStdString()});
    }
    return list;
}

} // namespace keymux
