// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/usagebook.h"
#include "store/database.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace keymux {

/// How much of the past is kept.
struct UsageRetention {
    int days = 400;
    std::int64_t rows = 2'000'000; ///< whole hours go, the oldest first; the present one stays
};

enum class UsageGroup : std::uint8_t { VirtualKey, Key, Provider, Model, Hour, Day };
/// `virtual_key`, `key`, `provider`, `model`, `hour`, `day`.
std::string_view groupName(UsageGroup group);

/// What is asked of the usage: sums by group over whole hours, of what passes every filter. A filter without values
/// lets all pass.
struct UsageQuery {
    TimePoint from{}, to{}; ///< hours that begin at or after `from` and before `to`
    std::vector<UsageGroup> groups;
    std::vector<std::string> virtualKeys, keys, providers, models;
    std::size_t limit = 500;
    std::string cursor; ///< of the report before; empty: from the start
};

/// One group's sums. `values` go with the query's groups: a moment for hours and days, else a text.
struct UsageItem {
    std::vector<std::variant<std::string, TimePoint>> values;
    UsageFigures figures;
};

struct UsageReport {
    std::vector<UsageItem> items; ///< newest first, then by name
    UsageFigures total;           ///< of all items, also those of other pages
    std::string next;             ///< cursor of the next page; empty at the end
};

/// What requests used, in hourly sums, in STATE/keymux.db. Noted in memory and written in batches, off the path of
/// requests; what cannot be written stays in memory, bounded, and is in every report. One object per thread.
class UsageStore {
public:
    static Result<std::unique_ptr<UsageStore>> open(std::shared_ptr<Database> database, UsageRetention retention);

    void note(const RequestTrace &trace) { m_unsaved.note(trace); }
    /// Writes what was noted in one transaction, and now and then lets old hours go.
    Result<void> write(TimePoint now);
    /// Error `bad_cursor`.
    Result<UsageReport> report(const UsageQuery &query);

private:
    UsageStore(std::shared_ptr<Database> database, UsageRetention retention);
    Result<void> writeRows(const char *table);
    Result<void> dropOldHours(TimePoint now);
    Result<std::string> source();

    std::shared_ptr<Database> m_database;
    UsageRetention m_retention;
    UsageBook m_unsaved;
    TimePoint m_dropAt{};
};

} // namespace keymux
