// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "gateway/activepool.h"
#include "gateway/keyprobe.h"
#include "gateway/sharedpool.h"

#include <functional>
#include <list>
#include <memory>

namespace keymux {

/// Checks keys that nobody needed for a while (`routing.validate`), so that a dead one is known before a client meets
/// it. Main thread; asks providers for their free list of models alone, a few at a time.
class KeyChecker {
public:
    /// All of it outlives the checker. `versionOf` tells a secret's version as the pool knows it.
    KeyChecker(SharedPool &pool, UpstreamClient &upstream, std::function<std::uint64_t(const Secret &)> versionOf)
        : m_pool(pool), m_upstream(upstream), m_versionOf(std::move(versionOf))
    {
    }

    /// Starts what is due, at most once a second.
    void tick(const std::shared_ptr<const ActivePool> &active, TimePoint now);

private:
    void check(const std::shared_ptr<const ActivePool> &active, const PooledKey &key, TimePoint now);
    void note(const std::string &keyId, std::uint64_t version, const ProbeResult &result, TimePoint now);

    SharedPool &m_pool;
    UpstreamClient &m_upstream;
    const std::function<std::uint64_t(const Secret &)> m_versionOf;
    std::list<std::unique_ptr<KeyProbe>> m_running;
    TimePoint m_lookedAt{};
};

} // namespace keymux
