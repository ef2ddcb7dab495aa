// SPDX-License-Identifier: GPL-3.0-or-later
#include "client/livestate.h"

#include <QJsonArray>
#include <QSet>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

qint64 millisOf(const QJsonValue &value)
{
    const QString text = value.toString();
    return text.isEmpty() ? 0 : QDateTime::fromString(text, Qt::ISODateWithMs).toMSecsSinceEpoch();
}

std::optional<qint64> numberOf(const QJsonValue &value)
{
    return value.isDouble() ? std::optional(value.toInteger()) : std::nullopt;
}

LiveWindow windowOf(const QJsonObject &o)
{
    return {numberOf(o["limit"_L1]), o["used"_L1].toInteger(), millisOf(o["resets_at"_L1])};
}

LiveDeployment deploymentOf(const QJsonObject &o)
{
    LiveDeployment d;
    d.id = o["id"_L1].toString();
    d.provider = o["provider"_L1].toString();
    d.keyId = o["key_id"_L1].toString();
    d.model = o["model"_L1].toString();
    d.statusName = o["status"_L1].toString();
    d.status = liveStatusOf(d.statusName);
    d.priority = o["priority"_L1].toInt();
    d.weight = o["weight"_L1].toDouble(1);
    const QJsonObject cooldown = o["cooldown"_L1].toObject();
    d.restsUntilMs = millisOf(cooldown["until"_L1]);
    d.restReason = cooldown["reason"_L1].toString();
    d.restScope = cooldown["scope"_L1].toString();
    const QJsonObject windows = o["windows"_L1].toObject();
    d.rpm = windowOf(windows["rpm"_L1].toObject());
    d.tpm = windowOf(windows["tpm"_L1].toObject());
    d.rpd = windowOf(windows["rpd"_L1].toObject());
    d.inFlight = o["in_flight"_L1].toInteger();
    d.requests = o["requests"_L1].toInteger();
    d.errors = o["errors"_L1].toInteger();
    const QJsonObject latency = o["latency_ms"_L1].toObject();
    d.p50Ms = numberOf(latency["p50"_L1]);
    d.p95Ms = numberOf(latency["p95"_L1]);
    return d;
}

LiveKey keyOf(const QJsonObject &o)
{
    return {o["key_id"_L1].toString(), o["disabled_by"_L1].toString(), o["quota_group"_L1].toString(),
            o["enabled"_L1].toBool(), o["secret"_L1].toString() == "resolved"_L1};
}

QSet<QString> setOf(const QJsonArray &names)
{
    QSet<QString> set;
    for (const auto &name : names)
        set.insert(name.toString());
    return set;
}

/// Sorts the items as `order` names them; what it does not name stays behind.
template <typename T, typename Id>
void reorder(QList<T> &items, const QJsonArray &order, Id id)
{
    QHash<QString, qsizetype> places;
    for (const auto &name : order)
        places.insert(name.toString(), places.size());
    std::stable_sort(items.begin(), items.end(), [&](const T &a, const T &b) {
        return places.value(id(a), order.size()) < places.value(id(b), order.size());
    });
}

} // namespace

LiveStatus liveStatusOf(const QString &name)
{
    static const QHash<QString, LiveStatus> names{
        {u"ready"_s, LiveStatus::Ready},          {u"limited"_s, LiveStatus::Limited},
        {u"cooling"_s, LiveStatus::Cooling},      {u"probing"_s, LiveStatus::Probing},
        {u"blocked"_s, LiveStatus::Blocked},      {u"disabled"_s, LiveStatus::Disabled},
        {u"unresolved"_s, LiveStatus::Unresolved}};
    return names.value(name, LiveStatus::Unknown);
}

double LiveDeployment::room() const
{
    double room = 1;
    for (const LiveWindow *window : {&rpm, &tpm, &rpd}) {
        if (window->limit && *window->limit > 0)
            room = std::min(room, double(std::max<qint64>(0, *window->limit - window->used)) / double(*window->limit));
    }
    return room;
}

const LiveKey *LiveState::key(const QString &keyId) const
{
    const int row = m_keyRows.value(keyId, -1);
    return row < 0 ? nullptr : &m_keys[row];
}

void LiveState::index()
{
    m_rows.clear();
    m_rows.reserve(m_deployments.size());
    for (int i = 0; i < m_deployments.size(); ++i)
        m_rows.insert(m_deployments[i].id, i);
    m_keyRows.clear();
    m_keyRows.reserve(m_keys.size());
    for (int i = 0; i < m_keys.size(); ++i)
        m_keyRows.insert(m_keys[i].keyId, i);
}

void LiveState::setCommon(const QJsonObject &message)
{
    m_atMs = millisOf(message["at"_L1]);
    if (const QJsonObject totals = message["totals"_L1].toObject(); !totals.isEmpty()) {
        m_totals = {totals["deployments"_L1].toInteger(), totals["keys"_L1].toInteger(),
                    totals["requests"_L1].toInteger(),    totals["errors"_L1].toInteger(),
                    totals["in_flight"_L1].toInteger(),   {}};
        const QJsonObject byStatus = totals["by_status"_L1].toObject();
        for (auto it = byStatus.begin(); it != byStatus.end(); ++it)
            m_totals.byStatus.insert(it.key(), it.value().toInteger());
    }
    if (const QJsonObject config = message["config"_L1].toObject(); !config.isEmpty())
        m_config = {config["revision"_L1].toInteger(), config["source"_L1].toString(), config["error"_L1].toString(),
                    config["writable"_L1].toBool()};
}

LiveChange LiveState::applySnapshot(const QJsonObject &message)
{
    m_known = true;
    m_deployments.clear();
    const QJsonArray deployments = message["deployments"_L1].toArray();
    m_deployments.reserve(deployments.size());
    for (const auto &value : deployments)
        m_deployments.append(deploymentOf(value.toObject()));
    m_keys.clear();
    const QJsonArray keys = message["keys"_L1].toArray();
    m_keys.reserve(keys.size());
    for (const auto &value : keys)
        m_keys.append(keyOf(value.toObject()));
    setCommon(message);
    index();
    return {.all = true, .deployments = {}, .keys = true, .config = true, .needsResync = false};
}

bool LiveState::mergeKeys(const QJsonObject &message)
{
    const QJsonArray changed = message["keys"_L1].toArray();
    const QJsonArray removed = message["removed_keys"_L1].toArray();
    const QJsonArray order = message["key_order"_L1].toArray();
    if (!removed.isEmpty()) {
        const QSet<QString> gone = setOf(removed);
        m_keys.removeIf([&](const LiveKey &key) { return gone.contains(key.keyId); });
        index();
    }
    for (const auto &value : changed) {
        LiveKey key = keyOf(value.toObject());
        if (const int row = m_keyRows.value(key.keyId, -1); row >= 0) {
            m_keys[row] = std::move(key);
        } else {
            m_keyRows.insert(key.keyId, int(m_keys.size()));
            m_keys.append(std::move(key));
        }
    }
    if (!order.isEmpty())
        reorder(m_keys, order, [](const LiveKey &key) { return key.keyId; });
    return !changed.isEmpty() || !removed.isEmpty() || !order.isEmpty();
}

LiveChange LiveState::applyDelta(const QJsonObject &message)
{
    LiveChange change;
    if (!m_known) {
        change.needsResync = true;
        return change;
    }
    const QJsonArray removed = message["removed"_L1].toArray();
    const QJsonArray order = message["order"_L1].toArray();
    if (!removed.isEmpty()) {
        const QSet<QString> gone = setOf(removed);
        m_deployments.removeIf([&](const LiveDeployment &d) { return gone.contains(d.id); });
        index();
        change.all = true;
    }
    const QJsonArray changed = message["deployments"_L1].toArray();
    for (const auto &value : changed) {
        LiveDeployment d = deploymentOf(value.toObject());
        const int row = m_rows.value(d.id, -1);
        if (row >= 0) {
            m_deployments[row] = std::move(d);
            change.deployments.append(row);
        } else {
            m_rows.insert(d.id, int(m_deployments.size()));
            m_deployments.append(std::move(d));
            change.all = true;
        }
    }
    if (!order.isEmpty()) {
        reorder(m_deployments, order, [](const LiveDeployment &d) { return d.id; });
        change.all = true;
    }
    change.keys = mergeKeys(message);
    change.config = message.contains("config"_L1);
    setCommon(message);
    if (change.all || change.keys)
        index();
    std::sort(change.deployments.begin(), change.deployments.end());
    return change;
}

} // namespace keymux::gui
