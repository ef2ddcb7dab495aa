// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/pooleditor.h"
#include "store/auditlog.h"
#include "store/overridestore.h"
#include "store/revisionstore.h"

#include <memory>

namespace keymux {

/// What the admin API keeps in STATE, all in the one database of the main thread.
struct AdminStores {
    std::shared_ptr<Database> database;
    std::unique_ptr<RevisionStore> revisions;
    std::unique_ptr<OverrideStore> overrides;
    std::unique_ptr<AuditLog> audit;

    static Result<std::unique_ptr<AdminStores>> open(std::shared_ptr<Database> database);
};

/// Marks the keys an operator switched off. `readiness` is by key ordinal of that config.
void markOverrides(std::vector<KeyReadiness> &readiness, const PoolConfig &config, const OverrideStore &overrides);

} // namespace keymux
