// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/router.h"
#include "core/snapshot.h"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace keymux {

/// Why a candidate was not the one that was picked.
enum class PassedOverWhy : std::uint8_t {
    Tried,      ///< by this request
    Disabled,   ///< its key is switched off
    Unresolved, ///< its key has no secret
    Blocked,    ///< refused for good as far as can be seen: bad key, billing, no quota
    Resting,
    TrialRuns, ///< another request finds out whether its rest can end
    Rpm,
    Tpm,
    Rpd,
    Parallel,
    TooLarge,    ///< it could never hold the request
    RankedLower, ///< it had room; another was due
};

/// `tried`, `disabled`, …, `ranked_lower`.
std::string_view passedOverName(PassedOverWhy why);

struct PassedOver {
    DeploymentIndex deployment = 0; ///< of the router the plan came from
    PassedOverWhy why = PassedOverWhy::RankedLower;
    std::optional<TimePoint> until;   ///< when it may have room, as far as known
    std::optional<RestReason> reason; ///< with Blocked and Resting
    RestScope scope = RestScope::Deployment;
};

/// One look at the candidates of a request: who was passed over, and why. Bounded, because a pool has thousands.
struct RouteLook {
    static constexpr std::size_t bound = 50;

    /// Candidates of the looked-at tiers that are not listed one by one, by what the pool believes of them.
    struct Others {
        std::uint32_t ready = 0, resting = 0, blocked = 0, busy = 0, off = 0;
        std::uint32_t unknown = 0; ///< of an earlier config
    };

    std::vector<PassedOver> passedOver; ///< in the plan's order
    Others others;
    std::uint32_t notReached = 0; ///< in tiers behind the one that was picked from
    bool made = false;            ///< false: nobody had to be passed over but those of equal rank
};

} // namespace keymux
