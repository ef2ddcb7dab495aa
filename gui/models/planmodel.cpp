// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/planmodel.h"

#include "core/matching.h"
#include "models/statustext.h"

#include <QBrush>
#include <QDateTime>
#include <QGuiApplication>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

/// A plan longer than this is no help to anybody.
constexpr int mostRows = 2000;

} // namespace

PlanModel::PlanModel(PoolDocument &document, GatewaySession &session, QObject *parent)
    : QAbstractTableModel(parent), m_document(document), m_session(session)
{
    connect(&document, &PoolDocument::checked, this, &PlanModel::compile);
    connect(&session, &GatewaySession::liveChanged, this, [this] {
        if (!m_rows.isEmpty())
            Q_EMIT dataChanged(index(0, Now), index(int(m_rows.size()) - 1, Verdict));
    });
    compile();
}

void PlanModel::compile()
{
    m_router.reset();
    if (m_document.isLoaded()) {
        PoolConfigReading reading = readPoolConfig(m_document.text().toStdString(), {.allowLiteralKeys = true});
        if (reading.valid())
            m_router = std::make_shared<const Router>(std::make_shared<const PoolConfig>(std::move(reading.config)));
    }
    plan();
}

void PlanModel::setName(const QString &model, Endpoint endpoint)
{
    m_name = model;
    m_endpoint = endpoint;
    plan();
}

void PlanModel::plan()
{
    beginResetModel();
    m_rows.clear();
    if (m_name.isEmpty()) {
        m_explanation = tr("Type the name of a model as a client would ask for it.");
    } else if (!m_router) {
        m_explanation = m_document.isLoaded() ? tr("The pool has problems; the plan is there when they are mended.")
                                              : tr("Waiting for the gateway.");
    } else {
        const Route route = m_router->route(m_name.toStdString(), m_endpoint);
        if (!route.plan)
            m_explanation = tr("No rule matches this name: a client gets 404.");
        else if (route.plan->tiers.empty())
            m_explanation = tr("No deployment of this name has this endpoint.");
        else
            m_explanation = route.direct ? tr("The pool has a model of this name.") : tr("A rule maps this name.");
        int rank = 0;
        for (const TierIndex tier : route.plan ? route.plan->tiers : std::vector<TierIndex>()) {
            ++rank;
            for (const DeploymentIndex index : m_router->tiers()[tier].members) {
                if (m_rows.size() == mostRows)
                    break;
                const Deployment &d = m_router->deployments()[index];
                m_rows.append({rank, QString::fromStdString(m_router->key(d).keyId), QString::fromStdString(d.model),
                               QString::fromStdString(m_router->provider(d).name), QString::fromStdString(d.id)});
            }
        }
    }
    endResetModel();
    Q_EMIT explained();
}

int PlanModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int PlanModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant PlanModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const char *const names[ColumnCount] = {QT_TR_NOOP("Turn"),
                                                   QT_TR_NOOP("Key"),
                                                   QT_TR_NOOP("Model"),
                                                   QT_TR_NOOP("Provider"),
                                                   QT_TR_NOOP("Now"),
                                                   QT_TR_NOOP("Room"),
                                                   QT_TR_NOOP("What would happen")};
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 || section >= ColumnCount)
        return {};
    return tr(names[section]);
}

const LiveDeployment *PlanModel::live(const Row &row) const
{
    const int at = m_session.live().rowOf(row.id);
    return at < 0 ? nullptr : &m_session.live().deployments()[at];
}

QString PlanModel::verdict(int row) const
{
    const LiveDeployment *d = live(m_rows[row]);
    if (!d)
        return tr("not live yet: apply the change");
    const qint64 now = QDateTime::currentMSecsSinceEpoch() + m_session.clockOffsetMs();
    switch (d->status) {
    case LiveStatus::Ready:
        break;
    case LiveStatus::Limited:
        return tr("passed over: at its limit");
    case LiveStatus::Cooling:
        return tr("passed over: rests for %1 (%2)")
            .arg(StatusText::timeLeft(d->restsUntilMs - now), StatusText::reason(d->restReason));
    case LiveStatus::Probing:
        return tr("passed over: one request is trying it");
    case LiveStatus::Blocked:
        return tr("passed over: %1").arg(StatusText::reason(d->restReason));
    case LiveStatus::Disabled:
        return tr("passed over: switched off");
    default:
        return tr("passed over: its secret is not found");
    }
    for (int i = 0; i < row && m_rows[i].rank < m_rows[row].rank; ++i) {
        const LiveDeployment *before = live(m_rows[i]);
        if (before && before->status == LiveStatus::Ready)
            return tr("in reserve");
    }
    const bool alone = std::none_of(m_rows.begin(), m_rows.end(), [&](const Row &other) {
        const LiveDeployment *o = live(other);
        return other.rank == m_rows[row].rank && other.id != m_rows[row].id && o && o->status == LiveStatus::Ready;
    });
    return alone ? tr("is tried first") : tr("is tried first, in turn with others of its rank");
}

QVariant PlanModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_rows.size())
        return {};
    const Row &row = m_rows[index.row()];
    const LiveDeployment *d = live(row);
    if (role == Qt::ForegroundRole && index.column() == Now && d)
        return QBrush(toneColour(StatusText::tone(d->status), QGuiApplication::palette()));
    if (role != Qt::DisplayRole)
        return {};
    switch (index.column()) {
    case Rank:
        return row.rank;
    case Key:
        return row.key;
    case Model:
        return row.model;
    case Provider:
        return row.provider;
    case Now:
        return d ? StatusText::name(d->status) : u"–"_s;
    case Room:
        return d ? tr("%1 %").arg(int(d->room() * 100)) : u"–"_s;
    case Verdict:
        return verdict(index.row());
    default:
        return {};
    }
}

} // namespace keymux::gui
