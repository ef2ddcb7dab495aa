// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/poolfile.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace keymux {

namespace {

tl::unexpected<Error> problem(const std::string &path, int error)
{
    const std::string text = path + ": " + std::strerror(error);
    switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
    case EBUSY: // a single file mounted into a container
        return failure("config_read_only", "The pool config cannot be replaced (" + text +
                                               "); change it where it comes from, or make file and folder writable.");
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return failure("disk_full", "The pool config was not changed (" + text + "); make room and try again.");
    default:
        return failure("config_unwritable", "The pool config was not changed (" + text + ").");
    }
}

std::string realPathOf(const std::string &path)
{
    const std::unique_ptr<char, void (*)(void *)> real(realpath(path.c_str(), nullptr), &std::free);
    return real ? std::string(real.get()) : path;
}

std::string folderOf(const std::string &path)
{
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

int writeAll(int fd, std::string_view text)
{
    while (!text.empty()) {
        const ssize_t written = write(fd, text.data(), text.size());
        if (written < 0 && errno != EINTR)
            return errno;
        if (written > 0)
            text.remove_prefix(std::size_t(written));
    }
    return fsync(fd) == 0 ? 0 : errno;
}

} // namespace

Result<PoolFileReplacement> PoolFileReplacement::prepare(const std::string &path, std::string_view text)
{
    const std::string target = realPathOf(path);
    // Root may write everywhere; a file without any write permission is meant to be left alone all the same.
    struct stat present {};
    const bool exists = stat(target.c_str(), &present) == 0;
    if (access(folderOf(target).c_str(), W_OK) != 0 || (exists && access(target.c_str(), W_OK) != 0))
        return problem(target, errno);
    if (exists && (present.st_mode & 0222) == 0)
        return problem(target, EACCES);
    const std::string fresh = folderOf(target) + "/." + target.substr(target.rfind('/') + 1) + ".keymux-new";
    unlink(fresh.c_str()); // left by a process that was killed
    const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return problem(target, errno);
    PoolFileReplacement replacement(target, fresh);
    int error = writeAll(fd, text);
    if (error == 0 && fchmod(fd, exists ? present.st_mode & 07777 : 0600) != 0)
        error = errno;
    // Who may not give files away owns the new one, as editors do.
    if (exists && fchown(fd, present.st_uid, present.st_gid) != 0)
        errno = 0;
    if (close(fd) != 0 && error == 0)
        error = errno;
    if (error != 0)
        return problem(target, error);
    return replacement;
}

PoolFileReplacement::PoolFileReplacement(PoolFileReplacement &&other) noexcept
    : m_target(std::move(other.m_target)), m_fresh(std::exchange(other.m_fresh, {}))
{
}

PoolFileReplacement::~PoolFileReplacement()
{
    if (!m_fresh.empty())
        unlink(m_fresh.c_str());
}

Result<void> PoolFileReplacement::commit()
{
    if (rename(m_fresh.c_str(), m_target.c_str()) != 0)
        return problem(m_target, errno);
    m_fresh.clear();
    const int folder = open(folderOf(m_target).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        fsync(folder);
        close(folder);
    }
    return {};
}

bool isReplaceable(const std::string &path)
{
    const std::string target = realPathOf(path);
    struct stat present {};
    return stat(target.c_str(), &present) == 0 && (present.st_mode & 0222) != 0 && access(target.c_str(), W_OK) == 0 &&
           access(folderOf(target).c_str(), W_OK) == 0;
}

} // namespace keymux
