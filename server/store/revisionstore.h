// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/database.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// A pool config document that was applied.
struct PoolRevision {
    std::int64_t n = 0; ///< ascending, never used twice
    TimePoint at{};
    std::string by;      ///< `start`, `file`, `admin`
    std::string summary; ///< what it changed, for people
    std::string text;    ///< with comments, without literal secrets; empty in lists

    bool operator==(const PoolRevision &) const = default;
};

/// The documents that were applied: the newest 200, of at most 64 MiB together. One object per thread.
class RevisionStore {
public:
    static constexpr int kept = 200;
    static constexpr std::int64_t keptBytes = 64LL << 20;

    static Result<std::unique_ptr<RevisionStore>> open(std::shared_ptr<Database> database);

    /// Adds one and gives its number. May be called within a transaction of the same database.
    Result<std::int64_t> add(const PoolRevision &revision);
    /// Takes the newest one away again, where applying it failed after all.
    Result<void> remove(std::int64_t n);
    Result<std::optional<PoolRevision>> newest() const;
    /// Error `not_found` when there is none, or no longer.
    Result<PoolRevision> find(std::int64_t n) const;
    /// The newest first, without text; with `before` only those with a smaller number.
    Result<std::vector<PoolRevision>> list(std::optional<std::int64_t> before, std::size_t limit) const;
    const std::shared_ptr<Database> &database() const { return m_database; }

private:
    explicit RevisionStore(std::shared_ptr<Database> database) : m_database(std::move(database)) {}

    std::shared_ptr<Database> m_database;
};

} // namespace keymux
