// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"

#include <cstdint>
#include <optional>
#include <string_view>

namespace keymux {

enum class BudgetUnit { Tokens, Requests, Usd };
/// Day, week (from Monday) and month are the calendar's in UTC; a total never starts anew.
enum class BudgetPeriod { Day, Week, Month, Total };

/// How much a virtual key may spend in a period.
struct Budget {
    double amount = 0; ///< tokens, requests or US dollars
    BudgetUnit unit = BudgetUnit::Tokens;
    BudgetPeriod period = BudgetPeriod::Month;

    bool operator==(const Budget &) const = default;
};

/// The words of the admin API: `tokens`, `requests`, `usd`; `day`, `week`, `month`, `total`.
std::string_view unitName(BudgetUnit unit);
std::string_view periodName(BudgetPeriod period);
std::optional<BudgetUnit> unitFrom(std::string_view name);
std::optional<BudgetPeriod> periodFrom(std::string_view name);

/// When the period around `now` began; the epoch for a total.
TimePoint periodStart(BudgetPeriod period, TimePoint now);
/// When it ends and the budget is whole again; absent for a total.
std::optional<TimePoint> periodEnd(BudgetPeriod period, TimePoint now);

/// What was used: by one request, or by all in a period.
struct Spend {
    std::int64_t requests = 0; ///< that were answered; a failure of ours or a provider's is not the client's to pay
    std::int64_t tokens = 0;   ///< prompt and completion
    double costUsd = 0;        ///< 0 where the price is not known

    Spend &operator+=(const Spend &other);
    double in(BudgetUnit unit) const;
    bool operator==(const Spend &) const = default;
};

} // namespace keymux
