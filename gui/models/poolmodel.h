// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewaysession.h"
#include "document/pooldocument.h"

#include <QAbstractItemModel>
#include <QHash>
#include <QSet>

namespace keymux::gui {

/// The pool document as a tree: providers, their keys, the keys' models. Cells are edited in place; each edit is a step
/// that can be undone, and a cell that is wrong says why.
class PoolModel : public QAbstractItemModel {
    Q_OBJECT
public:
    enum Column {
        Name,
        Reference,
        Status,
        Enabled,
        Rpm,
        Tpm,
        Rpd,
        Parallel,
        Priority,
        Weight,
        Group,
        Tags,
        ColumnCount
    };
    enum Role {
        ProblemRole = Qt::UserRole, ///< why the cell is wrong; empty when it is not
        KindRole,                   ///< Kind as int
    };
    enum class Kind { Provider, Key, Model };

    PoolModel(PoolDocument &document, GatewaySession &session, QObject *parent = nullptr);

    QModelIndex index(int row, int column, const QModelIndex &parent = {}) const override;
    QModelIndex parent(const QModelIndex &child) const override;
    int rowCount(const QModelIndex &parent = {}) const override;
    int columnCount(const QModelIndex &parent = {}) const override;
    QVariant data(const QModelIndex &index, int role = Qt::DisplayRole) const override;
    bool setData(const QModelIndex &index, const QVariant &value, int role = Qt::EditRole) override;
    Qt::ItemFlags flags(const QModelIndex &index) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    /// Rows are dragged to another place among their neighbours; that is where their turn is.
    Qt::DropActions supportedDropActions() const override { return Qt::MoveAction; }
    QStringList mimeTypes() const override;
    QMimeData *mimeData(const QModelIndexList &indexes) const override;
    bool canDropMimeData(const QMimeData *data, Qt::DropAction action, int row, int column,
                         const QModelIndex &parent) const override;
    bool dropMimeData(const QMimeData *data, Qt::DropAction action, int row, int column,
                      const QModelIndex &parent) override;

    Kind kindOf(const QModelIndex &index) const;
    /// The thing itself in the document, or the list it is in with its place there.
    Pointer pointerOf(const QModelIndex &index) const;
    Pointer listOf(const QModelIndex &index) const;
    /// Where a provider's keys are, or a key's own models.
    Pointer childListOf(const QModelIndex &index) const;
    /// The name people know it by.
    QString nameOf(const QModelIndex &index) const;
    /// The row of a key, wherever it is; invalid when there is none.
    QModelIndex indexOfKey(const QString &keyId) const;
    /// All that is written in a key's row and its models' names, case-folded.
    const QString &searchText(int provider, int key) const;
    /// Compares two rows by the raw values of a column: numbers as numbers, what is not there first.
    bool isLess(const QModelIndex &left, const QModelIndex &right) const;

Q_SIGNALS:
    /// An edit that was not taken, and why.
    void editRefused(const QString &why);

private:
    void listenToRows();
    const Json *node(const QModelIndex &index) const;
    const Json *models(const Json &provider, const Json &key) const;
    const Json &providers() const;
    QModelIndex parentOfList(const Pointer &list) const;
    QString pathOf(const QModelIndex &index, int column) const;
    QString memberOf(const QModelIndex &index, int column) const;
    QVariant text(const QModelIndex &index, bool edit) const;
    QVariant inherited(const QModelIndex &index) const;
    QVariant status(const QModelIndex &index, int role) const;
    QString problemOf(const QModelIndex &index) const;
    bool setMember(const QModelIndex &index, const QString &member, const QString &text);
    void noteProblems();
    void refreshStatus();

    PoolDocument &m_document;
    GatewaySession &m_session;
    mutable QList<QList<QString>> m_searchTexts;  ///< by provider and key; made when they are asked for
    QSet<QString> m_faulty;                       ///< paths of rows with a problem below them
    QHash<QString, LiveStatus> m_status;          ///< by key and by deployment
    QHash<QString, QPair<int, int>> m_readyOfKey; ///< by key: ready, all
};

} // namespace keymux::gui
