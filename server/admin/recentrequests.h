// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/routetrace.h"

#include <cstdint>
#include <deque>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// Which of the recent requests are wanted; what is absent is any.
struct RecentFilter {
    std::optional<int> status;
    std::optional<std::string_view> model, virtualKey, key; ///< as asked for; by id; one that was tried
    std::optional<bool> failed;                             ///< ended with an error, or cut by the provider or by us
};

/// The newest requests with their routes, in memory alone. Bounded in number and bytes; holds on to two configs at
/// most, whatever was reloaded meanwhile.
class RecentRequests {
public:
    using Json = nlohmann::ordered_json;

    explicit RecentRequests(std::size_t most = 2000, std::size_t mostBytes = 16 << 20)
        : m_most(most), m_mostBytes(mostBytes)
    {
    }

    void add(const RequestTrace &trace);

    struct Page {
        Json items = Json::array();
        std::optional<std::int64_t> next; ///< number of the last item when there are more
    };
    /// Newest first; only those with a smaller number than `before`.
    Page list(const RecentFilter &filter, std::size_t limit, std::optional<std::int64_t> before) const;
    /// The newest request of that id with its route; null when it is not (or no longer) here.
    Json find(std::string_view requestId) const;

    std::size_t size() const { return m_entries.size(); }
    std::size_t bytes() const { return m_bytes; }

private:
    struct Entry {
        std::int64_t n = 0;
        RequestTrace trace;            ///< without its router once its texts are made
        std::string summary, detail;   ///< made when its config would be kept alive too long
        std::vector<std::string> keys; ///< likewise
        std::size_t bytes = 0;
    };

    static bool fits(const Entry &entry, const RecentFilter &filter);
    static void makeTexts(Entry &entry);
    void noteRouter(const std::shared_ptr<const Router> &router);
    void dropOldest();

    const std::size_t m_most, m_mostBytes;
    std::deque<Entry> m_entries; ///< oldest first
    std::vector<std::weak_ptr<const Router>> m_routers;
    std::int64_t m_count = 0;
    std::size_t m_bytes = 0;
};

} // namespace keymux
