// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/budgetwatch.h"

#include "models/virtualkeysmodel.h"

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

constexpr int everyMs = 60000;
constexpr double nearly = 0.8;
constexpr int mostPages = 20; ///< of a thousand keys each

} // namespace

BudgetWatch::BudgetWatch(GatewaySession &session, QObject *parent) : QObject(parent), m_session(session)
{
    m_again.setInterval(everyMs);
    connect(&m_again, &QTimer::timeout, this, &BudgetWatch::look);
    m_again.start();
    connect(&session, &GatewaySession::opened, this, [this] {
        m_told.clear();
        look();
    });
}

void BudgetWatch::look()
{
    if (m_call)
        m_call->abort();
    m_pages = 0;
    if (m_session.isOpen())
        read({});
}

void BudgetWatch::read(const QString &cursor)
{
    QString path = u"/admin/v1/virtual-keys?limit=1000"_s;
    if (!cursor.isEmpty())
        path += "&cursor="_L1 + QString::fromLatin1(QUrl::toPercentEncoding(cursor));
    // A gateway that does not answer is told of elsewhere.
    m_call = m_session.client().get(path, this, [this](const GatewayAnswer &answer) {
        if (!answer.ok())
            return;
        const QJsonArray items = answer.items();
        for (const auto &item : items)
            judge(item.toObject());
        const QString next = answer.object()["next"_L1].toString();
        if (!next.isEmpty() && ++m_pages < mostPages)
            read(next);
        else
            Q_EMIT looked();
    });
}

void BudgetWatch::judge(const QJsonObject &key)
{
    const double spent = VirtualKeysModel::spentOf(key);
    const QString id = key["id"_L1].toString();
    if (spent < nearly)
        m_told.remove(id);
    else if (spent < 1 && !m_told.contains(id)) {
        m_told.insert(id);
        Q_EMIT nearlySpent(id, key["name"_L1].toString(), qRound(spent * 100));
    }
}

} // namespace keymux::gui
