// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/ratewindow.h"

#include <algorithm>

namespace keymux {

namespace {

constexpr std::size_t exactEntries = 256;
constexpr Millis mergeWithin{60000 / 256};

} // namespace

void RateWindow::add(TimePoint at, std::int64_t requests, std::int64_t tokens)
{
    m_requests += requests;
    m_tokens += tokens;
    const std::size_t count = m_entries.size() - m_first;
    if (count > 0) {
        Entry &last = m_entries.back();
        // An entry may take in more as long as it stays close to the one before it, so none stretches over more than a
        // moment.
        const bool merge =
            at <= last.at || (count >= exactEntries && at - m_entries[m_entries.size() - 2].at < mergeWithin);
        if (merge) {
            last.at = std::max(last.at, at);
            if (count == 1)
                m_oldestLeavesAt = last.at + length;
            last.requests += requests;
            last.tokens += tokens;
            return;
        }
    }
    m_entries.push_back({at, requests, tokens});
    if (count == 0)
        m_oldestLeavesAt = at + length;
}

void RateWindow::adjust(TimePoint at, std::int64_t requests, std::int64_t tokens)
{
    // A merged entry carries the latest time of what is in it, so what was added at `at` is in the first entry not
    // before it.
    const auto it = std::lower_bound(m_entries.begin() + m_first, m_entries.end(), at,
                                     [](const Entry &entry, TimePoint t) { return entry.at < t; });
    if (it == m_entries.end())
        return;
    requests = std::max(requests, -it->requests);
    tokens = std::max(tokens, -it->tokens);
    it->requests += requests;
    it->tokens += tokens;
    m_requests += requests;
    m_tokens += tokens;
}

void RateWindow::dropOld(TimePoint now)
{
    while (m_first < m_entries.size() && m_entries[m_first].at + length <= now) {
        m_requests -= m_entries[m_first].requests;
        m_tokens -= m_entries[m_first].tokens;
        ++m_first;
    }
    if (m_first == m_entries.size()) {
        m_entries.clear();
        m_first = 0;
        m_oldestLeavesAt = TimePoint::max();
        return;
    }
    m_oldestLeavesAt = m_entries[m_first].at + length;
    if (m_first > 8 && m_first > m_entries.size() / 2) {
        m_entries.erase(m_entries.begin(), m_entries.begin() + m_first);
        m_first = 0;
    }
}

std::optional<TimePoint> RateWindow::whenAtMost(std::optional<std::int64_t> requests,
                                                std::optional<std::int64_t> tokens) const
{
    std::int64_t requestsLeft = m_requests, tokensLeft = m_tokens;
    const auto fits = [&] { return (!requests || requestsLeft <= *requests) && (!tokens || tokensLeft <= *tokens); };
    if (fits())
        return std::nullopt;
    for (std::size_t i = m_first; i < m_entries.size(); ++i) {
        requestsLeft -= m_entries[i].requests;
        tokensLeft -= m_entries[i].tokens;
        if (fits())
            return m_entries[i].at + length;
    }
    return emptyAt();
}

std::optional<TimePoint> RateWindow::emptyAt() const
{
    if (m_first == m_entries.size())
        return std::nullopt;
    return m_entries.back().at + length;
}

} // namespace keymux
