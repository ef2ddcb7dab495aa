// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dayzone.h"
#include "core/keypool.h"
#include "core/ratewindow.h"

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <vector>

// The parts a KeyPool is made of; nobody else includes this.
namespace keymux::pool {

/// A rest of one thing: a deployment, a key, a group, … Over when its time has come, or, where a trial is needed, when
/// one request succeeded.
struct Rest {
    TimePoint until{};
    TimePoint startedAt{};
    std::uint64_t trial = 0; ///< the lease that is the trial now; 0: none
    std::uint16_t hits = 0;  ///< how often in a row, for doubling
    RestReason reason = RestReason::MinuteLimit;
    bool active = false;
    bool needsTrial = false;
    bool listed = false; ///< it stands in the list of those that may have to be ended

    bool restsAt(TimePoint now) const { return active && now < until; }
    bool isHalfOpen(TimePoint now) const { return active && now >= until && needsTrial; }
    /// Refused for good as far as this key goes: does not count as usable while it lasts.
    bool blocksAt(TimePoint now) const
    {
        return restsAt(now) &&
               (reason == RestReason::BadKey || reason == RestReason::Billing || reason == RestReason::NoQuota);
    }
};

struct Node;

/// As long as a processor fetches memory at once, nearly everywhere.
constexpr std::size_t cacheLine = 64;

/// What shares windows: one deployment, a key's models together, or a quota group.
struct alignas(cacheLine) LimitUnit {
    static constexpr std::size_t hotLines = 4;           ///< what every pick reads or writes stands together in front
    Limits limits;                                       ///< of its members, the smallest counts
    std::int64_t pendingRequests = 0, pendingTokens = 0; ///< leases not yet sent: counted, and they do not age
    std::int64_t inFlight = 0;                           ///< leases, wherever their deployment counts by now
    std::int64_t elsewhere = 0;                          ///< leases of another process, until `elsewhereUntil`
    std::int64_t dayUsed = 0;
    TimePoint dayEnds{}, elsewhereUntil{};
    bool shared = false;
    bool awaited = false;   ///< since the last time something was given back, a member was found without room
    bool dayListed = false; ///< its day's count stands among those that have changed
    RateWindow window;
    std::vector<Node *> members;
    std::shared_ptr<const DayZone> zone;
    Rest rest;        ///< limit rests, where more than one deployment shares them
    std::string name; ///< for people; empty unless shared
    std::string id;   ///< what the pool calls it

    void roll(TimePoint now);
    std::int64_t requests() const { return window.requests() + pendingRequests; }
    std::int64_t tokens() const { return window.tokens() + pendingTokens; }
    /// The smallest free fraction of its limits, 1 without limits.
    double room() const;
};

struct ProviderNode {
    std::string name;
    Rest rest;
    std::string zoneName;
    std::shared_ptr<const DayZone> zone;
    struct Refusal {
        TimePoint at;
        const void *key;
    };
    std::deque<Refusal> refusals; ///< of the last 3 s, without evidence that a limit of the key was meant
    std::vector<Node *> members;
};

/// All deployments of one model at one provider.
struct ProviderModelNode {
    std::string name;
    Rest rest;
    std::vector<Node *> members;
    struct Failure {
        TimePoint at;
        Node *node;
    };
    std::deque<Failure> failures; ///< of the last 30 s, at most one a second and deployment
    std::size_t failing = 0;      ///< how many deployments these are of
    std::size_t usable = 0;       ///< deployments of keys that may be used
};

struct GroupNode {
    std::string name;
    Rest rest;
    std::vector<Node *> members;
};

struct alignas(cacheLine) KeyNode {
    static constexpr std::size_t hotLines = 1;
    Rest rest;
    bool enabled = true;
    bool operatorDisabled = false;
    bool resolved = true;
    std::uint64_t secretVersion = 0;
    TimePoint knownGoodAt{}; ///< its last good answer, or its last check; epoch: neither yet
    std::vector<Node *> members;
    std::string keyId;
    std::string quotaGroup;

    bool usable() const { return enabled && !operatorDisabled && resolved; }
};

/// Where a deployment stands in a queue.
struct Membership {
    std::uint32_t queue, member;
};

/// One deployment.
struct alignas(cacheLine) Node {
    static constexpr std::size_t hotLines = 3;
    LimitUnit *unit = nullptr;
    KeyNode *key = nullptr;
    GroupNode *group = nullptr; ///< null without a quota group
    ProviderModelNode *providerModel = nullptr;
    ProviderNode *provider = nullptr;
    Rest rest;
    std::int64_t inFlight = 0;
    std::int64_t requests = 0, errors = 0;
    int failures = 0;        ///< in a row
    TimePoint lastFailure{}; ///< of the overload kind; epoch: none since the last success
    double weight = 1;
    int priority = 1;
    std::optional<std::int64_t> contextWindow;
    bool countsInputOnly = false; ///< its provider's token limit counts what goes in, not the answer
    bool inConfig = true;
    bool failing = false; ///< counted in its model's failures
    std::uint32_t leases = 0;
    std::vector<Membership> memberships;
    std::unique_ptr<std::array<Rest, endpointCount>> endpointRests; ///< made when the first is needed
    struct Latencies {
        std::array<std::uint32_t, 64> millis{};
        std::uint32_t count = 0;
    };
    std::unique_ptr<Latencies> latencies;
    std::string id;
};

struct LeaseRecord {
    std::uint64_t id = 0; ///< 0: the slot is free
    Node *node = nullptr;
    LimitUnit *unit = nullptr; ///< where the room was taken, also when the deployment has moved on since
    std::int64_t tokens = 0;
    TimePoint acquiredAt{}, sentAt{};
    TimePoint countedUntil{}; ///< the end of the day it was last counted in
    bool sent = false;
    bool trial = false;
    Endpoint endpoint = Endpoint::Chat;
};

/// What a request asks of one deployment.
struct Need {
    std::int64_t counted = 0; ///< tokens its token limit will count
    std::int64_t held = 0;    ///< tokens its context window must hold
};

/// May a deployment take a request now, and if not, when.
struct Availability {
    enum class Kind : std::uint8_t {
        Free,
        Until,          ///< nothing before `readyAt`
        Parked,         ///< when something is given back
        NotForThisSize, ///< it has room, but not for so many tokens
        Never,          ///< disabled or unresolved
    };
    Kind kind = Kind::Free;
    bool blocked = false;             ///< refused for good as far as can be seen, until `blockedUntil`
    std::optional<TimePoint> readyAt; ///< when a request of any size may find room
    std::optional<TimePoint> freeAt;  ///< when this one does, as far as known; absent when free, parked or never
    TimePoint blockedUntil{};
};

} // namespace keymux::pool
