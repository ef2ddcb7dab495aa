// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/usagesql.h"

#include <QByteArray>
#include <QStringList>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::json;

bool isTime(UsageGroup group)
{
    return group == UsageGroup::Hour || group == UsageGroup::Day;
}

/// Times count downwards, so that everything is in rising order and one comparison of rows finds the next page.
const char *expressionOf(UsageGroup group)
{
    switch (group) {
    case UsageGroup::VirtualKey:
        return "virtual_key";
    case UsageGroup::Key:
        return "key_id";
    case UsageGroup::Provider:
        return "provider";
    case UsageGroup::Model:
        return "model";
    case UsageGroup::Hour:
        return "-hour";
    case UsageGroup::Day:
        break;
    }
    return "-(hour / 86400000 * 86400000)";
}

const QString sums = QStringLiteral(
    "SUM(requests), SUM(errors), SUM(prompt_tokens), SUM(completion_tokens), SUM(total_tokens), SUM(cached_tokens), "
    "SUM(reasoning_tokens), SUM(cost_usd), SUM(priced), SUM(unpriced), SUM(estimated)");
constexpr int sumCount = 11;

qint64 millisOf(TimePoint t)
{
    return t.time_since_epoch().count();
}

} // namespace

std::string_view groupName(UsageGroup group)
{
    switch (group) {
    case UsageGroup::VirtualKey:
        return "virtual_key";
    case UsageGroup::Key:
        return "key";
    case UsageGroup::Provider:
        return "provider";
    case UsageGroup::Model:
        return "model";
    case UsageGroup::Hour:
        return "hour";
    case UsageGroup::Day:
        break;
    }
    return "day";
}

UsageSql::UsageSql(const UsageQuery &query, std::string_view source)
    : m_query(query), m_source(sqlText(source)),
      m_where(QStringLiteral("hour >= ? AND hour < ?")), m_values{millisOf(query.from), millisOf(query.to)}
{
    filter("virtual_key", query.virtualKeys);
    filter("key_id", query.keys);
    filter("provider", query.providers);
    filter("model", query.models);
}

void UsageSql::filter(const char *column, const std::vector<std::string> &values)
{
    if (values.empty())
        return;
    QStringList marks;
    for (const std::string &value : values) {
        marks.append(QStringLiteral("?"));
        m_values.append(sqlText(value));
    }
    m_where += QStringLiteral(" AND %1 IN (%2)").arg(QLatin1String(column), marks.join(QStringLiteral(", ")));
}

QString UsageSql::groupList() const
{
    QStringList list;
    for (const bool time : {true, false}) {
        for (const UsageGroup group : m_query.groups) {
            if (isTime(group) == time)
                list.append(QLatin1String(expressionOf(group)));
        }
    }
    return list.join(QStringLiteral(", "));
}

QString UsageSql::totalText() const
{
    return QStringLiteral("SELECT %1 FROM %2 WHERE %3").arg(sums, m_source, m_where);
}

QString UsageSql::itemsText() const
{
    if (m_query.groups.empty())
        return QStringLiteral("%1 HAVING COUNT(*) > 0 LIMIT ?").arg(totalText());
    const QString groups = groupList();
    QString where = m_where;
    if (!m_after.empty())
        where += QStringLiteral(" AND (%1) > (%2)")
                     .arg(groups, QStringList(m_after.size(), QStringLiteral("?")).join(QStringLiteral(", ")));
    return QStringLiteral("SELECT %1, %2 FROM %3 WHERE %4 GROUP BY %2 ORDER BY %2 LIMIT ?")
        .arg(sums, groups, m_source, where);
}

QVariantList UsageSql::itemsValues() const
{
    return m_values + m_after + QVariantList{qulonglong(m_query.limit + 1)};
}

UsageItem UsageSql::item(const QSqlQuery &row) const
{
    UsageItem item{{}, usageFigures(row, 0)};
    item.values.resize(m_query.groups.size());
    int column = sumCount;
    for (const bool time : {true, false}) {
        for (std::size_t i = 0; i < m_query.groups.size(); ++i) {
            if (isTime(m_query.groups[i]) != time)
                continue;
            if (time)
                item.values[i] = TimePoint(Millis(-row.value(column).toLongLong()));
            else
                item.values[i] = row.value(column).toString().toStdString();
            ++column;
        }
    }
    return item;
}

Result<void> UsageSql::setCursor(const std::string &cursor)
{
    if (cursor.empty())
        return {};
    const auto bad = failure("bad_cursor", "This `cursor` is none of a report grouped like this one: take `next` of "
                                           "the answer before, or leave it out to begin with the newest.");
    const auto decoded = QByteArray::fromBase64Encoding(
        QByteArray::fromStdString(cursor), QByteArray::Base64UrlEncoding | QByteArray::AbortOnBase64DecodingErrors);
    const Json values = decoded ? Json::parse(decoded.decoded.begin(), decoded.decoded.end(), nullptr, false) : Json();
    if (!values.is_array() || values.empty() || values.size() != m_query.groups.size())
        return bad;
    for (const bool time : {true, false}) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (isTime(m_query.groups[i]) != time)
                continue;
            if (time ? !values[i].is_number_integer() : !values[i].is_string())
                return bad;
            if (time)
                m_after.append(-qint64(values[i].get<std::int64_t>()));
            else
                m_after.append(sqlText(values[i].get<std::string>()));
        }
    }
    return {};
}

QVariantList usageRow(const UsagePlace &place, const UsageFigures &f)
{
    return {millisOf(place.hour),
            sqlText(place.virtualKey),
            sqlText(place.key),
            sqlText(place.provider),
            sqlText(place.model),
            qint64(f.requests),
            qint64(f.errors),
            qint64(f.promptTokens),
            qint64(f.completionTokens),
            qint64(f.totalTokens),
            qint64(f.cachedTokens),
            qint64(f.reasoningTokens),
            f.costUsd,
            qint64(f.priced),
            qint64(f.unpriced),
            qint64(f.estimated)};
}

UsageFigures usageFigures(const QSqlQuery &row, int column)
{
    const auto next = [&] { return row.value(column++).toLongLong(); };
    UsageFigures figures;
    figures.requests = next();
    figures.errors = next();
    figures.promptTokens = next();
    figures.completionTokens = next();
    figures.totalTokens = next();
    figures.cachedTokens = next();
    figures.reasoningTokens = next();
    figures.costUsd = row.value(column++).toDouble();
    figures.priced = next();
    figures.unpriced = next();
    figures.estimated = next();
    return figures;
}

std::string usageCursor(const UsageItem &last)
{
    Json values = Json::array();
    for (const auto &value : last.values) {
        if (const auto *time = std::get_if<TimePoint>(&value))
            values.push_back(millisOf(*time));
        else
            values.push_back(std::get<std::string>(value));
    }
    return QByteArray::fromStdString(values.dump(-1, ' ', false, Json::error_handler_t::replace))
        .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals)
        .toStdString();
}

} // namespace keymux
