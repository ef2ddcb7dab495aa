// SPDX-License-Identifier: GPL-3.0-or-later
#include "http/portholder.h"

#include <QDir>
#include <QFile>
#include <QSet>

namespace keymux {

namespace {

/// Inodes of the sockets that listen on the port.
QSet<QByteArray> listeningInodes(quint16 port)
{
    QSet<QByteArray> inodes;
    const QByteArray wanted = ':' + QByteArray::number(port, 16).toUpper().rightJustified(4, '0');
    for (const char *table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
        QFile file(QString::fromLatin1(table));
        if (!file.open(QIODevice::ReadOnly))
            continue;
        const QList<QByteArray> lines = file.readAll().split('\n');
        for (const QByteArray &line : lines) {
            const QList<QByteArray> fields = line.simplified().split(' ');
            if (fields.size() > 9 && fields[1].endsWith(wanted) && fields[3] == "0A")
                inodes.insert("socket:[" + fields[9] + ']');
        }
    }
    return inodes;
}

} // namespace

std::string holderOfPort(quint16 port)
{
    const QSet<QByteArray> inodes = listeningInodes(port);
    if (inodes.isEmpty())
        return {};
    const QStringList processes = QDir(QStringLiteral("/proc")).entryList({QStringLiteral("[0-9]*")}, QDir::Dirs);
    for (const QString &pid : processes) {
        const QDir fds(QStringLiteral("/proc/%1/fd").arg(pid));
        const QStringList names = fds.entryList(QDir::System | QDir::Files | QDir::NoDotAndDotDot);
        for (const QString &fd : names) {
            const QString target = QFile::symLinkTarget(fds.filePath(fd));
            if (!inodes.contains(target.mid(target.lastIndexOf(u'/') + 1).toUtf8()))
                continue;
            QFile name(QStringLiteral("/proc/%1/comm").arg(pid));
            const QByteArray command = name.open(QIODevice::ReadOnly) ? name.readAll().trimmed() : QByteArray("?");
            return "process " + pid.toStdString() + " (" + command.toStdString() + ')';
        }
    }
    return {};
}

} // namespace keymux
