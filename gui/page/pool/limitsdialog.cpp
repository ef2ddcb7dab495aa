// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/pool/limitsdialog.h"

#include "widgets/dialogs.h"
#include "widgets/wrappedlabel.h"

#include <QCheckBox>
#include <QGridLayout>
#include <QIntValidator>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>
#include <limits>

namespace keymux::gui {

LimitsDialog::LimitsDialog(int rows, QWidget *parent) : QDialog(parent)
{
    setObjectName(QStringLiteral("limitsDialog"));
    setWindowTitle(tr("Set limits"));
    auto *note = new WrappedLabel(
        tr("For %n row(s). Only what is ticked is set; an empty field takes the limit away.", nullptr, rows));
    auto *grid = new QGridLayout;
    grid->setVerticalSpacing(10);
    grid->setHorizontalSpacing(14);
    for (const auto &[member, name] :
         {std::pair{"rpm_limit", tr("&Requests a minute")}, std::pair{"tpm_limit", tr("&Tokens a minute")},
          std::pair{"rpd_limit", tr("Requests a &day")}, std::pair{"max_parallel", tr("At &once")}}) {
        Field field{member, new QCheckBox(name), new QLineEdit};
        field.value->setValidator(new QIntValidator(1, std::numeric_limits<int>::max(), field.value));
        field.value->setPlaceholderText(tr("no limit"));
        QString plain = name;
        field.value->setAccessibleName(plain.remove(u'&'));
        connect(field.value, &QLineEdit::textEdited, field.set, [box = field.set] { box->setChecked(true); });
        const int row = int(m_fields.size());
        grid->addWidget(field.set, row, 0);
        grid->addWidget(field.value, row, 1);
        m_fields.push_back(field);
    }
    auto *set = new QPushButton(tr("&Set"));
    auto *column = dialogColumn(*this);
    column->addWidget(note);
    column->addLayout(grid);
    column->addLayout(buttonRow(*this, tr("Cancel"), set));
    resize(420, 0);
    connect(set, &QPushButton::clicked, this, [this] {
        std::map<std::string, Json> limits;
        for (const Field &field : m_fields) {
            if (field.set->isChecked())
                limits[field.member] =
                    field.value->text().isEmpty() ? Json(nullptr) : Json(field.value->text().toLongLong());
        }
        Q_EMIT chosen(limits);
        accept();
    });
}

} // namespace keymux::gui
