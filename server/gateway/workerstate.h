// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "clock/systemclock.h"
#include "core/virtualkey.h"
#include "gateway/activepool.h"
#include "gateway/learned.h"
#include "gateway/requesttraces.h"
#include "gateway/sharedkeys.h"
#include "gateway/sharedpool.h"
#include "upstream/upstreamclient.h"

#include <atomic>
#include <cstdint>
#include <memory>

namespace keymux {

/// Counts over all workers.
struct ServerCounts {
    std::atomic<int> running{0}; ///< model requests under way
    std::atomic<int> streams{0};
    std::atomic<std::uint64_t> unauthorized{0}; ///< since the start
};

/// What the requests of one worker thread share. Config and virtual keys are replaced whole by a call queued to the
/// worker's thread.
struct WorkerState {
    WorkerState(SharedPool &sharedPool, SharedKeys &sharedKeys, const SystemClock &systemClock,
                ServerCounts &serverCounts, std::shared_ptr<RequestTraces> requestTraces)
        : keyPool(sharedPool), keyRoom(sharedKeys), clock(systemClock), counts(serverCounts),
          traces(std::move(requestTraces))
    {
    }

    SharedPool &keyPool;
    SharedKeys &keyRoom;
    const SystemClock &clock;
    ServerCounts &counts;
    const std::shared_ptr<RequestTraces> traces;
    std::shared_ptr<const ActivePool> pool;
    std::shared_ptr<const VirtualKeyTable> virtualKeys;
    UpstreamClient upstream;
    Learned learned;
    bool draining = false;
    TimePoint exhaustedLoggedAt{}; ///< "pool exhausted" is logged at most once a second
    std::uint64_t exhaustedSinceLog = 0;
};

} // namespace keymux
