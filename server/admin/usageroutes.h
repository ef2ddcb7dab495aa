// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/adminrouter.h"
#include "core/virtualkey.h"
#include "store/usagestore.h"

#include <functional>
#include <memory>

namespace keymux {

/// What the usage report is made from; all of it outlives the router.
struct UsageSources {
    UsageStore &store;
    std::function<void()> collect; ///< brings in the requests that have just ended
    std::function<std::shared_ptr<const VirtualKeyTable>()> virtualKeys;
};

/// The answer to one request for a report; 400 names every parameter at fault.
AdminReply usageReport(const AdminRequest &request, const UsageSources &sources);

/// `GET /admin/v1/usage`: what was used, by virtual key, key, provider, model, hour or day, as JSON or CSV.
void registerUsageRoutes(AdminRouter &router, const UsageSources &sources);

} // namespace keymux
