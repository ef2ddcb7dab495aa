// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/privatefile.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace keymux {

namespace {

std::string folderOf(const std::string &path)
{
    const std::size_t slash = path.rfind('/');
    return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

bool writeAll(int fd, std::string_view content)
{
    while (!content.empty()) {
        const ssize_t written = write(fd, content.data(), content.size());
        if (written < 0 && errno != EINTR)
            return false;
        if (written > 0)
            content.remove_prefix(std::size_t(written));
    }
    return true;
}

bool giveToOwnerOf(const std::string &folder, int fd)
{
    struct stat owner {};
    if (geteuid() != 0 || stat(folder.c_str(), &owner) != 0 || owner.st_uid == 0)
        return true;
    return fchown(fd, owner.st_uid, owner.st_gid) == 0;
}

} // namespace

Result<void> writePrivateFile(const std::string &path, std::string_view content)
{
    const std::string fresh = path + ".fresh";
    const auto failed = [&](const char *doing) {
        const std::string message = std::string("cannot ") + doing + ' ' + path + ": " + std::strerror(errno);
        unlink(fresh.c_str());
        return failure("state_unwritable", message);
    };
    unlink(fresh.c_str()); // left by a process that was killed
    const int fd = open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed("create");
    const std::string folder = folderOf(path);
    const bool written = fchmod(fd, 0600) == 0 && giveToOwnerOf(folder, fd) && writeAll(fd, content) && fsync(fd) == 0;
    const int error = errno;
    close(fd);
    errno = error;
    if (!written || rename(fresh.c_str(), path.c_str()) != 0)
        return failed("write");
    if (const int dir = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); dir >= 0) {
        fsync(dir);
        close(dir);
    }
    return {};
}

} // namespace keymux
