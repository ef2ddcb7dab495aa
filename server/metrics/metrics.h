// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "metrics/gatewaystate.h"
#include "metrics/requestmetrics.h"

#include <prometheus/registry.h>
#include <string>

namespace keymux {

/// Everything that `/metrics` tells. Counts what it is fed, reads what is true at the moment of a scrape. One thread.
class Metrics {
public:
    /// Counters and histograms may have so many series, and what is read at a scrape so many again.
    static constexpr std::size_t mostSeries = 10'000;

    explicit Metrics(TimePoint startedAt, std::size_t most = mostSeries);

    RequestMetrics &requests() { return m_requests; }

    /// The text of a scrape, in Prometheus' text format.
    std::string text(const GatewayState &state, TimePoint now);

private:
    TimePoint m_startedAt;
    std::size_t m_most;
    SeriesLimit m_counted;
    std::uint64_t m_droppedAtScrapes = 0;
    prometheus::Registry m_registry;
    RequestMetrics m_requests;
};

} // namespace keymux
