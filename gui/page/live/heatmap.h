// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "models/deploymentsmodel.h"

#include <QAbstractScrollArea>

namespace keymux::gui {

/// The whole pool at a glance: a cell for each deployment, grouped by key, its room as a colour and its state as a
/// letter. The table beside it has the same numbers as text.
class HeatMap : public QAbstractScrollArea {
    Q_OBJECT
public:
    explicit HeatMap(DeploymentsModel &model, QWidget *parent = nullptr);

Q_SIGNALS:
    void picked(const QString &deploymentId);

protected:
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void mousePressEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    bool viewportEvent(QEvent *event) override;

private:
    int perLine() const;
    int rowAt(const QPoint &point) const;
    QRect cellOf(int row) const;
    void fit();
    void setCurrent(int row);

    DeploymentsModel &m_model;
    int m_current = -1;
};

} // namespace keymux::gui
