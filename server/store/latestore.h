// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/database.h"
#include "store/latereport.h"

#include <memory>
#include <string>
#include <vector>

namespace keymux {

/// Where a server that has handed over leaves its reports for the one that serves now, whichever that is by then: in
/// the database, so that none is lost with a process. One object per thread.
class LateStore {
public:
    static Result<std::unique_ptr<LateStore>> open(std::shared_ptr<Database> database);

    Result<void> leave(const LateReport &report);
    /// The reports that are there, in the order in which they were left; they are gone then.
    Result<std::vector<LateReport>> take();
    /// Takes back what this writer has left.
    Result<void> withdraw(const std::string &writer);
    /// Whether anything was written by other processes since it was asked last: a report may be there.
    bool mayHaveNews();

private:
    explicit LateStore(std::shared_ptr<Database> database) : m_database(std::move(database)) {}

    std::shared_ptr<Database> m_database;
    std::int64_t m_seen = -1;
};

} // namespace keymux
