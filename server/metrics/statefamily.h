// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "metrics/seriesfamily.h"

#include <prometheus/metric_family.h>

namespace keymux {

/// A metric that is read anew at each scrape, each of its series with the same labels.
class StateFamily {
public:
    StateFamily(SeriesLimit &limit, prometheus::MetricType type, const char *name, const char *help,
                std::vector<std::string> labels = {})
        : m_limit(limit), m_labels(std::move(labels))
    {
        m_family.name = name;
        m_family.help = help;
        m_family.type = type;
    }

    /// One value for each label, in their order. Left out, and counted, when there are too many series.
    void add(std::initializer_list<std::string_view> values, double value)
    {
        if (!m_limit.take(1))
            return;
        prometheus::ClientMetric &metric = m_family.metric.emplace_back();
        metric.label.reserve(m_labels.size());
        auto text = values.begin();
        for (const std::string &label : m_labels)
            metric.label.push_back({label, std::string(*text++)});
        (m_family.type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    }
    /// For a metric without labels.
    StateFamily &set(double value)
    {
        add({}, value);
        return *this;
    }

    /// Appends it, if it has a series.
    void moveTo(std::vector<prometheus::MetricFamily> &families)
    {
        if (!m_family.metric.empty())
            families.push_back(std::move(m_family));
    }

private:
    SeriesLimit &m_limit;
    std::vector<std::string> m_labels;
    prometheus::MetricFamily m_family;
};

} // namespace keymux
