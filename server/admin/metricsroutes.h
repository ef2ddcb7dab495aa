// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/adminrouter.h"

#include <functional>
#include <string>

namespace keymux {

/// `GET /metrics`, behind the admin token or the metrics token. `scrape` gives the text of that moment.
void registerMetricsRoutes(AdminRouter &router, std::function<std::string(TimePoint)> scrape);

} // namespace keymux
