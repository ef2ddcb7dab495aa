// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/pooldocument.h"

#include <QUndoCommand>
#include <functional>

namespace keymux::gui {

namespace {

constexpr int checkDelayMs = 150;

/// A step that is two functions: forth and back.
class Step : public QUndoCommand {
public:
    Step(const QString &what, std::function<void()> forth, std::function<void()> back)
        : QUndoCommand(what), m_forth(std::move(forth)), m_back(std::move(back))
    {
    }
    void redo() override { m_forth(); }
    void undo() override { m_back(); }

private:
    std::function<void()> m_forth, m_back;
};

} // namespace

PoolDocument::PoolDocument(QObject *parent) : QObject(parent)
{
    m_json = m_base = Json::object();
    m_check.setSingleShot(true);
    m_check.setInterval(checkDelayMs);
    connect(&m_check, &QTimer::timeout, this, &PoolDocument::checkNow);
}

bool PoolDocument::load(const QByteArray &text, const QByteArray &etag)
{
    Json document = Json::parse(text.toStdString(), nullptr, false);
    if (!document.is_object())
        return false;
    m_stack.clear();
    m_base = document;
    m_json = std::move(document);
    m_etag = etag;
    m_loaded = true;
    Q_EMIT reset();
    noteChange();
    return true;
}

bool PoolDocument::rebase(const QByteArray &text, const QByteArray &etag)
{
    Json document = Json::parse(text.toStdString(), nullptr, false);
    if (!document.is_object())
        return false;
    m_base = std::move(document);
    m_etag = etag;
    noteChange();
    return true;
}

void PoolDocument::clear()
{
    m_stack.clear();
    m_json = m_base = Json::object();
    m_etag.clear();
    m_loaded = false;
    Q_EMIT reset();
    noteChange();
}

QByteArray PoolDocument::text() const
{
    return QByteArray::fromStdString(m_json.dump(2, ' ', false, Json::error_handler_t::replace)) + '\n';
}

const Json *PoolDocument::at(const Pointer &pointer) const
{
    // at() of a list throws for what is no number; contains() does not.
    return m_json.contains(pointer) ? &m_json.at(pointer) : nullptr;
}

void PoolDocument::setValue(const QString &what, const Pointer &pointer, const Json &value)
{
    const Json *now = at(pointer);
    const Json before = now ? *now : Json(nullptr);
    if (before == value)
        return;
    m_stack.push(new Step(
        what, [this, pointer, value] { doSet(pointer, value); }, [this, pointer, before] { doSet(pointer, before); }));
}

void PoolDocument::insertItems(const QString &what, const Pointer &list, std::size_t index,
                               const std::vector<Json> &items)
{
    if (!at(list)) {
        // The list, and what it is in, come and go with its first items.
        Pointer top = list;
        Json value(items);
        while (!top.parent_pointer().empty() && !at(top.parent_pointer())) {
            value = Json{{top.back(), value}};
            top.pop_back();
        }
        setValue(what, top, value);
        return;
    }
    const std::size_t count = items.size();
    m_stack.push(new Step(
        what, [this, list, index, items] { doInsert(list, index, items); },
        [this, list, index, count] { doRemove(list, index, count); }));
}

void PoolDocument::removeItem(const QString &what, const Pointer &list, std::size_t index)
{
    const Json *items = at(list);
    if (!items || !items->is_array() || index >= items->size())
        return;
    const std::vector<Json> gone{(*items)[index]};
    m_stack.push(new Step(
        what, [this, list, index] { doRemove(list, index, 1); },
        [this, list, index, gone] { doInsert(list, index, gone); }));
}

void PoolDocument::moveItem(const QString &what, const Pointer &list, std::size_t from, std::size_t to)
{
    const Json *items = at(list);
    if (!items || !items->is_array() || from >= items->size() || to >= items->size() || from == to)
        return;
    m_stack.push(new Step(
        what, [this, list, from, to] { doMove(list, from, to); }, [this, list, from, to] { doMove(list, to, from); }));
}

void PoolDocument::replace(const QString &what, const Json &document)
{
    const Json before = m_json;
    m_stack.push(new Step(
        what, [this, document] { doReplace(document); }, [this, before] { doReplace(before); }));
}

void PoolDocument::doSet(const Pointer &pointer, const Json &value)
{
    if (!value.is_null()) {
        m_json[pointer] = value;
    } else if (m_json.contains(pointer)) {
        Json &parent = m_json.at(pointer.parent_pointer());
        if (parent.is_object())
            parent.erase(pointer.back());
    }
    Q_EMIT valueChanged(pointer);
    noteChange();
}

void PoolDocument::doInsert(const Pointer &list, std::size_t index, const std::vector<Json> &items)
{
    Json &array = m_json.at(list);
    index = std::min(index, array.size());
    Q_EMIT aboutToInsert(list, int(index), int(index + items.size()) - 1);
    const Json batch(items);
    array.insert(array.begin() + Json::difference_type(index), batch.begin(), batch.end());
    Q_EMIT inserted(list);
    noteChange();
}

void PoolDocument::doRemove(const Pointer &list, std::size_t index, std::size_t count)
{
    Json &array = m_json.at(list);
    for (std::size_t i = index + count; i-- > index;) {
        Q_EMIT aboutToRemove(list, int(i));
        array.erase(i);
        Q_EMIT removed(list);
    }
    noteChange();
}

void PoolDocument::doMove(const Pointer &list, std::size_t from, std::size_t to)
{
    Json &array = m_json.at(list);
    Q_EMIT aboutToMove(list, int(from), int(to));
    Json item = std::move(array[from]);
    array.erase(from);
    array.insert(array.begin() + Json::difference_type(to), std::move(item));
    Q_EMIT moved(list);
    noteChange();
}

void PoolDocument::doReplace(const Json &document)
{
    m_json = document;
    Q_EMIT reset();
    noteChange();
}

void PoolDocument::noteChange()
{
    m_changes = changesBetween(m_base, m_json);
    m_check.start();
    Q_EMIT changed();
}

void PoolDocument::checkNow()
{
    m_check.stop();
    m_problemList.clear();
    m_problems.clear();
    if (m_loaded) {
        // A literal secret is told as `***`, which stands for the one in force.
        PoolConfigReading reading = readPoolConfig(text().toStdString(), {.allowLiteralKeys = true});
        m_problemList = std::move(reading.problems);
        for (const Problem &problem : m_problemList) {
            QString &said = m_problems[QString::fromStdString(problem.path)];
            said += (said.isEmpty() ? QString() : QStringLiteral("\n")) + QString::fromStdString(problem.message);
        }
    }
    Q_EMIT checked();
}

} // namespace keymux::gui
