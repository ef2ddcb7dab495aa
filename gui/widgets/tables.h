// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QString>

class QAbstractItemModel;
class QHeaderView;
class QSplitter;
class QTableView;

namespace keymux::gui {

/// A table as every page has it: whole rows, one selected, no grid, names of columns on the left. The caller owns it.
QTableView *tableOf(QAbstractItemModel &model, const QString &name);

/// Columns as the person left them: order, widths, sorting and which are shown, under NAME/columns of the settings. A
/// menu on the header shows and hides all but the first, and gives back the model's own order. Lives as long as the
/// header.
class KeptColumns : public QObject {
    Q_OBJECT
public:
    /// After the widths to begin with are set, and sorting is on where there is sorting.
    KeptColumns(QHeaderView &header, const QString &name);

private:
    void showMenu(const QPoint &at);
    void keep() const;

    QHeaderView &m_header;
    QString m_settingsName;
};

/// The parts of a splitter as the person left them, under NAME/splitter of the settings.
void keepSplitter(QSplitter &splitter, const QString &name);

} // namespace keymux::gui
