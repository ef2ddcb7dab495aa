// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/logroutes.h"

#include "log/log.h"

#include <charconv>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

tl::expected<LogRing::Query, AdminReply> queryOf(const AdminRequest &request, const LogRing &ring)
{
    const auto page = pageOf(request);
    if (!page)
        return tl::unexpected(page.error());
    LogRing::Query query{.limit = page->limit};
    if (page->before)
        query.before = std::uint64_t(std::max<std::int64_t>(*page->before, 0));
    if (const auto level = request.queryValue("level")) {
        const auto known = logLevelOf(*level);
        if (!known)
            return tl::unexpected(
                errorReply(400, "invalid_request_error", "`level` must be `debug`, `info`, `warning` or `error`."));
        query.level = *known;
    }
    if (const auto after = request.queryValue("after")) {
        const char *end = after->data() + after->size();
        const auto [stopped, error] = std::from_chars(after->data(), end, query.after);
        if (after->empty() || error != std::errc{} || stopped != end)
            return tl::unexpected(
                errorReply(400, "invalid_request_error", "`after` must be the number `n` of a line."));
        // Numbers begin anew with the server: one that was never given is of an earlier run, and all is new since then.
        if (query.after > ring.last())
            query.after = 0;
    }
    return query;
}

} // namespace

Json logEntryJson(const LogEntry &entry)
{
    return {{"n", entry.number},
            {"at", rfc3339(entry.at)},
            {"level", logLevelName(entry.level)},
            {"category", entry.category},
            {"message", entry.message}};
}

void registerLogRoutes(AdminRouter &router, const LogRing &ring)
{
    router.add("GET", "/admin/v1/logs", [&ring](const AdminRequest &request) {
        auto query = queryOf(request, ring);
        if (!query)
            return query.error();
        const std::size_t limit = query->limit++; // one more, to know whether there is a next page
        std::vector<LogEntry> lines = ring.newest(*query);
        const bool more = lines.size() > limit;
        lines.resize(std::min(lines.size(), limit));
        Json items = Json::array();
        for (const LogEntry &line : lines)
            items.push_back(logEntryJson(line));
        return pageReply(items, more ? std::optional(std::int64_t(lines.back().number)) : std::nullopt);
    });
}

} // namespace keymux
