// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/usageroutes.h"

#include "admin/moments.h"
#include "admin/usagejson.h"
#include "core/configfields.h"

#include <algorithm>
#include <charconv>

namespace keymux {

namespace {

constexpr auto defaultSpan = std::chrono::days(30);
constexpr std::size_t jsonLimit = 500, mostJson = 5000, csvLimit = 100'000;
constexpr std::size_t mostValues = 1000;

const std::vector<std::string> &parameterNames()
{
    static const std::vector<std::string> names{"from",     "to",    "group_by", "virtual_key", "key",
                                                "provider", "model", "format",   "limit",       "cursor"};
    return names;
}

/// Reads the parameters of a report and collects what is wrong with them.
class QueryReader {
public:
    QueryReader(const AdminRequest &request, const VirtualKeyTable &virtualKeys)
        : m_request(request), m_virtualKeys(virtualKeys)
    {
    }

    UsageQuery read()
    {
        readFormat();
        readTimes();
        readGroups();
        for (const auto &[name, value] : m_request.query)
            readValue(name, value);
        readLimit();
        return std::move(m_query);
    }
    bool csv() const { return m_csv; }
    const std::vector<AdminProblem> &problems() const { return m_problems; }

private:
    void problem(std::string_view name, std::string message)
    {
        m_problems.push_back({std::string(name), std::move(message)});
    }

    void readFormat()
    {
        const auto format = m_request.queryValue("format");
        if (format && *format != "json" && *format != "csv")
            problem("format", "`json` or `csv` is expected");
        m_csv = format ? *format == "csv" : m_request.header("accept").find("text/csv") != std::string_view::npos;
    }

    void readTimes()
    {
        const auto read = [&](const char *name, TimePoint otherwise) {
            const auto text = m_request.queryValue(name);
            if (!text)
                return otherwise;
            const auto moment = momentOf(std::string(*text), m_request.now);
            if (!moment)
                problem(name, momentExpected);
            return moment.value_or(otherwise);
        };
        m_query.to = read("to", m_request.now + Millis(1));
        m_query.from = hourOf(read("from", m_query.to - defaultSpan));
        if (m_query.from >= m_query.to && m_problems.empty())
            problem("from", "it must be before `to`");
    }

    void readGroups()
    {
        constexpr UsageGroup all[] = {UsageGroup::VirtualKey, UsageGroup::Key,  UsageGroup::Provider,
                                      UsageGroup::Model,      UsageGroup::Hour, UsageGroup::Day};
        for (const std::string &name : partsOf(m_request.queryValue("group_by").value_or("virtual_key,key,model"))) {
            const auto *group =
                std::find_if(std::begin(all), std::end(all), [&](UsageGroup g) { return groupName(g) == name; });
            auto &groups = m_query.groups;
            if (group == std::end(all))
                problem("group_by", "`" + shownName(name) +
                                        "` is none of `virtual_key`, `key`, `provider`, `model`, `hour`, `day`");
            else if (std::find(groups.begin(), groups.end(), *group) == groups.end())
                groups.push_back(*group);
        }
    }

    void readValue(const std::string &name, const std::string &value)
    {
        const auto add = [&](std::vector<std::string> &values) {
            if (values.size() == mostValues)
                problem(name, "at most 1000 values are taken");
            if (values.size() <= mostValues)
                values.push_back(value);
        };
        if (name == "virtual_key")
            addVirtualKey(value);
        else if (name == "key")
            add(m_query.keys);
        else if (name == "provider")
            add(m_query.providers);
        else if (name == "model")
            add(m_query.models);
        else if (const auto &known = parameterNames(); std::find(known.begin(), known.end(), name) == known.end())
            problem(shownName(name), "there is no such parameter; there are `from`, `to`, `group_by`, `virtual_key`, "
                                     "`key`, `provider`, `model`, `format`, `limit`, `cursor`");
    }

    /// By its id, or every one of that name.
    void addVirtualKey(const std::string &value)
    {
        auto &ids = m_query.virtualKeys;
        ids.push_back(value);
        for (const VirtualKey &key : m_virtualKeys.keys()) {
            if (key.name == value)
                ids.push_back(key.id);
        }
        if (ids.size() > mostValues) {
            problem("virtual_key", "more than 1000 virtual keys are named");
            ids.clear();
        }
    }

    void readLimit()
    {
        const std::size_t most = m_csv ? csvLimit : mostJson;
        m_query.limit = m_csv ? csvLimit : jsonLimit;
        m_query.cursor = m_request.queryValue("cursor").value_or("");
        const auto text = m_request.queryValue("limit");
        if (!text)
            return;
        const char *end = text->data() + text->size();
        const auto [rest, error] = std::from_chars(text->data(), end, m_query.limit);
        if (error != std::errc{} || rest != end || m_query.limit < 1 || m_query.limit > most)
            problem("limit", "a number from 1 to " + std::to_string(most) + " is expected");
    }

    const AdminRequest &m_request;
    const VirtualKeyTable &m_virtualKeys;
    UsageQuery m_query;
    bool m_csv = false;
    std::vector<AdminProblem> m_problems;
};

} // namespace

AdminReply usageReport(const AdminRequest &request, const UsageSources &sources)
{
    const auto virtualKeys = sources.virtualKeys();
    QueryReader reader(request, *virtualKeys);
    const UsageQuery query = reader.read();
    if (!reader.problems().empty()) {
        std::string message;
        for (const AdminProblem &problem : reader.problems())
            message += (message.empty() ? "`" : " `") + problem.path + "`: " + problem.message + '.';
        return errorReply(400, "invalid_request_error", message, reader.problems());
    }
    sources.collect();
    const auto made = sources.store.report(query);
    if (!made) {
        const bool cursor = made.error().code == "bad_cursor";
        return errorReply(cursor ? 400 : 500, cursor ? "invalid_cursor" : made.error().code, made.error().message);
    }
    return reader.csv() ? usageCsv(*made, query.groups, *virtualKeys) : usageJson(*made, query.groups, *virtualKeys);
}

void registerUsageRoutes(AdminRouter &router, const UsageSources &sources)
{
    router.add("GET", "/admin/v1/usage",
               [sources](const AdminRequest &request) { return usageReport(request, sources); });
}

} // namespace keymux
