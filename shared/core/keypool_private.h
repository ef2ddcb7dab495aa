// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/keypool.h"
#include "core/poolnodes.h"
#include "core/tierqueue.h"

#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace keymux {

class KeyPool::Private {
public:
    using Node = pool::Node;
    using Rest = pool::Rest;
    using Availability = pool::Availability;
    using LeaseRecord = pool::LeaseRecord;

    /// Time as the pool sees it: never before what it has seen.
    TimePoint advance(TimePoint now) { return m_now = std::max(m_now, now); }

    // keypool.cpp: leases
    tl::expected<Lease, NoRoom> acquire(const AcquireRequest &request, TimePoint now, RouteLook *look);
    LeaseRecord *record(const Lease &lease);
    void markSent(const Lease &lease, TimePoint now);
    void settle(const Lease &lease, const Feedback &feedback, TimePoint now);

    // keypool_availability.cpp: is one free, and when
    Availability availability(Node &node, Endpoint endpoint, const pool::Need &need, TimePoint now);
    Availability windowAvailability(pool::LimitUnit &unit, const Node &node, const pool::Need &need, TimePoint now);

    // keypool_search.cpp: which one is free
    /// What was learned on the way through the candidates.
    struct Search {
        std::size_t untried = 0, usable = 0, parked = 0;
        std::optional<TimePoint> nextFree;
    };
    pool::TierQueue &queueFor(TierIndex tier, Endpoint endpoint);
    std::optional<std::uint32_t> firstFree(pool::TierQueue &queue, const Tier &layout, const AcquireRequest &request,
                                           Search &search, TimePoint now);
    void leaveReady(pool::TierQueue &queue, std::uint32_t member, const Availability &why);
    void findNextFree(pool::TierQueue &queue, const Tier &layout, const AcquireRequest &request, Search &search,
                      TimePoint now);
    void countUsable(const AcquireRequest &request, Search &search);
    std::optional<DeploymentIndex> searchOneByOne(const AcquireRequest &request, Search &search, bool &tooLarge,
                                                  TimePoint now);
    static pool::Need needOf(const Node &node, const AcquireRequest &request);
    bool needsSlowSearch(const AcquireRequest &request);
    NoRoom whyNoRoom(const Search &search) const;
    std::optional<TimePoint> nextFree(const AcquireRequest &request, TimePoint now);

    // keypool_look.cpp: who was passed over; and what a probe of a key tells
    PassedOver restOf(Node &node, Endpoint endpoint, TimePoint now);
    PassedOver whyPassedOver(Node &node, const AcquireRequest &request, TimePoint now);
    bool hasPassedOver(const AcquireRequest &request, TierIndex tier, const pool::TierQueue &queue) const;
    void lookAround(const AcquireRequest &request, std::optional<DeploymentIndex> chosen,
                    std::optional<TierIndex> chosenTier, RouteLook &look, TimePoint now);
    std::vector<std::string> takeDueChecks(Millis interval, std::size_t most, TimePoint now);
    bool noteProbe(std::string_view keyId, std::uint64_t secretVersion, const Feedback &feedback, TimePoint now);

    // keypool_learn.cpp: what answers teach
    void learn(const LeaseRecord &lease, const Feedback &feedback, TimePoint now);
    void learnSuccess(const LeaseRecord &lease, TimePoint now);
    void learnLimit(const LeaseRecord &lease, const Feedback &feedback, TimePoint now);
    void learnFailure(const LeaseRecord &lease, const Feedback &feedback, TimePoint now);
    void learnRefusal(const LeaseRecord &lease, const Feedback &feedback, TimePoint now);
    bool noteAddressRefusal(const LeaseRecord &lease, const Feedback &feedback, TimePoint now);
    void noteProviderModelFailure(Node &node, const Feedback &feedback, TimePoint now);
    void freeTrials(const LeaseRecord &lease);
    void forgetFailures(Node &node);
    void restTriedLonger(const LeaseRecord &lease, const Feedback &feedback, TimePoint now);

    // keypool_rests.cpp: starting and ending rests
    struct RestOwner {
        RestScope scope;
        const std::string *name;
        Rest *rest;
        const std::vector<Node *> *members; ///< null: `node` alone
        Node *node;
    };
    /// Every rest that concerns a deployment; gives the count.
    int restsOf(Node &node, Endpoint endpoint, RestOwner (&owners)[7]);
    struct NewRest {
        RestReason reason;
        TimePoint until;
        bool needsTrial;
        bool doubled; ///< it counts for the next one's length
    };
    void startRest(const RestOwner &owner, const NewRest &rest, const Feedback &feedback, TimePoint now);
    void endRest(const RestOwner &owner, TimePoint now);
    void endDueRests(TimePoint now);
    void clearKeyRests(pool::KeyNode &key, TimePoint now);
    void clearGroupRests(pool::KeyNode &key, TimePoint now);
    void wake(Node &node);
    void wake(const RestOwner &owner);
    void emitEvent(PoolEvent event);

    // keypool_reconfigure.cpp
    void reconfigure(std::shared_ptr<const Router> router, std::span<const KeyReadiness> readiness, TimePoint now);
    Node &nodeFor(const Router &router, const Deployment &deployment, TimePoint now);
    void attachUnit(Node &node, const Router &router, const Deployment &deployment, TimePoint now);
    void freeLostTrials();
    void takeKeys(std::span<const KeyReadiness> readiness, TimePoint now);
    void clearMembers();
    void forgetRemoved();

    // keypool_memory.cpp: what outlives a restart
    static std::optional<RestMemory> memoryOf(const RestOwner &owner, Millis longerThan, TimePoint now);
    std::vector<RestMemory> restMemories(Millis longerThan, TimePoint now);
    PoolMemory memory(TimePoint now);
    PoolMemoryChanges takeMemoryChanges(TimePoint now, std::size_t mostDays);
    std::optional<RestOwner> holderOf(const RestMemory &memory);
    bool restoreRest(const RestMemory &memory, TimePoint now);
    PoolMemory restore(const PoolMemory &memory, TimePoint now);

    // keypool_handover.cpp: what another process goes on with
    PoolHandover handover(TimePoint now);
    void takeUp(const PoolHandover &handover, TimePoint now);
    void add(const PoolMemory &memory, TimePoint now);
    std::vector<HeldMemory> held() const;
    void holdElsewhere(const std::vector<HeldMemory> &held, TimePoint until);

    // keypool_snapshot.cpp
    PoolSnapshot snapshot(TimePoint now) const;
    bool ready(TimePoint now) const;

    pool::Node *nodeOf(const Router &router, DeploymentIndex index);
    Lease grant(Node &node, DeploymentIndex index, const AcquireRequest &request, TimePoint now);

    std::shared_ptr<const Router> m_router;
    std::vector<std::weak_ptr<const Router>> m_oldRouters;
    bool m_removedHaveLeases = false;
    bool m_removedLeaseSettled = false; ///< since the last look at what can be forgotten
    std::vector<Node *> m_nodeOf;       ///< by deployment index of the router in force
    /// By tier and endpoint, made when first asked for; apart, because a deployment may rest for one endpoint alone.
    std::vector<std::unique_ptr<pool::TierQueue>> m_queues;
    /// Who is likely to be picked next. With thousands of keys each pick meets cold memory; it is fetched while the one
    /// before is being sent.
    const pool::TierQueue::Member *m_likelyNext = nullptr;
    std::vector<std::uint32_t> m_passedOver; ///< kept between searches for its memory

    std::unordered_map<std::string, std::unique_ptr<Node>> m_nodes; ///< by provider and deployment id
    std::unordered_map<std::string, std::unique_ptr<pool::LimitUnit>> m_units;
    std::unordered_map<std::string, std::unique_ptr<pool::KeyNode>> m_keys;
    std::unordered_map<std::string, std::unique_ptr<pool::GroupNode>> m_groups;
    std::unordered_map<std::string, std::unique_ptr<pool::ProviderModelNode>> m_providerModels;
    std::unordered_map<std::string, std::unique_ptr<pool::ProviderNode>> m_providers;
    std::vector<pool::KeyNode *> m_keyOrder; ///< by key ordinal

    std::vector<LeaseRecord> m_leases; ///< a lease's id is its slot and a number never used twice
    std::vector<std::uint32_t> m_freeSlots;
    std::uint64_t m_leaseCount = 0;

    std::vector<RestOwner> m_activeRests;         ///< every active one, some that have ended since
    bool m_restsChanged = false;                  ///< since they were last written down
    std::vector<pool::LimitUnit *> m_changedDays; ///< likewise, the day's counts
    std::vector<std::string> m_heldElsewhere;     ///< units with requests under way in another process
    std::deque<PoolEvent> m_events;
    TimePoint m_now{};
};

} // namespace keymux
