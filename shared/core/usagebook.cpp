// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/usagebook.h"

namespace keymux {

UsageFigures &UsageFigures::operator+=(const UsageFigures &other)
{
    requests += other.requests;
    errors += other.errors;
    promptTokens += other.promptTokens;
    completionTokens += other.completionTokens;
    totalTokens += other.totalTokens;
    cachedTokens += other.cachedTokens;
    reasoningTokens += other.reasoningTokens;
    costUsd += other.costUsd;
    priced += other.priced;
    unpriced += other.unpriced;
    estimated += other.estimated;
    return *this;
}

TimePoint hourOf(TimePoint t)
{
    return std::chrono::floor<std::chrono::hours>(t);
}

UsagePlace usagePlaceOf(const RequestTrace &trace)
{
    UsagePlace place{hourOf(trace.endedAt), trace.virtualKeyId, {}, {}, {}};
    if (const Deployment *deployment = trace.servedBy()) {
        place.key = trace.router->key(*deployment).keyId;
        place.provider = trace.router->provider(*deployment).name;
        place.model = deployment->model;
    } else if (trace.router && trace.router->route(trace.model, trace.endpoint).direct) {
        place.model = trace.model; // no other name: clients may invent as many as they like
    }
    return place;
}

UsageFigures usageFiguresOf(const RequestTrace &trace)
{
    UsageFigures figures{.requests = 1};
    figures.errors = trace.end == RequestEnd::Answered || trace.end == RequestEnd::ClientLeft ? 0 : 1;
    if (!trace.usage)
        return figures;
    figures.promptTokens = trace.usage->prompt;
    figures.completionTokens = trace.usage->completion;
    figures.totalTokens = trace.usage->total;
    figures.cachedTokens = trace.usage->cached;
    figures.reasoningTokens = trace.usage->reasoning;
    figures.costUsd = trace.costUsd.value_or(0);
    figures.priced = trace.costUsd ? 1 : 0;
    figures.unpriced = trace.costUsd ? 0 : 1;
    figures.estimated = trace.usageEstimated ? 1 : 0;
    return figures;
}

void UsageBook::add(const UsagePlace &place, const UsageFigures &figures)
{
    const auto known = m_entries.find(place);
    if (known != m_entries.end())
        known->second += figures;
    else if (m_entries.size() < bound)
        m_entries.emplace(place, figures);
    else
        m_entries[UsagePlace{place.hour, {}, {}, {}, {}}] += figures;
}

} // namespace keymux
