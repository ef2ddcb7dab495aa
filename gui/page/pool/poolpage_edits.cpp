// SPDX-License-Identifier: GPL-3.0-or-later
// What a person does to the pool: each is one step that can be undone by its name.
#include "page/pool/limitsdialog.h"
#include "page/pool/poolpage.h"
#include "page/pool/providerdialog.h"

#include <QTreeView>
#include <algorithm>
#include <map>
#include <set>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

/// Several edits as one step; the step ends when this goes.
class Together {
public:
    Together(QUndoStack &stack, const QString &what) : m_stack(stack) { m_stack.beginMacro(what); }
    ~Together() { m_stack.endMacro(); }
    Together(const Together &) = delete;
    Together &operator=(const Together &) = delete;

private:
    QUndoStack &m_stack;
};

/// `gemini-key-3` when 1 and 2 are taken.
std::string freeKeyId(const Json &document, const std::string &provider)
{
    std::set<std::string> taken;
    if (document.contains("providers")) {
        for (const auto &[name, entry] : document.at("providers").items()) {
            for (const Json &key : entry.value("keys", Json::array()))
                taken.insert(key.is_object() ? key.value("key_id", std::string()) : std::string());
        }
    }
    for (int n = 1;; ++n) {
        std::string id = provider + "-key-" + std::to_string(n);
        if (taken.count(id) == 0)
            return id;
    }
}

/// A reference by that name in the place where this kind of gateway keeps its secrets.
std::string referenceFor(const GatewaySession &session, const std::string &keyId)
{
    return (session.connection().ownGateway ? "keychain:" : "store:") + keyId;
}

} // namespace

void PoolPage::addProvider()
{
    auto *dialog = new ProviderDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &ProviderDialog::chosen, this, [this](const QString &name, const Json &provider) {
        const Pointer pointer = Pointer("/providers") / name.toStdString();
        if (m_document.at(pointer)) {
            messages().show(Tone::Bad, tr("There is a provider %1 already.").arg(name));
            return;
        }
        Json full = provider;
        const std::string id = freeKeyId(m_document.json(), name.toStdString());
        full["keys"] = Json::array({Json{{"api_key", referenceFor(m_session, id)}, {"key_id", id}}});
        m_document.setValue(tr("Add provider %1").arg(name), pointer, full);
        selectRow(m_model.indexOfKey(QString::fromStdString(id)));
    });
    dialog->open();
}

void PoolPage::addKey()
{
    QModelIndex provider = current();
    while (provider.parent().isValid())
        provider = provider.parent();
    if (!provider.isValid())
        provider = m_model.index(0, 0);
    if (!provider.isValid()) {
        addProvider();
        return;
    }
    const std::string id = freeKeyId(m_document.json(), m_model.nameOf(provider).toStdString());
    m_document.insertItems(tr("Add key %1").arg(QString::fromStdString(id)), m_model.childListOf(provider),
                           std::size_t(m_model.rowCount(provider)),
                           {Json{{"api_key", referenceFor(m_session, id)}, {"key_id", id}}});
    selectRow(m_model.indexOfKey(QString::fromStdString(id)));
}

void PoolPage::addModel()
{
    QModelIndex key = current();
    if (key.isValid() && m_model.kindOf(key) == PoolModel::Kind::Model)
        key = key.parent();
    if (!key.isValid()) {
        messages().show(Tone::Muted, tr("Select a key or a provider first."));
        return;
    }
    const Pointer list =
        m_model.kindOf(key) == PoolModel::Kind::Provider ? m_model.pointerOf(key) / "models" : m_model.childListOf(key);
    const Json *models = m_document.at(list);
    m_document.insertItems(tr("Add a model to %1").arg(m_model.nameOf(key)), list, models ? models->size() : 0,
                           {Json{{"model", "new-model"}}});
    if (m_model.kindOf(key) == PoolModel::Kind::Key) {
        const QModelIndex added = m_model.index(m_model.rowCount(key) - 1, 0, key);
        selectRow(added);
        m_tree->edit(m_tree->currentIndex());
    }
}

void PoolPage::duplicate()
{
    const QModelIndex key = current();
    if (!key.isValid() || m_model.kindOf(key) != PoolModel::Kind::Key)
        return;
    Json copy = *m_document.at(m_model.pointerOf(key));
    const std::string id = freeKeyId(m_document.json(), m_model.nameOf(key.parent()).toStdString());
    copy["key_id"] = id;
    copy["api_key"] = referenceFor(m_session, id);
    m_document.insertItems(tr("Duplicate %1").arg(m_model.nameOf(key)), m_model.listOf(key), std::size_t(key.row()) + 1,
                           {copy});
    selectRow(m_model.indexOfKey(QString::fromStdString(id)));
}

void PoolPage::removeSelected()
{
    const QModelIndexList rows = selectedRows();
    if (rows.isEmpty())
        return;
    const QString what = rows.size() == 1 ? tr("Remove %1").arg(m_model.nameOf(rows.first()))
                                          : tr("Remove %n row(s)", nullptr, int(rows.size()));
    // From below, so that the places of those above stay; a child of what goes itself needs no step.
    struct Row {
        Pointer list;
        std::size_t row;
        bool provider;
    };
    std::vector<Row> doomed;
    for (const QModelIndex &index : rows) {
        if (rows.contains(index.parent()) || rows.contains(index.parent().parent()))
            continue;
        const bool provider = m_model.kindOf(index) == PoolModel::Kind::Provider;
        doomed.push_back(
            {provider ? m_model.pointerOf(index) : m_model.listOf(index), std::size_t(index.row()), provider});
    }
    std::stable_sort(doomed.begin(), doomed.end(), [](const Row &a, const Row &b) { return a.row > b.row; });
    const Together step(m_document.undoStack(), what);
    for (const Row &row : doomed) {
        if (row.provider)
            m_document.setValue(what, row.list, nullptr);
        else
            m_document.removeItem(what, row.list, row.row);
    }
}

void PoolPage::setEnabled(bool enabled)
{
    const QModelIndexList rows = selectedRows();
    const QString what = enabled ? tr("Enable %n key(s)", nullptr, int(rows.size()))
                                 : tr("Disable %n key(s)", nullptr, int(rows.size()));
    std::vector<Pointer> keys;
    for (const QModelIndex &index : rows) {
        if (m_model.kindOf(index) == PoolModel::Kind::Key)
            keys.push_back(m_model.pointerOf(index) / "enabled");
    }
    if (keys.empty()) {
        messages().show(Tone::Muted, tr("Select keys first."));
        return;
    }
    const Together step(m_document.undoStack(), what);
    for (const Pointer &key : keys)
        m_document.setValue(what, key, enabled ? Json(nullptr) : Json(false));
}

void PoolPage::setLimits()
{
    const QModelIndexList rows = selectedRows();
    if (rows.isEmpty()) {
        messages().show(Tone::Muted, tr("Select the rows whose limits you want to set."));
        return;
    }
    std::vector<Pointer> things;
    for (const QModelIndex &index : rows)
        things.push_back(m_model.pointerOf(index));
    auto *dialog = new LimitsDialog(int(rows.size()), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &LimitsDialog::chosen, this, [this, things](const std::map<std::string, Json> &limits) {
        const QString what = tr("Set limits of %n row(s)", nullptr, int(things.size()));
        const Together step(m_document.undoStack(), what);
        for (const Pointer &thing : things) {
            for (const auto &[member, value] : limits)
                m_document.setValue(what, thing / member, value);
        }
    });
    dialog->open();
}

void PoolPage::move(int step)
{
    const QModelIndex row = current();
    if (!row.isValid() || m_model.kindOf(row) == PoolModel::Kind::Provider)
        return;
    if (m_sorted.sortColumn() >= 0) {
        messages().show(Tone::Muted,
                        tr("Sorted rows cannot be moved: choose “Unsorted” in the menu of the table's header first."));
        return;
    }
    const int to = row.row() + step;
    if (to < 0 || to >= m_model.rowCount(row.parent()))
        return;
    m_document.moveItem(tr("Move %1").arg(m_model.nameOf(row)), m_model.listOf(row), std::size_t(row.row()),
                        std::size_t(to));
}

} // namespace keymux::gui
