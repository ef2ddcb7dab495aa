// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/statelock.h"

#include <QDir>
#include <QFile>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace keymux {

namespace {

std::string defaultStateDir()
{
    if (const char *given = std::getenv("STATE_DIRECTORY"); given && *given) {
        // systemd lists several with colons; the first is ours.
        const std::string list = given;
        return list.substr(0, list.find(':'));
    }
    if (const char *base = std::getenv("XDG_STATE_HOME"); base && *base == '/')
        return std::string(base) + "/keymux";
    return QDir::homePath().toStdString() + "/.local/state/keymux";
}

std::string holderOf(int fd)
{
    char text[32] = {};
    const ssize_t size = pread(fd, text, sizeof text - 1, 0);
    const long pid = size > 0 ? std::atol(text) : 0;
    if (pid <= 0)
        return "another process";
    QFile name(QStringLiteral("/proc/%1/comm").arg(pid));
    const QByteArray command = name.open(QIODevice::ReadOnly) ? name.readAll().trimmed() : QByteArray();
    return "process " + std::to_string(pid) + (command.isEmpty() ? "" : " (" + command.toStdString() + ')');
}

} // namespace

Result<std::string> openStateDir(const std::string &flag)
{
    const std::string path = flag.empty() ? defaultStateDir() : flag;
    const QString name = QString::fromStdString(path);
    if (QDir(name).exists())
        return path;
    if (!QDir().mkpath(name))
        return failure("state_unwritable",
                       "cannot create the state directory " + path + "; choose another with --state");
    chmod(path.c_str(), 0700);
    return path;
}

Result<std::string> findStateDir(const std::string &flag)
{
    std::string path = flag.empty() ? defaultStateDir() : flag;
    if (!QDir(QString::fromStdString(path)).exists())
        return failure("no_state", "there is no state directory " + path +
                                       "; name the one of the server with --state, or start a server first");
    return path;
}

Result<StateLock> StateLock::take(const std::string &stateDir)
{
    const std::string path = stateDir + "/lock";
    const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return failure("state_unwritable",
                       "cannot write in the state directory " + stateDir + ": " + std::strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        const std::string holder = holderOf(fd);
        close(fd);
        return failure("state_locked", "the state directory " + stateDir + " is in use by " + holder +
                                           "; stop it, or choose another directory with --state");
    }
    StateLock lock(fd);
    if (auto signedNow = lock.sign(); !signedNow)
        return tl::unexpected(signedNow.error());
    return lock;
}

Result<StateLock> StateLock::adopt(int fd, const std::string &stateDir)
{
    StateLock lock(fd);
    const std::string path = stateDir + "/lock";
    struct stat given {
    }, named{};
    if (fstat(fd, &given) != 0 || stat(path.c_str(), &named) != 0 || given.st_dev != named.st_dev ||
        given.st_ino != named.st_ino)
        return failure("bad_lock", "what the running server handed over is not the lock " + path);
    // The same open file: this takes nothing from anybody, and fails when the giver did not have it.
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return failure("bad_lock", "the running server does not hold " + path);
    return lock;
}

Result<void> StateLock::sign() const
{
    const std::string pid = std::to_string(getpid()) + '\n';
    if (ftruncate(m_fd, 0) != 0 || pwrite(m_fd, pid.data(), pid.size(), 0) < 0)
        return failure("state_unwritable", std::string("cannot write the lock of the state: ") + std::strerror(errno));
    return {};
}

StateLock::StateLock(StateLock &&other) noexcept : m_fd(std::exchange(other.m_fd, -1)) {}

StateLock &StateLock::operator=(StateLock &&other) noexcept
{
    std::swap(m_fd, other.m_fd);
    return *this;
}

StateLock::~StateLock()
{
    if (m_fd >= 0)
        close(m_fd);
}

} // namespace keymux
