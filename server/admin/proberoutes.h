// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/adminrouter.h"
#include "gateway/activepool.h"
#include "gateway/sharedpool.h"
#include "store/auditlog.h"
#include "upstream/upstreamclient.h"

#include <functional>
#include <memory>

namespace keymux {

/// What the check of a key works on; all of it outlives the router.
struct ProbeRouteParts {
    SharedPool &pool;
    UpstreamClient &upstream; ///< of the main thread
    AuditLog &audit;
    std::function<std::shared_ptr<const ActivePool>()> active;
    std::function<TimePoint()> now;
    /// As the pool knows it.
    std::function<std::uint64_t(const Secret &)> versionOf;
    Millis deadline{15000}; ///< for the provider's whole answer
};

/// `/admin/v1/keys/{key_id}/probe`: asks the provider for its free list of models with this key. A refused key rests as
/// one, a good answer ends such a rest.
void registerProbeRoute(AdminRouter &router, const ProbeRouteParts &parts);

} // namespace keymux
