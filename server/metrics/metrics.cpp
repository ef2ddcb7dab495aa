// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/metrics.h"

#include "metrics/processfamilies.h"

#include <algorithm>
#include <prometheus/text_serializer.h>

namespace keymux {

Metrics::Metrics(TimePoint startedAt, std::size_t most)
    : m_startedAt(startedAt), m_most(most), m_counted(most), m_requests(m_registry, m_counted)
{
}

std::string Metrics::text(const GatewayState &state, TimePoint now)
{
    m_requests.prune(now);
    MetricFamilies families = m_registry.Collect();
    SeriesLimit limit(m_most), own(100); // the few without labels of the pool always have their place
    addGatewayFamilies(families, state, own);
    addProcessFamilies(families, m_startedAt, own);
    addPoolFamilies(families, state, limit);
    m_droppedAtScrapes += limit.dropped();
    StateFamily(own, prometheus::MetricType::Gauge, "keymux_metrics_series", "Series in this answer, these two aside.")
        .set(double(m_counted.used() + limit.used() + own.used()))
        .moveTo(families);
    StateFamily(own, prometheus::MetricType::Counter, "keymux_metrics_series_dropped_total",
                "Series left out, or counted as `other`, because there were too many.")
        .set(double(m_counted.dropped() + m_droppedAtScrapes))
        .moveTo(families);
    std::sort(families.begin(), families.end(), [](const auto &a, const auto &b) { return a.name < b.name; });
    return prometheus::TextSerializer().Serialize(families);
}

} // namespace keymux
