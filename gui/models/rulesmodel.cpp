// SPDX-License-Identifier: GPL-3.0-or-later
#include "models/rulesmodel.h"

#include "theme/colours.h"

#include <QBrush>
#include <QGuiApplication>
#include <QMimeData>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

const QString rowType = u"application/x-keymux-rule"_s;

/// Made anew for each use: a pointer is not fit for a global.
Pointer rulesPointer()
{
    return Pointer("/routing/model_map");
}

} // namespace

RulesModel::RulesModel(PoolDocument &document, QObject *parent) : QAbstractTableModel(parent), m_document(document)
{
    const auto ofRules = [](const Pointer &list) { return list == rulesPointer(); };
    connect(&document, &PoolDocument::reset, this, [this] {
        beginResetModel();
        endResetModel();
    });
    connect(&document, &PoolDocument::aboutToInsert, this, [this, ofRules](const Pointer &list, int first, int last) {
        if (ofRules(list))
            beginInsertRows({}, first, last);
    });
    connect(&document, &PoolDocument::aboutToRemove, this, [this, ofRules](const Pointer &list, int row) {
        if (ofRules(list))
            beginRemoveRows({}, row, row);
    });
    connect(&document, &PoolDocument::aboutToMove, this, [this, ofRules](const Pointer &list, int from, int to) {
        if (ofRules(list))
            beginMoveRows({}, from, from, {}, to > from ? to + 1 : to);
    });
    connect(&document, &PoolDocument::inserted, this, [this, ofRules](const Pointer &list) {
        if (ofRules(list))
            endInsertRows();
    });
    connect(&document, &PoolDocument::removed, this, [this, ofRules](const Pointer &list) {
        if (ofRules(list))
            endRemoveRows();
    });
    connect(&document, &PoolDocument::moved, this, [this, ofRules](const Pointer &list) {
        if (ofRules(list))
            endMoveRows();
    });
    const auto all = [this] {
        if (rowCount() > 0)
            Q_EMIT dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
    };
    connect(&document, &PoolDocument::checked, this, all);
    connect(&document, &PoolDocument::valueChanged, this, [this, all](const Pointer &pointer) {
        // The list itself came or went.
        if (pointer == rulesPointer() || pointer == rulesPointer().parent_pointer()) {
            beginResetModel();
            endResetModel();
        } else {
            all();
        }
    });
}

const Json *RulesModel::rules() const
{
    const Json *list = m_document.at(rulesPointer());
    return list && list->is_array() ? list : nullptr;
}

int RulesModel::rowCount(const QModelIndex &parent) const
{
    return parent.isValid() || !rules() ? 0 : int(rules()->size());
}

int RulesModel::columnCount(const QModelIndex &parent) const
{
    return parent.isValid() ? 0 : int(ColumnCount);
}

QVariant RulesModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole)
        return {};
    if (orientation == Qt::Vertical)
        return section + 1;
    return section == Match ? tr("When a client asks for") : tr("it is served by, the first before the next");
}

QString RulesModel::problemOf(const QModelIndex &index) const
{
    const QString row = u"routing.model_map[%1]"_s.arg(index.row());
    for (auto it = m_document.problems().begin(); it != m_document.problems().end(); ++it) {
        const bool ofRow = it.key() == row, ofMatch = it.key() == row + ".match"_L1;
        if (index.column() == Match ? ofRow || ofMatch : it.key().startsWith(row + ".models"_L1))
            return it.value();
    }
    return {};
}

QVariant RulesModel::data(const QModelIndex &index, int role) const
{
    if (!index.isValid() || index.row() >= rowCount())
        return {};
    const Json &rule = (*rules())[std::size_t(index.row())];
    switch (role) {
    case Qt::DisplayRole:
    case Qt::EditRole: {
        if (!rule.is_object())
            return {};
        if (index.column() == Match)
            return QString::fromStdString(rule.value("match", std::string()));
        QStringList models;
        for (const Json &model : rule.value("models", Json::array()))
            models.append(model.is_string() ? QString::fromStdString(model.get<std::string>()) : QString());
        return models.join(u", "_s);
    }
    case Qt::ToolTipRole:
        return problemOf(index);
    case Qt::BackgroundRole:
        return problemOf(index).isEmpty() ? QVariant() : QBrush(toneWash(Tone::Bad, QGuiApplication::palette()));
    default:
        return {};
    }
}

bool RulesModel::setData(const QModelIndex &index, const QVariant &value, int role)
{
    if (!index.isValid() || role != Qt::EditRole)
        return false;
    const QString text = value.toString().trimmed();
    const Pointer rule = rulesPointer() / std::size_t(index.row());
    if (index.column() == Match) {
        m_document.setValue(tr("Set the name of a rule"), rule / "match", text.toStdString());
        return true;
    }
    Json models = Json::array();
    const QStringList names = text.split(u',', Qt::SkipEmptyParts);
    for (const QString &name : names)
        models.push_back(name.trimmed().toStdString());
    m_document.setValue(tr("Set the models of a rule"), rule / "models", models);
    return true;
}

Qt::ItemFlags RulesModel::flags(const QModelIndex &index) const
{
    if (!index.isValid())
        return Qt::ItemIsDropEnabled;
    return QAbstractTableModel::flags(index) | Qt::ItemIsEditable | Qt::ItemIsDragEnabled;
}

QStringList RulesModel::mimeTypes() const
{
    return {rowType};
}

QMimeData *RulesModel::mimeData(const QModelIndexList &indexes) const
{
    auto *data = new QMimeData;
    data->setData(rowType, indexes.isEmpty() ? QByteArray() : QByteArray::number(indexes.first().row()));
    return data;
}

bool RulesModel::dropMimeData(const QMimeData *data, Qt::DropAction, int row, int, const QModelIndex &parent)
{
    bool good = false;
    const int from = data->data(rowType).toInt(&good);
    const int before = row >= 0 ? row : parent.isValid() ? parent.row() : rowCount();
    if (good)
        move(from, before > from ? before - 1 : before);
    return false; // the move is done; the view must not remove the row
}

void RulesModel::add()
{
    m_document.insertItems(tr("Add a rule"), rulesPointer(), 0,
                           {Json{{"match", "new-name*"}, {"models", Json::array({"*"})}}});
}

void RulesModel::remove(int row)
{
    m_document.removeItem(tr("Remove a rule"), rulesPointer(), std::size_t(row));
}

void RulesModel::move(int from, int to)
{
    if (from >= 0 && to >= 0 && from < rowCount() && to < rowCount())
        m_document.moveItem(tr("Move a rule"), rulesPointer(), std::size_t(from), std::size_t(to));
}

} // namespace keymux::gui
