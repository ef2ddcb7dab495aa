// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/history.h"
#include "store/database.h"

#include <memory>
#include <string>
#include <unordered_map>

namespace keymux {

/// The history on disk: a row for each span of time, with all series in it. As old as the history in memory; about 9 MB
/// for a day of 1,000 deployments. One object per thread.
class HistoryStore {
public:
    static Result<std::unique_ptr<HistoryStore>> open(std::shared_ptr<Database> database);

    /// Reads what is not too old.
    Result<void> load(History &history, TimePoint now);
    /// Writes in one transaction what was counted since the last time, the spans that are not over included, and
    /// removes what is too old. After an error nothing was written, and the next call makes up for it.
    Result<void> write(const History &history, TimePoint now);

private:
    explicit HistoryStore(std::shared_ptr<Database> database) : m_database(std::move(database)) {}
    Result<void> loadNames();
    Result<void> writeLevel(const History &history, HistoryLevel level, TimePoint now);
    Result<void> nameSeries(const std::vector<std::string> &fresh);
    Result<void> forgetSeries(const History &history);

    std::shared_ptr<Database> m_database;
    std::unordered_map<std::string, std::uint32_t> m_numbers;
    TimePoint m_writtenAt{};
    bool m_written = false;
};

} // namespace keymux
