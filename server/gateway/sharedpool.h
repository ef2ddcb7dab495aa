// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/keypool.h"

#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace keymux {

/// What `/health` tells: counts and states only, refreshed a few times a second so that a public path costs the pool
/// nothing.
struct HealthSummary {
    bool ready = false;
    std::uint64_t configRevision = 0;
    std::string configError; ///< why the newest document was not taken; empty when it was
    int keys = 0, keysUsable = 0;
    int deployments = 0;
    int byStatus[7] = {};                       ///< indexed by DeploymentStatus
    int secretsMissing = 0, secretsStale = 0;   ///< keys without a secret, and with the last one that was good
    std::vector<std::string> secretSourcesDown; ///< `infisical`, …
};

/// The key pool behind its one mutex, which is never held across I/O.
class SharedPool {
public:
    template <typename F>
    auto with(F &&use)
    {
        const std::lock_guard lock(m_mutex);
        return std::forward<F>(use)(m_pool);
    }

    HealthSummary health()
    {
        const std::lock_guard lock(m_mutex);
        return m_health;
    }
    void setHealth(HealthSummary health)
    {
        const std::lock_guard lock(m_mutex);
        m_health = std::move(health);
    }

private:
    std::mutex m_mutex;
    KeyPool m_pool;
    HealthSummary m_health;
};

} // namespace keymux
