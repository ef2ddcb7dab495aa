// SPDX-License-Identifier: GPL-3.0-or-later
// Where rows of the pool stand: in the tree of the view, and in the document.
#include "document/jsonvalues.h"
#include "models/poolmodel.h"

namespace keymux::gui {

namespace {

// A row's place in the tree: 0 for a provider, the provider's number for a key, both for a model.
constexpr int keyShift = 24;
constexpr quintptr providerMask = (quintptr(1) << keyShift) - 1;

const Json noProviders = Json::object();

} // namespace

const Json &PoolModel::providers() const
{
    const Json *found = memberOfJson(&m_document.json(), "providers");
    return found && found->is_object() ? *found : noProviders;
}

const Json *PoolModel::models(const Json &provider, const Json &key) const
{
    const Json *own = memberOfJson(&key, "priority_models");
    const Json *list = own ? own : memberOfJson(&provider, "models");
    return list && list->is_array() ? list : nullptr;
}

PoolModel::Kind PoolModel::kindOf(const QModelIndex &index) const
{
    if (index.internalId() == 0)
        return Kind::Provider;
    return index.internalId() >> keyShift == 0 ? Kind::Key : Kind::Model;
}

QModelIndex PoolModel::index(int row, int column, const QModelIndex &parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    if (!parent.isValid())
        return createIndex(row, column, quintptr(0));
    if (kindOf(parent) == Kind::Provider)
        return createIndex(row, column, quintptr(parent.row()) + 1);
    return createIndex(row, column, (quintptr(parent.row()) + 1) << keyShift | parent.internalId());
}

QModelIndex PoolModel::parent(const QModelIndex &child) const
{
    if (!child.isValid())
        return {};
    const quintptr id = child.internalId();
    switch (kindOf(child)) {
    case Kind::Provider:
        return {};
    case Kind::Key:
        return createIndex(int(id) - 1, 0, quintptr(0));
    case Kind::Model:
        break;
    }
    return createIndex(int(id >> keyShift) - 1, 0, id & providerMask);
}

const Json *PoolModel::node(const QModelIndex &index) const
{
    if (!index.isValid())
        return nullptr;
    const auto item = [](const Json *list, int row) -> const Json * {
        return list && list->is_array() && row >= 0 && std::size_t(row) < list->size() ? &(*list)[std::size_t(row)]
                                                                                       : nullptr;
    };
    switch (kindOf(index)) {
    case Kind::Provider:
        return std::size_t(index.row()) < providers().size() ? &*std::next(providers().begin(), index.row()) : nullptr;
    case Kind::Key:
        return item(memberOfJson(node(index.parent()), "keys"), index.row());
    case Kind::Model:
        break;
    }
    const Json *key = node(index.parent()), *provider = node(index.parent().parent());
    return key && provider ? item(models(*provider, *key), index.row()) : nullptr;
}

int PoolModel::rowCount(const QModelIndex &parent) const
{
    if (!parent.isValid())
        return int(providers().size());
    if (parent.column() != 0)
        return 0;
    const Json *own = node(parent);
    if (!own || kindOf(parent) == Kind::Model)
        return 0;
    if (kindOf(parent) == Kind::Provider) {
        const Json *keys = memberOfJson(own, "keys");
        return keys && keys->is_array() ? int(keys->size()) : 0;
    }
    const Json *list = models(*node(parent.parent()), *own);
    return list ? int(list->size()) : 0;
}

int PoolModel::columnCount(const QModelIndex &) const
{
    return ColumnCount;
}

Pointer PoolModel::pointerOf(const QModelIndex &index) const
{
    if (!index.isValid())
        return Pointer("/providers");
    if (kindOf(index) == Kind::Provider)
        return Pointer("/providers") / std::next(providers().begin(), index.row()).key();
    return listOf(index) / std::size_t(index.row());
}

Pointer PoolModel::listOf(const QModelIndex &index) const
{
    return childListOf(index.parent());
}

Pointer PoolModel::childListOf(const QModelIndex &index) const
{
    if (!index.isValid())
        return Pointer("/providers");
    if (kindOf(index) == Kind::Provider)
        return pointerOf(index) / "keys";
    const Json *key = node(index);
    if (key && memberOfJson(key, "priority_models"))
        return pointerOf(index) / "priority_models";
    return pointerOf(index.parent()) / "models";
}

QModelIndex PoolModel::parentOfList(const Pointer &list) const
{
    // `/providers/NAME/keys/N/priority_models`, from behind.
    std::vector<std::string> parts;
    for (Pointer rest = list; !rest.empty(); rest = rest.parent_pointer())
        parts.insert(parts.begin(), rest.back());
    if (parts.size() < 2 || parts[0] != "providers")
        return {};
    int row = 0;
    for (auto it = providers().begin(); it != providers().end(); ++it, ++row) {
        if (it.key() != parts[1])
            continue;
        const QModelIndex provider = index(row, 0);
        if (parts.size() < 4 || parts[2] != "keys")
            return provider;
        const QModelIndex key = createIndex(std::stoi(parts[3]), 0, quintptr(row) + 1);
        if (parts.size() < 6)
            return key;
        return createIndex(std::stoi(parts[5]), 0, (quintptr(key.row()) + 1) << keyShift | key.internalId());
    }
    return {};
}

QModelIndex PoolModel::indexOfKey(const QString &keyId) const
{
    const std::string wanted = keyId.toStdString();
    for (int p = 0; p < rowCount(); ++p) {
        const Json *keys = memberOfJson(node(index(p, 0)), "keys");
        if (!keys || !keys->is_array())
            continue;
        for (std::size_t k = 0; k < keys->size(); ++k) {
            if ((*keys)[k].is_object() && (*keys)[k].value("key_id", std::string()) == wanted)
                return index(int(k), 0, index(p, 0));
        }
    }
    return {};
}

} // namespace keymux::gui
