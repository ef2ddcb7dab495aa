// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfigjson.h"
#include "core/usage.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// US dollars per million tokens.
struct TokenPrices {
    double input = 0;
    double cachedInput = 0; ///< of a prompt's tokens the provider had in its cache
    double output = 0;
    double reasoning = 0; ///< of the output's tokens that were thought, not said

    bool operator==(const TokenPrices &) const = default;
};

/// What a model's tokens cost.
struct ModelPrice {
    TokenPrices prices;
    std::optional<std::int64_t> longAbove; ///< a prompt of more tokens costs `longPrices`, all of it
    TokenPrices longPrices;

    bool operator==(const ModelPrice &) const = default;
};

/// What a request cost in US dollars.
double costUsd(const ModelPrice &price, const TokenUsage &usage);

/// One line of a price list: for which models of which providers the price holds.
struct PriceRule {
    std::string provider; ///< its name in the pool config or a glob; empty: any
    std::string model;    ///< the name sent to the provider, or a glob
    ModelPrice price;

    bool operator==(const PriceRule &) const = default;
};

struct PriceReading {
    std::vector<PriceRule> rules;
    bool withBuiltin = true;       ///< what it does not name is looked up in the prices that come with the program
    std::vector<Problem> problems; ///< all of them, in document order
    bool valid() const { return problems.empty(); }
};

/// Reads a price list: JSON, comments and trailing commas are accepted.
PriceReading readPrices(std::string_view text);

/// Price lists put one before the other. Immutable once made.
class PriceTable {
public:
    /// Adds a list that is looked up after those added before.
    void add(std::vector<PriceRule> rules);
    /// The price of a provider's model: of the first list that knows it an exact name before a glob, one for this
    /// provider before one for any, then the first in the document. Null when no list knows it. It costs a walk over
    /// all rules, so it is asked once for each model of a pool, not for each request.
    const ModelPrice *find(std::string_view provider, std::string_view model) const;

private:
    std::vector<std::vector<PriceRule>> m_lists; ///< each in the order it is looked up in
};

} // namespace keymux
