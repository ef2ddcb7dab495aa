// SPDX-License-Identifier: GPL-3.0-or-later
#include "dialects/errorbody.h"

#include "core/utczone.h"

#include <QDateTime>
#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::json;

constexpr std::size_t bodyBound = 64 << 10;
constexpr std::size_t textBound = 2048;

std::string bounded(std::string text)
{
    if (text.size() > textBound)
        text.resize(textBound);
    return text;
}

/// A member as text, whether it came as string or number.
std::string textOf(const Json &object, const char *name)
{
    const auto it = object.find(name);
    if (it == object.end())
        return {};
    if (it->is_string())
        return bounded(it->get<std::string>());
    if (it->is_number_integer())
        return std::to_string(it->get<std::int64_t>());
    return {};
}

const Json &memberOf(const Json &object, const char *name)
{
    static const Json none;
    const auto it = object.find(name);
    return it == object.end() ? none : *it;
}

/// google.rpc details: why, which quota, for how long.
void readGoogleDetails(const Json &details, ErrorFacts &facts)
{
    if (!details.is_array())
        return;
    for (const Json &detail : details) {
        if (!detail.is_object())
            continue;
        const std::string type = textOf(detail, "@type");
        if (type.ends_with("google.rpc.ErrorInfo")) {
            facts.reason = textOf(detail, "reason");
        } else if (type.ends_with("google.rpc.RetryInfo")) {
            facts.retryDelay = parseDuration(textOf(detail, "retryDelay"));
        } else if (type.ends_with("google.rpc.QuotaFailure")) {
            const Json &violations = memberOf(detail, "violations");
            for (const Json &violation : violations) {
                if (!violation.is_object() || facts.quotaIds.size() >= 32)
                    continue;
                if (std::string id = textOf(violation, "quotaId"); !id.empty())
                    facts.quotaIds.push_back(std::move(id));
                facts.quotaZero = facts.quotaZero || textOf(violation, "quotaValue") == "0";
            }
        }
    }
}

void readErrorObject(const Json &error, ErrorFacts &facts)
{
    for (const char *name : {"message", "msg", "detail", "error_msg"}) {
        if (facts.message.empty())
            facts.message = textOf(error, name);
    }
    facts.type = textOf(error, "type");
    facts.code = textOf(error, "code");
    facts.param = textOf(error, "param");
    facts.status = textOf(error, "status");
    readGoogleDetails(memberOf(error, "details"), facts);
    const Json &details = memberOf(error, "details");
    if (details.is_object()) {
        if (std::string code = textOf(details, "error_code"); !code.empty())
            facts.code = std::move(code);
    }
    // Routers put what their own provider said into metadata.
    const Json &metadata = memberOf(error, "metadata");
    if (metadata.is_object()) {
        if (std::string raw = textOf(metadata, "raw"); !raw.empty())
            facts.message = bounded(facts.message + ": " + raw);
    }
}

/// FastAPI's `detail`: a text, or a list of what is wrong where.
void readFastApiDetail(const Json &detail, ErrorFacts &facts)
{
    if (!detail.is_array() || detail.empty() || !detail[0].is_object())
        return;
    facts.message = textOf(detail[0], "msg");
    facts.type = textOf(detail[0], "type");
    const Json &place = memberOf(detail[0], "loc");
    if (place.is_array() && place.size() == 2 && place[1].is_string()) {
        facts.param = bounded(place[1].get<std::string>());
        if (facts.type == "extra_forbidden" || facts.type == "value_error.extra")
            facts.unknownField = facts.param;
    }
}

std::string asciiLower(std::string_view text)
{
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return char(std::tolower(c)); });
    return lower;
}

/// The name that follows `before` in quotes or up to the next space; only a plain top-level name counts.
std::string nameAfter(std::string_view text, std::string_view before)
{
    const std::size_t at = asciiLower(text).find(before);
    if (at == std::string::npos)
        return {};
    std::string_view rest = text.substr(at + before.size());
    while (!rest.empty() && (rest.front() == ' ' || rest.front() == '\\'))
        rest.remove_prefix(1);
    if (!rest.empty() && (rest.front() == '"' || rest.front() == '\'' || rest.front() == '`'))
        rest.remove_prefix(1);
    const std::size_t end = std::min(
        rest.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"), rest.size());
    const std::string_view name = rest.substr(0, end);
    // `messages[0].name`, `a.b` and `"x" at 'y'` are not top-level members.
    const std::string_view tail = rest.substr(end);
    if (name.empty() || name.size() > 64 || tail.starts_with('[') ||
        (tail.starts_with('.') && tail.size() > 1 && std::isalnum(static_cast<unsigned char>(tail[1]))))
        return {};
    return std::string(name);
}

std::string unknownFieldIn(std::string_view message)
{
    const std::string lower = asciiLower(message);
    if (lower.find("unknown name") != std::string::npos) {
        // Google: `Unknown name "x": Cannot find field.` is about the top level, `… at 'tools[0]'` is not.
        if (lower.find("unknown name \"") != std::string::npos && lower.find("\" at '") != std::string::npos)
            return {};
        return nameAfter(message, "unknown name");
    }
    for (const char *before :
         {"unrecognized request argument supplied:", "unknown parameter:", "unsupported parameter:",
          "unrecognized request arguments supplied:", "unexpected keyword argument"}) {
        if (std::string name = nameAfter(message, before); !name.empty())
            return name;
    }
    if (lower.find("is unsupported") != std::string::npos && lower.find("property '") != std::string::npos)
        return nameAfter(message, "property ");
    return {};
}

/// `try again in 6.57s`, `Please retry in 34.07s`, `retry after 20 seconds`.
std::optional<Millis> waitIn(std::string_view message)
{
    const std::string lower = asciiLower(message);
    for (const char *before : {"try again in ", "retry in ", "try again after ", "retry after "}) {
        const std::size_t at = lower.find(before);
        if (at == std::string::npos)
            continue;
        std::string_view rest = std::string_view(lower).substr(at + std::string_view(before).size());
        std::size_t end = 0;
        while (end < rest.size() && (std::isalnum(static_cast<unsigned char>(rest[end])) || rest[end] == '.'))
            ++end;
        while (end > 0 && rest[end - 1] == '.')
            --end;
        if (const auto wait = parseDuration(rest.substr(0, end)))
            return wait;
    }
    return std::nullopt;
}

/// Anthropic: `You will regain access on 2026-04-01 at 00:00 UTC.`
std::optional<TimePoint> regainIn(std::string_view message)
{
    constexpr std::string_view words = "regain access on ";
    const std::size_t at = message.find(words);
    if (at == std::string_view::npos || message.size() < at + words.size() + 19)
        return std::nullopt;
    const std::string_view text = message.substr(at + words.size(), 19);
    const QDateTime t = QDateTime::fromString(QString::fromLatin1(text.data(), qsizetype(text.size())),
                                              QStringLiteral("yyyy-MM-dd 'at' HH:mm"));
    if (!t.isValid())
        return std::nullopt;
    return TimePoint(Millis(QDateTime(t.date(), t.time(), utcZone).toMSecsSinceEpoch()));
}

void readText(std::string_view body, ErrorFacts &facts)
{
    const bool html = asciiLower(body.substr(0, 256)).find("<html") != std::string::npos || body.starts_with("<!");
    facts.message = html ? std::string("an HTML page instead of an answer") : std::string(body.substr(0, 300));
    if (html)
        facts.type = "html";
}

} // namespace

ErrorFacts readErrorBody(std::string_view body, TimePoint)
{
    ErrorFacts facts;
    body = body.substr(0, bodyBound);
    const Json document = Json::parse(body, nullptr, false);
    // Never copied: a copy walks into the nesting, which the provider chooses.
    const Json &root = document.is_array() && !document.empty() ? document[0] : document;
    if (!root.is_object()) {
        readText(body, facts);
    } else {
        const Json &error = memberOf(root, "error");
        if (error.is_object()) {
            readErrorObject(error, facts);
        } else {
            readErrorObject(root, facts);
            readFastApiDetail(memberOf(root, "detail"), facts);
            if (error.is_string())
                facts.message = bounded(error.get<std::string>());
        }
    }
    if (facts.unknownField.empty())
        facts.unknownField = unknownFieldIn(facts.message);
    if (!facts.retryDelay)
        facts.retryDelay = waitIn(facts.message);
    facts.regainAt = regainIn(facts.message);
    facts.quotaZero =
        facts.quotaZero || facts.message.find("limit: 0,") != std::string::npos || facts.message.ends_with("limit: 0");
    return facts;
}

std::string openAiErrorBody(const ClientError &error)
{
    using Ordered = nlohmann::ordered_json;
    const Ordered body = {{"error",
                           {{"message", error.message},
                            {"type", error.type},
                            {"param", error.param.empty() ? Ordered(nullptr) : Ordered(error.param)},
                            {"code", error.code.empty() ? Ordered(nullptr) : Ordered(error.code)}}}};
    return body.dump(-1, ' ', false, Ordered::error_handler_t::replace);
}

} // namespace keymux
