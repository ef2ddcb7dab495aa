// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolmemory.h"
#include "store/database.h"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace keymux {

/// `deployment`, `endpoint`, `limits`, … as they are stored.
std::string_view holderName(RestMemory::Holder holder);
/// A rest by the stored names of its holder, endpoint (empty: none) and reason; absent when one is not known here.
std::optional<RestMemory> restNamed(std::string_view holder, std::string_view endpoint, std::string_view reason);

/// What the key pool remembers over restarts: a row for each day's count and each rest. Of secrets it holds a keyed
/// digest of a fingerprint, which tells that one changed and nothing else. One object per thread.
class PoolMemoryStore {
public:
    static Result<std::unique_ptr<PoolMemoryStore>> open(std::shared_ptr<Database> database);

    /// Reads all of it; what cannot be understood, as of a newer version, is left out.
    Result<PoolMemory> load();
    /// Writes in one transaction what differs from what was read or written before, and removes the days that are over.
    /// After an error nothing was written, and the same may be tried again.
    Result<void> write(const PoolMemoryChanges &changes, TimePoint now);

    /// What is stored in place of a secret's version: the same for the same secret in this state alone. 0 stays 0.
    std::uint64_t sealed(std::uint64_t secretVersion) const;

private:
    explicit PoolMemoryStore(std::shared_ptr<Database> database) : m_database(std::move(database)) {}
    Result<void> loadSalt();
    Result<void> writeRests(const std::map<std::string, RestMemory> &rests);

    std::shared_ptr<Database> m_database;
    std::array<unsigned char, 32> m_salt{};
    std::map<std::string, RestMemory> m_storedRests; ///< by row
};

} // namespace keymux
