// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/usagestore.h"

#include "store/usagesql.h"

#include <QSqlError>
#include <array>

namespace keymux {

namespace {

constexpr Millis dropInterval = std::chrono::minutes(1);
constexpr std::int64_t droppedAtOnce = 50'000; ///< rows, so that nothing else waits long

#define KEYMUX_USAGE_COLUMNS                                                                                           \
    " hour INTEGER NOT NULL, virtual_key TEXT NOT NULL, key_id TEXT NOT NULL, provider TEXT NOT NULL,"                 \
    " model TEXT NOT NULL, requests INTEGER NOT NULL, errors INTEGER NOT NULL, prompt_tokens INTEGER NOT NULL,"        \
    " completion_tokens INTEGER NOT NULL, total_tokens INTEGER NOT NULL, cached_tokens INTEGER NOT NULL,"              \
    " reasoning_tokens INTEGER NOT NULL, cost_usd REAL NOT NULL, priced INTEGER NOT NULL, unpriced INTEGER NOT NULL,"  \
    " estimated INTEGER NOT NULL, PRIMARY KEY (hour, virtual_key, key_id, provider, model)) WITHOUT ROWID"

constexpr std::array steps{
    "CREATE TABLE usage_hours (" KEYMUX_USAGE_COLUMNS,
    // Counting the rows themselves would take longer the more there are.
    "CREATE TABLE usage_hour_rows (hour INTEGER PRIMARY KEY, rows INTEGER NOT NULL)",
    "CREATE TRIGGER usage_hours_inserted AFTER INSERT ON usage_hours BEGIN"
    " INSERT INTO usage_hour_rows VALUES (new.hour, 1) ON CONFLICT (hour) DO UPDATE SET rows = rows + 1; END"};

constexpr const char *unsavedTable = "CREATE TEMP TABLE IF NOT EXISTS usage_unsaved (" KEYMUX_USAGE_COLUMNS;

#undef KEYMUX_USAGE_COLUMNS

} // namespace

UsageStore::UsageStore(std::shared_ptr<Database> database, UsageRetention retention)
    : m_database(std::move(database)), m_retention(retention)
{
}

Result<std::unique_ptr<UsageStore>> UsageStore::open(std::shared_ptr<Database> database, UsageRetention retention)
{
    if (auto ready = database->migrate("usage", steps); !ready)
        return tl::unexpected(ready.error());
    // Reports sort and sum up in memory: they must also work when the disk is full.
    if (auto set = database->run(QStringLiteral("PRAGMA temp_store=MEMORY"), {}, "prepare the usage"); !set)
        return tl::unexpected(set.error());
    return std::unique_ptr<UsageStore>(new UsageStore(std::move(database), retention));
}

Result<void> UsageStore::writeRows(const char *table)
{
    const QString sql =
        QStringLiteral(
            "INSERT INTO %1 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "requests = requests + excluded.requests, errors = errors + excluded.errors, "
            "prompt_tokens = prompt_tokens + excluded.prompt_tokens, "
            "completion_tokens = completion_tokens + excluded.completion_tokens, "
            "total_tokens = total_tokens + excluded.total_tokens, "
            "cached_tokens = cached_tokens + excluded.cached_tokens, "
            "reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens, "
            "cost_usd = cost_usd + excluded.cost_usd, priced = priced + excluded.priced, "
            "unpriced = unpriced + excluded.unpriced, estimated = estimated + excluded.estimated")
            .arg(QLatin1String(table));
    std::vector<QVariantList> rows;
    rows.reserve(m_unsaved.entries().size());
    for (const auto &[place, figures] : m_unsaved.entries())
        rows.push_back(usageRow(place, figures));
    return m_database->runEach(sql, rows, "write the usage");
}

Result<void> UsageStore::write(TimePoint now)
{
    const bool drop = now >= m_dropAt;
    if (m_unsaved.empty() && !drop)
        return {};
    auto done = m_database->inTransaction("write the usage", [&]() -> Result<void> {
        if (auto written = writeRows("usage_hours"); !written)
            return written;
        return drop ? dropOldHours(now) : Result<void>();
    });
    if (done)
        m_unsaved.clear();
    return done;
}

Result<void> UsageStore::dropOldHours(TimePoint now)
{
    constexpr const char *doing = "let old usage go";
    const TimePoint oldest = hourOf(now - std::chrono::hours(24) * m_retention.days);
    auto hours =
        m_database->run(QStringLiteral("SELECT hour, rows FROM usage_hour_rows ORDER BY hour DESC"), {}, doing);
    if (!hours)
        return tl::unexpected(hours.error());
    std::int64_t rows = 0, most = 0; // the newest hour that must go, and with it all before
    std::vector<std::pair<std::int64_t, std::int64_t>> excess;
    while (hours->next()) {
        const std::int64_t hour = hours->value(0).toLongLong();
        rows += hours->value(1).toLongLong();
        const bool present = hour >= hourOf(now).time_since_epoch().count();
        if (!present && (hour < oldest.time_since_epoch().count() || rows > m_retention.rows))
            excess.emplace_back(hour, hours->value(1).toLongLong());
    }
    hours->finish();
    std::int64_t dropped = 0;
    for (auto it = excess.rbegin(); it != excess.rend() && dropped < droppedAtOnce; ++it) {
        most = it->first;
        dropped += it->second;
    }
    m_dropAt = dropped < droppedAtOnce ? now + dropInterval : now;
    if (dropped == 0)
        return {};
    for (const char *sql : {"DELETE FROM usage_hours WHERE hour <= ?", "DELETE FROM usage_hour_rows WHERE hour <= ?"}) {
        if (auto gone = m_database->run(QLatin1String(sql), {qlonglong(most)}, doing); !gone)
            return tl::unexpected(gone.error());
    }
    return {};
}

/// Where reports read: what is written, and what could not be.
Result<std::string> UsageStore::source()
{
    if (m_unsaved.empty())
        return std::string("usage_hours");
    for (const char *sql : {unsavedTable, "DELETE FROM temp.usage_unsaved"}) {
        if (auto done = m_database->run(QLatin1String(sql), {}, "read the usage"); !done)
            return tl::unexpected(done.error());
    }
    if (auto written = writeRows("temp.usage_unsaved"); !written)
        return tl::unexpected(written.error());
    return std::string("(SELECT * FROM usage_hours UNION ALL SELECT * FROM temp.usage_unsaved)");
}

Result<UsageReport> UsageStore::report(const UsageQuery &query)
{
    constexpr const char *doing = "read the usage";
    const auto from = source();
    if (!from)
        return tl::unexpected(from.error());
    UsageSql sql(query, *from);
    if (auto placed = sql.setCursor(query.cursor); !placed)
        return tl::unexpected(placed.error());
    UsageReport report;
    auto total = m_database->run(sql.totalText(), sql.totalValues(), doing);
    if (!total)
        return tl::unexpected(total.error());
    if (total->next())
        report.total = usageFigures(*total, 0);
    total->finish();
    auto rows = m_database->run(sql.itemsText(), sql.itemsValues(), doing);
    if (!rows)
        return tl::unexpected(rows.error());
    while (rows->next()) {
        if (report.items.size() == query.limit) {
            report.next = usageCursor(report.items.back());
            break;
        }
        report.items.push_back(sql.item(*rows));
    }
    if (rows->lastError().isValid())
        return m_database->problem(rows->lastError(), doing);
    return report;
}

} // namespace keymux
