// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/livestate.h"

#include <QList>
#include <QString>

namespace keymux::gui {

/// When a model's requests of the day are spent, if it goes on as in the last minute.
struct Forecast {
    QString model;
    qint64 spentAtMs = 0; ///< since 1970, by the gateway's clock

    bool operator==(const Forecast &) const = default;
};

/// Models that will be spent before their day turns, the first first. Only those all of whose usable deployments have a
/// limit of the day can be. Pure; `nowMs` is the gateway's.
QList<Forecast> forecastFor(const QList<LiveDeployment> &deployments, qint64 nowMs);

} // namespace keymux::gui
