// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/poollog.h"

#include "dialects/errorbody.h"
#include "log/log.h"

namespace keymux {

void logPoolEvent(const PoolEvent &event)
{
    const std::string scope(restScopeName(event.scope));
    const std::string reason(restReasonName(event.reason));
    switch (event.kind) {
    case PoolEvent::Kind::RestStarted: {
        const double seconds = double((event.until - event.at).count()) / 1000;
        const std::string detail = redacted(event.detail);
        qCWarning(lcRate, "cooldown: %s %s rests %.1f s until %s (%s)%s%s", scope.c_str(), event.subject.c_str(),
                  seconds, rfc3339(event.until).c_str(), reason.c_str(), detail.empty() ? "" : ": ",
                  qUtf8Printable(QString::fromStdString(detail)));
        return;
    }
    case PoolEvent::Kind::RestEnded:
        qCInfo(lcRate, "recovered: %s %s is back (%s over)", scope.c_str(), event.subject.c_str(), reason.c_str());
        return;
    case PoolEvent::Kind::TrialStarted:
        qCInfo(lcRate, "trial: one request finds out whether %s %s has recovered (%s)", scope.c_str(),
               event.subject.c_str(), reason.c_str());
        return;
    }
}

} // namespace keymux
