// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "client/gatewaysession.h"

#include <QObject>
#include <functional>

namespace keymux::gui {

/// Puts a provider key's secret where it belongs: always into the operator's keychain, and for a gateway that cannot
/// read that keychain also into its sealed store, over a way on which nobody can read it.
class SecretKeeper : public QObject {
    Q_OBJECT
public:
    /// Empty: it is stored; else a sentence.
    using Done = std::function<void(const QString &problem)>;

    explicit SecretKeeper(GatewaySession &session, QObject *parent = nullptr) : QObject(parent), m_session(session) {}

    /// `keychain:` for a gateway that the desktop runs itself, else `store:`.
    QString scheme() const;
    /// Why secrets cannot be sent to this gateway; empty: they can.
    QString obstacle() const;
    void store(const QString &name, const QString &value, QObject *context, const Done &done);
    /// Many, one after the other; stops at the first that fails. `progress` is told how many are done.
    void storeAll(const QList<std::pair<QString, QString>> &secrets, QObject *context,
                  const std::function<void(int)> &progress, const Done &done);

private:
    GatewaySession &m_session;
};

} // namespace keymux::gui
