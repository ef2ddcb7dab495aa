// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/virtualkeysmodel.h"

#include "models/statustext.h"

#include <QDateTime>
#include <QLocale>
#include <algorithm>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

QString moment(const QJsonValue &value)
{
    const QDateTime at = QDateTime::fromString(value.toString(), Qt::ISODateWithMs).toLocalTime();
    return at.isValid() ? QLocale().toString(at, QLocale::ShortFormat) : QString();
}

QString spendText(const QJsonObject &key)
{
    const QJsonObject budget = key["budget"_L1].toObject(), spend = key["spend"_L1].toObject();
    const QJsonObject total = spend["total"_L1].toObject();
    const QString unit = budget["unit"_L1].toString();
    if (unit == "usd"_L1)
        return VirtualKeysModel::tr("$%1 of $%2")
            .arg(spend["cost_usd"_L1].toDouble(), 0, 'f', 2)
            .arg(budget["amount"_L1].toDouble(), 0, 'f', 2);
    const QString amount = StatusText::shortNumber(budget["amount"_L1].toInteger());
    if (unit == "tokens"_L1)
        return VirtualKeysModel::tr("%1 of %2 tokens")
            .arg(StatusText::shortNumber(spend["tokens"_L1].toInteger()), amount);
    if (unit == "requests"_L1)
        return VirtualKeysModel::tr("%1 of %2 requests")
            .arg(StatusText::shortNumber(spend["requests"_L1].toInteger()), amount);
    return VirtualKeysModel::tr("%1 requests, %2 tokens")
        .arg(StatusText::shortNumber(total["requests"_L1].toInteger()),
             StatusText::shortNumber(total["tokens"_L1].toInteger()));
}

QString limitsText(const QJsonObject &key)
{
    QStringList limits;
    if (const QJsonValue v = key["rpm_limit"_L1]; v.isDouble())
        limits.append(VirtualKeysModel::tr("%1 requests/min").arg(StatusText::shortNumber(v.toInteger())));
    if (const QJsonValue v = key["tpm_limit"_L1]; v.isDouble())
        limits.append(VirtualKeysModel::tr("%1 tokens/min").arg(StatusText::shortNumber(v.toInteger())));
    if (const QJsonValue v = key["max_parallel"_L1]; v.isDouble())
        limits.append(VirtualKeysModel::tr("%1 at once").arg(v.toInteger()));
    return limits.isEmpty() ? VirtualKeysModel::tr("none") : limits.join(u", "_s);
}

} // namespace

double VirtualKeysModel::spentOf(const QJsonObject &key)
{
    const QJsonObject budget = key["budget"_L1].toObject(), spend = key["spend"_L1].toObject();
    const double amount = budget["amount"_L1].toDouble();
    if (amount <= 0)
        return -1;
    const QString unit = budget["unit"_L1].toString();
    return spend[unit == "usd"_L1 ? "cost_usd"_L1 : QLatin1StringView(unit.toLatin1())].toDouble() / amount;
}

void VirtualKeysModel::setKeys(const QJsonArray &keys)
{
    beginResetModel();
    m_keys.clear();
    for (const auto &key : keys)
        m_keys.append(key.toObject());
    endResetModel();
}

int VirtualKeysModel::rowOf(const QString &id) const
{
    const auto it = std::find_if(m_keys.begin(), m_keys.end(),
                                 [&](const QJsonObject &key) { return key["id"_L1].toString() == id; });
    return it == m_keys.end() ? -1 : int(it - m_keys.begin());
}

int VirtualKeysModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(m_keys.size());
}

int VirtualKeysModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant VirtualKeysModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const char *const names[ColumnCount] = {QT_TR_NOOP("Name"),      QT_TR_NOOP("Key"),    QT_TR_NOOP("Status"),
                                                   QT_TR_NOOP("Models"),    QT_TR_NOOP("Limits"), QT_TR_NOOP("Spend"),
                                                   QT_TR_NOOP("Last used"), QT_TR_NOOP("Expires")};
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 || section >= ColumnCount)
        return {};
    return tr(names[section]);
}

QVariant VirtualKeysModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= m_keys.size())
        return {};
    const QJsonObject &key = m_keys[index.row()];
    switch (role) {
    case Qt::DisplayRole:
        return text(key, index.column());
    case SpentRole:
        return spentOf(key);
    case SortRole:
        if (index.column() == Spend)
            return spentOf(key);
        if (index.column() == LastUsed)
            return key["last_used_at"_L1].toString();
        if (index.column() == Expires)
            return key["expires_at"_L1].toString();
        return text(key, index.column());
    case Qt::ToolTipRole:
        return key["id"_L1].toString();
    default:
        return {};
    }
}

QString VirtualKeysModel::statusOf(const QJsonObject &key)
{
    const QString status = key["status"_L1].toString();
    if (status == "active"_L1)
        return tr("active");
    if (status == "blocked"_L1)
        return tr("blocked");
    if (status == "expired"_L1)
        return tr("expired");
    return status == "revoked"_L1 ? tr("revoked") : status;
}

QString VirtualKeysModel::text(const QJsonObject &key, int column)
{
    switch (column) {
    case Name:
        return key["name"_L1].toString();
    case Key:
        return u"sk-…%1"_s.arg(key["hint"_L1].toString());
    case Status:
        return statusOf(key);
    case Models: {
        QStringList models;
        const QJsonArray globs = key["models"_L1].toArray();
        for (const auto &glob : globs)
            models.append(glob.toString());
        return models.isEmpty() ? tr("all") : models.join(u", "_s);
    }
    case Limits:
        return limitsText(key);
    case Spend:
        return spendText(key);
    case LastUsed:
        return key["last_used_at"_L1].isNull() ? tr("never") : moment(key["last_used_at"_L1]);
    case Expires:
        return key["expires_at"_L1].isNull() ? tr("never") : moment(key["expires_at"_L1]);
    default:
        return {};
    }
}

} // namespace keymux::gui
