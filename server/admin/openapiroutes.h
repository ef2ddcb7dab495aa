// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/adminrouter.h"

#include <string_view>

namespace keymux {

/// resources/openapi.json, as it was when the program was built.
std::string_view openApiDocument();

/// `GET /openapi.json`, behind the admin token or the metrics token.
void registerOpenApiRoutes(AdminRouter &router);

} // namespace keymux
