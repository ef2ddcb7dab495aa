// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/commandline.h"
#include "secretloader/secretbook.h"

namespace keymux {

/// `bootstrap --probe`: runs the main event loop until every key that has its secret was asked about at its provider, a
/// few at a time. See ProbeKeys.
void probeKeys(const ResolvedPool &pool, const std::function<void(const KeyVerdict &, int done, int all)> &told);

} // namespace keymux
