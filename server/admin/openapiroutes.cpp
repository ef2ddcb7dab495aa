// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/openapiroutes.h"

namespace keymux {

void registerOpenApiRoutes(AdminRouter &router)
{
    router.add("GET", "/openapi.json",
               [](const AdminRequest &) { return AdminReply{.body = std::string(openApiDocument())}; },
               {.access = AdminAccess::TokenOrMetrics});
}

} // namespace keymux
