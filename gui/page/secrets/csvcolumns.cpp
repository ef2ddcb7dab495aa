// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/secrets/csvcolumns.h"

#include <QCheckBox>
#include <QComboBox>
#include <QGridLayout>
#include <QLabel>
#include <QSignalBlocker>

using namespace Qt::StringLiterals;

namespace keymux::gui {

CsvColumns::CsvColumns(QWidget *parent)
    : QWidget(parent), m_header(new QCheckBox(tr("The first &line names the columns")))
{
    setObjectName(u"csvColumns"_s);
    auto *heading = new QLabel(tr("Columns of the table"));
    heading->setProperty("role", QStringLiteral("heading"));
    auto *grid = new QGridLayout(this);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setHorizontalSpacing(12);
    grid->setVerticalSpacing(6);
    grid->addWidget(heading, 0, 0, 1, 2);
    grid->addWidget(m_header, 0, 2);
    grid->setColumnStretch(2, 1);
    const std::array<QString, csvRoles> words{tr("&Name of the key"), tr("&Secret"), tr("P&rovider"),
                                              tr("&Quota group")};
    const std::array<QString, csvRoles> names{u"csvName"_s, u"csvSecret"_s, u"csvProvider"_s, u"csvGroup"_s};
    for (int i = 0; i < csvRoles; ++i) {
        const auto at = std::size_t(i);
        auto *label = new QLabel(words[at]);
        m_columns[at] = new QComboBox;
        m_columns[at]->setObjectName(names[at]);
        m_columns[at]->setAccessibleName(tr("Column: %1").arg(csvRoleName(CsvRole(i))));
        m_columns[at]->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        m_columns[at]->setMinimumWidth(200);
        label->setBuddy(m_columns[at]);
        m_samples[at] = new QLabel;
        m_samples[at]->setObjectName(names[at] + "Sample"_L1);
        m_samples[at]->setTextFormat(Qt::PlainText);
        m_samples[at]->setProperty("role", QStringLiteral("muted"));
        grid->addWidget(label, i + 1, 0);
        grid->addWidget(m_columns[at], i + 1, 1);
        grid->addWidget(m_samples[at], i + 1, 2);
        connect(m_columns[at], &QComboBox::currentIndexChanged, this, [this] { Q_EMIT changed(chosen()); });
    }
    connect(m_header, &QCheckBox::toggled, this, [this] { Q_EMIT changed(chosen()); });
}

void CsvColumns::show(const CsvTable &table, const CsvMapping &mapping, bool providerChosen)
{
    const QSignalBlocker quiet(this);
    m_header->setChecked(mapping.header);
    const QStringList titles = table.titles(mapping.header);
    for (int i = 0; i < csvRoles; ++i) {
        QComboBox &box = *m_columns[std::size_t(i)];
        box.clear();
        box.addItem(tr("none"), -1);
        for (int column = 0; column < titles.size(); ++column)
            box.addItem(titles[column], column);
        const int column = mapping.columns[std::size_t(i)];
        box.setCurrentIndex(column + 1);
        const bool beaten = CsvRole(i) == CsvRole::Provider && providerChosen;
        box.setEnabled(!beaten);
        m_samples[std::size_t(i)]->setText(beaten ? tr("chosen above") : table.sample(column, mapping));
    }
}

CsvMapping CsvColumns::chosen() const
{
    CsvMapping mapping;
    mapping.header = m_header->isChecked();
    for (std::size_t i = 0; i < csvRoles; ++i)
        mapping.columns[i] = m_columns[i]->currentData().toInt();
    return mapping;
}

} // namespace keymux::gui
