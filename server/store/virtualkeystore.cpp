// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/virtualkeystore.h"

#include <QSqlError>
#include <array>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

constexpr std::array migrations{
    "CREATE TABLE virtual_keys ("
    " id TEXT PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL UNIQUE, hint TEXT NOT NULL, models TEXT NOT NULL,"
    " expose_route INTEGER NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER)"};

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

VirtualKey keyFrom(const QSqlQuery &row)
{
    VirtualKey key;
    key.id = row.value(0).toString().toStdString();
    key.name = row.value(1).toString().toStdString();
    const QByteArray digest = row.value(2).toByteArray();
    std::copy_n(digest.begin(), std::min<qsizetype>(digest.size(), qsizetype(key.digest.size())), key.digest.begin());
    key.hint = row.value(3).toString().toStdString();
    key.models = modelsFrom(row.value(4).toByteArray());
    key.exposeRoute = row.value(5).toBool();
    key.createdAt = TimePoint(Millis(row.value(6).toLongLong()));
    key.expiresAt = timeFromSql(row.value(7));
    key.revokedAt = timeFromSql(row.value(8));
    return key;
}

constexpr const char *columns = "id, name, digest, hint, models, expose_route, created_at, expires_at, revoked_at";

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
    auto query = m_database->run(
        QStringLiteral("SELECT %1 FROM virtual_keys ORDER BY created_at, id").arg(QLatin1String(columns)), {}, doing);
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
        QStringLiteral(
            "INSERT INTO virtual_keys (%1) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(digest) DO NOTHING")
            .arg(QLatin1String(columns)),
        {sqlText(key.id), sqlText(key.name),
         QByteArray(reinterpret_cast<const char *>(key.digest.data()), qsizetype(key.digest.size())), sqlText(key.hint),
         sqlText(modelsText(key.models)), key.exposeRoute, qint64(key.createdAt.time_since_epoch().count()),
         sqlTime(key.expiresAt), sqlTime(key.revokedAt)},
        "store the virtual key");
    if (!query)
        return tl::unexpected(query.error());
    ++m_ownWrites;
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
    auto query = m_database->run(
        QStringLiteral("SELECT %1 FROM virtual_keys WHERE id = ? OR name = ? ORDER BY id = ? DESC LIMIT 3")
            .arg(QLatin1String(columns)),
        {wanted, wanted, wanted}, "read the virtual keys");
    if (!query)
        return tl::unexpected(query.error());
    std::vector<VirtualKey> found;
    while (query->next())
        found.push_back(keyFrom(*query));
    if (found.empty())
        return failure("not_found",
                       "there is no virtual key `" + std::string(idOrName) + "`; `keymuxd key list` shows them");
    if (found.size() > 1 && found.front().id != idOrName)
        return failure("ambiguous", "several virtual keys are named `" + std::string(idOrName) + "`; use the id");
    return found.front();
}

Result<void> VirtualKeyStore::revoke(std::string_view id, TimePoint at)
{
    auto query =
        m_database->run(QStringLiteral("UPDATE virtual_keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?"),
                        {qint64(at.time_since_epoch().count()), sqlText(id)}, "revoke the virtual key");
    if (!query)
        return tl::unexpected(query.error());
    ++m_ownWrites;
    if (query->numRowsAffected() == 0)
        return failure("not_found", "there is no virtual key `" + std::string(id) + "`");
    return {};
}

std::int64_t VirtualKeyStore::changeCounter() const
{
    const std::int64_t others = m_database->othersWrites();
    // SQLite's number changes with what others write, ours with what this connection writes.
    return others < 0 ? others : others * 1'000'000 + m_ownWrites;
}

} // namespace keymux
