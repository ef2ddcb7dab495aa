// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/latereport.h"

#include "store/poolmemorystore.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::json;

std::int64_t millisOf(TimePoint t)
{
    return t.time_since_epoch().count();
}

Json spendJson(const Spend &spend)
{
    return {spend.requests, spend.tokens, spend.costUsd};
}

Json windowJson(const std::vector<RateWindow::Entry> &entries)
{
    Json list = Json::array();
    for (const RateWindow::Entry &entry : entries)
        list.push_back({millisOf(entry.at), entry.requests, entry.tokens});
    return list;
}

Json restJson(const RestMemory &rest)
{
    return {{"holder", holderName(rest.holder)},
            {"subject", rest.subject},
            {"endpoint", rest.holder == RestMemory::Holder::Endpoint ? endpointName(rest.endpoint) : ""},
            {"reason", restReasonName(rest.reason)},
            {"started_at", millisOf(rest.startedAt)},
            {"until", millisOf(rest.until)},
            {"needs_trial", rest.needsTrial},
            {"hits", rest.hits},
            {"secret", rest.secretVersion}};
}

std::int64_t number(const Json &json)
{
    return json.is_number_integer() ? json.get<std::int64_t>() : 0;
}

std::string text(const Json &json)
{
    return json.is_string() ? json.get<std::string>() : std::string();
}

TimePoint moment(const Json &json)
{
    return TimePoint(Millis(number(json)));
}

/// The member, or null: nothing in a report is there for certain.
const Json &member(const Json &object, const char *name)
{
    static const Json none;
    if (!object.is_object())
        return none;
    const auto it = object.find(name);
    return it == object.end() ? none : *it;
}

const Json &item(const Json &list, std::size_t index)
{
    static const Json none;
    return list.is_array() && index < list.size() ? list[index] : none;
}

template <typename Use>
void each(const Json &list, const Use &use)
{
    if (!list.is_array())
        return;
    for (const Json &one : list)
        use(one);
}

Spend spendFrom(const Json &list)
{
    const Json &cost = item(list, 2);
    return {.requests = number(item(list, 0)),
            .tokens = number(item(list, 1)),
            .costUsd = cost.is_number() ? cost.get<double>() : 0};
}

std::vector<RateWindow::Entry> windowFrom(const Json &list)
{
    std::vector<RateWindow::Entry> entries;
    each(list, [&](const Json &one) {
        entries.push_back({moment(item(one, 0)), number(item(one, 1)), number(item(one, 2))});
    });
    return entries;
}

void readRests(const Json &list, std::vector<RestMemory> &rests)
{
    each(list, [&](const Json &one) {
        auto rest = restNamed(text(member(one, "holder")), text(member(one, "endpoint")), text(member(one, "reason")));
        if (!rest)
            return;
        rest->subject = text(member(one, "subject"));
        rest->startedAt = moment(member(one, "started_at"));
        rest->until = moment(member(one, "until"));
        rest->needsTrial = member(one, "needs_trial") == Json(true);
        rest->hits = std::uint16_t(std::clamp<std::int64_t>(number(member(one, "hits")), 0, 1000));
        const Json &secret = member(one, "secret");
        rest->secretVersion = secret.is_number_integer() ? secret.get<std::uint64_t>() : 0;
        rests.push_back(std::move(*rest));
    });
}

void readKeys(const Json &json, LateReport &report)
{
    each(member(json, "uses"), [&](const Json &one) {
        VirtualKeyRoom::Usage use;
        use.id = text(member(one, "id"));
        use.period = spendFrom(member(one, "period"));
        use.total = spendFrom(member(one, "total"));
        use.since = moment(member(one, "since"));
        if (const Json &at = member(one, "last_used_at"); at.is_number())
            use.lastUsedAt = moment(at);
        report.uses.push_back(std::move(use));
    });
    each(member(json, "keys_held"), [&](const Json &one) {
        report.keysHeld.push_back(
            {text(member(one, "id")), number(member(one, "in_flight")), spendFrom(member(one, "reserved"))});
    });
    each(member(json, "key_windows"), [&](const Json &one) {
        report.keyWindows.push_back({text(member(one, "id")), windowFrom(member(one, "entries"))});
    });
}

void readPool(const Json &json, LateReport &report)
{
    each(member(json, "days"), [&](const Json &one) {
        report.learned.days.push_back(
            {text(member(one, "unit")), number(member(one, "used")), moment(member(one, "ends"))});
    });
    readRests(member(json, "rests"), report.learned.rests);
    each(member(json, "units_held"), [&](const Json &one) {
        report.unitsHeld.push_back({text(member(one, "unit")), number(member(one, "in_flight"))});
    });
    each(member(json, "unit_windows"), [&](const Json &one) {
        report.pool.windows.push_back({text(member(one, "unit")), windowFrom(member(one, "entries"))});
    });
    readRests(member(json, "all_rests"), report.pool.rests);
}

} // namespace

bool LateReport::empty() const
{
    return uses.empty() && learned.days.empty() && learned.rests.empty() && keysHeld.empty() && unitsHeld.empty() &&
           keyWindows.empty() && pool.windows.empty() && pool.rests.empty();
}

std::string toJson(const LateReport &report)
{
    Json json{{"writer", report.writer}};
    for (const auto &use : report.uses) {
        Json one{{"id", use.id},
                 {"period", spendJson(use.period)},
                 {"total", spendJson(use.total)},
                 {"since", millisOf(use.since)}};
        if (use.lastUsedAt)
            one["last_used_at"] = millisOf(*use.lastUsedAt);
        json["uses"].push_back(std::move(one));
    }
    for (const DayMemory &day : report.learned.days)
        json["days"].push_back({{"unit", day.unit}, {"used", day.used}, {"ends", millisOf(day.ends)}});
    for (const RestMemory &rest : report.learned.rests)
        json["rests"].push_back(restJson(rest));
    for (const auto &held : report.keysHeld)
        json["keys_held"].push_back(
            {{"id", held.id}, {"in_flight", held.inFlight}, {"reserved", spendJson(held.reserved)}});
    for (const HeldMemory &held : report.unitsHeld)
        json["units_held"].push_back({{"unit", held.unit}, {"in_flight", held.inFlight}});
    for (const auto &window : report.keyWindows)
        json["key_windows"].push_back({{"id", window.id}, {"entries", windowJson(window.entries)}});
    for (const WindowMemory &window : report.pool.windows)
        json["unit_windows"].push_back({{"unit", window.unit}, {"entries", windowJson(window.entries)}});
    for (const RestMemory &rest : report.pool.rests)
        json["all_rests"].push_back(restJson(rest));
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

LateReport lateReportFrom(std::string_view stored)
{
    LateReport report;
    const Json json = Json::parse(stored, nullptr, false);
    report.writer = text(member(json, "writer"));
    readKeys(json, report);
    readPool(json, report);
    return report;
}

} // namespace keymux
