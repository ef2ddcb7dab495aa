// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/adminrouter.h"
#include "admin/litellmkeys.h"
#include "admin/virtualkeysapi.h"
#include "store/auditlog.h"

namespace keymux {

/// `/admin/v1/virtual-keys…` and LiteLLM's `/key/…`; every change that was done is audited. All of them must outlive
/// the router.
void registerVirtualKeyRoutes(AdminRouter &router, VirtualKeysApi &keys, LiteLlmKeys &liteLlm, AuditLog &audit);

} // namespace keymux
