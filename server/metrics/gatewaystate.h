// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/snapshot.h"
#include "metrics/statefamily.h"

namespace keymux {

/// What is true at the moment of a scrape.
struct GatewayState {
    PoolSnapshot pool;
    bool ready = false, draining = false;
    int requestsInFlight = 0, streamsInFlight = 0, connections = 0;
    std::uint64_t unauthorized = 0; ///< clients' requests without a virtual key that works, since the start
    std::uint64_t tracesLost = 0;   ///< requests that could not be counted, since the start
    std::uint64_t configRevision = 0;
    bool configApplied = true;        ///< the newest document is the one in force
    std::int64_t configAppliedAt = 0; ///< Unix seconds
};

using MetricFamilies = std::vector<prometheus::MetricFamily>;

/// The pool: deployments, their room and windows, rests, keys. What matters most comes first, should the limit be met.
void addPoolFamilies(MetricFamilies &families, const GatewayState &state, SeriesLimit &limit);
/// The gateway itself: what is under way, its config, its build.
void addGatewayFamilies(MetricFamilies &families, const GatewayState &state, SeriesLimit &limit);

} // namespace keymux
