// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/recentrequests.h"

#include "admin/requestjson.h"

#include <algorithm>

namespace keymux {

namespace {

constexpr std::size_t maxModelBytes = 256;
constexpr std::size_t maxAttempts = 100; ///< a request may meet thousands of bad keys
constexpr std::size_t routersKept = 2;

bool isFailure(RequestEnd end)
{
    return end == RequestEnd::Refused || end == RequestEnd::Cut || end == RequestEnd::Withdrawn;
}

const std::string &keyOf(const RequestTrace &trace, const AttemptTrace &attempt)
{
    return trace.router->key(trace.router->deployments()[attempt.deployment]).keyId;
}

std::size_t bytesOf(const RequestTrace &trace)
{
    const auto lookBytes = [](const std::shared_ptr<const RouteLook> &look) {
        return look ? sizeof(RouteLook) + look->passedOver.capacity() * sizeof(PassedOver) : 0;
    };
    std::size_t bytes = trace.requestId.size() + trace.virtualKeyId.size() + trace.model.size() + trace.code.size() +
                        lookBytes(trace.refusedLook);
    for (const AttemptTrace &attempt : trace.attempts)
        bytes += sizeof(AttemptTrace) + attempt.detail.size() + lookBytes(attempt.look);
    return bytes;
}

std::string dumped(const nlohmann::ordered_json &json)
{
    return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

} // namespace

void RecentRequests::add(const RequestTrace &trace)
{
    noteRouter(trace.router);
    Entry &entry = m_entries.emplace_back();
    entry.n = ++m_count;
    entry.trace = trace;
    if (entry.trace.model.size() > maxModelBytes)
        entry.trace.model.resize(maxModelBytes);
    auto &attempts = entry.trace.attempts;
    if (attempts.size() > maxAttempts) // how it began, and what it came to
        attempts.erase(attempts.begin() + maxAttempts - 1, attempts.end() - 1);
    entry.bytes = sizeof(Entry) + bytesOf(entry.trace);
    m_bytes += entry.bytes;
    while (m_entries.size() > m_most || m_bytes > m_mostBytes)
        dropOldest();
}

void RecentRequests::dropOldest()
{
    m_bytes -= m_entries.front().bytes;
    m_entries.pop_front();
}

/// Requests of an earlier config end beside those of the one in force, so two are kept; with a third, those of the
/// oldest are told for good and let go of.
void RecentRequests::noteRouter(const std::shared_ptr<const Router> &router)
{
    const auto same = [&](const std::weak_ptr<const Router> &known) { return known.lock() == router; };
    if (std::any_of(m_routers.begin(), m_routers.end(), same))
        return;
    std::erase_if(m_routers, [](const std::weak_ptr<const Router> &known) { return known.expired(); });
    m_routers.push_back(router);
    if (m_routers.size() <= routersKept)
        return;
    if (const auto oldest = m_routers.front().lock()) {
        for (Entry &entry : m_entries) {
            if (entry.trace.router != oldest)
                continue;
            m_bytes -= entry.bytes;
            makeTexts(entry);
            m_bytes += entry.bytes;
        }
    }
    m_routers.erase(m_routers.begin());
}

void RecentRequests::makeTexts(Entry &entry)
{
    entry.summary = dumped(requestSummary(entry.trace));
    entry.detail = dumped(requestDetail(entry.trace));
    std::size_t keyBytes = 0;
    for (const AttemptTrace &attempt : entry.trace.attempts) {
        entry.keys.push_back(keyOf(entry.trace, attempt));
        keyBytes += sizeof(std::string) + entry.keys.back().size();
    }
    entry.trace.attempts = {};
    entry.trace.refusedLook.reset();
    entry.trace.router.reset();
    entry.bytes = sizeof(Entry) + bytesOf(entry.trace) + entry.summary.size() + entry.detail.size() + keyBytes;
}

bool RecentRequests::fits(const Entry &entry, const RecentFilter &filter)
{
    const RequestTrace &trace = entry.trace;
    if ((filter.status && trace.status != *filter.status) || (filter.model && trace.model != *filter.model) ||
        (filter.virtualKey && trace.virtualKeyId != *filter.virtualKey) ||
        (filter.failed && isFailure(trace.end) != *filter.failed))
        return false;
    if (!filter.key)
        return true;
    if (!trace.router)
        return std::find(entry.keys.begin(), entry.keys.end(), *filter.key) != entry.keys.end();
    return std::any_of(trace.attempts.begin(), trace.attempts.end(),
                       [&](const AttemptTrace &attempt) { return keyOf(trace, attempt) == *filter.key; });
}

RecentRequests::Page RecentRequests::list(const RecentFilter &filter, std::size_t limit,
                                          std::optional<std::int64_t> before) const
{
    Page page;
    std::int64_t last = 0;
    for (auto entry = m_entries.rbegin(); entry != m_entries.rend(); ++entry) {
        if ((before && entry->n >= *before) || !fits(*entry, filter))
            continue;
        if (page.items.size() == limit) {
            page.next = last;
            break;
        }
        page.items.push_back(entry->trace.router ? requestSummary(entry->trace) : Json::parse(entry->summary));
        last = entry->n;
    }
    return page;
}

RecentRequests::Json RecentRequests::find(std::string_view requestId) const
{
    const auto entry = std::find_if(m_entries.rbegin(), m_entries.rend(),
                                    [&](const Entry &e) { return e.trace.requestId == requestId; });
    if (entry == m_entries.rend())
        return nullptr;
    return entry->trace.router ? requestDetail(entry->trace) : Json::parse(entry->detail);
}

} // namespace keymux
