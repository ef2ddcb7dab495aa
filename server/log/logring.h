// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };

/// `debug`, `info`, `warning`, `error`.
std::string_view logLevelName(LogLevel level);
std::optional<LogLevel> logLevelOf(std::string_view name);

/// One line of the log, as the admin API and the live feed tell it.
struct LogEntry {
    std::uint64_t number = 0; ///< one more with every line, 1 at the start
    TimePoint at{};
    LogLevel level = LogLevel::Info;
    std::string category, message; ///< the message as it was given, but cut when it is very long
    bool operator==(const LogEntry &) const = default;
};

/// The last lines of the log. Any thread.
class LogRing {
public:
    explicit LogRing(std::size_t maxEntries = 2000, std::size_t maxBytes = 1 << 20)
        : m_maxEntries(maxEntries), m_maxBytes(maxBytes)
    {
    }

    void add(TimePoint at, LogLevel level, std::string_view category, std::string_view message);

    struct Query {
        LogLevel level = LogLevel::Debug;    ///< this one and worse
        std::uint64_t after = 0;             ///< only lines with a greater number
        std::optional<std::uint64_t> before; ///< only lines with a smaller one
        std::size_t limit = SIZE_MAX;
    };
    /// The newest lines that fit, newest first.
    std::vector<LogEntry> newest(const Query &query) const;

    /// The number of the newest line; 0 before the first.
    std::uint64_t last() const;

private:
    const std::size_t m_maxEntries, m_maxBytes;
    mutable std::mutex m_mutex;
    std::deque<LogEntry> m_entries; ///< oldest first
    std::size_t m_bytes = 0;
    std::uint64_t m_last = 0;
};

} // namespace keymux
