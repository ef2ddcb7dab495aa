// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/jsonchanges.h"

#include <QTreeWidget>

namespace keymux::gui {

/// Differences of two documents, a row each: what, before, after.
class ChangesView : public QTreeWidget {
    Q_OBJECT
public:
    explicit ChangesView(QWidget *parent = nullptr);

    void show(const std::vector<JsonChange> &changes);
};

} // namespace keymux::gui
