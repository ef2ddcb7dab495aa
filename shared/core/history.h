// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/historyseries.h"
#include "core/routetrace.h"
#include "core/snapshot.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace keymux {

/// What part of the past is asked for.
struct HistoryQuery {
    enum class Of : std::uint8_t { Pool, Model, Key, Deployment };
    Of of = Of::Pool;
    std::string name; ///< of the model, the key or the deployment; nothing for the pool
    TimePoint from{}, to{};
    Millis step{fineStep}; ///< is rounded up to a multiple of what is kept
};

/// One point of every chart: a span of `step` that begins at its moment. Spans in which nobody counted are gaps.
struct HistoryPoint {
    HistoryCounts counts;
    std::optional<double> p50, p95; ///< milliseconds
    std::optional<double> room;     ///< the mean, 0 to 1
};

struct HistoryAnswer {
    TimePoint from{}, to{}; ///< rounded to whole steps
    Millis step{};
    std::vector<std::optional<HistoryPoint>> points;
};

/// A day of the pool's past for charts: a series for the pool, where requests are those of clients, and one for each
/// deployment, where they are attempts; models and keys are sums of their deployments. Memory is bounded: about 7.7 kB
/// for each deployment, and what left the config is kept for a day, of such at most `mostGone`. Pure; time must not run
/// backwards.
class History {
public:
    static constexpr std::size_t mostPoints = 2000;
    static constexpr std::size_t mostGone = 1000;
    /// The series of the pool itself; those of deployments have a slash in their name.
    static constexpr const char *poolName = "pool";

    /// A request that has just ended.
    void count(const RequestTrace &trace, TimePoint now);
    /// The room of every deployment, and that there are such.
    void sample(const PoolSnapshot &snapshot, TimePoint now);
    /// Finishes the spans that are over.
    void advance(TimePoint now);

    /// How a query will be answered: times and step rounded. Its points may be more than mostPoints, then it is not to
    /// be asked.
    static HistoryAnswer frameOf(const HistoryQuery &query, TimePoint now);
    static std::size_t pointsOf(const HistoryAnswer &frame)
    {
        return std::size_t((frame.to - frame.from) / frame.step);
    }
    HistoryAnswer answer(const HistoryQuery &query, TimePoint now) const;
    /// Is anything known of it?
    bool knows(HistoryQuery::Of of, std::string_view name) const;

    /// For the store: every series that has that slot, by its name.
    void forEach(HistoryLevel level, std::int64_t number,
                 const std::function<void(const std::string &, const HistorySlot &)> &use) const;
    void restore(const std::string &name, HistoryLevel level, std::int64_t number, const HistorySlot &slot,
                 TimePoint now);
    bool has(const std::string &name) const { return m_series.count(name) > 0; }

    /// What it takes in memory, about.
    std::size_t bytes() const;

private:
    HistorySeries &seriesOf(const std::string &name);
    void forget(std::size_t inConfig, TimePoint now);
    static bool belongs(const std::string &name, HistoryQuery::Of of, std::string_view wanted);

    std::unordered_map<std::string, std::unique_ptr<HistorySeries>> m_series;
    std::int64_t m_lookedAt = -1; ///< the fine slot in which it was last looked what can be forgotten
};

} // namespace keymux
