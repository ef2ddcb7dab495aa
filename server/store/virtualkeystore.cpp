// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/virtualkeystore.h"

#include <QFile>
#include <QSqlDatabase>
#include <QSqlError>
#include <QSqlQuery>
#include <QUuid>
#include <QVariant>
#include <array>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

/// Step n takes the schema from version n to n + 1. Steps are never changed, only added.
constexpr std::array migrations{
    "CREATE TABLE virtual_keys ("
    " id TEXT PRIMARY KEY, name TEXT NOT NULL, digest BLOB NOT NULL UNIQUE, hint TEXT NOT NULL, models TEXT NOT NULL,"
    " expose_route INTEGER NOT NULL, created_at INTEGER NOT NULL, expires_at INTEGER, revoked_at INTEGER)"};

QString qstring(std::string_view text)
{
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

QVariant millisOrNull(const std::optional<TimePoint> &t)
{
    return t ? QVariant(qint64(t->time_since_epoch().count())) : QVariant();
}

std::optional<TimePoint> timeOrNone(const QVariant &value)
{
    if (value.isNull())
        return std::nullopt;
    return TimePoint(Millis(value.toLongLong()));
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
    key.expiresAt = timeOrNone(row.value(7));
    key.revokedAt = timeOrNone(row.value(8));
    return key;
}

constexpr const char *columns = "id, name, digest, hint, models, expose_route, created_at, expires_at, revoked_at";

} // namespace

class VirtualKeyStore::Private {
public:
    ~Private()
    {
        database.close();
        database = QSqlDatabase();
        QSqlDatabase::removeDatabase(connection);
    }

    tl::unexpected<Error> problem(const QSqlError &error, const char *doing) const
    {
        std::string code = "store_failed", remedy;
        const QString number = error.nativeErrorCode();
        if (number == QLatin1String("13")) {
            code = "disk_full";
            remedy = "; make room and try again";
        } else if (number == QLatin1String("8")) {
            remedy = "; make the file and its directory writable";
        } else if (number == QLatin1String("11") || number == QLatin1String("26")) {
            code = "store_corrupt";
            remedy = "; it is damaged: restore it from a backup, or move it away to start without keys";
        }
        // What SQLite says; where the fault is not its own, what Qt's driver says.
        const QString reason = error.databaseText().isEmpty() ? error.text() : error.databaseText();
        return failure(code,
                       std::string("cannot ") + doing + " in " + path + ": " + reason.trimmed().toStdString() + remedy);
    }

    Result<void> run(const QString &sql)
    {
        QSqlQuery query(database);
        if (!query.exec(sql))
            return problem(query.lastError(), "prepare the virtual keys");
        return {};
    }

    Result<void> prepare();
    Result<void> migrate();

    std::string path;
    QString connection;
    QSqlDatabase database;
    std::int64_t ownWrites = 0;
};

Result<void> VirtualKeyStore::Private::prepare()
{
    connection = QUuid::createUuid().toString();
    database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), connection);
    if (!database.isValid())
        return failure("store_failed", "Qt's SQLite driver is not installed (package libqt6sql6-sqlite)");
    database.setDatabaseName(qstring(path));
    database.setConnectOptions(QStringLiteral("QSQLITE_BUSY_TIMEOUT=5000"));
    if (!database.open())
        return problem(database.lastError(), "open the virtual keys");
    // What was answered must survive a power cut: every commit waits for the disk.
    for (const char *pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON"}) {
        if (auto done = run(QString::fromLatin1(pragma)); !done)
            return done;
    }
    QFile::setPermissions(qstring(path), QFile::ReadOwner | QFile::WriteOwner);
    return migrate();
}

Result<void> VirtualKeyStore::Private::migrate()
{
    // An immediate transaction, so that two processes that start together do not both see the old version.
    if (auto begun = run(QStringLiteral("BEGIN IMMEDIATE")); !begun)
        return begun;
    QSqlQuery query(database);
    if (!query.exec(QStringLiteral("PRAGMA user_version")) || !query.next())
        return problem(query.lastError(), "read the schema's version");
    int version = query.value(0).toInt();
    query.finish();
    if (version > int(migrations.size())) {
        query.exec(QStringLiteral("ROLLBACK"));
        return failure("store_too_new",
                       path + " was written by a newer version of keymuxd; run that one, or restore a backup");
    }
    for (; version < int(migrations.size()); ++version) {
        if (auto done = run(QString::fromLatin1(migrations[std::size_t(version)])); !done)
            return done;
    }
    if (auto done = run(QStringLiteral("PRAGMA user_version=%1").arg(version)); !done)
        return done;
    return run(QStringLiteral("COMMIT"));
}

VirtualKeyStore::VirtualKeyStore() : d(std::make_unique<Private>()) {}
VirtualKeyStore::~VirtualKeyStore() = default;

Result<std::unique_ptr<VirtualKeyStore>> VirtualKeyStore::open(const std::string &stateDir)
{
    std::unique_ptr<VirtualKeyStore> store(new VirtualKeyStore);
    store->d->path = stateDir + "/keymux.db";
    if (auto ready = store->d->prepare(); !ready)
        return tl::unexpected(ready.error());
    return store;
}

Result<std::vector<VirtualKey>> VirtualKeyStore::all() const
{
    QSqlQuery query(d->database);
    query.setForwardOnly(true);
    if (!query.exec(QStringLiteral("SELECT %1 FROM virtual_keys ORDER BY created_at, id").arg(QLatin1String(columns))))
        return d->problem(query.lastError(), "read the virtual keys");
    std::vector<VirtualKey> keys;
    while (query.next())
        keys.push_back(keyFrom(query));
    if (query.lastError().isValid())
        return d->problem(query.lastError(), "read the virtual keys");
    return keys;
}

Result<bool> VirtualKeyStore::insertOnce(const VirtualKey &key)
{
    QSqlQuery query(d->database);
    query.prepare(QStringLiteral(
                      "INSERT INTO virtual_keys (%1) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(digest) DO NOTHING")
                      .arg(QLatin1String(columns)));
    query.addBindValue(qstring(key.id));
    query.addBindValue(qstring(key.name));
    query.addBindValue(QByteArray(reinterpret_cast<const char *>(key.digest.data()), qsizetype(key.digest.size())));
    query.addBindValue(qstring(key.hint));
    query.addBindValue(qstring(modelsText(key.models)));
    query.addBindValue(key.exposeRoute);
    query.addBindValue(qint64(key.createdAt.time_since_epoch().count()));
    query.addBindValue(millisOrNull(key.expiresAt));
    query.addBindValue(millisOrNull(key.revokedAt));
    if (!query.exec())
        return d->problem(query.lastError(), "store the virtual key");
    ++d->ownWrites;
    return query.numRowsAffected() == 1;
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
    QSqlQuery query(d->database);
    // Qt counts every placeholder as a value of its own, so none is numbered.
    query.prepare(QStringLiteral("SELECT %1 FROM virtual_keys WHERE id = ? OR name = ? ORDER BY id = ? DESC LIMIT 3")
                      .arg(QLatin1String(columns)));
    for (int i = 0; i < 3; ++i)
        query.addBindValue(qstring(idOrName));
    if (!query.exec())
        return d->problem(query.lastError(), "read the virtual keys");
    std::vector<VirtualKey> found;
    while (query.next())
        found.push_back(keyFrom(query));
    if (found.empty())
        return failure("not_found",
                       "there is no virtual key `" + std::string(idOrName) + "`; `keymuxd key list` shows them");
    if (found.size() > 1 && found.front().id != idOrName)
        return failure("ambiguous", "several virtual keys are named `" + std::string(idOrName) + "`; use the id");
    return found.front();
}

Result<void> VirtualKeyStore::revoke(std::string_view id, TimePoint at)
{
    QSqlQuery query(d->database);
    query.prepare(QStringLiteral("UPDATE virtual_keys SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?"));
    query.addBindValue(qint64(at.time_since_epoch().count()));
    query.addBindValue(qstring(id));
    if (!query.exec())
        return d->problem(query.lastError(), "revoke the virtual key");
    ++d->ownWrites;
    if (query.numRowsAffected() == 0)
        return failure("not_found", "there is no virtual key `" + std::string(id) + "`");
    return {};
}

std::int64_t VirtualKeyStore::changeCounter() const
{
    QSqlQuery query(d->database);
    if (!query.exec(QStringLiteral("PRAGMA data_version")) || !query.next())
        return -1;
    // SQLite's number changes with what others write, ours with what this connection writes.
    return query.value(0).toLongLong() * 1'000'000 + d->ownWrites;
}

} // namespace keymux
