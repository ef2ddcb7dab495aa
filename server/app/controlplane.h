// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pooleditor.h"
#include "store/auditlog.h"
#include "store/historystore.h"
#include "store/latestore.h"
#include "store/overridestore.h"
#include "store/poolmemorystore.h"
#include "store/revisionstore.h"

#include <memory>
#include <set>
#include <string>

namespace keymux {

/// What the admin API keeps in STATE, all in the one database of the main thread.
struct AdminStores {
    std::shared_ptr<Database> database;
    std::unique_ptr<RevisionStore> revisions;
    std::unique_ptr<OverrideStore> overrides;
    std::unique_ptr<AuditLog> audit;
    std::unique_ptr<PoolMemoryStore> poolMemory;
    std::unique_ptr<HistoryStore> history;
    std::unique_ptr<LateStore> late;

    static Result<std::unique_ptr<AdminStores>> open(std::shared_ptr<Database> database);
};

/// The keys an operator switched off, and the same as before when the store cannot be read: what is off stays off.
void readOverrides(std::set<std::string> &disabled, const OverrideStore &overrides);
/// Marks those keys. `readiness` is by key ordinal of that config.
void markOverrides(std::vector<KeyReadiness> &readiness, const PoolConfig &config,
                   const std::set<std::string> &disabled);

/// Puts what this state alone knows in place of the secrets' fingerprints.
void sealSecretVersions(std::vector<KeyReadiness> &readiness, const PoolMemoryStore &store);

} // namespace keymux
