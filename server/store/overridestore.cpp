// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/overridestore.h"

#include <array>

namespace keymux {

namespace {

constexpr std::array steps{"CREATE TABLE key_overrides (key_id TEXT PRIMARY KEY, disabled_at INTEGER NOT NULL)"};

} // namespace

Result<std::unique_ptr<OverrideStore>> OverrideStore::open(std::shared_ptr<Database> database)
{
    if (auto ready = database->migrate("key_overrides", steps); !ready)
        return tl::unexpected(ready.error());
    return std::unique_ptr<OverrideStore>(new OverrideStore(std::move(database)));
}

Result<void> OverrideStore::disable(std::string_view keyId, TimePoint at)
{
    auto done = m_database->run(QStringLiteral("INSERT OR IGNORE INTO key_overrides VALUES (?, ?)"),
                                {sqlText(keyId), sqlTime(at)}, "disable a key");
    return done ? Result<void>() : tl::unexpected(done.error());
}

Result<void> OverrideStore::enable(std::string_view keyId)
{
    auto done =
        m_database->run(QStringLiteral("DELETE FROM key_overrides WHERE key_id = ?"), {sqlText(keyId)}, "enable a key");
    return done ? Result<void>() : tl::unexpected(done.error());
}

Result<std::set<std::string>> OverrideStore::disabled() const
{
    auto rows = m_database->run(QStringLiteral("SELECT key_id FROM key_overrides"), {}, "read which keys are disabled");
    if (!rows)
        return tl::unexpected(rows.error());
    std::set<std::string> keys;
    while (rows->next())
        keys.insert(rows->value(0).toString().toStdString());
    return keys;
}

} // namespace keymux
