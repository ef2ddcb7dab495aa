// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keypool_private.h"

#include <algorithm>
#include <utility>

namespace keymux {

using pool::LeaseRecord;

namespace {

constexpr Millis oneHour{3600000};
constexpr Millis oneDay{24 * 3600000LL};
constexpr Millis regionRest{60000};
constexpr Millis regionCap{600000};
constexpr Millis correlationWindow{30000};
constexpr Millis addressWindow{3000};

Millis doubled(Millis base, int hits, Millis cap)
{
    Millis length = base;
    for (int i = 0; i < hits && length < cap; ++i)
        length *= 2;
    return std::min(length, cap);
}

/// A failure of a call that began before the rest did says nothing new: the rest is the answer to it.
bool isOldNews(const pool::Rest &rest, const LeaseRecord &lease)
{
    return rest.active && lease.acquiredAt <= rest.startedAt && rest.trial != lease.id;
}

/// When a rest ends that the provider may have named the end of.
TimePoint namedOr(const std::optional<TimePoint> &named, TimePoint computed, TimePoint now)
{
    return named && *named > now ? *named : computed;
}

} // namespace

void KeyPool::Private::learn(const LeaseRecord &lease, const Feedback &feedback, TimePoint now)
{
    Node &node = *lease.node;
    if (feedback.latency && feedback.klass == AnswerClass::Success) {
        if (!node.latencies)
            node.latencies = std::make_unique<Node::Latencies>();
        auto &ring = *node.latencies;
        ring.millis[ring.count++ % ring.millis.size()] =
            std::uint32_t(std::max<std::int64_t>(0, feedback.latency->count()));
    }
    switch (feedback.klass) {
    case AnswerClass::Success:
        node.key->knownGoodAt = now;
        learnSuccess(lease, now);
        return;
    case AnswerClass::NeverSent:
    case AnswerClass::Cancelled:
    case AnswerClass::ClientFault:
    case AnswerClass::UnknownField:
    case AnswerClass::WrongAuthStyle:
        break;
    case AnswerClass::MinuteLimit:
    case AnswerClass::DayQuota:
    case AnswerClass::NoQuota:
        ++node.errors;
        learnLimit(lease, feedback, now);
        break;
    case AnswerClass::BadKey:
    case AnswerClass::Billing:
    case AnswerClass::ModelMissing:
    case AnswerClass::Denied:
    case AnswerClass::Region:
        ++node.errors;
        learnRefusal(lease, feedback, now);
        break;
    case AnswerClass::Overload:
    case AnswerClass::Timeout:
    case AnswerClass::Network:
    case AnswerClass::Broken:
        ++node.errors;
        learnFailure(lease, feedback, now);
        break;
    }
    if (lease.trial)
        freeTrials(lease);
}

/// Success ends the count and the doubling, and the rests whose trial it was.
void KeyPool::Private::learnSuccess(const LeaseRecord &lease, TimePoint now)
{
    Node &node = *lease.node;
    node.failures = 0;
    forgetFailures(node);
    const auto good = [&](RestScope scope, const std::string &name, Rest &rest, const std::vector<Node *> *members) {
        if (!rest.active) {
            rest.hits = 0;
        } else if (rest.trial == lease.id || (now >= rest.until && lease.acquiredAt >= rest.until)) {
            rest.hits = 0;
            endRest({scope, &name, &rest, members, &node}, now);
        }
    };
    good(RestScope::Deployment, node.id, node.rest, nullptr);
    if (node.endpointRests)
        good(RestScope::Endpoint, node.id, (*node.endpointRests)[std::size_t(lease.endpoint)], nullptr);
    if (node.unit->shared)
        good(node.group ? RestScope::QuotaGroup : RestScope::Key, node.unit->name, node.unit->rest,
             &node.unit->members);
    good(RestScope::Key, node.key->keyId, node.key->rest, &node.key->members);
    if (node.group)
        good(RestScope::QuotaGroup, node.group->name, node.group->rest, &node.group->members);
    good(RestScope::ProviderModel, node.providerModel->name, node.providerModel->rest, &node.providerModel->members);
    good(RestScope::Provider, node.provider->name, node.provider->rest, &node.provider->members);
}

/// Whatever the lease was the trial of may be tried by the next one.
void KeyPool::Private::freeTrials(const LeaseRecord &lease)
{
    RestOwner owners[7];
    const int count = restsOf(*lease.node, lease.endpoint, owners);
    for (int i = 0; i < count; ++i) {
        if (owners[i].rest->trial == lease.id) {
            owners[i].rest->trial = 0;
            wake(owners[i]);
        }
    }
}

void KeyPool::Private::forgetFailures(Node &node)
{
    node.lastFailure = {};
    if (std::exchange(node.failing, false))
        --node.providerModel->failing;
}

/// What was tried by this call, apart from the deployment itself, rests on, longer: it has not been seen to work.
void KeyPool::Private::restTriedLonger(const LeaseRecord &lease, const Feedback &feedback, TimePoint now)
{
    const CooldownPolicy &policy = m_router->config().routing.cooldown;
    RestOwner owners[7];
    const int count = restsOf(*lease.node, lease.endpoint, owners);
    for (int i = 0; i < count; ++i) {
        Rest &rest = *owners[i].rest;
        if (rest.trial != lease.id || &rest == &lease.node->rest)
            continue;
        const Millis length = doubled(policy.overload, rest.hits, policy.cap);
        startRest(owners[i], {rest.reason, now + length, true, true}, feedback, now);
    }
}

/// Limits rest what shares them: the deployment, or everything in its quota group (or of its key, with one limit for
/// all its models).
void KeyPool::Private::learnLimit(const LeaseRecord &lease, const Feedback &feedback, TimePoint now)
{
    Node &node = *lease.node;
    if (noteAddressRefusal(lease, feedback, now))
        return;
    const CooldownPolicy &policy = m_router->config().routing.cooldown;
    const bool shared = node.unit->shared;
    const RestOwner owner = shared ? RestOwner{node.group ? RestScope::QuotaGroup : RestScope::Key, &node.unit->name,
                                               &node.unit->rest, &node.unit->members, &node}
                                   : RestOwner{RestScope::Deployment, &node.id, &node.rest, nullptr, &node};
    const bool oldNews = isOldNews(*owner.rest, lease);
    if (feedback.klass == AnswerClass::DayQuota) {
        const TimePoint dayTurns = node.unit->zone->nextMidnight(now) + Millis(250);
        startRest(owner, {RestReason::DayQuota, namedOr(feedback.restUntil, dayTurns, now), false, false}, feedback,
                  now);
    } else if (feedback.klass == AnswerClass::NoQuota) {
        startRest(owner, {RestReason::NoQuota, now + oneDay, true, false}, feedback, now);
    } else if (policy.minute.count() <= 0 && !feedback.restFor) {
        return; // configured never to rest without a hint
    } else if (feedback.restFor) {
        const Millis hint = std::clamp(*feedback.restFor, Millis(1000), std::max(Millis(1000), policy.cap));
        startRest(owner, {RestReason::MinuteLimit, now + hint, false, false}, feedback, now);
    } else {
        const Millis length = doubled(policy.minute, oldNews ? 0 : owner.rest->hits, policy.cap);
        startRest(owner, {RestReason::MinuteLimit, now + length, true, !oldNews}, feedback, now);
    }
}

void KeyPool::Private::learnFailure(const LeaseRecord &lease, const Feedback &feedback, TimePoint now)
{
    Node &node = *lease.node;
    const CooldownPolicy &policy = m_router->config().routing.cooldown;
    if (policy.overload.count() <= 0 || policy.failures <= 0 || isOldNews(node.rest, lease))
        return;
    ++node.failures;
    const bool trialFailed = lease.trial && node.rest.active && node.rest.trial == lease.id;
    restTriedLonger(lease, feedback, now);
    if (!isOldNews(node.providerModel->rest, lease))
        noteProviderModelFailure(node, feedback, now);
    if (!trialFailed && node.failures < policy.failures)
        return;
    Millis length = doubled(policy.overload, node.rest.hits, policy.cap);
    if (feedback.restFor)
        length = std::max(length, std::min(*feedback.restFor, policy.cap));
    startRest({RestScope::Deployment, &node.id, &node.rest, nullptr, &node},
              {RestReason::Overload, now + length, true, true}, feedback, now);
}

/// A model rests at its provider only when most of its deployments fail together: then it is the provider, not the
/// keys.
void KeyPool::Private::noteProviderModelFailure(Node &node, const Feedback &feedback, TimePoint now)
{
    pool::ProviderModelNode &model = *node.providerModel;
    while (!model.failures.empty() && now - model.failures.front().at > correlationWindow) {
        const auto old = model.failures.front();
        model.failures.pop_front();
        if (old.node->failing && old.node->lastFailure == old.at)
            forgetFailures(*old.node);
    }
    if (node.inConfig && (!node.failing || now - node.lastFailure >= Millis(1000))) {
        model.failing += std::exchange(node.failing, true) ? 0 : 1;
        node.lastFailure = now;
        model.failures.push_back({now, &node});
    }
    if (model.rest.restsAt(now) || model.failing < 3 || model.failing * 10 < model.usable * 8)
        return;
    const CooldownPolicy &policy = m_router->config().routing.cooldown;
    const Millis length = doubled(policy.overload, model.rest.hits, policy.cap);
    startRest({RestScope::ProviderModel, &model.name, &model.rest, &model.members, &node},
              {RestReason::Overload, now + length, true, true}, feedback, now);
}

/// Refused for many keys at once and without a word about any limit: then it is our address that is limited, and the
/// provider as a whole rests.
bool KeyPool::Private::noteAddressRefusal(const LeaseRecord &lease, const Feedback &feedback, TimePoint now)
{
    Node &node = *lease.node;
    if (feedback.limitEvidence || feedback.klass == AnswerClass::DayQuota || feedback.klass == AnswerClass::NoQuota)
        return false;
    pool::ProviderNode &provider = *node.provider;
    if (isOldNews(provider.rest, lease))
        return true;
    auto &refusals = provider.refusals;
    while (!refusals.empty() && now - refusals.front().at > addressWindow)
        refusals.pop_front();
    if (std::none_of(refusals.begin(), refusals.end(), [&](const auto &r) { return r.key == node.key; }))
        refusals.push_back({now, node.key});
    const bool trialRefused = lease.trial && provider.rest.active && provider.rest.trial == lease.id;
    if (refusals.size() < 5 && !trialRefused)
        return false;
    refusals.clear();
    startRest({RestScope::Provider, &provider.name, &provider.rest, &provider.members, &node},
              {RestReason::AddressLimit, now + doubled(regionRest, provider.rest.hits, regionCap), true, true},
              feedback, now);
    return true;
}

void KeyPool::Private::learnRefusal(const LeaseRecord &lease, const Feedback &feedback, TimePoint now)
{
    Node &node = *lease.node;
    const CooldownPolicy &policy = m_router->config().routing.cooldown;
    const RestOwner key{RestScope::Key, &node.key->keyId, &node.key->rest, &node.key->members, &node};
    switch (feedback.klass) {
    case AnswerClass::BadKey:
        startRest(key, {RestReason::BadKey, now + policy.badKey, true, false}, feedback, now);
        return;
    case AnswerClass::Billing: {
        if (policy.billing.count() <= 0)
            return;
        const bool oldNews = isOldNews(node.key->rest, lease);
        const Millis length =
            doubled(policy.billing, oldNews ? 0 : node.key->rest.hits, std::max(policy.billing, oneDay));
        const NewRest rest{RestReason::Billing, namedOr(feedback.restUntil, now + length, now), true, !oldNews};
        startRest(key, rest, feedback, now);
        if (node.group)
            startRest({RestScope::QuotaGroup, &node.group->name, &node.group->rest, &node.group->members, &node}, rest,
                      feedback, now);
        return;
    }
    case AnswerClass::ModelMissing:
        if (!node.endpointRests)
            node.endpointRests = std::make_unique<std::array<Rest, endpointCount>>();
        startRest({RestScope::Endpoint, &node.id, &(*node.endpointRests)[std::size_t(lease.endpoint)], nullptr, &node},
                  {RestReason::ModelMissing, now + oneHour, true, false}, feedback, now);
        return;
    case AnswerClass::Denied:
        if (!noteAddressRefusal(lease, feedback, now)) {
            startRest({RestScope::Deployment, &node.id, &node.rest, nullptr, &node},
                      {RestReason::Denied, now + oneHour, true, false}, feedback, now);
        }
        return;
    default: {
        pool::ProviderNode &provider = *node.provider;
        const bool oldNews = isOldNews(provider.rest, lease);
        startRest({RestScope::Provider, &provider.name, &provider.rest, &provider.members, &node},
                  {RestReason::Region, now + doubled(regionRest, oldNews ? 0 : provider.rest.hits, regionCap), true,
                   !oldNews},
                  feedback, now);
        return;
    }
    }
}

} // namespace keymux
