// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/prices.h"

#include "core/configfields.h"
#include "core/matching.h"

#include <algorithm>
#include <set>

namespace keymux {

namespace {

constexpr double dearest = 1e6; ///< more than this is surely a price by the token, or in another currency
constexpr std::size_t maxRules = 100'000;
constexpr std::string_view googles = "models/"; ///< Google names its models with and without it

std::optional<double> readPrice(ConfigFields &fields, std::string_view name)
{
    const auto price = fields.number(name, 0);
    if (price && *price > dearest) {
        fields.problem(*fields.node().find(name), name, "US dollars per million tokens are expected, at most 1000000");
        return std::nullopt;
    }
    return price;
}

void require(ConfigFields &fields, std::string_view name, std::string_view what)
{
    const JsonText &node = fields.node();
    if (node.kind == JsonText::Kind::Object && !fields.get(name))
        fields.problem(node, name, "`" + std::string(name) + "` is missing: " + std::string(what));
}

TokenPrices readTokenPrices(ConfigFields &fields)
{
    TokenPrices prices;
    prices.input = readPrice(fields, "input").value_or(0);
    prices.output = readPrice(fields, "output").value_or(0);
    prices.cachedInput = readPrice(fields, "cached_input").value_or(prices.input);
    prices.reasoning = readPrice(fields, "reasoning").value_or(prices.output);
    require(fields, "input", "US dollars per million tokens of the prompt");
    require(fields, "output", "US dollars per million tokens of the answer; 0 for embeddings");
    return prices;
}

void readLongPrompt(ConfigFields &parent, const std::string &path, ProblemList &problems, ModelPrice &price)
{
    const JsonText *node = parent.get("long_prompt");
    if (!node)
        return;
    ConfigFields fields(*node, path + ".long_prompt", problems);
    price.longAbove = fields.integer("above", 1, 1'000'000'000);
    require(fields, "above", "the tokens a prompt may have at the usual price");
    price.longPrices = readTokenPrices(fields);
    fields.reportUnknown();
}

PriceRule readRule(const JsonText &node, const std::string &path, ProblemList &problems)
{
    ConfigFields fields(node, path, problems);
    PriceRule rule;
    fields.string("provider", rule.provider);
    fields.string("model", rule.model);
    if (node.kind == JsonText::Kind::Object && rule.model.empty())
        fields.problem(node, "model", "`model` is missing: a name as the provider knows it, `*` standing for anything");
    rule.price.prices = readTokenPrices(fields);
    readLongPrompt(fields, path, problems, rule.price);
    fields.reportUnknown();
    return rule;
}

void readRules(const JsonText &list, PriceReading &reading, ProblemList &problems)
{
    if (list.items.size() > maxRules) {
        problems.add(list, "prices", "a price list may have at most " + std::to_string(maxRules) + " prices");
        return;
    }
    std::set<std::pair<std::string, std::string>> seen;
    for (std::size_t i = 0; i < list.items.size(); ++i) {
        const std::string path = "prices[" + std::to_string(i) + "]";
        PriceRule rule = readRule(list.items[i], path, problems);
        if (!rule.model.empty() && !seen.emplace(rule.provider, rule.model).second)
            problems.add(list.items[i], path, "`" + shownName(rule.model) + "` has a price further up already");
        reading.rules.push_back(std::move(rule));
    }
}

/// Lower ranks are looked up first.
int rankOf(const PriceRule &rule)
{
    return (isGlob(rule.model) ? 2 : 0) + (rule.provider.empty() ? 1 : 0);
}

double tokensAt(std::int64_t tokens, double perMillion)
{
    return double(tokens) * perMillion / 1e6;
}

} // namespace

double costUsd(const ModelPrice &price, const TokenUsage &usage)
{
    const bool isLong = price.longAbove && usage.prompt > *price.longAbove;
    const TokenPrices &at = isLong ? price.longPrices : price.prices;
    const std::int64_t prompt = std::max<std::int64_t>(0, usage.prompt);
    const std::int64_t completion = std::max<std::int64_t>(0, usage.completion);
    const std::int64_t cached = std::clamp<std::int64_t>(usage.cached, 0, prompt);
    const std::int64_t reasoning = std::clamp<std::int64_t>(usage.reasoning, 0, completion);
    return tokensAt(prompt - cached, at.input) + tokensAt(cached, at.cachedInput) +
           tokensAt(completion - reasoning, at.output) + tokensAt(reasoning, at.reasoning);
}

PriceReading readPrices(std::string_view text)
{
    PriceReading reading;
    ProblemList problems;
    const JsonReading json = readJsonText(text);
    if (!json.value) {
        reading.problems.push_back({json.error->line, json.error->column, "document", json.error->message});
        return reading;
    }
    ConfigFields fields(*json.value, "", problems);
    std::string ignored;
    std::vector<std::pair<std::string, std::string>> sources;
    fields.string("note", ignored);
    fields.string("updated", ignored);
    fields.stringMap("sources", sources);
    fields.boolean("builtin", reading.withBuiltin);
    const JsonText *list = fields.get("prices");
    if (list && list->kind == JsonText::Kind::Array)
        readRules(*list, reading, problems);
    else if (json.value->kind == JsonText::Kind::Object)
        fields.problem(list ? *list : *json.value, "prices", "a list of prices is expected");
    fields.reportUnknown();
    reading.problems = problems.take();
    return reading;
}

void PriceTable::add(std::vector<PriceRule> rules)
{
    for (PriceRule &rule : rules)
        rule.model.erase(0, rule.model.starts_with(googles) ? googles.size() : 0);
    std::stable_sort(rules.begin(), rules.end(),
                     [](const PriceRule &a, const PriceRule &b) { return rankOf(a) < rankOf(b); });
    m_lists.push_back(std::move(rules));
}

const ModelPrice *PriceTable::find(std::string_view provider, std::string_view model) const
{
    if (model.starts_with(googles))
        model.remove_prefix(googles.size());
    for (const auto &rules : m_lists) {
        for (const PriceRule &rule : rules) {
            if ((rule.provider.empty() || globMatches(rule.provider, provider)) && globMatches(rule.model, model))
                return &rule.price;
        }
    }
    return nullptr;
}

} // namespace keymux
