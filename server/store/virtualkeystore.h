// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"
#include "core/virtualkey.h"
#include "core/virtualkeyroom.h"
#include "store/database.h"

#include <functional>
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
    /// By id, or by name when exactly one that is not revoked (or else exactly one) has it. Error `not_found` or
    /// `ambiguous`.
    Result<VirtualKey> find(std::string_view idOrName) const;
    /// Error `not_found`.
    Result<VirtualKey> findDigest(const KeyDigest &digest) const;
    /// Newest first, `limit` of them from where `cursor` (empty: the start) points. Error `bad_cursor`.
    struct Page {
        std::vector<VirtualKey> keys;
        std::string next; ///< the cursor of the next page; empty at the end
    };
    Result<Page> page(const std::string &cursor, int limit, bool withRevoked) const;
    /// Reads a key, lets `change` alter it and writes it, with no other writer in between; returns what was written.
    /// What `change` refuses is not written. Errors `not_found`, and `revoked`: a revoked key is never altered.
    Result<VirtualKey> change(std::string_view id, const std::function<Result<void>(VirtualKey &)> &change);
    /// Error `not_found`. Revoking twice keeps the first moment.
    Result<void> revoke(std::string_view id, TimePoint at);
    /// A number that changes when any connection wrote a key (not when its use was stored): cheap enough to ask several
    /// times a second.
    std::int64_t changeCounter() const;

    /// How much the keys have used, as it was stored last; use of keys that are gone is dropped.
    Result<std::vector<VirtualKeyRoom::Usage>> usage() const;
    Result<void> storeUsage(const std::vector<VirtualKeyRoom::Usage> &usage);

private:
    explicit VirtualKeyStore(std::shared_ptr<Database> database);

    std::shared_ptr<Database> m_database;
    mutable std::int64_t m_seenOthers = -1, m_counter = -1;
    mutable bool m_wrote = true;
};

} // namespace keymux
