// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/budget.h"

#include <array>

namespace keymux {

namespace {

constexpr std::array<std::string_view, 3> unitNames{"tokens", "requests", "usd"};
constexpr std::array<std::string_view, 4> periodNames{"day", "week", "month", "total"};

template <typename Enum, std::size_t N>
std::optional<Enum> named(const std::array<std::string_view, N> &names, std::string_view name)
{
    for (std::size_t i = 0; i < N; ++i) {
        if (names[i] == name)
            return Enum(i);
    }
    return std::nullopt;
}

using Days = std::chrono::days;

std::chrono::sys_days dayOf(TimePoint t)
{
    return std::chrono::sys_days(std::chrono::floor<Days>(t.time_since_epoch()));
}

TimePoint midnightOf(std::chrono::sys_days day)
{
    return TimePoint(std::chrono::duration_cast<Millis>(day.time_since_epoch()));
}

} // namespace

std::string_view unitName(BudgetUnit unit)
{
    return unitNames[std::size_t(unit)];
}

std::string_view periodName(BudgetPeriod period)
{
    return periodNames[std::size_t(period)];
}

std::optional<BudgetUnit> unitFrom(std::string_view name)
{
    return named<BudgetUnit>(unitNames, name);
}

std::optional<BudgetPeriod> periodFrom(std::string_view name)
{
    return named<BudgetPeriod>(periodNames, name);
}

TimePoint periodStart(BudgetPeriod period, TimePoint now)
{
    const std::chrono::sys_days day = dayOf(now);
    switch (period) {
    case BudgetPeriod::Day:
        return midnightOf(day);
    case BudgetPeriod::Week:
        return midnightOf(day - (std::chrono::weekday(day) - std::chrono::Monday));
    case BudgetPeriod::Month: {
        const std::chrono::year_month_day date(day);
        return midnightOf(std::chrono::sys_days(date.year() / date.month() / 1));
    }
    case BudgetPeriod::Total:
        break;
    }
    return TimePoint();
}

std::optional<TimePoint> periodEnd(BudgetPeriod period, TimePoint now)
{
    const TimePoint start = periodStart(period, now);
    switch (period) {
    case BudgetPeriod::Day:
        return start + Days(1);
    case BudgetPeriod::Week:
        return start + Days(7);
    case BudgetPeriod::Month: {
        const std::chrono::year_month_day first(dayOf(start));
        return midnightOf(std::chrono::sys_days((first.year() / first.month() + std::chrono::months(1)) / 1));
    }
    case BudgetPeriod::Total:
        break;
    }
    return std::nullopt;
}

Spend &Spend::operator+=(const Spend &other)
{
    requests += other.requests;
    tokens += other.tokens;
    costUsd += other.costUsd;
    return *this;
}

double Spend::in(BudgetUnit unit) const
{
    switch (unit) {
    case BudgetUnit::Tokens:
        return double(tokens);
    case BudgetUnit::Requests:
        return double(requests);
    case BudgetUnit::Usd:
        break;
    }
    return costUsd;
}

} // namespace keymux
