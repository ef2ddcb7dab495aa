// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/virtualkeystore.h"

#include <QSqlError>
#include <algorithm>
#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

constexpr std::array migrations{
    "CREATE TABLE virtual_keys ("
    " id TEXT PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL UNIQUE, hint TEXT NOT NULL, models TEXT NOT NULL,"
    " expose_route INTEGER NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER)",
    "ALTER TABLE virtual_keys ADD COLUMN rpm_limit INTEGER", "ALTER TABLE virtual_keys ADD COLUMN tpm_limit INTEGER",
    "ALTER TABLE virtual_keys ADD COLUMN max_parallel INTEGER",
    "ALTER TABLE virtual_keys ADD COLUMN budget_amount REAL", "ALTER TABLE virtual_keys ADD COLUMN budget_unit TEXT",
    "ALTER TABLE virtual_keys ADD COLUMN budget_period TEXT",
    "ALTER TABLE virtual_keys ADD COLUMN metadata TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE virtual_keys ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE virtual_keys ADD COLUMN old_digest BLOB", "ALTER TABLE virtual_keys ADD COLUMN old_until INTEGER",
    "CREATE INDEX virtual_keys_newest ON virtual_keys (created_at, id)",
    "CREATE TABLE virtual_key_usage ("
    " id TEXT PRIMARY KEY, since INTEGER NOT NULL, requests INTEGER NOT NULL, tokens INTEGER NOT NULL,"
    " cost_usd REAL NOT NULL, total_requests INTEGER NOT NULL, total_tokens INTEGER NOT NULL,"
    " total_cost_usd REAL NOT NULL, last_used_at INTEGER) WITHOUT ROWID",
    // Readers ask for this one number instead of all keys; the use of keys, written every second, leaves it alone.
    "CREATE TABLE virtual_key_changes (n INTEGER NOT NULL)", "INSERT INTO virtual_key_changes VALUES (1)",
    "CREATE TRIGGER virtual_keys_inserted AFTER INSERT ON virtual_keys"
    " BEGIN UPDATE virtual_key_changes SET n = n + 1; END",
    "CREATE TRIGGER virtual_keys_updated AFTER UPDATE ON virtual_keys"
    " BEGIN UPDATE virtual_key_changes SET n = n + 1; END"};

template <typename T>
QVariant orNull(const std::optional<T> &value)
{
    return value ? QVariant(qint64(*value)) : QVariant();
}

std::optional<std::int64_t> numberFrom(const QVariant &value)
{
    return value.isNull() ? std::nullopt : std::optional<std::int64_t>(value.toLongLong());
}

QVariant blob(const std::optional<KeyDigest> &digest)
{
    if (!digest)
        return {};
    return QByteArray(reinterpret_cast<const char *>(digest->data()), qsizetype(digest->size()));
}

KeyDigest digestFrom(const QByteArray &bytes)
{
    KeyDigest digest{};
    std::copy_n(bytes.begin(), std::min<qsizetype>(bytes.size(), qsizetype(digest.size())), digest.begin());
    return digest;
}

std::string modelsText(const std::vector<std::string> &models)
{
    return nlohmann::json(models).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::vector<std::string> modelsFrom(const QByteArray &text)
{
    std::vector<std::string> models;
    const auto list = nlohmann::json::parse(text.begin(), text.end(), nullptr, false);
    for (const auto &model : list.is_array() ? list : nlohmann::json::array()) {
        if (model.is_string())
            models.push_back(model.get<std::string>());
    }
    return models;
}

VirtualKeyLimits limitsFrom(const QSqlQuery &row)
{
    VirtualKeyLimits limits{numberFrom(row.value(9)), numberFrom(row.value(10)), numberFrom(row.value(11)), {}};
    const auto unit = unitFrom(row.value(13).toString().toStdString());
    const auto period = periodFrom(row.value(14).toString().toStdString());
    if (!row.value(12).isNull() && unit && period)
        limits.budget = Budget{row.value(12).toDouble(), *unit, *period};
    return limits;
}

VirtualKey keyFrom(const QSqlQuery &row)
{
    VirtualKey key;
    key.id = row.value(0).toString().toStdString();
    key.name = row.value(1).toString().toStdString();
    key.digest = digestFrom(row.value(2).toByteArray());
    key.hint = row.value(3).toString().toStdString();
    key.models = modelsFrom(row.value(4).toByteArray());
    key.exposeRoute = row.value(5).toBool();
    key.createdAt = TimePoint(Millis(row.value(6).toLongLong()));
    key.expiresAt = timeFromSql(row.value(7));
    key.revokedAt = timeFromSql(row.value(8));
    key.limits = limitsFrom(row);
    key.metadata = row.value(15).toString().toStdString();
    key.blocked = row.value(16).toBool();
    if (!row.value(17).isNull())
        key.oldDigest = digestFrom(row.value(17).toByteArray());
    key.oldUntil = timeFromSql(row.value(18));
    return key;
}

QVariantList valuesOf(const VirtualKey &key)
{
    const auto &budget = key.limits.budget;
    return {sqlText(key.id),
            sqlText(key.name),
            blob(key.digest),
            sqlText(key.hint),
            sqlText(modelsText(key.models)),
            key.exposeRoute,
            qint64(key.createdAt.time_since_epoch().count()),
            sqlTime(key.expiresAt),
            sqlTime(key.revokedAt),
            orNull(key.limits.rpm),
            orNull(key.limits.tpm),
            orNull(key.limits.maxParallel),
            budget ? QVariant(budget->amount) : QVariant(),
            budget ? QVariant(sqlText(unitName(budget->unit))) : QVariant(),
            budget ? QVariant(sqlText(periodName(budget->period))) : QVariant(),
            key.metadata.empty() ? QStringLiteral("") : sqlText(key.metadata),
            key.blocked,
            blob(key.oldDigest),
            sqlTime(key.oldUntil)};
}

const QString columns = QStringLiteral("id, name, digest, hint, models, expose_route, created_at, expires_at, "
                                       "revoked_at, rpm_limit, tpm_limit, max_parallel, budget_amount, budget_unit, "
                                       "budget_period, metadata, blocked, old_digest, old_until");
const QString marks = QStringLiteral("?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?");

} // namespace

VirtualKeyStore::VirtualKeyStore(std::shared_ptr<Database> database) : m_database(std::move(database)) {}

Result<std::unique_ptr<VirtualKeyStore>> VirtualKeyStore::open(std::shared_ptr<Database> database)
{
    if (auto ready = database->migrate("virtual_keys", migrations); !ready)
        return tl::unexpected(ready.error());
    return std::unique_ptr<VirtualKeyStore>(new VirtualKeyStore(std::move(database)));
}

Result<std::unique_ptr<VirtualKeyStore>> VirtualKeyStore::open(const std::string &stateDir)
{
    auto database = Database::open(stateDir);
    if (!database)
        return tl::unexpected(database.error());
    return open(std::move(*database));
}

Result<std::vector<VirtualKey>> VirtualKeyStore::all() const
{
    constexpr const char *doing = "read the virtual keys";
    auto query =
        m_database->run(QStringLiteral("SELECT %1 FROM virtual_keys ORDER BY created_at, id").arg(columns), {}, doing);
    if (!query)
        return tl::unexpected(query.error());
    std::vector<VirtualKey> keys;
    while (query->next())
        keys.push_back(keyFrom(*query));
    if (query->lastError().isValid())
        return m_database->problem(query->lastError(), doing);
    return keys;
}

Result<bool> VirtualKeyStore::insertOnce(const VirtualKey &key)
{
    auto query = m_database->run(
        QStringLiteral("INSERT INTO virtual_keys (%1) VALUES (%2) ON CONFLICT(digest) DO NOTHING").arg(columns, marks),
        valuesOf(key), "store the virtual key");
    if (!query)
        return tl::unexpected(query.error());
    m_wrote = true;
    return query->numRowsAffected() == 1;
}

Result<void> VirtualKeyStore::insert(const VirtualKey &key)
{
    const auto inserted = insertOnce(key);
    if (!inserted)
        return tl::unexpected(inserted.error());
    if (!*inserted)
        return failure("already_there", "there is such a virtual key already");
    return {};
}

Result<VirtualKey> VirtualKeyStore::find(std::string_view idOrName) const
{
    const QString wanted = sqlText(idOrName);
    // Qt counts every placeholder as a value of its own, so none is numbered.
    auto query = m_database->run(QStringLiteral("SELECT %1 FROM virtual_keys WHERE id = ? OR name = ? "
                                                "ORDER BY id = ? DESC, revoked_at IS NOT NULL LIMIT 2")
                                     .arg(columns),
                                 {wanted, wanted, wanted}, "read the virtual keys");
    if (!query)
        return tl::unexpected(query.error());
    std::vector<VirtualKey> found;
    while (query->next())
        found.push_back(keyFrom(*query));
    if (found.empty())
        return failure("not_found",
                       "there is no virtual key `" + std::string(idOrName) + "`; `keymuxd key list` shows them");
    const bool only = found.size() == 1 || found[0].id == idOrName || (!found[0].revokedAt && found[1].revokedAt);
    if (!only)
        return failure("ambiguous", "several virtual keys are named `" + std::string(idOrName) + "`; use the id");
    return found.front();
}

Result<VirtualKey> VirtualKeyStore::findDigest(const KeyDigest &digest) const
{
    auto query = m_database->run(QStringLiteral("SELECT %1 FROM virtual_keys WHERE digest = ?").arg(columns),
                                 {blob(digest)}, "read the virtual keys");
    if (!query)
        return tl::unexpected(query.error());
    if (!query->next())
        return failure("not_found", "there is no such virtual key");
    return keyFrom(*query);
}

Result<void> VirtualKeyStore::revoke(std::string_view id, TimePoint at)
{
    auto query =
        m_database->run(QStringLiteral("UPDATE virtual_keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?"),
                        {qint64(at.time_since_epoch().count()), sqlText(id)}, "revoke the virtual key");
    if (!query)
        return tl::unexpected(query.error());
    m_wrote = true;
    if (query->numRowsAffected() == 0)
        return failure("not_found", "there is no virtual key `" + std::string(id) + "`");
    return {};
}

Result<VirtualKeyStore::Page> VirtualKeyStore::page(const std::string &cursor, int limit, bool withRevoked) const
{
    constexpr const char *doing = "read the virtual keys";
    QString where = withRevoked ? QStringLiteral("1") : QStringLiteral("revoked_at IS NULL");
    QVariantList values;
    if (!cursor.empty()) {
        const std::size_t dot = cursor.find('.');
        std::int64_t created = 0;
        const char *end = cursor.data() + std::min(dot, cursor.size());
        const auto [rest, error] = std::from_chars(cursor.data(), end, created);
        if (dot == std::string::npos || error != std::errc{} || rest != end)
            return failure("bad_cursor",
                           "this cursor is not one of a list of virtual keys; leave it out to begin anew");
        where += QStringLiteral(" AND (created_at, id) < (?, ?)");
        values = {qint64(created), sqlText(std::string_view(cursor).substr(dot + 1))};
    }
    values.push_back(limit + 1);
    auto query =
        m_database->run(QStringLiteral("SELECT %1 FROM virtual_keys WHERE %2 ORDER BY created_at DESC, id DESC LIMIT ?")
                            .arg(columns, where),
                        values, doing);
    if (!query)
        return tl::unexpected(query.error());
    Page page;
    while (query->next())
        page.keys.push_back(keyFrom(*query));
    if (query->lastError().isValid())
        return m_database->problem(query->lastError(), doing);
    if (page.keys.size() > std::size_t(limit)) {
        page.keys.pop_back();
        const VirtualKey &last = page.keys.back();
        page.next = std::to_string(last.createdAt.time_since_epoch().count()) + '.' + last.id;
    }
    return page;
}

Result<VirtualKey> VirtualKeyStore::change(std::string_view id, const std::function<Result<void>(VirtualKey &)> &change)
{
    constexpr const char *doing = "change the virtual key";
    VirtualKey key;
    auto done = m_database->inTransaction(doing, [&]() -> Result<void> {
        auto found = find(id);
        if (!found)
            return tl::unexpected(found.error());
        key = std::move(*found);
        if (key.revokedAt)
            return failure("revoked", "the virtual key `" + key.id + "` is revoked, which is final; make a new one");
        if (auto changed = change(key); !changed)
            return changed;
        QVariantList values = valuesOf(key);
        values.push_back(sqlText(key.id));
        auto written = m_database->run(
            QStringLiteral("UPDATE virtual_keys SET (%1) = (%2) WHERE id = ?").arg(columns, marks), values, doing);
        return written ? Result<void>() : tl::unexpected(written.error());
    });
    if (!done)
        return tl::unexpected(done.error());
    m_wrote = true;
    return key;
}

std::int64_t VirtualKeyStore::changeCounter() const
{
    const std::int64_t others = m_database->othersWrites();
    if (others == m_seenOthers && !m_wrote)
        return m_counter;
    auto query = m_database->run(QStringLiteral("SELECT n FROM virtual_key_changes"), {}, "read the virtual keys");
    if (!query || !query->next())
        return -1;
    m_seenOthers = others;
    m_wrote = false;
    m_counter = query->value(0).toLongLong();
    return m_counter;
}

Result<std::vector<VirtualKeyRoom::Usage>> VirtualKeyStore::usage() const
{
    constexpr const char *doing = "read the use of the virtual keys";
    auto query = m_database->run(QStringLiteral("SELECT id, since, requests, tokens, cost_usd, total_requests, "
                                                "total_tokens, total_cost_usd, last_used_at FROM virtual_key_usage"),
                                 {}, doing);
    if (!query)
        return tl::unexpected(query.error());
    std::vector<VirtualKeyRoom::Usage> all;
    while (query->next()) {
        const auto spend = [&](int at) {
            return Spend{query->value(at).toLongLong(), query->value(at + 1).toLongLong(),
                         query->value(at + 2).toDouble()};
        };
        all.push_back({query->value(0).toString().toStdString(), spend(2), spend(5),
                       TimePoint(Millis(query->value(1).toLongLong())), timeFromSql(query->value(8))});
    }
    if (query->lastError().isValid())
        return m_database->problem(query->lastError(), doing);
    return all;
}

Result<void> VirtualKeyStore::storeUsage(const std::vector<VirtualKeyRoom::Usage> &usage)
{
    constexpr const char *doing = "store the use of the virtual keys";
    if (usage.empty())
        return {};
    return m_database->inTransaction(doing, [&]() -> Result<void> {
        for (const auto &one : usage) {
            const QString id = sqlText(one.id);
            auto written = m_database->run(
                QStringLiteral("INSERT OR REPLACE INTO virtual_key_usage SELECT ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE EXISTS "
                               "(SELECT 1 FROM virtual_keys WHERE id = ?)"),
                {id, qint64(one.since.time_since_epoch().count()), qint64(one.period.requests),
                 qint64(one.period.tokens), one.period.costUsd, qint64(one.total.requests), qint64(one.total.tokens),
                 one.total.costUsd, sqlTime(one.lastUsedAt), id},
                doing);
            if (!written)
                return tl::unexpected(written.error());
        }
        return {};
    });
}

} // namespace keymux
