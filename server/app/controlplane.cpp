// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/controlplane.h"

#include "log/log.h"

namespace keymux {

Result<std::unique_ptr<AdminStores>> AdminStores::open(std::shared_ptr<Database> database)
{
    auto stores = std::make_unique<AdminStores>();
    auto revisions = RevisionStore::open(database);
    if (!revisions)
        return tl::unexpected(revisions.error());
    auto overrides = OverrideStore::open(database);
    if (!overrides)
        return tl::unexpected(overrides.error());
    auto audit = AuditLog::open(database);
    if (!audit)
        return tl::unexpected(audit.error());
    auto poolMemory = PoolMemoryStore::open(database);
    if (!poolMemory)
        return tl::unexpected(poolMemory.error());
    stores->poolMemory = std::move(*poolMemory);
    auto history = HistoryStore::open(database);
    if (!history)
        return tl::unexpected(history.error());
    stores->history = std::move(*history);
    auto late = LateStore::open(database);
    if (!late)
        return tl::unexpected(late.error());
    stores->late = std::move(*late);
    stores->database = std::move(database);
    stores->revisions = std::move(*revisions);
    stores->overrides = std::move(*overrides);
    stores->audit = std::move(*audit);
    return stores;
}

void readOverrides(std::set<std::string> &disabled, const OverrideStore &overrides)
{
    auto read = overrides.disabled();
    if (read)
        disabled = std::move(*read);
    else
        qCWarning(lcConfig, "overrides stay as they are: %s", read.error().message.c_str());
}

void markOverrides(std::vector<KeyReadiness> &readiness, const PoolConfig &config,
                   const std::set<std::string> &disabled)
{
    std::size_t ordinal = 0;
    for (const Provider &provider : config.providers) {
        for (const KeyEntry &key : provider.keys) {
            if (ordinal < readiness.size())
                readiness[ordinal].operatorDisabled = disabled.count(key.keyId) > 0;
            ++ordinal;
        }
    }
}

void sealSecretVersions(std::vector<KeyReadiness> &readiness, const PoolMemoryStore &store)
{
    for (KeyReadiness &key : readiness)
        key.secretVersion = store.sealed(key.secretVersion);
}

} // namespace keymux
