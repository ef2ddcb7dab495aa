// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/adminrouter.h"
#include "log/logring.h"

namespace keymux {

/// A line in the shape of the admin API and the live feed.
nlohmann::ordered_json logEntryJson(const LogEntry &entry);

/// `/admin/v1/logs`. The ring must outlive the router.
void registerLogRoutes(AdminRouter &router, const LogRing &ring);

} // namespace keymux
