// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/dayzone.h"

#include "core/utczone.h"

#include <QDateTime>
#include <QTimeZone>
#include <algorithm>

namespace keymux {

namespace {

constexpr std::int64_t dayMillis = 86400000;

std::int64_t floorDiv(std::int64_t a, std::int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

/// Looks like `America/Los_Angeles` or `Etc/GMT+3`; the empty name would be this machine's own zone.
bool isZoneName(std::string_view name)
{
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '+' ||
               c == '-' || c == '/';
    });
}

} // namespace

std::optional<DayZone> DayZone::named(std::string_view ianaName, TimePoint around)
{
    if (ianaName == "UTC")
        return DayZone();
    if (!isZoneName(ianaName))
        return std::nullopt;
    const QTimeZone zone(QByteArray(ianaName.data(), qsizetype(ianaName.size())));
    // A name without a slash Qt may take for a POSIX rule without an offset, which would make `Berlin` mean UTC.
    if (!zone.isValid() ||
        (ianaName.find('/') == std::string_view::npos && ianaName != "GMT" &&
         zone.standardTimeOffset(QDateTime::fromMSecsSinceEpoch(0, utcZone)) == 0 && !zone.hasDaylightTime()))
        return std::nullopt;
    const QDateTime middle = QDateTime::fromMSecsSinceEpoch(around.time_since_epoch().count(), utcZone);
    const QDateTime from = middle.addYears(-10);
    DayZone result;
    result.m_before = Millis(std::int64_t(zone.offsetFromUtc(from)) * 1000);
    for (const auto &change : zone.transitions(from, middle.addYears(10)))
        result.m_changes.push_back(
            {TimePoint(Millis(change.atUtc.toMSecsSinceEpoch())), Millis(std::int64_t(change.offsetFromUtc) * 1000)});
    return result;
}

Millis DayZone::offsetAt(TimePoint t) const
{
    const auto after = std::upper_bound(m_changes.begin(), m_changes.end(), t,
                                        [](TimePoint moment, const Change &change) { return moment < change.at; });
    return after == m_changes.begin() ? m_before : std::prev(after)->offset;
}

/// Midnight as UTC, also where a clock change moves or skips it.
TimePoint DayZone::startOfLocalDay(std::int64_t localDay) const
{
    const Millis local(localDay * dayMillis);
    // A first guess with the offset half a day before, then once more with the offset that holds there.
    TimePoint guess(local - offsetAt(TimePoint(local) - std::chrono::hours(26)));
    guess = TimePoint(local - offsetAt(guess));
    return TimePoint(local - offsetAt(guess - Millis(1)));
}

TimePoint DayZone::lastMidnight(TimePoint now) const
{
    const std::int64_t day = floorDiv((now.time_since_epoch() + offsetAt(now)).count(), dayMillis);
    const TimePoint start = startOfLocalDay(day);
    return start <= now ? start : startOfLocalDay(day - 1);
}

TimePoint DayZone::nextMidnight(TimePoint now) const
{
    const std::int64_t day = floorDiv((now.time_since_epoch() + offsetAt(now)).count(), dayMillis);
    TimePoint next = startOfLocalDay(day + 1);
    return next > now ? next : startOfLocalDay(day + 2);
}

} // namespace keymux
