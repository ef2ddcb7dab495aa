// SPDX-License-Identifier: GPL-3.0-or-later
#include "client/localgateway.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>
#include <QStandardPaths>
#include <csignal>
#include <sys/prctl.h>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

constexpr int startPatienceMs = 15000;
constexpr int stopPatienceMs = 10000;
constexpr qsizetype outputBound = 65536;

/// A pool without keys: the gateway starts and waits for the first.
const QByteArray emptyConfig = "{\n    \"providers\": {}\n}\n";

} // namespace

LocalGateway::LocalGateway(QString stateFolder, QObject *parent) : QObject(parent), m_folder(std::move(stateFolder))
{
    // A desktop that is killed leaves no gateway behind, which nobody could reach or stop.
    m_process.setChildProcessModifier([] { prctl(PR_SET_PDEATHSIG, SIGTERM); });
    m_patience.setSingleShot(true);
    m_patience.setInterval(startPatienceMs);
    connect(&m_patience, &QTimer::timeout, this, [this] {
        m_process.kill();
        Q_EMIT failed(tr("The gateway on this computer did not get ready in time."));
    });
    connect(&m_process, &QProcess::readyReadStandardOutput, this, &LocalGateway::readOutput);
    connect(&m_process, &QProcess::readyReadStandardError, this,
            [this] { m_err = (m_err + m_process.readAllStandardError()).right(outputBound); });
    connect(&m_process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
        if (error == QProcess::FailedToStart)
            Q_EMIT failed(tr("%1 cannot be started: %2").arg(m_process.program(), m_process.errorString()));
    });
    connect(&m_process, &QProcess::finished, this, [this] {
        m_patience.stop();
        m_adminUrl.clear();
        m_clientUrl.clear();
        if (!m_stopping) {
            const QString said = QString::fromUtf8(m_err).trimmed().section(u'\n', -1);
            Q_EMIT failed(said.isEmpty() ? tr("The gateway on this computer ended by itself.")
                                         : tr("The gateway on this computer ended: %1").arg(said));
        }
        Q_EMIT stopped();
    });
}

LocalGateway::~LocalGateway()
{
    m_stopping = true;
    disconnect(&m_process, nullptr, this, nullptr);
    if (!isRunning())
        return;
    m_process.terminate();
    if (!m_process.waitForFinished(stopPatienceMs)) {
        m_process.kill();
        m_process.waitForFinished(stopPatienceMs);
    }
}

QString LocalGateway::program()
{
    const QString here = QCoreApplication::applicationDirPath();
    const QString beside = QStandardPaths::findExecutable(u"keymuxd"_s, {here});
    return beside.isEmpty() ? QStandardPaths::findExecutable(u"keymuxd"_s) : beside;
}

QString LocalGateway::configFile() const
{
    return m_folder + "/key-pool-config.json"_L1;
}

void LocalGateway::start(bool demo)
{
    if (isRunning())
        return;
    const QString keymuxd = program();
    if (keymuxd.isEmpty()) {
        Q_EMIT failed(tr("keymuxd is neither beside this program nor in the PATH. Install keymux-server."));
        return;
    }
    QDir().mkpath(m_folder);
    QFile::setPermissions(m_folder, QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    m_out.clear();
    m_err.clear();
    m_stopping = false;
    const QString state = m_folder + (demo ? "/demo"_L1 : "/state"_L1);
    QStringList arguments{u"serve"_s,       u"--state"_s,        state,           u"--listen"_s,
                          u"127.0.0.1:0"_s, u"--admin-listen"_s, u"127.0.0.1:0"_s};
    if (demo) {
        arguments.append(u"--demo"_s);
    } else {
        QFile config(configFile());
        if (!config.exists() && config.open(QIODevice::WriteOnly)) {
            config.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
            config.write(emptyConfig);
        }
        arguments += {u"--config"_s, configFile()};
    }
    m_process.setProperty("state", state);
    m_patience.start();
    m_process.start(keymuxd, arguments);
}

void LocalGateway::stop()
{
    if (!isRunning())
        return;
    m_stopping = true;
    m_process.terminate();
    QTimer::singleShot(stopPatienceMs, &m_process, [this] {
        if (m_stopping && isRunning())
            m_process.kill();
    });
}

void LocalGateway::readOutput()
{
    m_out = (m_out + m_process.readAllStandardOutput()).right(outputBound);
    if (isReady())
        return;
    static const QRegularExpression line(u"^keymuxd ready: (\\S+) admin (\\S+)$"_s,
                                         QRegularExpression::MultilineOption);
    const QRegularExpressionMatch match = line.match(QString::fromUtf8(m_out));
    if (!match.hasMatch())
        return;
    m_patience.stop();
    m_clientUrl = QUrl(match.captured(1));
    m_adminUrl = QUrl(match.captured(2));
    Q_EMIT ready();
}

QByteArray LocalGateway::stateFile(const QString &name) const
{
    QFile file(m_process.property("state").toString() + u'/' + name);
    return file.open(QIODevice::ReadOnly) ? file.read(4096).trimmed() : QByteArray();
}

QByteArray LocalGateway::adminToken() const
{
    return stateFile(u"admin-token"_s);
}

QByteArray LocalGateway::virtualKey() const
{
    return stateFile(u"virtual-key"_s);
}

} // namespace keymux::gui
