// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/feedback.h"

#include <QDateTime>
#include <charconv>
#include <cmath>
#include <locale>

namespace keymux {

namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '"' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '"' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// A plain decimal number that does not look to the locale; anything else is absent.
std::optional<double> number(std::string_view text)
{
    double value = 0;
    const auto end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value, std::chars_format::fixed);
    if (error != std::errc{} || rest != end || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::optional<Millis> millis(double value)
{
    constexpr double tenYears = 10.0 * 366 * 86400 * 1000;
    if (!(value >= 0) || value > tenYears)
        return std::nullopt;
    return Millis(std::int64_t(std::ceil(value)));
}

std::optional<TimePoint> moment(std::string_view text)
{
    const QString date = QString::fromLatin1(text.data(), qsizetype(text.size()));
    QDateTime t = QDateTime::fromString(date, Qt::ISODateWithMs);
    if (!t.isValid() || !text.starts_with('2')) {
        // HTTP-date: `Sun, 06 Nov 1994 08:49:37 GMT`; Qt's reader wants an offset instead of the name.
        QString mail = date;
        mail.replace(QLatin1String("GMT"), QLatin1String("+0000"));
        t = QDateTime::fromString(mail, Qt::RFC2822Date);
    }
    if (!t.isValid())
        return std::nullopt;
    return TimePoint(Millis(t.toMSecsSinceEpoch()));
}

/// Seconds, unix seconds, unix milliseconds, a duration or a date: whatever a header of this kind has been seen to
/// hold.
std::optional<Millis> waitFrom(std::string_view text, TimePoint now)
{
    text = trimmed(text);
    if (const auto value = number(text)) {
        const double nowMillis = double(now.time_since_epoch().count());
        if (*value > 1e12)
            return millis(std::max(0.0, *value - nowMillis));
        if (*value > 1e9)
            return millis(std::max(0.0, *value * 1000 - nowMillis));
        return millis(*value * 1000);
    }
    if (const auto duration = parseDuration(text))
        return duration;
    if (const auto at = moment(text))
        return std::max(Millis(0), *at - now);
    return std::nullopt;
}

std::string_view find(const Headers &headers, std::string_view name)
{
    for (const auto &[key, value] : headers) {
        if (key == name)
            return value;
    }
    return {};
}

/// The reset header of a dimension whose `remaining` says 0.
std::optional<Millis> exhaustedReset(const Headers &headers, TimePoint now)
{
    std::optional<Millis> longest;
    for (const auto &[name, value] : headers) {
        const std::size_t at = name.find("remaining");
        if (at == std::string::npos || name.find("ratelimit") == std::string::npos || trimmed(value) != "0")
            continue;
        std::string reset = name;
        reset.replace(at, 9, "reset");
        const std::string_view text = find(headers, reset);
        // Azure writes 0 or -1 where it does not know.
        if (text.empty() || trimmed(text) == "0" || trimmed(text) == "-1")
            continue;
        const auto wait = waitFrom(text, now);
        if (wait && (!longest || *wait > *longest))
            longest = wait;
    }
    return longest;
}

} // namespace

std::optional<Millis> parseDuration(std::string_view text)
{
    text = trimmed(text);
    if (text.empty() || text.size() > 64)
        return std::nullopt;
    if (const auto seconds = number(text))
        return millis(*seconds * 1000);
    double total = 0;
    while (!text.empty()) {
        std::size_t digits = 0;
        while (digits < text.size() && ((text[digits] >= '0' && text[digits] <= '9') || text[digits] == '.'))
            ++digits;
        const auto value = number(text.substr(0, digits));
        if (!value)
            return std::nullopt;
        text.remove_prefix(digits);
        double unit = 0;
        std::size_t length = 1;
        if (text.starts_with("ms")) {
            unit = 1;
            length = 2;
        } else if (text.starts_with("us") || text.starts_with("ns")) {
            unit = text[0] == 'u' ? 1e-3 : 1e-6;
            length = 2;
        } else if (text.starts_with('s')) {
            unit = 1e3;
        } else if (text.starts_with('m')) {
            unit = 6e4;
        } else if (text.starts_with('h')) {
            unit = 3.6e6;
        } else if (text.starts_with('d')) {
            unit = 8.64e7;
        } else {
            return std::nullopt;
        }
        text.remove_prefix(length);
        total += *value * unit;
    }
    return millis(total);
}

std::optional<Millis> waitHint(const Headers &headers, TimePoint now)
{
    for (const char *name : {"retry-after-ms", "x-ms-retry-after-ms"}) {
        if (const auto value = number(trimmed(find(headers, name)))) {
            if (const auto wait = millis(*value))
                return wait;
        }
    }
    if (const std::string_view after = find(headers, "retry-after"); !after.empty()) {
        if (const auto wait = waitFrom(after, now))
            return wait;
    }
    if (const auto reset = exhaustedReset(headers, now))
        return reset;
    for (const char *name : {"x-ratelimit-reset", "ratelimit-reset"}) {
        if (const std::string_view text = find(headers, name); !text.empty()) {
            if (const auto wait = waitFrom(text, now))
                return wait;
        }
    }
    return std::nullopt;
}

} // namespace keymux
