// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/logmodel.h"

#include "theme/colours.h"

#include <QBrush>
#include <QDateTime>
#include <QGuiApplication>
#include <QJsonObject>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

constexpr int mostLines = 10000;
constexpr int dropped = 1000; ///< at once, so that not every line costs a removal

} // namespace

int LogModel::rankOf(const QString &level)
{
    const QStringList levels{u"debug"_s, u"info"_s, u"warning"_s, u"error"_s};
    return int(std::max<qsizetype>(0, levels.indexOf(level)));
}

void LogModel::append(const QJsonArray &lines)
{
    QList<Line> fresh;
    for (const auto &value : lines) {
        const QJsonObject o = value.toObject();
        const qint64 n = o["n"_L1].toInteger();
        if (n <= m_last)
            continue;
        m_last = n;
        const QDateTime at = QDateTime::fromString(o["at"_L1].toString(), Qt::ISODateWithMs).toLocalTime();
        const QString level = o["level"_L1].toString();
        fresh.append({n, rankOf(level), at.toString(u"HH:mm:ss.zzz"_s), level, o["category"_L1].toString(),
                      o["message"_L1].toString()});
    }
    if (fresh.isEmpty())
        return;
    beginInsertRows({}, int(m_lines.size()), int(m_lines.size() + fresh.size()) - 1);
    m_lines += fresh;
    endInsertRows();
    if (m_lines.size() <= mostLines + dropped)
        return;
    const int gone = int(m_lines.size()) - mostLines;
    beginRemoveRows({}, 0, gone - 1);
    m_lines.remove(0, gone);
    endRemoveRows();
}

void LogModel::clear()
{
    beginResetModel();
    m_lines.clear();
    m_last = 0;
    endResetModel();
}

QString LogModel::line(int row) const
{
    const Line &l = m_lines[row];
    return u"%1 %2 %3: %4"_s.arg(l.when, l.level.toUpper(), l.category, l.message);
}

int LogModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_lines.size());
}

int LogModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant LogModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const char *const names[ColumnCount] = {QT_TR_NOOP("When"), QT_TR_NOOP("Level"), QT_TR_NOOP("About"),
                                                   QT_TR_NOOP("Message")};
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 || section >= ColumnCount)
        return {};
    return tr(names[section]);
}

QVariant LogModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_lines.size())
        return {};
    const Line &line = m_lines[index.row()];
    if (role == Qt::ForegroundRole && index.column() == Level && line.rank >= 2)
        return QBrush(toneColour(line.rank == 2 ? Tone::Warning : Tone::Bad, QGuiApplication::palette()));
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    switch (index.column()) {
    case When:
        return line.when;
    case Level:
        return line.level;
    case Category:
        return line.category;
    default:
        return line.message;
    }
}

} // namespace keymux::gui
