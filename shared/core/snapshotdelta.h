// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/snapshot.h"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace keymux {

inline const std::string &idOf(const DeploymentState &d)
{
    return d.id;
}
inline const std::string &idOf(const KeyState &k)
{
    return k.keyId;
}

/// What changed in a list whose items have ids.
template <typename T>
struct ListDelta {
    std::vector<T> changed; ///< also new ones
    std::vector<std::string> removed;
    /// Every id in its new order; absent when taking out, replacing in place and appending gives it.
    std::optional<std::vector<std::string>> order;

    bool empty() const { return changed.empty() && removed.empty() && !order; }
    bool operator==(const ListDelta &) const = default;
};

/// What turns an older snapshot into a newer one.
struct SnapshotDelta {
    TimePoint at{};
    ListDelta<DeploymentState> deployments;
    ListDelta<KeyState> keys;

    bool empty() const { return deployments.empty() && keys.empty(); }
    bool operator==(const SnapshotDelta &) const = default;
};

/// The older snapshot with the delta applied, as a viewer does it.
PoolSnapshot patched(PoolSnapshot snapshot, const SnapshotDelta &delta);

/// A list and when each of its items last changed. Versions are given by whoever updates it, and grow.
template <typename T>
class VersionedList {
public:
    /// What is remembered of removed items; who saw a version from before that needs the whole list.
    static constexpr std::size_t maxRemoved = 4096;

    void update(std::vector<T> items, std::uint64_t version);
    const std::vector<T> &items() const { return m_items; }
    /// Absent when it is not known any more.
    std::optional<ListDelta<T>> since(std::uint64_t version) const;

private:
    void updateShape(std::vector<T> items, std::uint64_t version);

    std::vector<T> m_items;
    std::vector<std::uint64_t> m_changedAt;                        ///< by index
    std::deque<std::pair<std::uint64_t, std::string>> m_removedAt; ///< in the order of versions
    std::uint64_t m_orderChangedAt = 0;
    std::uint64_t m_knownSince = 0;
};

/// The newest snapshot, and what changed in it since any earlier version. One serves any number of viewers, however far
/// behind each of them is: none has to keep a snapshot of its own.
class SnapshotVersions {
public:
    /// Takes a newer one; gives its version, which is the one before when nothing changed.
    std::uint64_t update(PoolSnapshot snapshot);

    std::uint64_t version() const { return m_version; } ///< 0 before the first
    const std::vector<DeploymentState> &deployments() const { return m_deployments.items(); }
    const std::vector<KeyState> &keys() const { return m_keys.items(); }
    PoolSnapshot snapshot() const { return {m_at, m_deployments.items(), m_keys.items()}; }
    /// What changed since that version; absent when it is not known any more, or lies ahead.
    std::optional<SnapshotDelta> since(std::uint64_t version) const;

private:
    TimePoint m_at{};
    std::uint64_t m_version = 0;
    VersionedList<DeploymentState> m_deployments;
    VersionedList<KeyState> m_keys;
};

} // namespace keymux
