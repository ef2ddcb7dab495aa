// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>
#include <QString>
#include <QUrl>

namespace keymux::gui {

/// One gateway that a person works with. Its admin token is not here: it is in the OS keychain, under tokenEntry().
struct Connection {
    QString id; ///< never changes, never shown
    QString name;
    QString colour;          ///< `#rrggbb`, or empty
    QUrl adminUrl;           ///< `http://127.0.0.1:4001`
    QUrl clientUrl;          ///< what clients are told; empty: guessed from adminUrl
    QString pinnedSha256;    ///< hex digest of a certificate that a person accepted, or empty
    bool ownGateway = false; ///< runs as a child of this desktop

    bool operator==(const Connection &) const = default;

    QString tokenEntry() const { return QStringLiteral("connection-%1").arg(id); }
    /// Where clients send requests: clientUrl, or the admin address with the default client port.
    QUrl clientAddress() const;
    /// True where secrets may travel: TLS, or a loopback address.
    bool isPrivate() const;
};

/// A connection with an id of its own.
Connection newConnection(const QString &name, const QUrl &adminUrl);

/// The connections of this person, in a file without secrets.
class ConnectionList {
public:
    /// Reads the file; a missing or broken one is an empty list, told apart by problem().
    explicit ConnectionList(QString file);

    const QList<Connection> &all() const { return m_all; }
    const Connection *find(const QString &id) const;
    QString lastUsed() const { return m_lastUsed; }
    QString problem() const { return m_problem; }

    /// Each writes the file; false when it could not be written (problem() says why).
    bool put(const Connection &connection); ///< adds or replaces by id
    bool remove(const QString &id);
    bool setLastUsed(const QString &id);

    /// As written to the file, for another computer. Holds no secret.
    QByteArray exported() const;
    /// Adds what exported() gave elsewhere; the number of connections added, or -1 when it is none of it.
    int import(const QByteArray &text);

private:
    bool save();

    QString m_file, m_lastUsed, m_problem;
    QList<Connection> m_all;
};

} // namespace keymux::gui
