// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "store/usagestore.h"

namespace keymux {

/// A report's questions in SQL. Values from outside are bound, never written into the text.
class UsageSql {
public:
    /// `source`: the table, or what stands for it.
    UsageSql(const UsageQuery &query, std::string_view source);

    /// Begins behind the item a cursor names. Error `bad_cursor`.
    Result<void> setCursor(const std::string &cursor);

    QString totalText() const;
    const QVariantList &totalValues() const { return m_values; }
    /// One more than the limit, to see whether there are more.
    QString itemsText() const;
    QVariantList itemsValues() const;
    UsageItem item(const QSqlQuery &row) const;

private:
    void filter(const char *column, const std::vector<std::string> &values);
    QString groupList() const;

    const UsageQuery &m_query;
    QString m_source, m_where;
    QVariantList m_values, m_after;
};

/// The row of a place, in the order of the table's columns.
QVariantList usageRow(const UsagePlace &place, const UsageFigures &figures);
/// The sums of a row, from that column on.
UsageFigures usageFigures(const QSqlQuery &row, int column);
/// Opaque: where the next page begins.
std::string usageCursor(const UsageItem &last);

} // namespace keymux
