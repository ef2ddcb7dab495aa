// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/snapshotdelta.h"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace keymux {

namespace {

template <typename T>
std::unordered_map<std::string, std::size_t> indexById(const std::vector<T> &items)
{
    std::unordered_map<std::string, std::size_t> index;
    index.reserve(items.size());
    for (std::size_t i = 0; i < items.size(); ++i)
        index.emplace(idOf(items[i]), i);
    return index;
}

template <typename T>
std::vector<std::string> idsOf(const std::vector<T> &items)
{
    std::vector<std::string> ids;
    ids.reserve(items.size());
    for (const T &item : items)
        ids.push_back(idOf(item));
    return ids;
}

template <typename T>
bool sameIds(const std::vector<T> &a, const std::vector<T> &b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](const T &x, const T &y) { return idOf(x) == idOf(y); });
}

template <typename T>
void patchList(std::vector<T> &items, const ListDelta<T> &delta)
{
    const std::set<std::string> removed(delta.removed.begin(), delta.removed.end());
    items.erase(
        std::remove_if(items.begin(), items.end(), [&](const T &item) { return removed.count(idOf(item)) > 0; }),
        items.end());
    auto index = indexById(items);
    for (const T &changed : delta.changed) {
        const auto [found, isNew] = index.emplace(idOf(changed), items.size());
        if (isNew)
            items.push_back(changed);
        else
            items[found->second] = changed;
    }
    if (!delta.order)
        return;
    std::vector<T> ordered;
    ordered.reserve(items.size());
    for (const std::string &id : *delta.order) {
        if (const auto found = index.find(id); found != index.end())
            ordered.push_back(std::move(items[found->second]));
    }
    items = std::move(ordered);
}

/// The ids as a viewer gets them who takes out what went and appends what came.
template <typename T>
std::vector<std::string> expectedOrder(const std::vector<T> &before, const std::vector<T> &after)
{
    const auto newIndex = indexById(after);
    const auto oldIndex = indexById(before);
    std::vector<std::string> ids;
    ids.reserve(after.size());
    for (const T &item : before) {
        if (newIndex.count(idOf(item)) > 0)
            ids.push_back(idOf(item));
    }
    for (const T &item : after) {
        if (oldIndex.count(idOf(item)) == 0)
            ids.push_back(idOf(item));
    }
    return ids;
}

} // namespace

PoolSnapshot patched(PoolSnapshot snapshot, const SnapshotDelta &delta)
{
    snapshot.at = delta.at;
    patchList(snapshot.deployments, delta.deployments);
    patchList(snapshot.keys, delta.keys);
    return snapshot;
}

template <typename T>
void VersionedList<T>::update(std::vector<T> items, std::uint64_t version)
{
    if (!sameIds(m_items, items)) {
        updateShape(std::move(items), version);
        return;
    }
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (!(m_items[i] == items[i]))
            m_changedAt[i] = version;
    }
    m_items = std::move(items);
}

template <typename T>
void VersionedList<T>::updateShape(std::vector<T> items, std::uint64_t version)
{
    const auto oldIndex = indexById(m_items);
    const auto newIndex = indexById(items);
    // Somebody who goes from an older version than the last one over two changes of shape may get another order by
    // appending than we have, so the order counts as changed with every item that came back or moved.
    bool moved = expectedOrder(m_items, items) != idsOf(items);
    std::vector<std::uint64_t> changedAt;
    changedAt.reserve(items.size());
    for (const T &item : items) {
        const auto old = oldIndex.find(idOf(item));
        const bool same = old != oldIndex.end() && m_items[old->second] == item;
        changedAt.push_back(same ? m_changedAt[old->second] : version);
    }
    const auto cameBack = [&](const auto &removed) { return newIndex.count(removed.second) > 0; };
    const auto firstBack = std::remove_if(m_removedAt.begin(), m_removedAt.end(), cameBack);
    moved = moved || firstBack != m_removedAt.end();
    m_removedAt.erase(firstBack, m_removedAt.end());
    for (const T &item : m_items) {
        if (newIndex.count(idOf(item)) == 0)
            m_removedAt.emplace_back(version, idOf(item));
    }
    while (m_removedAt.size() > maxRemoved) {
        m_knownSince = std::max(m_knownSince, m_removedAt.front().first);
        m_removedAt.pop_front();
    }
    if (moved)
        m_orderChangedAt = version;
    m_items = std::move(items);
    m_changedAt = std::move(changedAt);
}

template <typename T>
std::optional<ListDelta<T>> VersionedList<T>::since(std::uint64_t version) const
{
    if (version < m_knownSince)
        return std::nullopt;
    ListDelta<T> delta;
    for (std::size_t i = 0; i < m_items.size(); ++i) {
        if (m_changedAt[i] > version)
            delta.changed.push_back(m_items[i]);
    }
    for (const auto &[removedAt, id] : m_removedAt) {
        if (removedAt > version)
            delta.removed.push_back(id);
    }
    if (m_orderChangedAt > version)
        delta.order = idsOf(m_items);
    return delta;
}

template class VersionedList<DeploymentState>;
template class VersionedList<KeyState>;

std::uint64_t SnapshotVersions::update(PoolSnapshot snapshot)
{
    m_at = snapshot.at;
    const bool changed =
        m_version == 0 || snapshot.deployments != m_deployments.items() || snapshot.keys != m_keys.items();
    if (changed) {
        ++m_version;
        m_deployments.update(std::move(snapshot.deployments), m_version);
        m_keys.update(std::move(snapshot.keys), m_version);
    }
    return m_version;
}

std::optional<SnapshotDelta> SnapshotVersions::since(std::uint64_t version) const
{
    if (version > m_version)
        return std::nullopt;
    auto deployments = m_deployments.since(version);
    auto keys = m_keys.since(version);
    if (!deployments || !keys)
        return std::nullopt;
    return SnapshotDelta{m_at, std::move(*deployments), std::move(*keys)};
}

} // namespace keymux
