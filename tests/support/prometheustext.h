// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace keymux::testing {

/// What a scrape answered, read as Prometheus reads its text format (version 0.0.4), and what a strict reader finds
/// wrong with it.
class PrometheusText {
public:
    using Labels = std::map<std::string, std::string>;
    struct Sample {
        std::string name; ///< with `_bucket`, `_sum` or `_count`
        Labels labels;
        double value = 0;
    };
    struct Family {
        std::string type, help;
        std::vector<Sample> samples;
    };

    explicit PrometheusText(const std::string &text);

    /// One sentence for each: format, names, labels, histograms, series that are there twice.
    const std::vector<std::string> &problems() const { return m_problems; }
    const std::map<std::string, Family> &families() const { return m_families; }
    /// The names a query may ask for.
    std::set<std::string> sampleNames() const;

    /// The sum over every series of that name that has all of these labels; absent when there is none.
    std::optional<double> sum(const std::string &name, const Labels &labels = {}) const;
    /// The same, 0 when there is none.
    double value(const std::string &name, const Labels &labels = {}) const { return sum(name, labels).value_or(0); }
    std::size_t seriesCount() const;

private:
    void readLine(const std::string &line);
    void readComment(const std::string &line);
    std::optional<Labels> readLabels(const std::string &line, std::size_t &at);
    void checkFamily(const std::string &name, const Family &family);
    void checkHistogram(const std::string &name, const Family &family);
    void problem(const std::string &what) { m_problems.push_back("line " + std::to_string(m_line) + ": " + what); }

    std::vector<std::string> m_problems;
    std::map<std::string, Family> m_families;
    std::set<std::string> m_finished; ///< families whose lines must not go on
    std::string m_current;
    int m_line = 0;
};

} // namespace keymux::testing
