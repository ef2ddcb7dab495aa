// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/metricsroutes.h"

namespace keymux {

void registerMetricsRoutes(AdminRouter &router, std::function<std::string(TimePoint)> scrape)
{
    router.add("GET", "/metrics",
               [scrape = std::move(scrape)](const AdminRequest &request) {
                   return AdminReply{.body = scrape(request.now),
                                     .contentType = "text/plain; version=0.0.4; charset=utf-8"};
               },
               {.access = AdminAccess::TokenOrMetrics});
}

} // namespace keymux
