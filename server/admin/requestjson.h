// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/routetrace.h"

#include <nlohmann/json_fwd.hpp>

namespace keymux {

/// One line of the list of recent requests. The trace must have its router.
nlohmann::ordered_json requestSummary(const RequestTrace &trace);

/// The same with `route`: for each attempt who was picked, who was passed over and why, and what came of it; and for
/// a refusal why there was nobody. Deployments of that model that lack the endpoint are named too.
nlohmann::ordered_json requestDetail(const RequestTrace &trace);

} // namespace keymux
