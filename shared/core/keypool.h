// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/feedback.h"
#include "core/poolmemory.h"
#include "core/result.h"
#include "core/routelook.h"
#include "core/router.h"
#include "core/snapshot.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace keymux {

/// What the pool must know of a key beside the config: may it be used, and is its secret still the one its rests were
/// earned with.
struct KeyReadiness {
    bool resolved = true;          ///< its secret is known
    bool operatorDisabled = false; ///< an override kept outside the document
    /// Changes when the secret does, and is the same after a restart; a change ends the key's rests.
    std::uint64_t secretVersion = 0;
};

/// Room taken from a deployment before a call, given back exactly once by settle().
struct Lease {
    std::uint64_t id = 0;           ///< never reused
    DeploymentIndex deployment = 0; ///< index into the deployments of the router the plan came from
    bool trial = false;             ///< the one request that may find out whether a rest can end
};

/// Why there is no lease.
struct NoRoom {
    enum class Why : std::uint8_t {
        Unusable,  ///< every candidate is disabled, unresolved or blocked (bad key, billing, no quota)
        Busy,      ///< candidates exist, none has room now
        TooLarge,  ///< no candidate could ever hold the request
        Exhausted, ///< every candidate was already tried by this request (or there is none)
    };
    Why why = Why::Exhausted;
    std::optional<TimePoint>
        nextFree; ///< for Busy: the first moment a candidate not yet tried has room, as far as known
};

struct AcquireRequest {
    const Router *router = nullptr;
    const RoutePlan *plan = nullptr; ///< of that router
    Endpoint endpoint = Endpoint::Chat;
    std::int64_t tokens = 0; ///< estimate, prompt and answer together
    std::optional<std::int64_t>
        inputTokens; ///< of the prompt alone, where that is all a provider counts; absent: `tokens`
    std::span<const DeploymentIndex> tried; ///< deployments this request does not want again
};

/// Something the log and the live feed tell people. Bounded: when nobody takes them the oldest are lost.
struct PoolEvent {
    enum class Kind : std::uint8_t { RestStarted, RestEnded, TrialStarted };
    Kind kind = Kind::RestStarted;
    TimePoint at{};
    RestScope scope = RestScope::Deployment;
    std::string subject; ///< deployment id, key_id, group, provider or provider/model
    RestReason reason = RestReason::MinuteLimit;
    TimePoint until{};
    std::string detail;
};

/// Which deployments are free and how much room each has. It never reads a clock and never waits: every call is given
/// the time, which never runs backwards. Not thread-safe: the server guards it with one mutex held for microseconds.
class KeyPool {
public:
    KeyPool();
    ~KeyPool();
    KeyPool(KeyPool &&) noexcept;
    KeyPool &operator=(KeyPool &&) noexcept;

    /// Takes a new config. Windows, rests and leases of deployments that stay (same id, same quota group) are kept;
    /// running leases of removed ones can still be settled. `readiness` is indexed by key ordinal. Plans of earlier
    /// routers stay usable while their router is alive.
    void reconfigure(std::shared_ptr<const Router> router, std::span<const KeyReadiness> readiness, TimePoint now);

    /// The best candidate with room: tiers in order; within a tier by weight × room (stride scheduling), ties in
    /// document order. Deterministic. Amortised O(log n) in the tier's members. `look`, when given, is told who was
    /// passed over; where only those of equal rank were, it is left as it is, which costs nothing.
    tl::expected<Lease, NoRoom> acquire(const AcquireRequest &request, TimePoint now, RouteLook *look = nullptr);

    /// The request went out: from now it is counted, whatever the answer (providers count refusals too). May be called
    /// again when it had to be sent again; the last call dates it.
    void markSent(const Lease &lease, TimePoint now);

    /// Gives the lease back and learns from the answer. Exactly once per lease; a lease never sent is refunded whole.
    void settle(const Lease &lease, const Feedback &feedback, TimePoint now);

    /// The first moment any candidate of the plan has room for that many tokens; absent when none ever will by itself.
    std::optional<TimePoint> nextFree(const AcquireRequest &request, TimePoint now);

    /// Ends rests whose time has come, so that recoveries are told when they happen, and hands over what happened since
    /// the last call.
    std::vector<PoolEvent> takeEvents(TimePoint now);

    /// The operator's reset: ends every rest and doubling of a key; counters stay. False when there is no such key.
    bool resetKey(std::string_view keyId, TimePoint now);

    /// What the key's provider answered to a free call: BadKey rests the key, Success ends such a rest, all else says
    /// nothing. False, and nothing is done, when there is no such key or its secret is not the one that was tried.
    bool noteProbe(std::string_view keyId, std::uint64_t secretVersion, const Feedback &feedback, TimePoint now);

    /// Keys that have neither answered well nor been checked for `interval`, at most so many; each counts as checked
    /// from now on. Keys that are new get their first turn spread over the interval, so that a start asks no provider
    /// about all of them at once. Those that are switched off or have no secret are left out.
    std::vector<std::string> takeDueChecks(Millis interval, std::size_t most, TimePoint now);

    /// What a restart must not forget: the counts of the day, and rests of more than a minute.
    PoolMemory memory(TimePoint now) const;
    /// What of it has changed since the last call, of the day's counts at most so many at once.
    PoolMemoryChanges takeMemoryChanges(TimePoint now, std::size_t mostDays);
    /// Takes up what an earlier process remembered, after the first reconfigure() and before the first acquire(). What
    /// is over, what the config no longer has, and rests that were earned with another secret are left out. Gives what
    /// was taken.
    PoolMemory restore(const PoolMemory &memory, TimePoint now);

    /// For the pool of another process that is to go on where this one is.
    PoolHandover handover(TimePoint now) const;
    /// Takes that up, in place of restore()'s conditions at any time: what is known here already stays.
    void takeUp(const PoolHandover &handover, TimePoint now);
    /// Takes up what another process has learned since: requests it sent in the day, and rests.
    void add(const PoolMemory &memory, TimePoint now);
    /// What is under way here and counts for a parallel limit.
    std::vector<HeldMemory> held() const;
    /// What is under way elsewhere until told anew, and no longer than `until`: it counts as if it were ours.
    void holdElsewhere(const std::vector<HeldMemory> &held, TimePoint until, TimePoint now);

    /// The whole state, for `status`, the admin API and tests.
    PoolSnapshot snapshot(TimePoint now) const;

    /// True while a key exists that is neither disabled, unresolved nor blocked; limited ones count.
    bool ready(TimePoint now) const;

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace keymux
