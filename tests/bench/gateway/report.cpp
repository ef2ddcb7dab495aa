// SPDX-License-Identifier: GPL-3.0-or-later
#include "report.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace keymux::bench {

namespace {

std::string shown(const std::optional<double> &value)
{
    if (!value)
        return {};
    char text[32];
    const double size = std::abs(*value);
    std::snprintf(text, sizeof text, size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : "%.2f", *value);
    return text;
}

std::string bound(const char *sign, double value)
{
    return sign + shown(value);
}

} // namespace

void Report::add(Row row)
{
    m_rows.push_back(std::move(row));
}

void Report::addAtLeast(Row row, double least)
{
    row.needed = bound(">= ", least);
    row.met = (row.ratio ? row.ratio : row.keymuxd).value_or(0) >= least;
    add(std::move(row));
}

void Report::addAtMost(Row row, double most)
{
    row.needed = bound("<= ", most);
    row.met = (row.ratio ? row.ratio : row.keymuxd).value_or(HUGE_VAL) <= most;
    add(std::move(row));
}

void Report::addProblem(const std::string &where, const std::string &what)
{
    m_problems.push_back(where + ": " + what);
}

void Report::printTable() const
{
    std::printf("%-58s %10s %10s %10s %8s  %s\n", "", "direct", "nginx", "keymuxd", "ratio", "needed");
    for (const Row &row : m_rows) {
        std::printf("%-58s %10s %10s %10s %8s  %s%s\n", row.what.c_str(), shown(row.direct).c_str(),
                    shown(row.nginx).c_str(), shown(row.keymuxd).c_str(), shown(row.ratio).c_str(), row.needed.c_str(),
                    row.met ? "" : "  MISSED");
    }
    for (const std::string &problem : m_problems)
        std::printf("BROKEN %s\n", problem.c_str());
}

void Report::printJson() const
{
    using Json = nlohmann::ordered_json;
    Json rows = Json::array();
    for (const Row &row : m_rows) {
        Json one = {{"what", row.what}};
        const auto put = [&](const char *name, const std::optional<double> &value) {
            if (value)
                one[name] = *value;
        };
        put("direct", row.direct);
        put("nginx", row.nginx);
        put("keymuxd", row.keymuxd);
        put("ratio", row.ratio);
        if (!row.needed.empty()) {
            one["needed"] = row.needed;
            one["met"] = row.met;
        }
        rows.push_back(std::move(one));
    }
    std::printf(
        "%s\n",
        Json{{"rows", rows}, {"problems", m_problems}}.dump(2, ' ', false, Json::error_handler_t::replace).c_str());
}

} // namespace keymux::bench
