// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QProcess>
#include <QString>
#include <QTimer>
#include <QUrl>

namespace keymux::gui {

/// A `keymuxd` that runs as a child of the desktop and ends with it.
class LocalGateway : public QObject {
    Q_OBJECT
public:
    explicit LocalGateway(QString stateFolder, QObject *parent = nullptr);
    ~LocalGateway() override;

    /// The program: beside this one, or in the PATH; empty when there is none.
    static QString program();

    /// Starts it with the demo provider, or with the config of this folder (made from nothing when there is none).
    void start(bool demo);
    /// Asks it to end: open requests are finished first.
    void stop();

    bool isRunning() const { return m_process.state() != QProcess::NotRunning; }
    bool isReady() const { return !m_adminUrl.isEmpty(); }
    QUrl adminUrl() const { return m_adminUrl; }
    QUrl clientUrl() const { return m_clientUrl; }
    /// The clear texts of the files the gateway keeps for its operator; empty when they are not there.
    QByteArray adminToken() const;
    QByteArray virtualKey() const;
    QString configFile() const;

Q_SIGNALS:
    void ready();
    /// It could not be started, or ended by itself; `problem` says why.
    void failed(const QString &problem);
    void stopped();

private:
    void readOutput();
    QByteArray stateFile(const QString &name) const;

    QString m_folder;
    QProcess m_process;
    QTimer m_patience;
    QUrl m_adminUrl, m_clientUrl;
    QByteArray m_out, m_err;
    bool m_stopping = false;
};

} // namespace keymux::gui
