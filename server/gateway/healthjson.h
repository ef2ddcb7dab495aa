// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gateway/sharedpool.h"

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace keymux {

/// The body of `/health` and `/health/readiness`: counts and states, never key ids.
nlohmann::ordered_json healthObject(const HealthSummary &health, bool draining);
std::string healthJson(const HealthSummary &health, bool draining);

/// The summary of a snapshot.
HealthSummary summarize(const PoolSnapshot &snapshot, bool ready);

} // namespace keymux
