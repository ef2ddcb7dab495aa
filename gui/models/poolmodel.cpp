// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/poolmodel.h"

#include "document/jsonvalues.h"
#include "models/statustext.h"

#include <QBrush>
#include <QFont>
#include <QGuiApplication>
#include <QPalette>

using namespace Qt::StringLiterals;

namespace keymux::gui {

PoolModel::PoolModel(PoolDocument &document, GatewaySession &session, QObject *parent)
    : QAbstractItemModel(parent), m_document(document), m_session(session)
{
    connect(&document, &PoolDocument::reset, this, [this] {
        beginResetModel();
        endResetModel();
    });
    connect(&document, &PoolDocument::changed, this, [this] { m_searchTexts.clear(); });
    listenToRows();
    connect(&document, &PoolDocument::valueChanged, this, [this](const Pointer &pointer) {
        if (pointer.to_string().rfind("/providers", 0) != 0)
            return;
        const QModelIndex changed = parentOfList(pointer.parent_pointer());
        const std::string last = pointer.empty() ? std::string() : pointer.back();
        // What adds or takes rows in a way no signal tells.
        if (!changed.isValid() || last == "keys" || last == "models" || last == "priority_models") {
            beginResetModel();
            endResetModel();
            return;
        }
        Q_EMIT dataChanged(changed, changed.siblingAtColumn(ColumnCount - 1));
    });
    connect(&document, &PoolDocument::checked, this, &PoolModel::noteProblems);
    connect(&session, &GatewaySession::liveChanged, this, &PoolModel::refreshStatus);
}

void PoolModel::listenToRows()
{
    // Rows of keys, and of models a key has for itself; a provider's models are rows below each of its keys.
    const auto ours = [](const Pointer &list) {
        return !list.empty() && (list.back() == "keys" || list.back() == "priority_models");
    };
    const auto shared = [](const Pointer &list) { return !list.empty() && list.back() == "models"; };
    connect(&m_document, &PoolDocument::aboutToInsert, this,
            [this, ours, shared](const Pointer &list, int first, int last) {
                if (ours(list))
                    beginInsertRows(parentOfList(list), first, last);
                else if (shared(list))
                    beginResetModel();
            });
    connect(&m_document, &PoolDocument::inserted, this, [this, ours, shared](const Pointer &list) {
        if (ours(list))
            endInsertRows();
        else if (shared(list))
            endResetModel();
    });
    connect(&m_document, &PoolDocument::aboutToRemove, this, [this, ours, shared](const Pointer &list, int row) {
        if (ours(list))
            beginRemoveRows(parentOfList(list), row, row);
        else if (shared(list))
            beginResetModel();
    });
    connect(&m_document, &PoolDocument::removed, this, [this, ours, shared](const Pointer &list) {
        if (ours(list))
            endRemoveRows();
        else if (shared(list))
            endResetModel();
    });
    connect(&m_document, &PoolDocument::aboutToMove, this, [this, ours, shared](const Pointer &list, int from, int to) {
        const QModelIndex where = parentOfList(list);
        if (ours(list))
            beginMoveRows(where, from, from, where, to > from ? to + 1 : to);
        else if (shared(list))
            beginResetModel();
    });
    connect(&m_document, &PoolDocument::moved, this, [this, ours, shared](const Pointer &list) {
        if (ours(list))
            endMoveRows();
        else if (shared(list))
            endResetModel();
    });
}

QVariant PoolModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    static const char *const names[ColumnCount] = {QT_TR_NOOP("Provider, key, model"),
                                                   QT_TR_NOOP("Secret or address"),
                                                   QT_TR_NOOP("Now"),
                                                   QT_TR_NOOP("Enabled"),
                                                   QT_TR_NOOP("Requests/min"),
                                                   QT_TR_NOOP("Tokens/min"),
                                                   QT_TR_NOOP("Requests/day"),
                                                   QT_TR_NOOP("At once"),
                                                   QT_TR_NOOP("Priority"),
                                                   QT_TR_NOOP("Weight"),
                                                   QT_TR_NOOP("Quota group"),
                                                   QT_TR_NOOP("Tags")};
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole || section < 0 || section >= ColumnCount)
        return {};
    return tr(names[section]);
}

QString PoolModel::memberOf(const QModelIndex &index, int column) const
{
    const Kind kind = kindOf(index);
    switch (column) {
    case Name:
        return kind == Kind::Key ? u"key_id"_s : kind == Kind::Model ? u"model"_s : QString();
    case Reference:
        return kind == Kind::Key ? u"api_key"_s : kind == Kind::Provider ? u"base_url"_s : QString();
    case Enabled:
        return kind == Kind::Key ? u"enabled"_s : QString();
    case Rpm:
        return u"rpm_limit"_s;
    case Tpm:
        return u"tpm_limit"_s;
    case Rpd:
        return u"rpd_limit"_s;
    case Parallel:
        return u"max_parallel"_s;
    case Priority:
        return kind == Kind::Model ? u"priority"_s : QString();
    case Weight:
        return kind == Kind::Model ? u"weight"_s : QString();
    case Group:
        return kind == Kind::Key ? u"quota_group"_s : QString();
    case Tags:
        return kind == Kind::Key ? u"tags"_s : QString();
    default:
        return {};
    }
}

QString PoolModel::nameOf(const QModelIndex &index) const
{
    const Json *own = node(index);
    if (!own)
        return {};
    if (kindOf(index) == Kind::Provider)
        return QString::fromStdString(std::next(providers().begin(), index.row()).key());
    const Json *name = memberOfJson(own, memberOf(index, Name).toStdString());
    return name ? textOf(*name) : tr("(no name)");
}

QVariant PoolModel::inherited(const QModelIndex &index) const
{
    if (index.column() < Rpm || index.column() > Parallel || kindOf(index) == Kind::Provider)
        return {};
    const std::string member = memberOf(index, index.column()).toStdString();
    for (QModelIndex above = index.parent(); above.isValid(); above = above.parent()) {
        if (const Json *value = memberOfJson(node(above), member))
            return textOf(*value);
    }
    return {};
}

QVariant PoolModel::text(const QModelIndex &index, bool edit) const
{
    if (index.column() == Name)
        return nameOf(index);
    const QString member = memberOf(index, index.column());
    const Json *value = member.isEmpty() ? nullptr : memberOfJson(node(index), member.toStdString());
    if (value)
        return textOf(*value);
    if (edit || member.isEmpty())
        return QString();
    if (index.column() == Priority || index.column() == Weight)
        return u"1"_s;
    return inherited(index);
}

QVariant PoolModel::status(const QModelIndex &index, int role) const
{
    if (kindOf(index) == Kind::Provider)
        return {};
    const QString key = kindOf(index) == Kind::Key ? nameOf(index) : nameOf(index.parent());
    const QString id = kindOf(index) == Kind::Key ? key : key + u'/' + nameOf(index);
    const auto found = m_status.constFind(id);
    if (found == m_status.constEnd())
        return role == Qt::DisplayRole ? QVariant(tr("not applied")) : QVariant();
    if (role == Qt::ForegroundRole)
        return QBrush(toneColour(StatusText::tone(*found), QGuiApplication::palette()));
    const auto counts = m_readyOfKey.value(key);
    if (kindOf(index) == Kind::Key && counts.second > 1 && *found == LiveStatus::Ready)
        return tr("%1 of %2 ready").arg(counts.first).arg(counts.second);
    return StatusText::name(*found);
}

QVariant PoolModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || !node(index))
        return {};
    const int column = index.column();
    switch (role) {
    case Qt::DisplayRole:
        return column == Status ? status(index, role) : column == Enabled ? QVariant() : text(index, false);
    case Qt::EditRole:
        return text(index, true);
    case Qt::CheckStateRole:
        if (column != Enabled || kindOf(index) != Kind::Key)
            return {};
        return node(index)->value("enabled", true) ? Qt::Checked : Qt::Unchecked;
    case Qt::ForegroundRole:
        if (column == Status)
            return status(index, role);
        if (!problemOf(index).isEmpty())
            return QBrush(toneColour(Tone::Bad, QGuiApplication::palette()));
        if (column >= Rpm && column <= Parallel && text(index, true).toString().isEmpty())
            return QBrush(toneColour(Tone::Muted, QGuiApplication::palette()));
        return {};
    case Qt::BackgroundRole:
        return problemOf(index).isEmpty() ? QVariant() : QBrush(toneWash(Tone::Bad, QGuiApplication::palette()));
    case Qt::FontRole: {
        QFont font;
        font.setBold(true);
        return column == Name && kindOf(index) == Kind::Provider ? QVariant(font) : QVariant();
    }
    case Qt::ToolTipRole:
    case ProblemRole:
        return problemOf(index);
    case KindRole:
        return int(kindOf(index));
    case Qt::TextAlignmentRole:
        return int((column >= Rpm && column <= Weight ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    default:
        return {};
    }
}

const QString &PoolModel::searchText(int provider, int key) const
{
    static const QString nothing;
    while (m_searchTexts.size() <= provider)
        m_searchTexts.append(QList<QString>());
    QList<QString> &texts = m_searchTexts[provider];
    if (texts.isEmpty()) {
        const Json &entry = *std::next(providers().begin(), provider);
        const Json *keys = memberOfJson(&entry, "keys");
        if (!keys || !keys->is_array())
            return nothing;
        for (const Json &node : *keys) {
            QString text = textOf(node.is_object() ? node.value("tags", Json()) : Json());
            for (const char *member :
                 {"key_id", "api_key", "rpm_limit", "tpm_limit", "rpd_limit", "max_parallel", "quota_group"}) {
                if (const Json *value = memberOfJson(&node, member))
                    text += u'\n' + textOf(*value);
            }
            if (const Json *list = models(entry, node)) {
                for (const Json &model : *list)
                    text += u'\n' + textOf(model.is_object() ? model.value("model", Json()) : Json());
            }
            texts.append(text.toCaseFolded());
        }
    }
    return key < texts.size() ? texts[key] : nothing;
}

bool PoolModel::isLess(const QModelIndex &left, const QModelIndex &right) const
{
    const int column = left.column();
    if (column == Status || kindOf(left) == Kind::Provider)
        return data(left, Qt::DisplayRole).toString() < data(right, Qt::DisplayRole).toString();
    const std::string member = memberOf(left, column).toStdString();
    const Json *a = memberOfJson(node(left), member), *b = memberOfJson(node(right), member);
    if (!a || !b)
        return !a && b;
    if (a->is_number() && b->is_number())
        return a->get<double>() < b->get<double>();
    if (a->is_string() && b->is_string())
        return a->get_ref<const std::string &>() < b->get_ref<const std::string &>();
    return textOf(*a) < textOf(*b);
}

} // namespace keymux::gui
