// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/deploymentsmodel.h"

#include "models/statustext.h"

#include <QDateTime>
#include <QLocale>
#include <QSet>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

constexpr int trendLength = 60; ///< seconds

QString windowText(const LiveWindow &window)
{
    if (!window.limit)
        return StatusText::shortNumber(window.used);
    return u"%1 / %2"_s.arg(StatusText::shortNumber(window.used), StatusText::shortNumber(*window.limit));
}

QString csvField(const QString &text)
{
    QString field = text;
    // A spreadsheet would run what begins like a formula.
    if (!field.isEmpty() && u"=+-@\t"_s.contains(field[0]))
        field.prepend(u'\'');
    if (field.contains(u'"') || field.contains(u',') || field.contains(u'\n'))
        return u'"' + field.replace(u"\""_s, u"\"\""_s) + u'"';
    return field;
}

} // namespace

DeploymentsModel::DeploymentsModel(GatewaySession &session, QObject *parent)
    : QAbstractTableModel(parent), m_session(session), m_rows(session.live().deployments())
{
    connect(&session, &GatewaySession::liveChanged, this, &DeploymentsModel::take);
    connect(&session, &GatewaySession::opened, this, [this] {
        beginResetModel();
        m_rows.clear();
        m_trend.clear();
        endResetModel();
    });
    m_everySecond.setInterval(1000);
    connect(&m_everySecond, &QTimer::timeout, this, [this] {
        sample();
        tick();
    });
    m_everySecond.start();
}

int DeploymentsModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_rows.size());
}

int DeploymentsModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant DeploymentsModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const char *const names[ColumnCount] = {
        QT_TR_NOOP("Status"),    QT_TR_NOOP("Provider"),     QT_TR_NOOP("Key"),        QT_TR_NOOP("Model"),
        QT_TR_NOOP("Room"),      QT_TR_NOOP("Requests/min"), QT_TR_NOOP("Tokens/min"), QT_TR_NOOP("Requests/day"),
        QT_TR_NOOP("In flight"), QT_TR_NOOP("Requests"),     QT_TR_NOOP("Errors"),     QT_TR_NOOP("Rests"),
        QT_TR_NOOP("p50"),       QT_TR_NOOP("p95"),          QT_TR_NOOP("Last minute")};
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 || section >= ColumnCount)
        return {};
    return tr(names[section]);
}

QVariant DeploymentsModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_rows.size())
        return {};
    const LiveDeployment &d = m_rows[index.row()];
    switch (role) {
    case Qt::DisplayRole:
        return text(d, index.column());
    case SortRole:
        return sortKey(d, index.column());
    case StatusRole:
        return int(d.status);
    case IdRole:
        return d.id;
    case TrendRole:
        return QVariant::fromValue(m_trend.value(d.id));
    case Qt::TextAlignmentRole:
        if (index.column() >= RequestsMinute && index.column() != Rests && index.column() != Trend)
            return int(Qt::AlignRight | Qt::AlignVCenter);
        return int(Qt::AlignLeft | Qt::AlignVCenter);
    case Qt::ToolTipRole:
        return index.column() == Rests && d.restsUntilMs != 0
                   ? tr("%1 rests: %2")
                         .arg(d.restScope == "deployment"_L1 ? d.id : d.restScope, StatusText::reason(d.restReason))
                   : QVariant(d.id);
    case Qt::AccessibleTextRole:
        return tr("%1 of %2: %3")
            .arg(headerData(index.column(), Qt::Horizontal, Qt::DisplayRole).toString(), d.id,
                 text(d, index.column()).toString());
    default:
        return {};
    }
}

QVariant DeploymentsModel::text(const LiveDeployment &d, int column) const
{
    const QLocale locale;
    switch (column) {
    case Status:
        return StatusText::name(d.status);
    case Provider:
        return d.provider;
    case Key:
        return d.keyId;
    case Model:
        return d.model;
    case Room:
        return tr("%1 %").arg(int(d.room() * 100));
    case RequestsMinute:
        return windowText(d.rpm);
    case TokensMinute:
        return windowText(d.tpm);
    case RequestsDay:
        return windowText(d.rpd);
    case InFlight:
        return locale.toString(d.inFlight);
    case Requests:
        return StatusText::shortNumber(d.requests);
    case Errors:
        return StatusText::shortNumber(d.errors);
    case Rests:
        return restText(d);
    case P50:
        return d.p50Ms ? tr("%1 ms").arg(locale.toString(*d.p50Ms)) : u"–"_s;
    case P95:
        return d.p95Ms ? tr("%1 ms").arg(locale.toString(*d.p95Ms)) : u"–"_s;
    default:
        return {};
    }
}

QVariant DeploymentsModel::sortKey(const LiveDeployment &d, int column) const
{
    switch (column) {
    case Status:
        return int(d.status);
    case Room:
        return d.room();
    case RequestsMinute:
        return d.rpm.used;
    case TokensMinute:
        return d.tpm.used;
    case RequestsDay:
        return d.rpd.used;
    case InFlight:
        return d.inFlight;
    case Requests:
        return d.requests;
    case Errors:
        return d.errors;
    case Rests:
        return d.restsUntilMs;
    case P50:
        return d.p50Ms.value_or(-1);
    case P95:
        return d.p95Ms.value_or(-1);
    case Trend:
        return d.rpm.used;
    default:
        return text(d, column);
    }
}

QString DeploymentsModel::restText(const LiveDeployment &d) const
{
    if (d.restsUntilMs == 0)
        return {};
    const qint64 left = d.restsUntilMs - (QDateTime::currentMSecsSinceEpoch() + m_session.clockOffsetMs());
    if (d.status == LiveStatus::Blocked)
        return StatusText::reason(d.restReason);
    return left <= 0 ? tr("now") : tr("%1 · %2").arg(StatusText::timeLeft(left), StatusText::reason(d.restReason));
}

void DeploymentsModel::setPaused(bool paused)
{
    m_paused = paused;
    if (!paused)
        takeAll(m_session.live().deployments());
}

void DeploymentsModel::take(const LiveChange &change)
{
    if (m_paused)
        return;
    const QList<LiveDeployment> &wanted = m_session.live().deployments();
    if (change.all || wanted.size() != m_rows.size()) {
        takeAll(wanted);
        return;
    }
    for (const int row : change.deployments)
        m_rows[row] = wanted[row];
    changed(change.deployments);
}

void DeploymentsModel::takeAll(const QList<LiveDeployment> &wanted)
{
    QSet<QString> stay;
    stay.reserve(wanted.size());
    for (const LiveDeployment &d : wanted)
        stay.insert(d.id);
    for (int last = int(m_rows.size()) - 1; last >= 0; --last) {
        if (stay.contains(m_rows[last].id))
            continue;
        int first = last;
        while (first > 0 && !stay.contains(m_rows[first - 1].id))
            --first;
        beginRemoveRows({}, first, last);
        m_rows.remove(first, last - first + 1);
        endRemoveRows();
        last = first;
    }
    QHash<QString, int> had;
    for (int i = 0; i < m_rows.size(); ++i)
        had.insert(m_rows[i].id, i);
    QList<LiveDeployment> fresh;
    for (const LiveDeployment &d : wanted) {
        if (!had.contains(d.id))
            fresh.append(d);
    }
    if (!fresh.isEmpty()) {
        beginInsertRows({}, int(m_rows.size()), int(m_rows.size() + fresh.size()) - 1);
        m_rows += fresh;
        endInsertRows();
    }
    Q_EMIT layoutAboutToBeChanged();
    QHash<QString, int> places;
    for (int i = 0; i < wanted.size(); ++i)
        places.insert(wanted[i].id, i);
    const QModelIndexList before = persistentIndexList();
    QModelIndexList after;
    for (const QModelIndex &index : before)
        after.append(createIndex(places.value(m_rows[index.row()].id), index.column()));
    m_rows = wanted;
    changePersistentIndexList(before, after);
    Q_EMIT layoutChanged();
    if (!m_rows.isEmpty())
        Q_EMIT dataChanged(index(0, 0), index(int(m_rows.size()) - 1, ColumnCount - 1));
}

void DeploymentsModel::changed(const QList<int> &rows)
{
    for (qsizetype i = 0; i < rows.size();) {
        qsizetype end = i;
        while (end + 1 < rows.size() && rows[end + 1] == rows[end] + 1)
            ++end;
        Q_EMIT dataChanged(index(rows[i], 0), index(rows[end], ColumnCount - 1));
        i = end + 1;
    }
}

void DeploymentsModel::sample()
{
    if (m_paused || m_session.isStale())
        return;
    for (const LiveDeployment &d : std::as_const(m_rows)) {
        QList<double> &trend = m_trend[d.id];
        if (trend.isEmpty() && d.rpm.used == 0)
            continue; // most of a large pool rests at nothing
        trend.append(double(d.rpm.used));
        if (trend.size() > trendLength)
            trend.removeFirst();
    }
}

void DeploymentsModel::tick()
{
    QList<int> counting, moving;
    for (int i = 0; i < m_rows.size(); ++i) {
        if (m_rows[i].restsUntilMs != 0)
            counting.append(i);
        if (m_trend.contains(m_rows[i].id))
            moving.append(i);
    }
    for (const int row : std::as_const(counting))
        Q_EMIT dataChanged(index(row, Rests), index(row, Rests), {Qt::DisplayRole});
    if (!moving.isEmpty())
        Q_EMIT dataChanged(index(moving.first(), Trend), index(moving.last(), Trend), {TrendRole});
}

QString DeploymentsModel::csv() const
{
    QStringList lines{
        u"id,provider,key_id,model,status,rpm_used,rpm_limit,tpm_used,tpm_limit,rpd_used,rpd_limit,in_flight,requests,errors,p50_ms,p95_ms"_s};
    const auto limit = [](const LiveWindow &w) { return w.limit ? QString::number(*w.limit) : QString(); };
    for (const LiveDeployment &d : m_rows) {
        const QStringList fields{csvField(d.id),
                                 csvField(d.provider),
                                 csvField(d.keyId),
                                 csvField(d.model),
                                 d.statusName,
                                 QString::number(d.rpm.used),
                                 limit(d.rpm),
                                 QString::number(d.tpm.used),
                                 limit(d.tpm),
                                 QString::number(d.rpd.used),
                                 limit(d.rpd),
                                 QString::number(d.inFlight),
                                 QString::number(d.requests),
                                 QString::number(d.errors),
                                 d.p50Ms ? QString::number(*d.p50Ms) : QString(),
                                 d.p95Ms ? QString::number(*d.p95Ms) : QString()};
        lines.append(fields.join(u','));
    }
    return lines.join(u"\r\n"_s) + u"\r\n"_s;
}

} // namespace keymux::gui
