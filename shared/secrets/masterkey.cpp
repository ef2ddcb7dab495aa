// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/masterkey.h"

#include "secrets/secret.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

namespace keymux {

MasterKey MasterKey::random()
{
    MasterKey key;
    randombytes_buf(key.m_bytes.data(), key.m_bytes.size());
    return key;
}

std::optional<MasterKey> MasterKey::fromText(std::string_view text)
{
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.remove_suffix(1);
    MasterKey key;
    std::size_t size = 0;
    if (text.size() == 64 &&
        sodium_hex2bin(key.m_bytes.data(), key.m_bytes.size(), text.data(), text.size(), nullptr, &size, nullptr) ==
            0 &&
        size == key.m_bytes.size())
        return key;
    while (text.ends_with('='))
        text.remove_suffix(1);
    if (text.size() == 43 &&
        sodium_base642bin(key.m_bytes.data(), key.m_bytes.size(), text.data(), text.size(), nullptr, &size, nullptr,
                          sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0 &&
        size == key.m_bytes.size())
        return key;
    return std::nullopt;
}

MasterKey::MasterKey(MasterKey &&other) noexcept
{
    *this = std::move(other);
}

MasterKey &MasterKey::operator=(MasterKey &&other) noexcept
{
    if (this != &other) {
        m_bytes = other.m_bytes;
        sodium_memzero(other.m_bytes.data(), other.m_bytes.size());
    }
    return *this;
}

MasterKey::~MasterKey()
{
    sodium_memzero(m_bytes.data(), m_bytes.size());
}

std::string MasterKey::text() const
{
    std::string text(2 * m_bytes.size() + 1, '\0');
    sodium_bin2hex(text.data(), text.size(), m_bytes.data(), m_bytes.size());
    text.pop_back();
    return text;
}

MasterKeyPlace masterKeyPlace(const std::string &stateDir, const std::function<const char *(const char *)> &env)
{
    const auto value = [&](const char *name) { return env ? env(name) : std::getenv(name); };
    if (const char *file = value("KEYMUX_MASTER_KEY_FILE"); file && *file)
        return {file, false};
    if (const char *credentials = value("CREDENTIALS_DIRECTORY"); credentials && *credentials) {
        const std::string path = std::string(credentials) + "/keymux-master-key";
        if (access(path.c_str(), F_OK) == 0)
            return {path, false};
    }
    return {stateDir + "/master-key", true};
}

Result<MasterKey> readMasterKey(const MasterKeyPlace &place)
{
    const int fd = open(place.path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        if (errno == ENOENT)
            return failure("secret_missing", "the master key " + place.path + " is not there");
        return failure("secret_denied", "the master key " + place.path + " cannot be read: " + std::strerror(errno));
    }
    struct stat file {};
    std::string text(256, '\0');
    const bool known = fstat(fd, &file) == 0;
    const ssize_t size = known && S_ISREG(file.st_mode) ? read(fd, text.data(), text.size()) : -1;
    close(fd);
    if (size < 0)
        return failure("secret_denied", "the master key " + place.path + " cannot be read: it is no regular file");
    if (place.ownedByState && (file.st_mode & 077) != 0)
        return failure("secret_denied", "others may read the master key " + place.path + "; run `chmod 600 " +
                                            place.path + "`, and `keymuxd secret rekey` if somebody may have");
    auto key = MasterKey::fromText(std::string_view(text).substr(0, std::size_t(size)));
    wipe(text);
    if (!key)
        return failure("secret_bad", "the master key " + place.path +
                                         " is none: 64 hexadecimal digits are expected, as `openssl rand -hex 32` "
                                         "prints them");
    return std::move(*key);
}

} // namespace keymux
