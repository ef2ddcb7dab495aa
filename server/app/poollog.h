// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/keypool.h"

namespace keymux {

/// Writes one pool event to the log, in words that `grep -i "rate\|fallback"` finds.
void logPoolEvent(const PoolEvent &event);

} // namespace keymux
