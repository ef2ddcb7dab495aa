// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "document/jsonchanges.h"

#include <QDialog>
#include <map>
#include <string>

class QCheckBox;
class QLineEdit;

namespace keymux::gui {

/// Sets limits of many rows at once: only those whose box is ticked; an empty field takes the limit away.
class LimitsDialog : public QDialog {
    Q_OBJECT
public:
    explicit LimitsDialog(int rows, QWidget *parent = nullptr);

Q_SIGNALS:
    void chosen(const std::map<std::string, keymux::gui::Json> &limits);

private:
    struct Field {
        std::string member;
        QCheckBox *set;
        QLineEdit *value;
    };
    std::vector<Field> m_fields;
};

} // namespace keymux::gui
