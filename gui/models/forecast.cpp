// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/forecast.h"

#include <QMap>
#include <algorithm>

namespace keymux::gui {

namespace {

struct Sum {
    qint64 left = 0, perMinute = 0, turnsAtMs = 0;
    bool limited = true;
};

} // namespace

QList<Forecast> forecastFor(const QList<LiveDeployment> &deployments, qint64 nowMs)
{
    QMap<QString, Sum> sums;
    for (const LiveDeployment &d : deployments) {
        if (d.status == LiveStatus::Disabled || d.status == LiveStatus::Unresolved || d.status == LiveStatus::Blocked)
            continue;
        Sum &sum = sums[d.model];
        sum.perMinute += d.rpm.used;
        if (!d.rpd.limit) {
            sum.limited = false;
            continue;
        }
        sum.left += std::max<qint64>(0, *d.rpd.limit - d.rpd.used);
        sum.turnsAtMs = std::max(sum.turnsAtMs, d.rpd.resetsAtMs);
    }
    QList<Forecast> list;
    for (auto it = sums.begin(); it != sums.end(); ++it) {
        if (!it->limited || it->perMinute == 0 || it->left == 0)
            continue;
        const qint64 spent = nowMs + it->left * 60000 / it->perMinute;
        if (it->turnsAtMs == 0 || spent < it->turnsAtMs)
            list.append({it.key(), spent});
    }
    std::sort(list.begin(), list.end(), [](const Forecast &a, const Forecast &b) { return a.spentAtMs < b.spentAtMs; });
    return list;
}

} // namespace keymux::gui
