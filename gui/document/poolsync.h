// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewaysession.h"
#include "document/pooldocument.h"

#include <QObject>
#include <QTimer>

namespace keymux::gui {

/// Brings the document from the gateway and back: load, apply with `If-Match`, what to do when somebody else was
/// quicker, and a draft on disk of what is not applied yet.
class PoolSync : public QObject {
    Q_OBJECT
public:
    PoolSync(GatewaySession &session, PoolDocument &document, QString draftFolder, QObject *parent = nullptr);

    void load();
    /// Sends the document. Answered by one of applied(), conflict(), refused() or failed().
    void apply();
    /// After conflict(): sends mine over theirs.
    void overwrite();
    /// After conflict(): my changes on theirs; those that both changed are named. Nothing is sent yet.
    std::vector<std::string> takeMerge();
    /// After conflict(): theirs, without my changes.
    void takeTheirs();
    const Json &theirs() const { return m_theirs; }

    /// What an earlier run left unapplied for this gateway; empty when nothing.
    bool hasDraft() const { return !m_draft.is_null(); }
    QDateTime draftAt() const { return m_draftAt; }
    void restoreDraft();
    void discardDraft();

Q_SIGNALS:
    void loaded();
    void draftFound();
    void applied(qint64 revision, const QString &summary);
    void conflict();
    void refused(const QString &problem); ///< the document is not valid: what is wrong, in sentences
    void failed(const QString &problem);
    /// Somebody else changed the document while nothing is edited here; it was loaded again.
    void changedElsewhere();

private:
    void put(const QByteArray &etag);
    void answered(const GatewayAnswer &answer);
    void fetchTheirs();
    void saveDraft();
    void findDraft();
    QString draftFile() const;

    GatewaySession &m_session;
    PoolDocument &m_document;
    QString m_folder;
    QTimer m_saveSoon;
    Json m_theirs, m_draft;
    QByteArray m_theirText, m_theirEtag;
    QDateTime m_draftAt;
    qint64 m_revision = 0;
};

} // namespace keymux::gui
