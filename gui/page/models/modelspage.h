// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/planmodel.h"
#include "models/rulesmodel.h"
#include "widgets/page.h"

class QComboBox;
class QLabel;
class QLineEdit;
class QTableView;

namespace keymux::gui {

/// Which names clients may ask for, and what each of them leads to.
class ModelsPage : public Page {
    Q_OBJECT
public:
    ModelsPage(GatewaySession &session, PoolDocument &document, QWidget *parent = nullptr);

private:
    QWidget *buildRules();
    QWidget *buildPlan();
    void buildActions();
    void move(int step);
    void ask();

    PoolDocument &m_document;
    RulesModel m_rules;
    PlanModel m_plan;
    QTableView *m_rulesTable, *m_planTable;
    QLineEdit *m_name;
    QComboBox *m_endpoint;
    QLabel *m_explanation;
};

} // namespace keymux::gui
