// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace keymux {

/// How many series there may be at once; what a scraper stores grows with them, whatever a config or a client does.
class SeriesLimit {
public:
    explicit SeriesLimit(std::size_t most) : m_most(most) {}

    /// False when there is no room for so many; that is counted.
    bool take(std::size_t count)
    {
        if (count > m_most - m_used) {
            m_dropped += count;
            return false;
        }
        m_used += count;
        return true;
    }
    void giveBack(std::size_t count) { m_used -= count; }

    std::size_t used() const { return m_used; }
    std::uint64_t dropped() const { return m_dropped; }

private:
    std::size_t m_most;
    std::size_t m_used = 0;
    std::uint64_t m_dropped = 0;
};

/// One metric of a registry, each of its series with the same labels: the one place that puts labels on counters and
/// histograms. Where there are too many series, what is new goes to one whose labels are all `other`, so that sums stay
/// true.
template <typename Metric>
class SeriesFamily {
public:
    SeriesFamily(prometheus::Family<Metric> &family, SeriesLimit &limit, std::vector<std::string> labels,
                 std::vector<double> buckets = {})
        : m_family(family), m_limit(limit), m_labels(std::move(labels)), m_buckets(std::move(buckets))
    {
    }

    /// The series with these values, one for each label in their order. Valid until it is removed.
    Metric &at(std::initializer_list<std::string_view> values)
    {
        prometheus::Labels labels;
        auto value = values.begin();
        for (const std::string &label : m_labels)
            labels.emplace(label, *value++);
        if (m_family.Has(labels) || m_limit.take(weight()))
            return add(labels);
        if (!m_other) {
            for (auto &[label, text] : labels)
                text = "other";
            m_other = &add(labels);
        }
        return *m_other;
    }

    /// Forgets a series; null and the one for all others are left alone.
    void remove(Metric *series)
    {
        if (!series || series == m_other)
            return;
        m_family.Remove(series);
        m_limit.giveBack(weight());
    }

private:
    Metric &add(const prometheus::Labels &labels)
    {
        if constexpr (std::is_same_v<Metric, prometheus::Histogram>)
            return m_family.Add(labels, m_buckets);
        else
            return m_family.Add(labels);
    }
    /// A histogram has a line for each bucket, the last one, the sum and the count.
    std::size_t weight() const { return m_buckets.empty() ? 1 : m_buckets.size() + 3; }

    prometheus::Family<Metric> &m_family;
    SeriesLimit &m_limit;
    std::vector<std::string> m_labels;
    std::vector<double> m_buckets;
    Metric *m_other = nullptr;
};

using CounterFamily = SeriesFamily<prometheus::Counter>;
using HistogramFamily = SeriesFamily<prometheus::Histogram>;

} // namespace keymux
