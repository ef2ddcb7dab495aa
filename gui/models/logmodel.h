// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractTableModel>
#include <QJsonArray>
#include <QList>

namespace keymux::gui {

/// The gateway's log lines, oldest first; bounded, the oldest go.
class LogModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { When, Level, Category, Message, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    /// Lines that are there already, by their number, are left out.
    void append(const QJsonArray &lines);
    void clear();
    QString line(int row) const;
    static int rankOf(const QString &level);
    int rank(int row) const { return m_lines[row].rank; }

    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    struct Line {
        qint64 n;
        int rank;
        QString when, level, category, message;
    };

    QList<Line> m_lines;
    qint64 m_last = 0;
};

} // namespace keymux::gui
