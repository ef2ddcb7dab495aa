// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/dialogs.h"

#include <QDialog>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

namespace keymux::gui {

QVBoxLayout *dialogColumn(QDialog &dialog)
{
    auto *column = new QVBoxLayout(&dialog);
    column->setContentsMargins(16, 16, 16, 16);
    column->setSpacing(12);
    return column;
}

QHBoxLayout *buttonRow(QDialog &dialog, const QString &closing, QPushButton *goOn, const QList<QPushButton *> &left)
{
    auto *row = new QHBoxLayout;
    for (QPushButton *button : left) {
        button->setAutoDefault(false);
        row->addWidget(button);
    }
    row->addStretch();
    auto *close = new QPushButton(closing);
    close->setAutoDefault(false);
    QObject::connect(close, &QPushButton::clicked, &dialog, &QDialog::reject);
    row->addWidget(close);
    if (goOn) {
        goOn->setDefault(true);
        row->addWidget(goOn);
    }
    return row;
}

} // namespace keymux::gui
