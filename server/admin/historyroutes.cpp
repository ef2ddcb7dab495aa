// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/historyroutes.h"

#include "admin/moments.h"
#include "core/configfields.h"
#include "log/log.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

Json orNull(const std::optional<double> &value, double factor)
{
    return value ? Json(std::round(*value * factor) / factor) : Json(nullptr);
}

struct Series {
    const char *name;
    Json (*valueOf)(const HistoryPoint &point);
};
const Series allSeries[] = {
    {"requests", [](const HistoryPoint &p) { return Json(p.counts.requests); }},
    {"errors", [](const HistoryPoint &p) { return Json(p.counts.errors); }},
    {"tokens", [](const HistoryPoint &p) { return Json(p.counts.tokens); }},
    {"rate_limited", [](const HistoryPoint &p) { return Json(p.counts.rateLimited); }},
    {"fallbacks", [](const HistoryPoint &p) { return Json(p.counts.fallbacks); }},
    {"latency_p50_ms", [](const HistoryPoint &p) { return orNull(p.p50, 1); }},
    {"latency_p95_ms", [](const HistoryPoint &p) { return orNull(p.p95, 1); }},
    {"room", [](const HistoryPoint &p) { return orNull(p.room, 1000); }},
};

std::string seriesNames()
{
    std::string names;
    for (const Series &series : allSeries)
        names += (names.empty() ? "`" : ", `") + std::string(series.name) + '`';
    return names;
}

/// Reads the parameters and collects what is wrong with them.
class HistoryReader {
public:
    explicit HistoryReader(const AdminRequest &request) : m_request(request) { read(); }

    const HistoryQuery &query() const { return m_query; }
    const std::vector<const Series *> &series() const { return m_series; }
    const std::vector<AdminProblem> &problems() const { return m_problems; }

private:
    void problem(std::string_view name, std::string message)
    {
        m_problems.push_back({std::string(name), std::move(message)});
    }

    void read()
    {
        for (const auto &[name, value] : m_request.query) {
            if (name == "model")
                readOf(HistoryQuery::Of::Model, name, value);
            else if (name == "key")
                readOf(HistoryQuery::Of::Key, name, value);
            else if (name == "deployment")
                readOf(HistoryQuery::Of::Deployment, name, value);
            else if (name != "series" && name != "from" && name != "to" && name != "step")
                problem(shownName(name), "there is no such parameter; there are `series`, `from`, `to`, `step`, "
                                         "`model`, `key`, `deployment`");
        }
        readSeries();
        readTimes();
        readStep();
    }

    void readOf(HistoryQuery::Of of, const std::string &name, const std::string &value)
    {
        if (m_query.of != HistoryQuery::Of::Pool)
            problem(name, "one of `model`, `key` and `deployment` is taken, once; none of them is the pool");
        else if (value.empty())
            problem(name, "a name is expected");
        m_query.of = of;
        m_query.name = value;
    }

    void readSeries()
    {
        const auto text = m_request.queryValue("series");
        for (const Series &series : allSeries) {
            if (!text)
                m_series.push_back(&series);
        }
        if (text && text->empty())
            problem("series", "name at least one of " + seriesNames());
        for (const std::string &name : partsOf(text.value_or(""))) {
            const auto *found = std::find_if(std::begin(allSeries), std::end(allSeries),
                                             [&](const Series &series) { return series.name == name; });
            if (found == std::end(allSeries)) {
                problem("series", "`" + shownName(name) + "` is none of " + seriesNames());
                return;
            }
            if (std::find(m_series.begin(), m_series.end(), found) == m_series.end())
                m_series.push_back(found);
        }
    }

    void readTimes()
    {
        const auto read = [&](const char *name, TimePoint otherwise) {
            const auto text = m_request.queryValue(name);
            const auto moment = text ? momentOf(std::string(*text), m_request.now) : otherwise;
            if (!moment)
                problem(name, momentExpected);
            return moment.value_or(otherwise);
        };
        const std::size_t before = m_problems.size();
        m_query.to = std::min(read("to", m_request.now), m_request.now);
        m_query.from = read("from", m_query.to - std::chrono::hours(1));
        if (m_query.from >= m_query.to && m_problems.size() == before)
            problem("from", "it must be before `to` and before now");
    }

    void readStep()
    {
        const auto text = m_request.queryValue("step");
        std::int64_t seconds = 0;
        if (text) {
            const char *end = text->data() + text->size();
            const auto [rest, error] = std::from_chars(text->data(), end, seconds);
            if (error != std::errc{} || rest != end || seconds < 1 || seconds > 86400)
                return problem("step", "a number of seconds from 1 to 86400 is expected");
        }
        m_query.step = std::chrono::seconds(std::max<std::int64_t>(1, seconds));
        if (m_problems.empty() && History::pointsOf(History::frameOf(m_query, m_request.now)) > History::mostPoints)
            problem(text ? "step" : "from", "at most " + std::to_string(History::mostPoints) +
                                                " points are given at once: take a larger `step` or a later `from`");
    }

    const AdminRequest &m_request;
    HistoryQuery m_query;
    std::vector<const Series *> m_series;
    std::vector<AdminProblem> m_problems;
};

} // namespace

AdminReply historyReport(const AdminRequest &request, const HistorySources &sources)
{
    const HistoryReader reader(request);
    if (!reader.problems().empty()) {
        std::string message;
        for (const AdminProblem &problem : reader.problems())
            message += (message.empty() ? "`" : " `") + problem.path + "`: " + problem.message + '.';
        return errorReply(400, "invalid_request_error", message, reader.problems());
    }
    sources.collect();
    if (!sources.history.knows(reader.query().of, reader.query().name))
        return notFoundReply("history of `" + shownName(reader.query().name) + "`");
    const HistoryAnswer answer = sources.history.answer(reader.query(), request.now);
    Json series = Json::object();
    for (const Series *one : reader.series()) {
        Json values = Json::array();
        for (const auto &point : answer.points)
            values.push_back(point ? one->valueOf(*point) : Json(nullptr));
        series[one->name] = std::move(values);
    }
    return jsonReply({{"from", rfc3339(answer.from)},
                      {"to", rfc3339(answer.to)},
                      {"step", answer.step.count() / 1000},
                      {"series", std::move(series)}});
}

void registerHistoryRoutes(AdminRouter &router, const HistorySources &sources)
{
    router.add("GET", "/admin/v1/history",
               [sources](const AdminRequest &request) { return historyReport(request, sources); });
}

} // namespace keymux
