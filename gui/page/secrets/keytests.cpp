// SPDX-License-Identifier: GPL-3.0-or-later
#include "page/secrets/keytests.h"

#include <QUrl>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

constexpr int atOnce = 4;

} // namespace

void KeyTests::start(const QStringList &keyIds)
{
    cancel();
    m_waiting = keyIds;
    m_all = int(keyIds.size());
    m_good = m_bad = 0;
    m_cancelled = false;
    Q_EMIT progress(0, m_all);
    for (int i = 0; i < atOnce; ++i)
        next();
}

void KeyTests::cancel()
{
    m_cancelled = true;
    m_waiting.clear();
    const QList<QPointer<GatewayCall>> calls = std::exchange(m_calls, {});
    for (const QPointer<GatewayCall> &call : calls) {
        if (call)
            call->abort();
    }
}

void KeyTests::next()
{
    if (m_waiting.isEmpty()) {
        if (m_running == 0 && m_all > 0) {
            m_all = 0;
            Q_EMIT finished(m_good, m_bad, m_cancelled);
        }
        return;
    }
    const QString keyId = m_waiting.takeFirst();
    ++m_running;
    const QString path = u"/admin/v1/keys/%1/probe"_s.arg(QString::fromLatin1(QUrl::toPercentEncoding(keyId)));
    m_calls.append(m_session.client().post(path, {}, this, [this, keyId](const GatewayAnswer &answer) {
        --m_running;
        if (!answer.cancelled) {
            const bool good = answer.ok() && answer.object()["ok"_L1].toBool();
            ++(good ? m_good : m_bad);
            const QString text = answer.ok() ? answer.object()["message"_L1].toString() : answer.problem;
            Q_EMIT tested(keyId, good, text);
            Q_EMIT progress(m_good + m_bad, m_all);
        }
        next();
    }));
}

} // namespace keymux::gui
