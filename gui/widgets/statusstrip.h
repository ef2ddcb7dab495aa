// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "theme/colours.h"

#include <QList>
#include <QWidget>

namespace keymux::gui {

/// One bar cut into parts, each with its tone, its number and its name below: how a whole is made up.
class StatusStrip : public QWidget {
    Q_OBJECT
public:
    struct Part {
        QString name;
        qint64 count = 0;
        Tone tone = Tone::Off;
        Qt::BrushStyle pattern = Qt::SolidPattern; ///< tells parts apart without colour

        bool operator==(const Part &) const = default;
    };

    explicit StatusStrip(QWidget *parent = nullptr);

    void setParts(const QList<Part> &parts);
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return sizeHint(); }

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    QList<Part> m_parts;
};

} // namespace keymux::gui
