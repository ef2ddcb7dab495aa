// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/usagejson.h"

#include "log/log.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

/// Null when all that was used has no known price. Rounded to a billionth, which hides what adding up fractions leaves.
Json costJson(const UsageFigures &figures)
{
    if (figures.priced == 0 && figures.unpriced > 0)
        return nullptr;
    return std::round(figures.costUsd * 1e9) / 1e9;
}

void addFigures(Json &json, const UsageFigures &figures)
{
    json["requests"] = figures.requests;
    json["errors"] = figures.errors;
    json["prompt_tokens"] = figures.promptTokens;
    json["completion_tokens"] = figures.completionTokens;
    json["total_tokens"] = figures.totalTokens;
    json["cached_tokens"] = figures.cachedTokens;
    json["reasoning_tokens"] = figures.reasoningTokens;
    json["cost_usd"] = costJson(figures);
    json["unpriced_requests"] = figures.unpriced;
    json["estimated_requests"] = figures.estimated;
}

Json textOrNull(const std::string &text)
{
    return text.empty() ? Json(nullptr) : Json(text);
}

Json itemJson(const UsageItem &item, const std::vector<UsageGroup> &groups, const VirtualKeyTable &names)
{
    Json json = Json::object();
    for (std::size_t i = 0; i < groups.size(); ++i) {
        const std::string name(groupName(groups[i]));
        if (const auto *time = std::get_if<TimePoint>(&item.values[i])) {
            json[name] = rfc3339(*time);
            continue;
        }
        const auto &text = std::get<std::string>(item.values[i]);
        json[name] = textOrNull(text);
        if (groups[i] == UsageGroup::VirtualKey) {
            const VirtualKey *key = names.byId(text);
            json["virtual_key_name"] = key ? Json(key->name) : Json(nullptr);
        }
    }
    addFigures(json, item.figures);
    return json;
}

std::string csvCell(const Json &value)
{
    if (value.is_null())
        return {};
    if (!value.is_string())
        return value.dump();
    auto text = value.get<std::string>();
    if (text.find_first_of("=+-@\t\r") == 0)
        text.insert(0, 1, '\'');
    if (text.find_first_of(",\"\r\n") == std::string::npos)
        return text;
    for (std::size_t at = text.find('"'); at != std::string::npos; at = text.find('"', at + 2))
        text.insert(at, 1, '"');
    return '"' + text + '"';
}

std::string csvLine(const Json &item, bool names)
{
    std::string line;
    for (const auto &[name, value] : item.items())
        line += (line.empty() ? "" : ",") + (names ? name : csvCell(value));
    return line + "\r\n";
}

/// A line with every name, for a report without items.
Json emptyItem(const std::vector<UsageGroup> &groups, const VirtualKeyTable &names)
{
    UsageItem item;
    for (const UsageGroup group : groups) {
        const bool time = group == UsageGroup::Hour || group == UsageGroup::Day;
        item.values.push_back(time ? decltype(item.values)::value_type(TimePoint()) : std::string());
    }
    return itemJson(item, groups, names);
}

} // namespace

AdminReply usageJson(const UsageReport &report, const std::vector<UsageGroup> &groups, const VirtualKeyTable &names)
{
    Json items = Json::array();
    for (const UsageItem &item : report.items)
        items.push_back(itemJson(item, groups, names));
    Json total = Json::object();
    addFigures(total, report.total);
    return jsonReply({{"items", std::move(items)}, {"next", textOrNull(report.next)}, {"total", std::move(total)}});
}

AdminReply usageCsv(const UsageReport &report, const std::vector<UsageGroup> &groups, const VirtualKeyTable &names)
{
    AdminReply reply{.contentType = "text/csv; charset=utf-8"};
    reply.headers.emplace_back("content-disposition", "attachment; filename=\"keymux-usage.csv\"");
    if (!report.next.empty())
        reply.headers.emplace_back("x-keymux-next", report.next);
    reply.body = csvLine(emptyItem(groups, names), true);
    for (const UsageItem &item : report.items)
        reply.body += csvLine(itemJson(item, groups, names), false);
    return reply;
}

} // namespace keymux
