// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/keycommands.h"
#include "log/log.h"
#include "store/virtualkeyjson.h"

#include <charconv>
#include <cstdlib>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

std::string trimmed(std::string text)
{
    text.erase(0, text.find_first_not_of(' '));
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

Result<Json> limitField(const char *flag, const std::string &text)
{
    if (text == "none")
        return Json(nullptr);
    std::int64_t number = 0;
    const char *end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || rest != end || number < 1)
        return failure("usage", std::string(flag) + " takes a whole number from 1, or none");
    return Json(number);
}

/// `20usd/month`, `100000 tokens/day`, `500requests` (in total), or the amount alone when the unit has a flag of
/// its own.
Result<Json> budgetField(const KeyCommandOptions &options)
{
    const std::string text = trimmed(*options.budget);
    if (text == "none")
        return Json(nullptr);
    // Not locale-dependent: the program never sets one.
    char *end = nullptr;
    const double amount = std::strtod(text.c_str(), &end);
    const std::string rest = trimmed(end);
    const std::size_t slash = rest.find('/');
    const std::string unit = trimmed(rest.substr(0, slash));
    const std::string period = slash == std::string::npos ? std::string() : trimmed(rest.substr(slash + 1));
    const bool digit = !text.empty() && text[0] >= '0' && text[0] <= '9';
    if (!digit || (unit.empty() && !options.budgetUnit) || (slash != std::string::npos && period.empty()))
        return failure("usage", "--budget takes an amount, its unit and a period, such as 20usd/month "
                                "or 100000tokens/day; or none");
    Json budget{{"amount", amount}, {"unit", unit.empty() ? *options.budgetUnit : unit}};
    if (!period.empty() || options.budgetPeriod)
        budget["period"] = period.empty() ? *options.budgetPeriod : period;
    return budget;
}

Result<Json> expiryField(const std::string &text, TimePoint now)
{
    if (text == "none")
        return Json(nullptr);
    const auto moment = parseExpiry(text, now);
    if (!moment)
        return failure("usage", "--expires takes a moment such as 2027-01-31T12:00:00Z or a time from now such as 12h, "
                                "30d or 4w");
    return Json(rfc3339(*moment));
}

Result<Json> metadataField(const std::string &text)
{
    Json json = Json::parse(text, nullptr, false);
    if (!json.is_object())
        return failure("usage", "--metadata takes a JSON object such as '{\"team\":\"search\"}'");
    return json;
}

} // namespace

Result<Json> fieldsOf(const KeyCommandOptions &options, TimePoint now)
{
    Json fields = Json::object();
    std::optional<Error> problem;
    const auto put = [&](const char *name, Result<Json> value) {
        if (value)
            fields[name] = std::move(*value);
        else if (!problem)
            problem = value.error();
    };
    if (options.name)
        fields["name"] = *options.name;
    if (!options.models.empty())
        fields["models"] = options.models == std::vector<std::string>{"all"} ? Json::array() : Json(options.models);
    if (options.rpm)
        put("rpm_limit", limitField("--rpm-limit", *options.rpm));
    if (options.tpm)
        put("tpm_limit", limitField("--tpm-limit", *options.tpm));
    if (options.maxParallel)
        put("max_parallel", limitField("--max-parallel", *options.maxParallel));
    if (options.budget)
        put("budget", budgetField(options));
    else if (options.budgetUnit || options.budgetPeriod)
        problem = Error{"usage", "--budget-unit and --budget-period need --budget"};
    if (options.expires)
        put("expires_at", expiryField(*options.expires, now));
    if (options.metadata)
        put("metadata", metadataField(*options.metadata));
    if (options.exposeRoute)
        fields["expose_route"] = *options.exposeRoute;
    if (options.blocked)
        fields["blocked"] = *options.blocked;
    if (problem)
        return tl::unexpected(*problem);
    return fields;
}

} // namespace keymux
