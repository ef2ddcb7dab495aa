// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/poolmemorystore.h"

#include <algorithm>
#include <cstring>
#include <sodium.h>

namespace keymux {

namespace {

constexpr const char *doing = "remember the state of the pool";
constexpr const char *reading = "read what is remembered of the pool";

constexpr std::array steps{
    "CREATE TABLE pool_days (unit TEXT PRIMARY KEY, used INTEGER NOT NULL, ends INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX pool_days_end ON pool_days (ends)",
    "CREATE TABLE pool_rests (holder TEXT NOT NULL, subject TEXT NOT NULL, endpoint TEXT NOT NULL, "
    "reason TEXT NOT NULL, started_at INTEGER NOT NULL, until INTEGER NOT NULL, needs_trial INTEGER NOT NULL, "
    "hits INTEGER NOT NULL, secret INTEGER NOT NULL, PRIMARY KEY (holder, subject, endpoint)) WITHOUT ROWID",
    "CREATE TABLE pool_memory_salt (salt BLOB NOT NULL)"};

using Holder = RestMemory::Holder;
constexpr std::array<const char *, 7> holderNames{"deployment",  "endpoint",       "limits",  "key",
                                                  "quota_group", "provider_model", "provider"};

/// The value whose name that is; absent when there is none.
template <typename T, typename Name>
std::optional<T> named(int count, Name nameOf, std::string_view text)
{
    for (int i = 0; i < count; ++i) {
        if (nameOf(T(i)) == text)
            return T(i);
    }
    return std::nullopt;
}

QString holderText(const RestMemory &rest)
{
    return sqlText(holderName(rest.holder));
}

QString endpointText(const RestMemory &rest)
{
    return sqlText(rest.holder == Holder::Endpoint ? endpointName(rest.endpoint) : "");
}

std::string rowOf(const RestMemory &rest)
{
    return std::string(holderName(rest.holder)) + '\n' + std::string(endpointName(rest.endpoint)) + '\n' + rest.subject;
}

std::optional<RestMemory> restFrom(const QSqlQuery &row)
{
    auto known = restNamed(row.value(0).toString().toStdString(), row.value(2).toString().toStdString(),
                           row.value(3).toString().toStdString());
    if (!known)
        return std::nullopt;
    RestMemory &rest = *known;
    rest.subject = row.value(1).toString().toStdString();
    rest.startedAt = timeFromSql(row.value(4)).value_or(TimePoint());
    rest.until = timeFromSql(row.value(5)).value_or(TimePoint());
    rest.needsTrial = row.value(6).toBool();
    rest.hits = std::uint16_t(std::clamp<qlonglong>(row.value(7).toLongLong(), 0, 1000));
    rest.secretVersion = std::uint64_t(row.value(8).toLongLong());
    return known;
}

} // namespace

std::string_view holderName(Holder holder)
{
    return holderNames[std::size_t(holder)];
}

std::optional<RestMemory> restNamed(std::string_view holder, std::string_view endpoint, std::string_view reason)
{
    const auto whose = named<Holder>(int(holderNames.size()), holderName, holder);
    const auto which =
        endpoint.empty() ? std::optional(Endpoint::Chat) : named<Endpoint>(endpointCount, endpointName, endpoint);
    const auto why = named<RestReason>(int(RestReason::AddressLimit) + 1, restReasonName, reason);
    if (!whose || !which || !why)
        return std::nullopt;
    RestMemory rest;
    rest.holder = *whose;
    rest.endpoint = *which;
    rest.reason = *why;
    return rest;
}

Result<std::unique_ptr<PoolMemoryStore>> PoolMemoryStore::open(std::shared_ptr<Database> database)
{
    if (auto ready = database->migrate("pool_memory", steps); !ready)
        return tl::unexpected(ready.error());
    std::unique_ptr<PoolMemoryStore> store(new PoolMemoryStore(std::move(database)));
    if (auto salted = store->loadSalt(); !salted)
        return tl::unexpected(salted.error());
    return store;
}

Result<void> PoolMemoryStore::loadSalt()
{
    return m_database->inTransaction(reading, [&]() -> Result<void> {
        auto found = m_database->run(QStringLiteral("SELECT salt FROM pool_memory_salt"), {}, reading);
        if (!found)
            return tl::unexpected(found.error());
        const QByteArray salt = found->next() ? found->value(0).toByteArray() : QByteArray();
        found->finish();
        if (salt.size() == qsizetype(m_salt.size())) {
            std::memcpy(m_salt.data(), salt.constData(), m_salt.size());
            return {};
        }
        randombytes_buf(m_salt.data(), m_salt.size());
        const QByteArray fresh(reinterpret_cast<const char *>(m_salt.data()), qsizetype(m_salt.size()));
        auto kept = m_database->run(QStringLiteral("INSERT INTO pool_memory_salt VALUES (?)"), {fresh}, doing);
        return kept ? Result<void>() : tl::unexpected(kept.error());
    });
}

std::uint64_t PoolMemoryStore::sealed(std::uint64_t secretVersion) const
{
    if (secretVersion == 0)
        return 0;
    std::array<unsigned char, crypto_generichash_BYTES_MIN> digest{};
    crypto_generichash(digest.data(), digest.size(), reinterpret_cast<const unsigned char *>(&secretVersion),
                       sizeof secretVersion, m_salt.data(), m_salt.size());
    std::uint64_t value = 0;
    std::memcpy(&value, digest.data(), sizeof value);
    return value == 0 ? 1 : value;
}

Result<PoolMemory> PoolMemoryStore::load()
{
    PoolMemory memory;
    auto days = m_database->run(QStringLiteral("SELECT unit, used, ends FROM pool_days"), {}, reading);
    if (!days)
        return tl::unexpected(days.error());
    while (days->next())
        memory.days.push_back({days->value(0).toString().toStdString(), days->value(1).toLongLong(),
                               timeFromSql(days->value(2)).value_or(TimePoint())});
    auto rests = m_database->run(QStringLiteral("SELECT holder, subject, endpoint, reason, started_at, until, "
                                                "needs_trial, hits, secret FROM pool_rests"),
                                 {}, reading);
    if (!rests)
        return tl::unexpected(rests.error());
    m_storedRests.clear();
    while (rests->next()) {
        if (auto rest = restFrom(*rests)) {
            m_storedRests.emplace(rowOf(*rest), *rest);
            memory.rests.push_back(std::move(*rest));
        }
    }
    return memory;
}

Result<void> PoolMemoryStore::write(const PoolMemoryChanges &changes, TimePoint now)
{
    std::map<std::string, RestMemory> rests;
    if (changes.rests) {
        for (const RestMemory &rest : *changes.rests)
            rests.emplace(rowOf(rest), rest);
    }
    const bool newRests = changes.rests && rests != m_storedRests;
    if (changes.days.empty() && !newRests)
        return {};
    auto written = m_database->inTransaction(doing, [&]() -> Result<void> {
        auto over = m_database->run(QStringLiteral("DELETE FROM pool_days WHERE ends <= ?"), {sqlTime(now)}, doing);
        if (!over)
            return tl::unexpected(over.error());
        std::vector<QVariantList> rows;
        rows.reserve(changes.days.size());
        for (const DayMemory &day : changes.days)
            rows.push_back({sqlText(day.unit), qint64(day.used), sqlTime(day.ends)});
        if (auto done =
                m_database->runEach(QStringLiteral("INSERT OR REPLACE INTO pool_days VALUES (?, ?, ?)"), rows, doing);
            !done)
            return done;
        return newRests ? writeRests(rests) : Result<void>();
    });
    if (written && newRests)
        m_storedRests = std::move(rests);
    return written;
}

Result<void> PoolMemoryStore::writeRests(const std::map<std::string, RestMemory> &rests)
{
    std::vector<QVariantList> gone, fresh;
    for (const auto &[row, rest] : m_storedRests) {
        if (rests.count(row) == 0)
            gone.push_back({holderText(rest), sqlText(rest.subject), endpointText(rest)});
    }
    for (const auto &[row, rest] : rests) {
        const auto before = m_storedRests.find(row);
        if (before != m_storedRests.end() && before->second == rest)
            continue;
        fresh.push_back({holderText(rest), sqlText(rest.subject), endpointText(rest),
                         sqlText(restReasonName(rest.reason)), sqlTime(rest.startedAt), sqlTime(rest.until),
                         rest.needsTrial, int(rest.hits), qint64(rest.secretVersion)});
    }
    auto removed = m_database->runEach(
        QStringLiteral("DELETE FROM pool_rests WHERE holder = ? AND subject = ? AND endpoint = ?"), gone, doing);
    return removed ? m_database->runEach(
                         QStringLiteral("INSERT OR REPLACE INTO pool_rests VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"), fresh,
                         doing)
                   : removed;
}

} // namespace keymux
