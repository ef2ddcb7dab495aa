// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/secretkeeper.h"

#include <QJsonDocument>
#include <memory>

using namespace Qt::StringLiterals;

namespace keymux::gui {

QString SecretKeeper::scheme() const
{
    return m_session.connection().ownGateway ? u"keychain:"_s : u"store:"_s;
}

QString SecretKeeper::obstacle() const
{
    if (m_session.connection().ownGateway || m_session.connection().isPrivate())
        return {};
    return tr("This connection has no TLS, so a secret could be read on its way to %1. Use an https address.")
        .arg(m_session.connection().adminUrl.host());
}

void SecretKeeper::store(const QString &name, const QString &value, QObject *context, const Done &done)
{
    if (const QString why = obstacle(); !why.isEmpty()) {
        done(why);
        return;
    }
    const QPointer<QObject> guard(context);
    m_session.keychain().write(name, value, context, [this, name, value, guard, done](const KeychainAnswer &answer) {
        if (!answer.ok()) {
            done(answer.problem);
            return;
        }
        if (m_session.connection().ownGateway) {
            done({});
            return;
        }
        const QByteArray body = QJsonDocument(QJsonObject{{"value"_L1, value}}).toJson(QJsonDocument::Compact);
        m_session.client().send("PUT", u"/admin/v1/secrets/"_s + QString::fromLatin1(QUrl::toPercentEncoding(name)),
                                body, guard,
                                [done](const GatewayAnswer &put) { done(put.ok() ? QString() : put.problem); });
    });
}

void SecretKeeper::storeAll(const QList<std::pair<QString, QString>> &secrets, QObject *context,
                            const std::function<void(int)> &progress, const Done &done)
{
    // Each begins the next when it is stored, so that a locked keychain asks once and not a hundred times.
    struct Walk {
        QList<std::pair<QString, QString>> secrets;
        qsizetype at = 0;
    };
    const auto walk = std::make_shared<Walk>(Walk{secrets});
    const auto next = std::make_shared<std::function<void()>>();
    const QPointer<QObject> guard(context);
    *next = [this, walk, guard, progress, done, weak = std::weak_ptr(next)] {
        if (!guard)
            return;
        if (walk->at == walk->secrets.size()) {
            done({});
            return;
        }
        const auto [name, value] = walk->secrets[walk->at];
        store(name, value, guard, [walk, progress, done, again = weak.lock()](const QString &problem) {
            if (!problem.isEmpty()) {
                done(problem);
                return;
            }
            progress(int(++walk->at));
            (*again)();
        });
    };
    (*next)();
}

} // namespace keymux::gui
