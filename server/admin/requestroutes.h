// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/adminrouter.h"
#include "admin/recentrequests.h"

#include <functional>

namespace keymux {

/// `/admin/v1/requests` and `/admin/v1/requests/{id}`. `collect` brings in requests that have just ended. Both outlive
/// the router.
void registerRequestRoutes(AdminRouter &router, const RecentRequests &requests, const std::function<void()> &collect);

} // namespace keymux
