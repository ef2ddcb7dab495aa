// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfigjson.h"
#include "document/jsonchanges.h"

#include <QHash>
#include <QObject>
#include <QTimer>
#include <QUndoStack>

namespace keymux::gui {

using Pointer = Json::json_pointer;

/// The pool config as a person edits it: the gateway's document, and what they did to it since, each step by name.
/// Nothing of it is live before it is sent.
class PoolDocument : public QObject {
    Q_OBJECT
public:
    explicit PoolDocument(QObject *parent = nullptr);

    /// Takes the gateway's document; steps and changes of an earlier one are gone. False when it is not an object.
    bool load(const QByteArray &text, const QByteArray &etag);
    /// Takes the newest document of the gateway as what changes are counted from, and keeps what is edited.
    bool rebase(const QByteArray &text, const QByteArray &etag);
    void clear();

    bool isLoaded() const { return m_loaded; }
    const Json &json() const { return m_json; }
    const Json &base() const { return m_base; }
    const QByteArray &etag() const { return m_etag; }
    QByteArray text() const;
    QUndoStack &undoStack() { return m_stack; }

    /// How many things differ from the gateway's document.
    int changeCount() const { return int(m_changes.size()); }
    const std::vector<JsonChange> &changes() const { return m_changes; }
    bool isChanged() const { return m_json != m_base; }

    const Json *at(const Pointer &pointer) const;
    /// Null where there is none. A null `value` removes the member.
    void setValue(const QString &what, const Pointer &pointer, const Json &value);
    /// Puts items into a list, which is made when it is not there.
    void insertItems(const QString &what, const Pointer &list, std::size_t index, const std::vector<Json> &items);
    void removeItem(const QString &what, const Pointer &list, std::size_t index);
    void moveItem(const QString &what, const Pointer &list, std::size_t from, std::size_t to);
    /// Replaces the whole document, as one step.
    void replace(const QString &what, const Json &document);

    /// What is wrong, by path (`providers.gemini.keys[0].rpm_limit`); known a moment after a change.
    const QHash<QString, QString> &problems() const { return m_problems; }
    const std::vector<Problem> &problemList() const { return m_problemList; }
    /// Looks at once instead of in a moment.
    void checkNow();

Q_SIGNALS:
    void reset();
    void valueChanged(const Pointer &pointer);
    void aboutToInsert(const Pointer &list, int first, int last);
    void inserted(const Pointer &list);
    void aboutToRemove(const Pointer &list, int index);
    void removed(const Pointer &list);
    void aboutToMove(const Pointer &list, int from, int to);
    void moved(const Pointer &list);
    void changed(); ///< after each of these, and after load()
    void checked();

private:
    void doSet(const Pointer &pointer, const Json &value);
    void doInsert(const Pointer &list, std::size_t index, const std::vector<Json> &items);
    void doRemove(const Pointer &list, std::size_t index, std::size_t count);
    void doMove(const Pointer &list, std::size_t from, std::size_t to);
    void doReplace(const Json &document);
    void noteChange();

    QUndoStack m_stack;
    QTimer m_check;
    Json m_json, m_base;
    QByteArray m_etag;
    std::vector<JsonChange> m_changes;
    std::vector<Problem> m_problemList;
    QHash<QString, QString> m_problems;
    bool m_loaded = false;
};

} // namespace keymux::gui
