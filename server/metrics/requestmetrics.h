// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/keypool.h"
#include "core/routetrace.h"
#include "core/virtualkey.h"
#include "metrics/poolseries.h"

#include <array>
#include <optional>
#include <string>
#include <unordered_map>

namespace keymux {

/// Counts what became of requests and what happened in the pool, in a registry. One thread.
class RequestMetrics {
public:
    /// More virtual keys than these are counted together, as `other`.
    static constexpr std::size_t mostVirtualKeys = 1000;

    RequestMetrics(prometheus::Registry &registry, SeriesLimit &limit);

    void setPool(std::shared_ptr<const Router> router, TimePoint now) { m_pool.setPool(std::move(router), now); }
    /// Series of keys that are not in the table any more, or revoked, go when they have been gone for a while.
    void setVirtualKeys(const VirtualKeyTable &table, TimePoint now);
    void prune(TimePoint now);

    void count(const RequestTrace &trace);
    void count(const PoolEvent &event);

private:
    /// Null until there is something to count.
    struct KeySeries {
        prometheus::Counter *requests = nullptr, *tokens = nullptr, *cost = nullptr;
        prometheus::Counter *rateLimited = nullptr, *quotaSpent = nullptr;
        std::optional<TimePoint> leftAt;
    };
    struct Times {
        prometheus::Histogram *duration = nullptr, *firstByte = nullptr;
    };

    void beginAtZero();
    prometheus::Counter &series(Endpoint endpoint, RequestEnd end, int httpStatus, std::string_view error);
    void observeTimes(const RequestTrace &trace);
    void countAttempts(const RequestTrace &trace);
    void countVirtualKey(const RequestTrace &trace);
    void remove(KeySeries &series);

    PoolSeries m_pool;
    CounterFamily m_requests, m_cooldowns;
    CounterFamily m_keyRequests, m_keyTokens, m_keyCost, m_keyLimited;
    HistogramFamily m_duration, m_firstByte;
    std::unordered_map<std::uint32_t, prometheus::Counter *> m_byOutcome;
    std::array<std::array<Times, 2>, endpointCount> m_times{}; ///< by endpoint, and whether it was a stream
    std::unordered_map<std::string, KeySeries> m_byVirtualKey;
    KeySeries m_otherKeys;
};

} // namespace keymux
