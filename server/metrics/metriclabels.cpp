// SPDX-License-Identifier: GPL-3.0-or-later
#include "metrics/metriclabels.h"

#include <algorithm>
#include <array>
#include <utility>

namespace keymux {

namespace {

constexpr std::array statuses{
    std::pair(0, "none"),  std::pair(200, "200"), std::pair(400, "400"), std::pair(401, "401"), std::pair(402, "402"),
    std::pair(403, "403"), std::pair(404, "404"), std::pair(405, "405"), std::pair(408, "408"), std::pair(409, "409"),
    std::pair(413, "413"), std::pair(415, "415"), std::pair(422, "422"), std::pair(429, "429"), std::pair(431, "431"),
    std::pair(500, "500"), std::pair(502, "502"), std::pair(503, "503"), std::pair(504, "504"), std::pair(-1, "other")};

constexpr std::array codes{
    std::pair("", "none"),
    std::pair("invalid_json", "invalid_json"),
    std::pair("invalid_request_error", "invalid_request_error"),
    std::pair("invalid_api_key", "invalid_api_key"),
    std::pair("model_not_allowed", "model_not_allowed"),
    std::pair("model_not_found", "model_not_found"),
    std::pair("request_too_large", "request_too_large"),
    std::pair("rate_limit_exceeded", "rate_limit_exceeded"),
    std::pair("insufficient_quota", "insufficient_quota"),
    std::pair("pool_exhausted", "pool_exhausted"),
    std::pair("upstream_error", "upstream_error"),
    std::pair("upstream_timeout", "upstream_timeout"),
    std::pair("no_deployment", "no_deployment"),
    std::pair("overloaded", "overloaded"),
    std::pair("\1", "other"), // stands for what is not above
};

template <typename Table, typename Value>
std::size_t placeIn(const Table &table, Value value)
{
    const auto at = std::find_if(table.begin(), table.end(), [&](const auto &row) { return value == row.first; });
    return std::min(std::size_t(at - table.begin()), table.size() - 1);
}

} // namespace

std::string_view resultLabel(AnswerClass klass)
{
    switch (klass) {
    case AnswerClass::Success:
        return "success";
    case AnswerClass::NeverSent:
        return "never_sent";
    case AnswerClass::Cancelled:
        return "cancelled";
    case AnswerClass::ClientFault:
        return "bad_request";
    case AnswerClass::UnknownField:
        return "unknown_field";
    case AnswerClass::WrongAuthStyle:
        return "other_auth_wanted";
    case AnswerClass::MinuteLimit:
        return "rate_limit";
    case AnswerClass::DayQuota:
        return "day_quota";
    case AnswerClass::NoQuota:
        return "no_quota";
    case AnswerClass::BadKey:
        return "bad_key";
    case AnswerClass::Billing:
        return "billing";
    case AnswerClass::ModelMissing:
        return "model_missing";
    case AnswerClass::Denied:
        return "denied";
    case AnswerClass::Region:
        return "region";
    case AnswerClass::Overload:
        return "overload";
    case AnswerClass::Timeout:
        return "timeout";
    case AnswerClass::Network:
        return "network";
    case AnswerClass::Broken:
        return "broken_answer";
    }
    return "other";
}

std::size_t statusPlace(int status)
{
    return placeIn(statuses, status);
}

std::size_t codePlace(std::string_view code)
{
    return placeIn(codes, code);
}

std::string_view statusLabel(std::size_t place)
{
    return statuses.at(place).second;
}

std::string_view codeLabel(std::size_t place)
{
    return codes.at(place).second;
}

} // namespace keymux
