// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDateTime>
#include <QHash>
#include <QJsonObject>
#include <QList>
#include <QString>
#include <optional>

namespace keymux::gui {

/// What a deployment can do now, as `/admin/v1/state` names it.
enum class LiveStatus { Ready, Limited, Cooling, Probing, Blocked, Disabled, Unresolved, Unknown };

LiveStatus liveStatusOf(const QString &name);

struct LiveWindow {
    std::optional<qint64> limit; ///< absent: not limited
    qint64 used = 0;
    qint64 resetsAtMs = 0; ///< since 1970; 0: nothing to reset

    bool operator==(const LiveWindow &) const = default;
};

struct LiveDeployment {
    QString id, provider, keyId, model, statusName;
    LiveStatus status = LiveStatus::Unknown;
    int priority = 0;
    double weight = 1;
    qint64 restsUntilMs = 0; ///< since 1970; 0: does not rest
    QString restReason, restScope;
    LiveWindow rpm, tpm, rpd;
    qint64 inFlight = 0, requests = 0, errors = 0;
    std::optional<qint64> p50Ms, p95Ms;

    bool operator==(const LiveDeployment &) const = default;

    /// 0 to 1: the smallest part that is left of any limit; 1 without limits.
    double room() const;
};

struct LiveKey {
    QString keyId, disabledBy, quotaGroup;
    bool enabled = true, resolved = true;

    bool operator==(const LiveKey &) const = default;
};

struct LiveTotals {
    qint64 deployments = 0, keys = 0, requests = 0, errors = 0, inFlight = 0;
    QHash<QString, qint64> byStatus;
};

struct LiveConfig {
    qint64 revision = 0;
    QString source, error;
    bool writable = false;

    bool operator==(const LiveConfig &) const = default;
};

/// What a message changed.
struct LiveChange {
    bool all = false;       ///< rows came, went or moved: read everything again
    QList<int> deployments; ///< rows that have new numbers, ascending
    bool keys = false;
    bool config = false;
    bool needsResync = false; ///< the delta names what is not known
};

/// The pool as the gateway tells it: a snapshot, and the deltas merged into it. Pure.
class LiveState {
public:
    LiveChange applySnapshot(const QJsonObject &message);
    LiveChange applyDelta(const QJsonObject &message);
    void clear() { *this = LiveState(); }

    bool known() const { return m_known; }
    qint64 atMs() const { return m_atMs; } ///< of the gateway's clock, since 1970
    const QList<LiveDeployment> &deployments() const { return m_deployments; }
    const QList<LiveKey> &keys() const { return m_keys; }
    const LiveTotals &totals() const { return m_totals; }
    const LiveConfig &config() const { return m_config; }
    int rowOf(const QString &deploymentId) const { return m_rows.value(deploymentId, -1); }
    const LiveKey *key(const QString &keyId) const;

private:
    void setCommon(const QJsonObject &message);
    bool mergeKeys(const QJsonObject &message);
    void index();

    bool m_known = false;
    qint64 m_atMs = 0;
    QList<LiveDeployment> m_deployments;
    QList<LiveKey> m_keys;
    LiveTotals m_totals;
    LiveConfig m_config;
    QHash<QString, int> m_rows, m_keyRows;
};

} // namespace keymux::gui
