// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/poolseries.h"

#include "metrics/buckets.h"

namespace keymux {

namespace {

constexpr std::array tokenKinds{"prompt", "completion", "cached", "reasoning"};

prometheus::Family<prometheus::Counter> &counter(prometheus::Registry &registry, const char *name, const char *help)
{
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

} // namespace

PoolSeries::PoolSeries(prometheus::Registry &registry, SeriesLimit &limit)
    : m_attempts(counter(registry, "keymux_attempts_total", "Calls to providers, by what came of them."), limit,
                 {"provider", "model", "key_id", "result"}),
      m_rateLimited(counter(registry, "keymux_upstream_rate_limited_total", "Answers 429 of providers."), limit,
                    {"provider", "model", "key_id"}),
      m_fallbacks(counter(registry, "keymux_fallbacks_total",
                          "Times a request went on to another candidate, by the one it left and why."),
                  limit, {"provider", "model", "reason"}),
      m_tokens(counter(registry, "keymux_tokens_total",
                       "Tokens of answers passed on; cached are part of prompt, reasoning of completion."),
               limit, {"provider", "model", "kind"}),
      m_cost(counter(registry, "keymux_cost_usd_total",
                     "US dollars for answers passed on, by the price table; models without a price are missing."),
             limit, {"provider", "model"}),
      m_firstByte(prometheus::BuildHistogram()
                      .Name("keymux_upstream_time_to_first_byte_seconds")
                      .Help("From a call to the head of a provider's answer, of calls that succeeded.")
                      .Register(registry),
                  limit, {"provider", "model"}, firstByteBuckets())
{
}

void PoolSeries::setPool(std::shared_ptr<const Router> router, TimePoint now)
{
    m_router = std::move(router);
    m_byIndex.assign(m_router->deployments().size(), nullptr);
    for (auto &[key, deployment] : m_deployments) {
        if (!deployment->leftAt)
            deployment->leftAt = now;
    }
    for (std::size_t i = 0; i < m_byIndex.size(); ++i) {
        const keymux::Deployment &d = m_router->deployments()[i];
        const auto known = m_deployments.find({m_router->provider(d).name, d.id});
        if (known == m_deployments.end())
            continue;
        known->second->leftAt.reset();
        m_byIndex[i] = known->second.get();
    }
    prune(now);
}

void PoolSeries::prune(TimePoint now)
{
    for (auto it = m_deployments.begin(); it != m_deployments.end();) {
        if (!it->second->leftAt || now - *it->second->leftAt < keptAfterLeaving) {
            ++it;
            continue;
        }
        remove(*it->second);
        it = m_deployments.erase(it);
    }
    for (auto it = m_models.begin(); it != m_models.end();) {
        if (it->second->deployments > 0) {
            ++it;
            continue;
        }
        remove(*it->second);
        it = m_models.erase(it);
    }
}

void PoolSeries::remove(Deployment &deployment)
{
    for (prometheus::Counter *series : deployment.attempts)
        m_attempts.remove(series);
    m_rateLimited.remove(deployment.rateLimited);
    --deployment.model->deployments;
}

void PoolSeries::remove(Model &model)
{
    for (prometheus::Counter *series : model.fallbacks)
        m_fallbacks.remove(series);
    for (prometheus::Counter *series : model.tokens)
        m_tokens.remove(series);
    m_cost.remove(model.cost);
    m_firstByte.remove(model.firstByte);
}

/// Requests may end long after the config they began with: what is theirs alone counts as having left now.
PoolSeries::Deployment &PoolSeries::find(const Router &router, DeploymentIndex index, TimePoint now)
{
    const bool current = &router == m_router.get();
    if (current && m_byIndex[index])
        return *m_byIndex[index];
    const keymux::Deployment &d = router.deployments()[index];
    const std::string &provider = router.provider(d).name;
    auto &slot = m_deployments[{provider, d.id}];
    if (!slot) {
        auto &model = m_models[{provider, d.model}];
        if (!model) {
            model = std::make_unique<Model>();
            model->provider = provider;
            model->name = d.model;
            // The usual reasons begin at 0, so that the first fallback shows in a rate.
            for (const AnswerClass why :
                 {AnswerClass::MinuteLimit, AnswerClass::DayQuota, AnswerClass::Overload, AnswerClass::Timeout})
                fallbacks(*model, why);
        }
        slot = std::make_unique<Deployment>();
        slot->model = model.get();
        slot->keyId = router.key(d).keyId;
        slot->rateLimited = &m_rateLimited.at({provider, d.model, slot->keyId});
        ++model->deployments;
        slot->leftAt = now;
    }
    if (current) {
        slot->leftAt.reset();
        m_byIndex[index] = slot.get();
    } else if (slot->leftAt) {
        slot->leftAt = now;
    }
    return *slot;
}

void PoolSeries::countAttempt(const Router &router, DeploymentIndex index, AnswerClass klass, int status, TimePoint now)
{
    Deployment &d = find(router, index, now);
    prometheus::Counter *&series = d.attempts.at(std::size_t(klass));
    if (!series)
        series = &m_attempts.at({d.model->provider, d.model->name, d.keyId, resultLabel(klass)});
    series->Increment();
    if (status == 429)
        d.rateLimited->Increment();
}

prometheus::Counter &PoolSeries::fallbacks(Model &model, AnswerClass why)
{
    prometheus::Counter *&series = model.fallbacks.at(std::size_t(why));
    if (!series)
        series = &m_fallbacks.at({model.provider, model.name, resultLabel(why)});
    return *series;
}

void PoolSeries::countFallback(const Router &router, DeploymentIndex from, AnswerClass why, TimePoint now)
{
    fallbacks(*find(router, from, now).model, why).Increment();
}

void PoolSeries::observeFirstByte(const Router &router, DeploymentIndex index, Millis firstByte, TimePoint now)
{
    Model &model = *find(router, index, now).model;
    if (!model.firstByte)
        model.firstByte = &m_firstByte.at({model.provider, model.name});
    model.firstByte->Observe(double(firstByte.count()) / 1000);
}

void PoolSeries::addTokens(Model &model, std::size_t kind, std::int64_t count)
{
    prometheus::Counter *&series = model.tokens.at(kind);
    if (!series)
        series = &m_tokens.at({model.provider, model.name, tokenKinds.at(kind)});
    if (count > 0)
        series->Increment(double(count));
}

void PoolSeries::countUse(const Router &router, DeploymentIndex index, const TokenUsage &usage, TimePoint now)
{
    Model &model = *find(router, index, now).model;
    addTokens(model, 0, usage.prompt);
    addTokens(model, 1, usage.completion);
    addTokens(model, 2, usage.cached);
    addTokens(model, 3, usage.reasoning);
}

void PoolSeries::countCost(const Router &router, DeploymentIndex index, double usd, TimePoint now)
{
    Model &model = *find(router, index, now).model;
    if (!model.cost)
        model.cost = &m_cost.at({model.provider, model.name});
    if (usd > 0)
        model.cost->Increment(usd);
}

} // namespace keymux
