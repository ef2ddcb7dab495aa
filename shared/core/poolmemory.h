// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"
#include "core/ratewindow.h"
#include "core/snapshot.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace keymux {

/// How many requests what shares limits has had in its provider's day.
struct DayMemory {
    std::string unit; ///< the pool's own name of it, which is the same after a restart
    std::int64_t used = 0;
    TimePoint ends{}; ///< of that day
    bool operator==(const DayMemory &) const = default;
};

/// A rest of more than a minute.
struct RestMemory {
    /// What rests. Finer than RestScope, which is for people: a key's shared limits are not the key.
    enum class Holder : std::uint8_t { Deployment, Endpoint, Limits, Key, QuotaGroup, ProviderModel, Provider };
    Holder holder = Holder::Deployment;
    std::string subject;                ///< the pool's own name of it
    Endpoint endpoint = Endpoint::Chat; ///< of Holder::Endpoint
    RestReason reason = RestReason::MinuteLimit;
    TimePoint startedAt{}, until{};
    bool needsTrial = false;
    std::uint16_t hits = 0;          ///< how often in a row, for doubling
    std::uint64_t secretVersion = 0; ///< of the key that earned it; 0 where no single key did
    bool operator==(const RestMemory &) const = default;
};

/// The last minute of what shares limits.
struct WindowMemory {
    std::string unit;
    std::vector<RateWindow::Entry> entries;
    bool operator==(const WindowMemory &) const = default;
};

/// Requests under way that count for a parallel limit.
struct HeldMemory {
    std::string unit;
    std::int64_t inFlight = 0;
    bool operator==(const HeldMemory &) const = default;
};

/// What a pool passes on to that of another process beside what outlives a restart: what is too short-lived for one.
struct PoolHandover {
    std::vector<WindowMemory> windows;
    std::vector<RestMemory> rests; ///< also short ones
};

/// What of a pool outlives a restart.
struct PoolMemory {
    std::vector<DayMemory> days;
    std::vector<RestMemory> rests;
    bool operator==(const PoolMemory &) const = default;
};

/// What of it is new since the last time it was asked for.
struct PoolMemoryChanges {
    std::vector<DayMemory> days;                  ///< changed ones
    std::optional<std::vector<RestMemory>> rests; ///< all there are; absent when none has changed
};

} // namespace keymux
