// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/adminrouter.h"
#include "admin/poolcontrol.h"
#include "store/auditlog.h"
#include "store/revisionstore.h"

namespace keymux {

/// The ETag of a document: the same text has the same one, also after a restart.
std::string etagOf(std::string_view text);

/// `/admin/v1/pool` and what lies under it. What is given must outlive the router.
void registerPoolRoutes(AdminRouter &router, PoolControl &control, const RevisionStore &revisions);
/// `/admin/v1/audit`.
void registerAuditRoutes(AdminRouter &router, const AuditLog &audit);

} // namespace keymux
