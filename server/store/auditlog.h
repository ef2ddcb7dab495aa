// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/database.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// One change and who made it. No secret ever stands in one.
struct AuditEntry {
    std::int64_t n = 0; ///< ascending, never used twice
    TimePoint at{};
    std::string actor;   ///< `admin`, …
    std::string action;  ///< `pool.put`, `key.disable`, `virtual_key.create`, …
    std::string subject; ///< what was changed: a key_id, a revision, a virtual key's id
    std::string address; ///< where the request came from

    bool operator==(const AuditEntry &) const = default;
};

/// Who changed what, when, from where: appended to, never changed; of the newest 10000 entries. One object per thread.
class AuditLog {
public:
    static constexpr int kept = 10000;

    static Result<std::unique_ptr<AuditLog>> open(std::shared_ptr<Database> database);

    /// May be called within a transaction of the same database, so that change and entry come together or not at all.
    /// Each text is kept up to 256 bytes.
    Result<void> add(std::string_view actor, std::string_view action, std::string_view subject,
                     std::string_view address, TimePoint at);
    /// The newest first; with `before` only those with a smaller number.
    Result<std::vector<AuditEntry>> list(std::optional<std::int64_t> before, std::size_t limit) const;

private:
    explicit AuditLog(std::shared_ptr<Database> database) : m_database(std::move(database)) {}

    std::shared_ptr<Database> m_database;
};

} // namespace keymux
