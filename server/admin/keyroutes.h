// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/adminrouter.h"
#include "gateway/sharedpool.h"
#include "store/auditlog.h"
#include "store/overridestore.h"

#include <functional>

namespace keymux {

/// What the operator's calls on keys work on; all of it outlives the router.
struct KeyRouteParts {
    SharedPool &pool;
    Database &database;
    OverrideStore &overrides;
    AuditLog &audit;
    std::function<void()> overridesChanged; ///< the pool is to take them at once
};

/// `/admin/v1/keys/{key_id}/enable`, `disable` and `reset`. Each answers the key as `state` lists it.
void registerKeyRoutes(AdminRouter &router, const KeyRouteParts &parts);

} // namespace keymux
