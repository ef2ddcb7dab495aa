// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/latestore.h"

#include <array>
#include <utility>

namespace keymux {

namespace {

constexpr const char *leaving = "leave word for the server that has taken over";
constexpr const char *taking = "read what an earlier server has finished";

constexpr std::array steps{
    "CREATE TABLE late_reports (n INTEGER PRIMARY KEY AUTOINCREMENT, writer TEXT NOT NULL, report TEXT NOT NULL)"};

} // namespace

Result<std::unique_ptr<LateStore>> LateStore::open(std::shared_ptr<Database> database)
{
    if (auto ready = database->migrate("late_reports", steps); !ready)
        return tl::unexpected(ready.error());
    return std::unique_ptr<LateStore>(new LateStore(std::move(database)));
}

Result<void> LateStore::leave(const LateReport &report)
{
    auto left = m_database->run(QStringLiteral("INSERT INTO late_reports (writer, report) VALUES (?, ?)"),
                                {sqlText(report.writer), sqlText(toJson(report))}, leaving);
    return left ? Result<void>() : tl::unexpected(left.error());
}

Result<std::vector<LateReport>> LateStore::take()
{
    std::vector<LateReport> reports;
    auto done = m_database->inTransaction(taking, [&]() -> Result<void> {
        auto rows = m_database->run(QStringLiteral("SELECT n, report FROM late_reports ORDER BY n"), {}, taking);
        if (!rows)
            return tl::unexpected(rows.error());
        qlonglong last = -1;
        while (rows->next()) {
            last = rows->value(0).toLongLong();
            reports.push_back(lateReportFrom(rows->value(1).toString().toStdString()));
        }
        rows->finish();
        if (reports.empty())
            return {};
        auto gone = m_database->run(QStringLiteral("DELETE FROM late_reports WHERE n <= ?"), {last}, taking);
        return gone ? Result<void>() : tl::unexpected(gone.error());
    });
    if (!done)
        return tl::unexpected(done.error());
    return reports;
}

Result<void> LateStore::withdraw(const std::string &writer)
{
    auto gone =
        m_database->run(QStringLiteral("DELETE FROM late_reports WHERE writer = ?"), {sqlText(writer)}, leaving);
    return gone ? Result<void>() : tl::unexpected(gone.error());
}

bool LateStore::mayHaveNews()
{
    const std::int64_t now = m_database->othersWrites();
    return now < 0 || std::exchange(m_seen, now) != now;
}

} // namespace keymux
