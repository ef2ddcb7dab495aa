// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace keymux::bench {

/// A line of the table: what was measured, the figures, and what is needed.
struct Row {
    std::string what; ///< with its unit
    std::optional<double> direct = {}, nginx = {}, keymuxd = {}, ratio = {};
    std::string needed = {}; ///< empty when nothing is asked of this figure
    bool met = true;
};

/// The figures of a run, and what was broken in it.
class Report {
public:
    void add(Row row);
    /// Adds a row that needs its ratio (or keymuxd's own figure when there is none) at least, or at most, at a bound.
    void addAtLeast(Row row, double bound);
    void addAtMost(Row row, double bound);
    void addProblem(const std::string &where, const std::string &what);

    bool broken() const { return !m_problems.empty(); }
    void printTable() const;
    void printJson() const;

private:
    std::vector<Row> m_rows;
    std::vector<std::string> m_problems;
};

} // namespace keymux::bench
