// SPDX-License-Identifier: GPL-3.0-or-later
// How cells of the pool are changed, and what is wrong with them.
#include "core/secretref.h"
#include "models/poolmodel.h"

#include <QMimeData>
#include <QSet>
#include <algorithm>
#include <optional>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

const QString rowType = u"application/x-keymux-pool-row"_s;

/// What a person typed as the document has it; nothing when it cannot be that.
std::optional<Json> valueFor(int column, const QString &text)
{
    if (text.isEmpty())
        return Json(nullptr);
    bool good = false;
    switch (column) {
    case PoolModel::Rpm:
    case PoolModel::Tpm:
    case PoolModel::Rpd:
    case PoolModel::Parallel:
    case PoolModel::Priority: {
        const qlonglong number = text.toLongLong(&good);
        return good ? std::optional(Json(number)) : std::nullopt;
    }
    case PoolModel::Weight: {
        const double number = text.toDouble(&good);
        if (!good)
            return std::nullopt;
        const auto whole = qlonglong(number);
        return double(whole) == number ? Json(whole) : Json(number);
    }
    case PoolModel::Tags: {
        Json tags = Json::array();
        const QStringList parts = text.split(u',', Qt::SkipEmptyParts);
        for (const QString &part : parts)
            tags.push_back(part.trimmed().toStdString());
        return tags;
    }
    default:
        return Json(text.toStdString());
    }
}

} // namespace

Qt::ItemFlags PoolModel::flags(const QModelIndex &index) const
{
    Qt::ItemFlags flags = QAbstractItemModel::flags(index);
    if (!index.isValid())
        return flags;
    flags |= kindOf(index) == Kind::Provider ? Qt::ItemIsDropEnabled : Qt::ItemIsDropEnabled | Qt::ItemIsDragEnabled;
    if (index.column() == Enabled)
        return kindOf(index) == Kind::Key ? flags | Qt::ItemIsUserCheckable : flags;
    return memberOf(index, index.column()).isEmpty() ? flags : flags | Qt::ItemIsEditable;
}

bool PoolModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (!index.isValid())
        return false;
    const QString name = nameOf(index);
    if (role == Qt::CheckStateRole && index.column() == Enabled) {
        const bool on = value.toInt() == Qt::Checked;
        m_document.setValue(on ? tr("Enable %1").arg(name) : tr("Disable %1").arg(name), pointerOf(index) / "enabled",
                            on ? Json(nullptr) : Json(false));
        return true;
    }
    if (role != Qt::EditRole || memberOf(index, index.column()).isEmpty())
        return false;
    return setMember(index, memberOf(index, index.column()), value.toString().trimmed());
}

bool PoolModel::setMember(const QModelIndex &index, const QString &member, const QString &text)
{
    const QString column = headerData(index.column(), Qt::Horizontal, Qt::DisplayRole).toString();
    if (member == "api_key"_L1 && !text.isEmpty() && text != "***"_L1 && !parseSecretRef(text.toStdString())) {
        // What was typed may be the secret itself, which must reach neither the document nor its draft on disk.
        Q_EMIT editRefused(tr("That is no reference. Secrets are entered on the page Secrets; here stands where one is "
                              "found, such as keychain:NAME or store:NAME."));
        return false;
    }
    const std::optional<Json> value = valueFor(index.column(), text);
    if (!value) {
        Q_EMIT editRefused(tr("“%1” is not a number.").arg(text));
        return false;
    }
    m_document.setValue(tr("Set %1 of %2").arg(column, nameOf(index)), pointerOf(index) / member.toStdString(), *value);
    return true;
}

QStringList PoolModel::mimeTypes() const
{
    return {rowType};
}

QMimeData *PoolModel::mimeData(const QModelIndexList &indexes) const
{
    auto *data = new QMimeData;
    // One row at a time: where several would go is not clear.
    if (!indexes.isEmpty() && kindOf(indexes.first()) != Kind::Provider)
        data->setData(rowType, QByteArray::fromStdString(pointerOf(indexes.first().siblingAtColumn(0)).to_string()));
    return data;
}

bool PoolModel::canDropMimeData(const QMimeData *data, Qt::DropAction action, int, int, const QModelIndex &parent) const
{
    const QByteArray moved = data->data(rowType);
    if (action != Qt::MoveAction || moved.isEmpty())
        return false;
    const Pointer list = Pointer(moved.toStdString()).parent_pointer();
    // Between its neighbours, or onto one of them.
    return list == childListOf(parent.siblingAtColumn(0)) ||
           (parent.isValid() && list == listOf(parent.siblingAtColumn(0)));
}

bool PoolModel::dropMimeData(const QMimeData *data, Qt::DropAction action, int row, int column,
                             const QModelIndex &parent)
{
    if (!canDropMimeData(data, action, row, column, parent))
        return false;
    const Pointer moved(data->data(rowType).toStdString());
    const Pointer list = moved.parent_pointer();
    const std::size_t from = std::stoul(moved.back());
    const bool onto = row < 0 && list != childListOf(parent.siblingAtColumn(0));
    const Json *items = m_document.at(list);
    if (!items || from >= items->size())
        return false;
    std::size_t before = onto ? std::size_t(parent.row()) : row < 0 ? items->size() : std::size_t(row);
    if (before > from)
        --before;
    const Json *name =
        items->at(from).is_object() && items->at(from).contains("key_id") ? &items->at(from)["key_id"] : nullptr;
    m_document.moveItem(
        tr("Move %1").arg(name && name->is_string() ? QString::fromStdString(name->get<std::string>()) : tr("a model")),
        list, from, std::min(before, items->size() - 1));
    return false; // it is moved; the view must not remove the row
}

QString PoolModel::pathOf(const QModelIndex &index, int column) const
{
    QString path;
    switch (kindOf(index)) {
    case Kind::Provider:
        path = u"providers."_s + nameOf(index);
        break;
    case Kind::Key:
        path = u"%1.keys[%2]"_s.arg(pathOf(index.parent(), -1)).arg(index.row());
        break;
    case Kind::Model: {
        const bool own = listOf(index).back() == "priority_models";
        path = own ? u"%1.priority_models[%2]"_s.arg(pathOf(index.parent(), -1)).arg(index.row())
                   : u"%1.models[%2]"_s.arg(pathOf(index.parent().parent(), -1)).arg(index.row());
        break;
    }
    }
    if (column < 0)
        return path;
    const QString member = memberOf(index, column);
    return member.isEmpty() ? QString() : path + u'.' + member;
}

QString PoolModel::problemOf(const QModelIndex &index) const
{
    if (m_document.problems().isEmpty())
        return {};
    if (QString said = m_document.problems().value(pathOf(index, index.column())); !said.isEmpty())
        return said;
    if (index.column() != Name)
        return {};
    const QString row = pathOf(index, -1);
    if (QString said = m_document.problems().value(row); !said.isEmpty())
        return said;
    return m_faulty.contains(row) ? tr("Something in this row or below it is wrong.") : QString();
}

void PoolModel::noteProblems()
{
    m_faulty.clear();
    for (auto it = m_document.problems().begin(); it != m_document.problems().end(); ++it) {
        // Every row above what is wrong.
        for (qsizetype at = it.key().size(); at > 0;
             at = std::max(it.key().lastIndexOf(u'.', at - 1), it.key().lastIndexOf(u'[', at - 1)))
            m_faulty.insert(it.key().left(at));
    }
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1),
                           {Qt::ForegroundRole, Qt::BackgroundRole, Qt::ToolTipRole});
}

void PoolModel::refreshStatus()
{
    QHash<QString, LiveStatus> status;
    QHash<QString, QPair<int, int>> counts;
    for (const LiveDeployment &d : m_session.live().deployments()) {
        status.insert(d.id, d.status);
        auto &[ready, all] = counts[d.keyId];
        ++all;
        ready += d.status == LiveStatus::Ready;
        const auto now = status.constFind(d.keyId);
        // A key is as well as the best of its deployments.
        if (now == status.constEnd() || d.status < *now)
            status.insert(d.keyId, d.status);
    }
    if (status == m_status && counts == m_readyOfKey)
        return;
    m_status = std::move(status);
    m_readyOfKey = std::move(counts);
    if (rowCount() > 0)
        Q_EMIT dataChanged(index(0, Status), index(rowCount() - 1, Status), {Qt::DisplayRole, Qt::ForegroundRole});
}

} // namespace keymux::gui
