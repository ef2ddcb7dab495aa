// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/prometheustext.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <regex>
#include <sstream>

namespace keymux::testing {

namespace {

const std::regex metricName("[a-zA-Z_:][a-zA-Z0-9_:]*");
const std::regex labelName("[a-zA-Z_][a-zA-Z0-9_]*");

bool endsWith(const std::string &text, const std::string &end)
{
    return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// What may follow the name of a family in its samples.
bool belongsTo(const std::string &sample, const std::string &family, const std::string &type)
{
    if (type == "histogram")
        return sample == family + "_bucket" || sample == family + "_sum" || sample == family + "_count";
    return sample == family;
}

std::optional<double> number(const std::string &text)
{
    if (text == "+Inf")
        return std::numeric_limits<double>::infinity();
    if (text == "-Inf")
        return -std::numeric_limits<double>::infinity();
    if (text == "NaN" || text == "Nan")
        return std::numeric_limits<double>::quiet_NaN();
    char *end = nullptr;
    const double value = std::strtod(text.c_str(), &end);
    if (text.empty() || *end != '\0' || text.find_first_not_of("0123456789+-.eE") != std::string::npos)
        return std::nullopt;
    return value;
}

bool covers(const PrometheusText::Labels &all, const PrometheusText::Labels &wanted)
{
    return std::all_of(wanted.begin(), wanted.end(), [&](const auto &label) {
        const auto found = all.find(label.first);
        return found != all.end() && found->second == label.second;
    });
}

std::set<std::string> namesOf(const PrometheusText::Labels &labels)
{
    std::set<std::string> names;
    for (const auto &[name, value] : labels)
        names.insert(name);
    return names;
}

} // namespace

PrometheusText::PrometheusText(const std::string &text)
{
    if (text.empty() || text.back() != '\n')
        m_problems.push_back("the last line does not end");
    std::istringstream lines(text);
    std::string line;
    while (std::getline(lines, line)) {
        ++m_line;
        if (line.empty())
            continue;
        if (line[0] == '#')
            readComment(line);
        else
            readLine(line);
    }
    m_line = 0;
    for (const auto &[name, family] : m_families)
        checkFamily(name, family);
}

void PrometheusText::readComment(const std::string &line)
{
    std::smatch match;
    if (!std::regex_match(line, match, std::regex("# (HELP|TYPE) ([^ ]+) (.+)"))) {
        problem("neither HELP nor TYPE: " + line);
        return;
    }
    const std::string kind = match[1], name = match[2], rest = match[3];
    if (!std::regex_match(name, metricName))
        problem("no name for a metric: " + name);
    if (name != m_current) {
        if (!m_current.empty())
            m_finished.insert(m_current);
        if (m_finished.count(name) > 0 || m_families.count(name) > 0)
            problem("a second group of lines for " + name);
        m_current = name;
    }
    Family &family = m_families[name];
    std::string &text = kind == "HELP" ? family.help : family.type;
    if (!text.empty())
        problem("a second " + kind + " for " + name);
    if (!family.samples.empty())
        problem(kind + " after samples of " + name);
    text = rest;
}

void PrometheusText::readLine(const std::string &line)
{
    std::size_t at = line.find_first_of("{ ");
    const std::string name = line.substr(0, at);
    if (at == std::string::npos || !std::regex_match(name, metricName)) {
        problem("no sample: " + line);
        return;
    }
    const auto labels = readLabels(line, at);
    if (!labels)
        return;
    if (at >= line.size() || line[at] != ' ') {
        problem("no value: " + line);
        return;
    }
    const auto value = number(line.substr(at + 1));
    if (!value) {
        problem("a value that is no number: " + line);
        return;
    }
    if (m_current.empty() || !belongsTo(name, m_current, m_families[m_current].type)) {
        problem(name + " stands among the lines of " + m_current);
        return;
    }
    m_families[m_current].samples.push_back({name, *labels, *value});
}

/// From `{` to behind `}`; leaves `at` alone where there are none.
std::optional<PrometheusText::Labels> PrometheusText::readLabels(const std::string &line, std::size_t &at)
{
    Labels labels;
    if (line[at] != '{')
        return labels;
    ++at;
    while (at < line.size() && line[at] != '}') {
        const std::size_t equals = line.find("=\"", at);
        if (equals == std::string::npos) {
            problem("a label without a value: " + line);
            return std::nullopt;
        }
        const std::string name = line.substr(at, equals - at);
        std::string value;
        for (at = equals + 2; at < line.size() && line[at] != '"'; ++at) {
            if (line[at] != '\\') {
                value += line[at];
                continue;
            }
            const char escaped = ++at < line.size() ? line[at] : ' ';
            if (escaped != '\\' && escaped != '"' && escaped != 'n')
                problem("an escape that is none: " + line);
            value += escaped == 'n' ? '\n' : escaped;
        }
        if (!std::regex_match(name, labelName) || name.starts_with("__") || !labels.emplace(name, value).second)
            problem("a label that is none, or is there twice: " + name);
        ++at;
        if (at < line.size() && line[at] == ',')
            ++at;
    }
    if (at >= line.size()) {
        problem("labels without an end: " + line);
        return std::nullopt;
    }
    ++at;
    return labels;
}

void PrometheusText::checkFamily(const std::string &name, const Family &family)
{
    static const std::set<std::string> types{"counter", "gauge", "histogram"};
    if (types.count(family.type) == 0)
        m_problems.push_back(name + " has no type");
    if (family.help.empty())
        m_problems.push_back(name + " has no help");
    if (family.samples.empty())
        m_problems.push_back(name + " has no samples");
    if ((family.type == "counter") != endsWith(name, "_total"))
        m_problems.push_back(name + ": counters end in _total, and nothing else does");
    for (const char *end : {"_bucket", "_count", "_sum", "_info_total"})
        if (endsWith(name, end))
            m_problems.push_back(name + " ends in " + end);
    std::set<std::pair<std::string, Labels>> seen;
    for (const Sample &sample : family.samples) {
        if (!seen.emplace(sample.name, sample.labels).second)
            m_problems.push_back(name + " has a series twice");
        if (family.type != "gauge" && !(sample.value >= 0))
            m_problems.push_back(name + " is negative or no number");
    }
    if (family.type == "histogram") {
        checkHistogram(name, family);
        return;
    }
    for (const Sample &sample : family.samples) {
        if (namesOf(sample.labels) != namesOf(family.samples.front().labels))
            m_problems.push_back(name + " has series with different labels");
        if (sample.labels.count("le") > 0)
            m_problems.push_back(name + " has the label of a histogram");
    }
}

void PrometheusText::checkHistogram(const std::string &name, const Family &family)
{
    struct One {
        std::vector<std::pair<double, double>> buckets; ///< upper bound, count
        std::optional<double> sum, count;
    };
    std::map<Labels, One> all;
    for (const Sample &sample : family.samples) {
        Labels labels = sample.labels;
        labels.erase("le");
        One &one = all[labels];
        if (sample.name == name + "_sum") {
            one.sum = sample.value;
        } else if (sample.name == name + "_count") {
            one.count = sample.value;
        } else {
            const auto le = sample.labels.find("le");
            const auto bound = le == sample.labels.end() ? std::nullopt : number(le->second);
            if (bound)
                one.buckets.emplace_back(*bound, sample.value);
            else
                m_problems.push_back(name + " has a bucket without a bound");
        }
        if (namesOf(labels) != namesOf(all.begin()->first))
            m_problems.push_back(name + " has series with different labels");
    }
    for (const auto &[labels, one] : all) {
        if (!one.sum || !one.count || one.buckets.empty()) {
            m_problems.push_back(name + " lacks buckets, sum or count");
            continue;
        }
        const auto unordered = [](const auto &a, const auto &b) { return a.first >= b.first || a.second > b.second; };
        if (std::adjacent_find(one.buckets.begin(), one.buckets.end(), unordered) != one.buckets.end())
            m_problems.push_back(name + ": buckets do not ascend, or are not cumulative");
        if (!std::isinf(one.buckets.back().first) || one.buckets.back().second != *one.count)
            m_problems.push_back(name + ": the bucket +Inf is not the count");
        if (*one.count == 0 && *one.sum != 0)
            m_problems.push_back(name + ": a sum of nothing");
    }
}

std::set<std::string> PrometheusText::sampleNames() const
{
    std::set<std::string> names;
    for (const auto &[name, family] : m_families)
        for (const Sample &sample : family.samples)
            names.insert(sample.name);
    return names;
}

std::optional<double> PrometheusText::sum(const std::string &name, const Labels &labels) const
{
    std::optional<double> sum;
    for (const auto &[familyName, family] : m_families)
        for (const Sample &sample : family.samples)
            if (sample.name == name && covers(sample.labels, labels))
                sum = sum.value_or(0) + sample.value;
    return sum;
}

std::size_t PrometheusText::seriesCount() const
{
    std::size_t count = 0;
    for (const auto &[name, family] : m_families)
        count += family.samples.size();
    return count;
}

} // namespace keymux::testing
