// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/router.h"
#include "core/usage.h"
#include "metrics/metriclabels.h"
#include "metrics/seriesfamily.h"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace keymux {

/// What is counted by deployment and by model of a provider. Series come with the first thing there is to count; those
/// of a deployment that left the pool stay for a while, so that their last values are scraped, and then go.
class PoolSeries {
public:
    static constexpr Millis keptAfterLeaving = std::chrono::minutes(15);

    PoolSeries(prometheus::Registry &registry, SeriesLimit &limit);

    /// These are the deployments from now on.
    void setPool(std::shared_ptr<const Router> router, TimePoint now);
    /// Forgets what left long ago.
    void prune(TimePoint now);

    void countAttempt(const Router &router, DeploymentIndex index, AnswerClass klass, int status, TimePoint now);
    void countFallback(const Router &router, DeploymentIndex from, AnswerClass why, TimePoint now);
    void observeFirstByte(const Router &router, DeploymentIndex index, Millis firstByte, TimePoint now);
    void countUse(const Router &router, DeploymentIndex index, const TokenUsage &usage, TimePoint now);
    void countCost(const Router &router, DeploymentIndex index, double usd, TimePoint now);

private:
    /// Series are null until there is something to count, but for those that begin at 0.
    struct Model {
        std::string provider, name;
        std::array<prometheus::Counter *, answerClassCount> fallbacks{};
        std::array<prometheus::Counter *, 4> tokens{};
        prometheus::Counter *cost = nullptr;
        prometheus::Histogram *firstByte = nullptr;
        int deployments = 0;
    };
    struct Deployment {
        Model *model = nullptr;
        std::string keyId;
        std::array<prometheus::Counter *, answerClassCount> attempts{};
        prometheus::Counter *rateLimited = nullptr; ///< begins at 0
        std::optional<TimePoint> leftAt;            ///< absent while it is in the pool
    };
    using DeploymentKey = std::pair<std::string, std::string>; ///< provider and deployment id
    using ModelKey = std::pair<std::string, std::string>;      ///< provider and model

    Deployment &find(const Router &router, DeploymentIndex index, TimePoint now);
    prometheus::Counter &fallbacks(Model &model, AnswerClass why);
    void addTokens(Model &model, std::size_t kind, std::int64_t count);
    void remove(Deployment &deployment);
    void remove(Model &model);

    CounterFamily m_attempts, m_rateLimited, m_fallbacks, m_tokens, m_cost;
    HistogramFamily m_firstByte;
    std::map<ModelKey, std::unique_ptr<Model>> m_models;
    std::map<DeploymentKey, std::unique_ptr<Deployment>> m_deployments;
    std::shared_ptr<const Router> m_router;
    std::vector<Deployment *> m_byIndex; ///< of m_router; null until there is something to count
};

} // namespace keymux
