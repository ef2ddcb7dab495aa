// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/configfields.h"

#include "core/keyshapes.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <unordered_set>

namespace keymux {

namespace {

constexpr std::size_t maxProblems = 1000;

/// Insertions, deletions, replacements and swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b)
{
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i)
        d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j)
        d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t change = a[i - 1] == b[j - 1] ? 0 : 1;
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + change});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a.size()][b.size()];
}

} // namespace

std::string shownName(std::string_view name)
{
    std::string text = withoutKeyShapes(name.substr(0, 1000));
    if (text.size() > 80) {
        std::size_t end = 80;
        while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
            --end; // between characters
        text.resize(end);
        text += "…";
    }
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, '?');
    return text;
}

std::optional<std::string> nearestName(std::string_view name, const std::vector<std::string> &candidates)
{
    if (name.size() > 80)
        return std::nullopt;
    std::size_t best = std::max<std::size_t>(1, name.size() / 3) + 1;
    std::optional<std::string> nearest;
    for (const std::string &candidate : candidates) {
        if (candidate.size() > 200)
            continue;
        const std::size_t d = distance(name, candidate);
        if (d < best) {
            best = d;
            nearest = candidate;
        }
    }
    return nearest;
}

void ProblemList::add(int line, int column, std::string path, std::string message)
{
    if (m_problems.size() < maxProblems)
        m_problems.push_back({line, column, std::move(path), std::move(message)});
    else
        ++m_more;
}

void ProblemList::add(const JsonText &at, std::string path, std::string message)
{
    add(at.line, at.column, std::move(path), std::move(message));
}

std::vector<Problem> ProblemList::take()
{
    std::stable_sort(m_problems.begin(), m_problems.end(), [](const Problem &a, const Problem &b) {
        return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
    if (m_more > 0) {
        const Problem last = m_problems.back();
        m_problems.push_back(
            {last.line, last.column, "document", "there are " + std::to_string(m_more) + " more problems"});
    }
    return std::move(m_problems);
}

ConfigFields::ConfigFields(const JsonText &node, std::string path, ProblemList &problems)
    : m_node(node), m_path(std::move(path)), m_problems(problems)
{
    if (node.kind != JsonText::Kind::Object) {
        m_problems.add(node, m_path.empty() ? "document" : m_path,
                       "an object { } is expected, not " + std::string(node.kindName()));
        return;
    }
    std::unordered_set<std::string_view> seen;
    for (const auto &member : node.members) {
        if (!seen.insert(member.name).second)
            m_problems.add(member.line, member.column, pathOf(member.name), "this name is there twice; keep one");
    }
}

std::string ConfigFields::pathOf(std::string_view name) const
{
    return m_path.empty() ? shownName(name) : m_path + '.' + shownName(name);
}

void ConfigFields::problem(const JsonText &at, std::string_view name, std::string message)
{
    m_problems.add(at, name.empty() ? m_path : pathOf(name), std::move(message));
}

const JsonText *ConfigFields::get(std::string_view name)
{
    m_known.emplace_back(name);
    const JsonText *value = m_node.find(name);
    return value && value->kind != JsonText::Kind::Null ? value : nullptr;
}

const JsonText *ConfigFields::typed(std::string_view name, JsonText::Kind kind, std::string_view what)
{
    const JsonText *value = get(name);
    if (!value || value->kind == kind)
        return value;
    problem(*value, name, std::string(what) + " is expected, not " + std::string(value->kindName()));
    return nullptr;
}

void ConfigFields::string(std::string_view name, std::string &out)
{
    if (const JsonText *value = typed(name, JsonText::Kind::String, "a string"))
        out = value->text;
}

void ConfigFields::boolean(std::string_view name, bool &out)
{
    if (const JsonText *value = typed(name, JsonText::Kind::Bool, "true or false"))
        out = value->boolean;
}

std::optional<std::int64_t> ConfigFields::integer(std::string_view name, std::int64_t min, std::int64_t max)
{
    const JsonText *value = typed(name, JsonText::Kind::Number, "a whole number");
    if (!value)
        return std::nullopt;
    std::int64_t number = 0;
    const char *end = value->text.data() + value->text.size();
    const auto [rest, error] = std::from_chars(value->text.data(), end, number);
    if (error == std::errc{} && rest == end && number >= min && number <= max)
        return number;
    problem(*value, name,
            "a whole number from " + std::to_string(min) + " to " + std::to_string(max) + " is expected, not " +
                value->text.substr(0, 40));
    return std::nullopt;
}

void ConfigFields::integer(std::string_view name, std::int64_t min, std::int64_t max, int &out)
{
    if (const auto value = integer(name, min, max))
        out = int(*value);
}

void ConfigFields::integer(std::string_view name, std::int64_t min, std::int64_t max, std::int64_t &out)
{
    if (const auto value = integer(name, min, max))
        out = *value;
}

std::optional<double> ConfigFields::number(std::string_view name, double min)
{
    const JsonText *value = typed(name, JsonText::Kind::Number, "a number");
    if (!value)
        return std::nullopt;
    double number = 0;
    const char *end = value->text.data() + value->text.size();
    const auto [rest, error] = std::from_chars(value->text.data(), end, number);
    if (error == std::errc{} && rest == end && std::isfinite(number) && number >= min && number <= 1e9)
        return number;
    problem(*value, name,
            "a number of at least " + std::to_string(int(min)) + " is expected, not " + value->text.substr(0, 40));
    return std::nullopt;
}

void ConfigFields::millis(std::string_view name, std::int64_t min, Millis &out)
{
    if (const auto value = integer(name, min, 30LL * 86400 * 1000))
        out = Millis(*value);
}

void ConfigFields::seconds(std::string_view name, Millis &out)
{
    const auto value = number(name, 0);
    if (!value)
        return;
    if (*value > 366 * 86400.0)
        problem(*m_node.find(name), name, "at most a year is expected");
    else
        out = Millis(std::int64_t(*value * 1000));
}

void ConfigFields::strings(std::string_view name, std::vector<std::string> &out)
{
    if (const JsonText *value = get(name))
        strings(*value, name, out);
}

void ConfigFields::strings(const JsonText &value, std::string_view name, std::vector<std::string> &out)
{
    if (value.kind != JsonText::Kind::Array) {
        problem(value, name, "a list of strings is expected, not " + std::string(value.kindName()));
        return;
    }
    out.clear();
    for (std::size_t i = 0; i < value.items.size(); ++i) {
        const JsonText &item = value.items[i];
        if (item.kind == JsonText::Kind::String && !item.text.empty())
            out.push_back(item.text);
        else
            problem(item, std::string(name) + '[' + std::to_string(i) + ']', "a string that is not empty is expected");
    }
}

void ConfigFields::stringMap(std::string_view name, std::vector<std::pair<std::string, std::string>> &out)
{
    const JsonText *object = typed(name, JsonText::Kind::Object, "an object of strings");
    if (!object)
        return;
    out.clear();
    const ConfigFields checked(*object, pathOf(name), m_problems); // members named twice
    for (const auto &member : object->members) {
        if (member.value.kind == JsonText::Kind::String)
            out.emplace_back(member.name, member.value.text);
        else
            problem(member.value, std::string(name) + '.' + member.name,
                    "a string is expected, not " + std::string(member.value.kindName()));
    }
}

std::optional<std::size_t> ConfigFields::oneOf(std::string_view name, const std::vector<std::string> &words)
{
    const JsonText *value = typed(name, JsonText::Kind::String, "a string");
    if (!value)
        return std::nullopt;
    const auto it = std::find(words.begin(), words.end(), value->text);
    if (it != words.end())
        return std::size_t(it - words.begin());
    std::string message = "one of";
    for (const std::string &word : words)
        message += (&word == words.data() ? " `" : ", `") + word + '`';
    message += " is expected, not `" + shownName(value->text) + '`';
    if (const auto near = nearestName(value->text, words))
        message += "; did you mean `" + *near + "`?";
    problem(*value, name, message);
    return std::nullopt;
}

void ConfigFields::reportUnknown()
{
    for (const auto &member : m_node.members) {
        if (std::find(m_known.begin(), m_known.end(), member.name) != m_known.end())
            continue;
        std::string message = "unknown field `" + shownName(member.name) + '`';
        if (const auto near = nearestName(member.name, m_known))
            message += "; did you mean `" + *near + "`?";
        m_problems.add(member.line, member.column, pathOf(member.name), std::move(message));
    }
}

} // namespace keymux
