// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/requestroutes.h"

#include <algorithm>
#include <charconv>

namespace keymux {

namespace {

AdminReply badFilter(std::string_view what)
{
    return errorReply(400, "invalid_request_error", what);
}

std::optional<int> statusOf(std::string_view text)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && value >= 100 && value <= 599 ? std::optional(value) : std::nullopt;
}

tl::expected<RecentFilter, AdminReply> filterOf(const AdminRequest &request)
{
    RecentFilter filter;
    for (const auto &[name, value] : request.query) {
        if (name == "status") {
            filter.status = statusOf(value);
            if (!filter.status)
                return tl::unexpected(badFilter("`status` must be a status from 100 to 599."));
        } else if (name == "failed") {
            if (value != "true" && value != "false")
                return tl::unexpected(badFilter("`failed` must be `true` or `false`."));
            filter.failed = value == "true";
        } else if (name == "model" || name == "virtual_key" || name == "key") {
            if (value.empty())
                return tl::unexpected(badFilter("`" + name + "` must name one; leave it out for all."));
            (name == "model" ? filter.model : name == "key" ? filter.key : filter.virtualKey) = value;
        } else if (name != "limit" && name != "cursor") {
            return tl::unexpected(badFilter("Requests can be filtered by `status`, `model`, `virtual_key`, `key` and "
                                            "`failed`, and listed by `limit` and `cursor`; nothing else."));
        }
    }
    return filter;
}

AdminReply list(const RecentRequests &requests, const AdminRequest &request)
{
    const auto page = pageOf(request);
    if (!page)
        return page.error();
    const auto filter = filterOf(request);
    if (!filter)
        return filter.error();
    const RecentRequests::Page found = requests.list(*filter, page->limit, page->before);
    return pageReply(found.items, found.next);
}

} // namespace

void registerRequestRoutes(AdminRouter &router, const RecentRequests &requests, const std::function<void()> &collect)
{
    router.add("GET", "/admin/v1/requests", [&requests, collect](const AdminRequest &request) {
        collect();
        return list(requests, request);
    });
    router.add("GET", "/admin/v1/requests/{id}", [&requests, collect](const AdminRequest &request) {
        collect();
        const auto found = requests.find(request.parameter("id"));
        return found.is_null() ? notFoundReply("such request among the recent ones; its id is the x-request-id of its "
                                               "answer")
                               : jsonReply(found);
    });
}

} // namespace keymux
