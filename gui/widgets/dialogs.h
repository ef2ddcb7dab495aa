// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>

class QDialog;
class QHBoxLayout;
class QPushButton;
class QVBoxLayout;

namespace keymux::gui {

/// The column of all that stands in a dialog, with room around it. The dialog owns it.
QVBoxLayout *dialogColumn(QDialog &dialog);

/// A dialog's lowest row: what else can be done on the left, on the right a button that closes, and the one that Return
/// presses, wherever the focus is (null: there is none). The caller puts it into a layout.
QHBoxLayout *buttonRow(QDialog &dialog, const QString &closing, QPushButton *goOn,
                       const QList<QPushButton *> &left = {});

} // namespace keymux::gui
