// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QHash>
#include <QString>

namespace keymux::gui::testing {

/// Texts of a `.ts` file as `CONTEXT|SOURCE`, with their translations; several forms are joined. Counts those marked
/// unfinished.
QHash<QString, QString> textsOf(const QString &file, int *unfinished = nullptr);

} // namespace keymux::gui::testing
