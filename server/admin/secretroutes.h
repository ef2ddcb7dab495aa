// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/adminrouter.h"
#include "secrets/secretsource.h"
#include "store/auditlog.h"

#include <functional>

namespace keymux {

/// What the calls on the sealed store work on; all of it outlives the router.
struct SecretRouteParts {
    SecretStore &store;
    AuditLog &audit;
    std::function<void()> changed; ///< the keys concerned are to be given it
};

/// `GET /admin/v1/secrets` lists names, `PUT` and `DELETE /admin/v1/secrets/{name}` change one. No answer holds a
/// value.
void registerSecretRoutes(AdminRouter &router, const SecretRouteParts &parts);

} // namespace keymux
