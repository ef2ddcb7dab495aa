// SPDX-License-Identifier: GPL-3.0-or-later
#include "log/logring.h"

#include <algorithm>

namespace keymux {

namespace {

constexpr std::size_t longestMessage = 4096;
constexpr std::string_view cut = "…";

/// What a line takes beside its message, as far as it matters for a bound.
constexpr std::size_t overhead = sizeof(LogEntry) + 16;

std::size_t sizeOf(const LogEntry &entry)
{
    return overhead + entry.category.size() + entry.message.size();
}

/// Cut between characters, so that UTF-8 stays UTF-8.
std::string shortened(std::string_view message)
{
    if (message.size() <= longestMessage)
        return std::string(message);
    std::size_t end = longestMessage - cut.size();
    while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xC0) == 0x80)
        --end;
    return std::string(message.substr(0, end)) + std::string(cut);
}

} // namespace

std::string_view logLevelName(LogLevel level)
{
    switch (level) {
    case LogLevel::Debug:
        return "debug";
    case LogLevel::Info:
        return "info";
    case LogLevel::Warning:
        return "warning";
    case LogLevel::Error:
        return "error";
    }
    return "info";
}

std::optional<LogLevel> logLevelOf(std::string_view name)
{
    for (const LogLevel level : {LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error}) {
        if (logLevelName(level) == name)
            return level;
    }
    return std::nullopt;
}

void LogRing::add(TimePoint at, LogLevel level, std::string_view category, std::string_view message)
{
    LogEntry entry{.at = at, .level = level, .category = std::string(category), .message = shortened(message)};
    const std::size_t size = sizeOf(entry);
    const std::lock_guard lock(m_mutex);
    entry.number = ++m_last;
    m_bytes += size;
    m_entries.push_back(std::move(entry));
    while (m_entries.size() > m_maxEntries || (m_bytes > m_maxBytes && m_entries.size() > 1)) {
        m_bytes -= sizeOf(m_entries.front());
        m_entries.pop_front();
    }
}

std::vector<LogEntry> LogRing::newest(const Query &query) const
{
    std::vector<LogEntry> found;
    const std::lock_guard lock(m_mutex);
    for (auto entry = m_entries.rbegin(); entry != m_entries.rend() && found.size() < query.limit; ++entry) {
        if (entry->number <= query.after)
            break;
        if (entry->level >= query.level && (!query.before || entry->number < *query.before))
            found.push_back(*entry);
    }
    return found;
}

std::uint64_t LogRing::last() const
{
    const std::lock_guard lock(m_mutex);
    return m_last;
}

} // namespace keymux
