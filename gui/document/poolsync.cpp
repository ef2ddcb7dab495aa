// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/poolsync.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

const QString poolPath = u"/admin/v1/pool"_s;
constexpr qint64 draftBound = qint64(64) << 20;

} // namespace

PoolSync::PoolSync(GatewaySession &session, PoolDocument &document, QString draftFolder, QObject *parent)
    : QObject(parent), m_session(session), m_document(document), m_folder(std::move(draftFolder))
{
    m_saveSoon.setSingleShot(true);
    m_saveSoon.setInterval(200);
    connect(&m_saveSoon, &QTimer::timeout, this, &PoolSync::saveDraft);
    connect(&document, &PoolDocument::changed, &m_saveSoon, qOverload<>(&QTimer::start));
    connect(&session, &GatewaySession::opened, this, [this] {
        m_saveSoon.stop();
        m_draft = nullptr;
        m_revision = 0;
        m_document.clear();
        m_saveSoon.stop();
        load();
    });
    connect(&session, &GatewaySession::liveChanged, this, [this](const LiveChange &change) {
        const qint64 revision = m_session.live().config().revision;
        if (!change.config || revision == m_revision)
            return;
        const bool first = m_revision == 0;
        m_revision = revision;
        if (!first && m_document.isLoaded() && !m_document.isChanged()) {
            load();
            Q_EMIT changedElsewhere();
        }
    });
}

void PoolSync::load()
{
    if (!m_session.isOpen())
        return;
    m_session.client().get(poolPath, this, [this](const GatewayAnswer &answer) {
        if (answer.cancelled)
            return;
        if (!answer.ok() || !m_document.load(answer.body, answer.etag)) {
            Q_EMIT failed(answer.problem.isEmpty() ? tr("The gateway's pool document cannot be read.")
                                                   : answer.problem);
            return;
        }
        m_saveSoon.stop();
        findDraft();
        Q_EMIT loaded();
    });
}

void PoolSync::apply()
{
    put(m_document.etag());
}

void PoolSync::put(const QByteArray &etag)
{
    m_session.client().send(
        "PUT", poolPath, m_document.text(), this, [this](const GatewayAnswer &answer) { answered(answer); }, etag);
}

void PoolSync::answered(const GatewayAnswer &answer)
{
    if (answer.ok()) {
        const QJsonObject said = answer.object();
        m_revision = said["revision"_L1].toInteger();
        m_document.load(m_document.text(), answer.etag);
        discardDraft();
        Q_EMIT applied(m_revision, said["summary"_L1].toString());
        load(); // the gateway's own wording of it, with its ETag
    } else if (answer.status == 412) {
        fetchTheirs();
    } else if (answer.status == 422) {
        QStringList problems{answer.problem};
        const QJsonArray list = answer.object()["problems"_L1].toArray();
        for (const auto &problem : list)
            problems.append(u"%1: %2"_s.arg(problem["path"_L1].toString(), problem["message"_L1].toString()));
        Q_EMIT refused(problems.join(u'\n'));
    } else {
        Q_EMIT failed(answer.problem);
    }
}

void PoolSync::fetchTheirs()
{
    m_session.client().get(poolPath, this, [this](const GatewayAnswer &answer) {
        Json theirs = Json::parse(answer.body.toStdString(), nullptr, false);
        if (!answer.ok() || !theirs.is_object()) {
            Q_EMIT failed(answer.problem);
            return;
        }
        m_theirs = std::move(theirs);
        m_theirText = answer.body;
        m_theirEtag = answer.etag;
        Q_EMIT conflict();
    });
}

void PoolSync::overwrite()
{
    m_document.rebase(m_theirText, m_theirEtag);
    put(m_theirEtag);
}

std::vector<std::string> PoolSync::takeMerge()
{
    JsonMerge merged = merge(m_document.base(), m_document.json(), m_theirs);
    m_document.rebase(m_theirText, m_theirEtag);
    m_document.replace(tr("Merge with the gateway's document"), merged.document);
    return merged.conflicts;
}

void PoolSync::takeTheirs()
{
    m_document.load(m_theirText, m_theirEtag);
}

QString PoolSync::draftFile() const
{
    return u"%1/%2.json"_s.arg(m_folder, m_session.connection().id);
}

void PoolSync::saveDraft()
{
    if (!m_document.isLoaded() || !m_session.isOpen())
        return;
    if (!m_document.isChanged()) {
        if (m_draft.is_null())
            QFile::remove(draftFile());
        return;
    }
    QDir().mkpath(m_folder);
    QSaveFile file(draftFile());
    if (!file.open(QIODevice::WriteOnly))
        return;
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
    file.write(QByteArray::fromStdString(Json{{"base", m_document.base()}, {"document", m_document.json()}}.dump()));
    file.commit();
}

void PoolSync::findDraft()
{
    QFile file(draftFile());
    m_draft = nullptr;
    if (!file.open(QIODevice::ReadOnly) || file.size() > draftBound)
        return;
    Json draft = Json::parse(file.readAll().toStdString(), nullptr, false);
    if (!draft.is_object() || !draft.contains("document") || !draft.contains("base") ||
        draft["document"] == m_document.json())
        return;
    m_draft = std::move(draft);
    m_draftAt = QFileInfo(file).lastModified();
    Q_EMIT draftFound();
}

void PoolSync::restoreDraft()
{
    if (!hasDraft())
        return;
    const JsonMerge merged = merge(m_draft["base"], m_draft["document"], m_document.json());
    m_draft = nullptr;
    m_document.replace(tr("Restore unapplied changes"), merged.document);
}

void PoolSync::discardDraft()
{
    m_draft = nullptr;
    QFile::remove(draftFile());
}

} // namespace keymux::gui
