// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/csvmapping.h"

#include <QWidget>
#include <array>

class QCheckBox;
class QComboBox;
class QLabel;

namespace keymux::gui {

/// Which column of a pasted table is what, with the first values of each; secrets are masked.
class CsvColumns : public QWidget {
    Q_OBJECT
public:
    explicit CsvColumns(QWidget *parent = nullptr);

    /// Shows a mapping without telling changed(). A provider that was chosen for all keys beats the column.
    void show(const CsvTable &table, const CsvMapping &mapping, bool providerChosen);

Q_SIGNALS:
    void changed(const CsvMapping &mapping);

private:
    CsvMapping chosen() const;

    QCheckBox *m_header;
    std::array<QComboBox *, csvRoles> m_columns{};
    std::array<QLabel *, csvRoles> m_samples{};
};

} // namespace keymux::gui
