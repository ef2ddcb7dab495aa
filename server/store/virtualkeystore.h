// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"
#include "core/virtualkey.h"
#include "store/database.h"

#include <memory>
#include <string>
#include <vector>

namespace keymux {

/// Virtual keys in STATE/keymux.db (SQLite, WAL, synchronous FULL): a write that returned success survives kill -9 and
/// power loss. Used by the server and, at the same time, by command-line tools of the same host. One object per thread.
class VirtualKeyStore {
public:
    /// Migrates the tables of virtual keys. Errors name the file and the remedy.
    static Result<std::unique_ptr<VirtualKeyStore>> open(std::shared_ptr<Database> database);
    /// The same on a database of its own.
    static Result<std::unique_ptr<VirtualKeyStore>> open(const std::string &stateDir);
    /// For the other tables of this thread.
    const std::shared_ptr<Database> &database() const { return m_database; }

    Result<std::vector<VirtualKey>> all() const;
    Result<void> insert(const VirtualKey &key);
    /// Inserts unless a key with that digest exists (also a revoked one); true when it was inserted.
    Result<bool> insertOnce(const VirtualKey &key);
    /// By id, or by name when exactly one has it. Error `not_found` or `ambiguous`.
    Result<VirtualKey> find(std::string_view idOrName) const;
    /// Error `not_found`. Revoking twice keeps the first moment.
    Result<void> revoke(std::string_view id, TimePoint at);
    /// A number that changes when another connection wrote: cheap enough to ask several times a second.
    std::int64_t changeCounter() const;

private:
    explicit VirtualKeyStore(std::shared_ptr<Database> database);

    std::shared_ptr<Database> m_database;
    std::int64_t m_ownWrites = 0;
};

} // namespace keymux
