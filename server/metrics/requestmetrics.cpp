// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/requestmetrics.h"

#include "metrics/buckets.h"

namespace keymux {

namespace {

double secondsOf(Millis time)
{
    return double(std::max<std::int64_t>(0, time.count())) / 1000;
}

prometheus::Family<prometheus::Counter> &counter(prometheus::Registry &registry, const char *name, const char *help)
{
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

prometheus::Family<prometheus::Histogram> &histogram(prometheus::Registry &registry, const char *name, const char *help)
{
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

void add(prometheus::Counter *&series, CounterFamily &family, std::initializer_list<std::string_view> values,
         double amount)
{
    if (!series)
        series = &family.at(values);
    if (amount > 0)
        series->Increment(amount);
}

/// What a request was sent again to the same candidate for is no fallback.
bool isFallback(AnswerClass klass)
{
    return klass != AnswerClass::UnknownField && klass != AnswerClass::WrongAuthStyle;
}

} // namespace

RequestMetrics::RequestMetrics(prometheus::Registry &registry, SeriesLimit &limit)
    : m_pool(registry, limit),
      m_requests(counter(registry, "keymux_requests_total",
                         "Requests for a model that are over, by how they ended for the client."),
                 limit, {"endpoint", "end", "status", "code"}),
      m_cooldowns(counter(registry, "keymux_cooldowns_total", "Rests that began."), limit, {"reason", "scope"}),
      m_keyRequests(counter(registry, "keymux_virtual_key_requests_total", "Requests for a model, by virtual key."),
                    limit, {"virtual_key"}),
      m_keyTokens(counter(registry, "keymux_virtual_key_tokens_total",
                          "Prompt and completion tokens of answers passed on, by virtual key."),
                  limit, {"virtual_key"}),
      m_keyCost(counter(registry, "keymux_virtual_key_cost_usd_total",
                        "US dollars for answers passed on, by virtual key; models without a price are missing."),
                limit, {"virtual_key"}),
      m_keyLimited(counter(registry, "keymux_virtual_key_limited_total",
                           "Requests refused for a virtual key's own limit or budget."),
                   limit, {"virtual_key", "code"}),
      m_duration(histogram(registry, "keymux_request_duration_seconds",
                           "From a request to its last byte, of those that were answered or cut."),
                 limit, {"endpoint", "stream"}, durationBuckets()),
      m_firstByte(histogram(registry, "keymux_time_to_first_byte_seconds",
                            "From a request to the first byte of its answer to the client, all attempts together."),
                  limit, {"endpoint", "stream"}, firstByteBuckets())
{
    beginAtZero();
}

void RequestMetrics::count(const RequestTrace &trace)
{
    series(trace.endpoint, trace.end, trace.status, trace.code).Increment();
    observeTimes(trace);
    countAttempts(trace);
    countVirtualKey(trace);
}

/// Of a series that comes with its first event no rate is known for that event: what is rare and matters begins at 0.
void RequestMetrics::beginAtZero()
{
    for (const auto &[status, code] : {std::pair(200, ""),
                                       {429, "pool_exhausted"},
                                       {502, "upstream_error"},
                                       {503, "no_deployment"},
                                       {504, "upstream_timeout"}})
        series(Endpoint::Chat, status == 200 ? RequestEnd::Answered : RequestEnd::Refused, status, code);
    series(Endpoint::Chat, RequestEnd::Cut, 200, "upstream_error");
    using enum RestReason;
    const auto rests = [this](RestScope scope, std::initializer_list<RestReason> reasons) {
        for (const RestReason reason : reasons)
            m_cooldowns.at({restReasonName(reason), restScopeName(scope)});
    };
    rests(RestScope::Deployment, {MinuteLimit, DayQuota, NoQuota, Denied, Overload});
    rests(RestScope::Endpoint, {ModelMissing});
    rests(RestScope::Key, {MinuteLimit, DayQuota, NoQuota, BadKey, Billing});
    rests(RestScope::QuotaGroup, {MinuteLimit, DayQuota, NoQuota, Billing});
    rests(RestScope::ProviderModel, {Overload});
    rests(RestScope::Provider, {AddressLimit, Region});
}

prometheus::Counter &RequestMetrics::series(Endpoint endpoint, RequestEnd end, int httpStatus, std::string_view error)
{
    const std::size_t status = statusPlace(httpStatus), code = codePlace(error);
    const auto outcome = std::uint32_t(std::size_t(endpoint) << 24 | std::size_t(end) << 16 | status << 8 | code);
    prometheus::Counter *&series = m_byOutcome[outcome];
    add(series, m_requests, {endpointName(endpoint), requestEndName(end), statusLabel(status), codeLabel(code)}, 0);
    return *series;
}

void RequestMetrics::count(const PoolEvent &event)
{
    if (event.kind == PoolEvent::Kind::RestStarted)
        m_cooldowns.at({restReasonName(event.reason), restScopeName(event.scope)}).Increment();
}

void RequestMetrics::observeTimes(const RequestTrace &trace)
{
    const auto observe = [&](prometheus::Histogram *&series, HistogramFamily &family, Millis time) {
        if (!series)
            series = &family.at({endpointName(trace.endpoint), trace.stream ? "true" : "false"});
        series->Observe(secondsOf(time));
    };
    Times &times = m_times.at(std::size_t(trace.endpoint)).at(trace.stream ? 1 : 0);
    if (trace.answeredAt)
        observe(times.firstByte, m_firstByte, *trace.answeredAt - trace.startedAt);
    if (trace.end == RequestEnd::Answered || trace.end == RequestEnd::Cut)
        observe(times.duration, m_duration, trace.endedAt - trace.startedAt);
}

void RequestMetrics::countAttempts(const RequestTrace &trace)
{
    for (std::size_t i = 0; i < trace.attempts.size(); ++i) {
        const AttemptTrace &attempt = trace.attempts[i];
        m_pool.countAttempt(*trace.router, attempt.deployment, attempt.klass, attempt.status, trace.endedAt);
        if (i + 1 < trace.attempts.size() && isFallback(attempt.klass))
            m_pool.countFallback(*trace.router, attempt.deployment, attempt.klass, trace.endedAt);
        if (attempt.firstByte && attempt.klass == AnswerClass::Success)
            m_pool.observeFirstByte(*trace.router, attempt.deployment, *attempt.firstByte, trace.endedAt);
    }
    if (trace.attempts.empty())
        return;
    if (trace.usage)
        m_pool.countUse(*trace.router, trace.attempts.back().deployment, *trace.usage, trace.endedAt);
    if (trace.costUsd)
        m_pool.countCost(*trace.router, trace.attempts.back().deployment, *trace.costUsd, trace.endedAt);
}

void RequestMetrics::countVirtualKey(const RequestTrace &trace)
{
    auto known = m_byVirtualKey.find(trace.virtualKeyId);
    if (known == m_byVirtualKey.end() && m_byVirtualKey.size() < mostVirtualKeys)
        known = m_byVirtualKey.emplace(trace.virtualKeyId, KeySeries()).first;
    const bool own = known != m_byVirtualKey.end();
    KeySeries &series = own ? known->second : m_otherKeys;
    const std::string_view id = own ? std::string_view(trace.virtualKeyId) : "other";

    add(series.requests, m_keyRequests, {id}, 1);
    if (trace.usage)
        add(series.tokens, m_keyTokens, {id}, double(trace.usage->total));
    if (trace.costUsd)
        add(series.cost, m_keyCost, {id}, *trace.costUsd);
    // With an attempt behind it the code is a provider's.
    const bool limited = trace.end == RequestEnd::Refused && trace.status == 429 && trace.attempts.empty();
    add(series.rateLimited, m_keyLimited, {id, "rate_limit_exceeded"}, limited && trace.code == "rate_limit_exceeded");
    add(series.quotaSpent, m_keyLimited, {id, "insufficient_quota"}, limited && trace.code == "insufficient_quota");
}

void RequestMetrics::setVirtualKeys(const VirtualKeyTable &table, TimePoint now)
{
    for (auto &[id, series] : m_byVirtualKey) {
        const VirtualKey *key = table.byId(id);
        if (key && !key->revokedAt)
            series.leftAt.reset();
        else if (!series.leftAt)
            series.leftAt = now;
    }
    prune(now);
}

void RequestMetrics::prune(TimePoint now)
{
    m_pool.prune(now);
    for (auto it = m_byVirtualKey.begin(); it != m_byVirtualKey.end();) {
        if (!it->second.leftAt || now - *it->second.leftAt < PoolSeries::keptAfterLeaving) {
            ++it;
            continue;
        }
        remove(it->second);
        it = m_byVirtualKey.erase(it);
    }
}

void RequestMetrics::remove(KeySeries &series)
{
    m_keyRequests.remove(series.requests);
    m_keyTokens.remove(series.tokens);
    m_keyCost.remove(series.cost);
    m_keyLimited.remove(series.rateLimited);
    m_keyLimited.remove(series.quotaSpent);
}

} // namespace keymux
