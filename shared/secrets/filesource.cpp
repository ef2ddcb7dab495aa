// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/filesource.h"

#include "core/matching.h"

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <sys/stat.h>
#include <unistd.h>

namespace keymux {

namespace {

bool isMissing(int error)
{
    return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

/// Up to one byte more than a secret may have; -1 with errno set.
ssize_t readAll(int fd, std::string &into)
{
    into.resize(maxSecretBytes + 1);
    std::size_t got = 0;
    while (got < into.size()) {
        const ssize_t now = read(fd, into.data() + got, into.size() - got);
        if (now < 0 && errno == EINTR)
            continue;
        if (now < 0)
            return -1;
        if (now == 0)
            break;
        got += std::size_t(now);
    }
    return ssize_t(got);
}

} // namespace

std::string FileSource::pathOf(const std::string &name) const
{
    return name.starts_with('/') || m_baseDir.empty() ? name : m_baseDir + '/' + name;
}

Result<Secret> FileSource::read(const std::string &name, const std::string & /*field*/)
{
    const std::string path = pathOf(name);
    const auto unreadable = [&](int error) {
        return failure("secret_denied", "file " + path + " cannot be read: " + std::strerror(error));
    };
    // Without blocking: nobody waits for the writer of a pipe.
    const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        if (isMissing(errno))
            return failure("secret_missing", "file " + path + " does not exist");
        return unreadable(errno);
    }
    struct stat file {};
    if (fstat(fd, &file) != 0 || !S_ISREG(file.st_mode)) {
        close(fd);
        return failure("secret_bad", path + " is not a regular file");
    }
    std::string value;
    const ssize_t size = readAll(fd, value);
    const int error = errno;
    close(fd);
    if (size < 0) {
        wipe(value);
        return unreadable(error);
    }
    if (std::size_t(size) > maxSecretBytes) {
        wipe(value);
        return failure("secret_bad", "file " + path + " is larger than 64 KiB; it holds no key");
    }
    std::string content = value.substr(0, std::size_t(size));
    wipe(value);
    auto secret = secretFrom(content, "file " + path);
    wipe(content);
    return secret;
}

Result<std::vector<std::string>> FileSource::list(const std::string &glob)
{
    const std::size_t slash = glob.rfind('/');
    const std::string folder = slash == std::string::npos ? std::string() : glob.substr(0, slash + 1);
    const std::string pattern = glob.substr(folder.size());
    const std::string path = pathOf(folder.empty() ? "." : folder);
    const std::unique_ptr<DIR, int (*)(DIR *)> dir(opendir(path.c_str()), &closedir);
    if (!dir) {
        if (isMissing(errno))
            return failure("secret_missing", "folder " + path + " does not exist");
        return failure("secret_denied", "folder " + path + " cannot be read: " + std::strerror(errno));
    }
    std::vector<std::string> names;
    while (const dirent *entry = readdir(dir.get())) {
        const std::string_view name = entry->d_name;
        struct stat file {};
        if (name.starts_with('.') || !globMatches(pattern, name) ||
            fstatat(dirfd(dir.get()), entry->d_name, &file, 0) != 0 || !S_ISREG(file.st_mode))
            continue;
        names.push_back(folder + std::string(name));
    }
    sortSecretNames(names);
    return names;
}

} // namespace keymux
