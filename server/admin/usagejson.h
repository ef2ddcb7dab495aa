// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/adminrouter.h"
#include "core/virtualkey.h"
#include "store/usagestore.h"

namespace keymux {

/// `{"items":…,"next":…,"total":…}`.
AdminReply usageJson(const UsageReport &report, const std::vector<UsageGroup> &groups, const VirtualKeyTable &names);
/// One line for each item, under a line of names; `x-keymux-next` has the cursor of more. A spreadsheet takes no text
/// in it for a formula.
AdminReply usageCsv(const UsageReport &report, const std::vector<UsageGroup> &groups, const VirtualKeyTable &names);

} // namespace keymux
