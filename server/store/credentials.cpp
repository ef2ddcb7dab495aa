// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/credentials.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

namespace keymux {

namespace {

constexpr std::size_t minGivenLength = 16;

std::string randomText()
{
    std::array<std::uint8_t, 32> random{};
    randombytes_buf(random.data(), random.size());
    std::string text = virtualKeyFrom(random);
    sodium_memzero(random.data(), random.size());
    return text;
}

std::string newId()
{
    std::array<std::uint8_t, 8> random{};
    randombytes_buf(random.data(), random.size());
    char text[17];
    sodium_bin2hex(text, sizeof text, random.data(), random.size());
    return std::string("vk_") + text;
}

/// Writes a file that holds a credential so that after a crash it is there whole or not at all.
Result<void> writePrivateFile(const std::string &path, std::string_view text)
{
    const std::string temporary = path + ".new";
    const auto failed = [&](const char *doing) {
        const std::string message = std::string("cannot ") + doing + ' ' + path + ": " + std::strerror(errno);
        unlink(temporary.c_str());
        return failure("state_unwritable", message);
    };
    const int fd = open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0)
        return failed("create");
    const std::string line = std::string(text) + '\n';
    const bool written =
        fchmod(fd, 0600) == 0 && write(fd, line.data(), line.size()) == ssize_t(line.size()) && fsync(fd) == 0;
    close(fd);
    if (!written || rename(temporary.c_str(), path.c_str()) != 0)
        return failed("write");
    const std::string directory = QFileInfo(QString::fromStdString(path)).absolutePath().toStdString();
    if (const int dir = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); dir >= 0) {
        fsync(dir);
        close(dir);
    }
    return {};
}

std::string readLine(const std::string &path)
{
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return file.read(1024).trimmed().toStdString();
}

VirtualKey record(std::string_view clear, const MintOptions &options, TimePoint now)
{
    VirtualKey key;
    key.id = newId();
    key.name = options.name;
    key.digest = digestOf(clear);
    key.hint = std::string(clear.substr(clear.size() - 4));
    key.models = options.models;
    key.exposeRoute = options.exposeRoute;
    key.expiresAt = options.expiresAt;
    key.limits = options.limits;
    key.metadata = options.metadata;
    key.blocked = options.blocked;
    key.createdAt = now;
    return key;
}

} // namespace

bool isUsableCredential(std::string_view text)
{
    return text.size() >= minGivenLength && text.size() <= 512 &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

MintOptions mintOptionsFrom(const VirtualKey &draft)
{
    return {.name = draft.name,
            .models = draft.models,
            .exposeRoute = draft.exposeRoute,
            .expiresAt = draft.expiresAt,
            .limits = draft.limits,
            .metadata = draft.metadata,
            .blocked = draft.blocked};
}

Result<MintedKey> mintVirtualKey(VirtualKeyStore &store, const MintOptions &options, TimePoint now)
{
    MintedKey minted;
    if (options.given && !isUsableCredential(*options.given))
        return failure("bad_virtual_key", "a given virtual key must have at least 16 visible ASCII characters");
    minted.clear = options.given ? *options.given : randomText();
    minted.key = record(minted.clear, options, now);
    if (auto stored = store.insert(minted.key); !stored)
        return tl::unexpected(stored.error());
    return minted;
}

Result<MintedKey> rotateVirtualKey(VirtualKeyStore &store, std::string_view id, Millis grace, TimePoint now)
{
    MintedKey minted;
    minted.clear = randomText();
    auto changed = store.change(id, [&](VirtualKey &key) -> Result<void> {
        key.oldDigest = grace > Millis(0) ? std::optional(key.digest) : std::nullopt;
        key.oldUntil = grace > Millis(0) ? std::optional(now + grace) : std::nullopt;
        key.digest = digestOf(minted.clear);
        key.hint = minted.clear.substr(minted.clear.size() - 4);
        return {};
    });
    if (!changed)
        return tl::unexpected(changed.error());
    minted.key = std::move(*changed);
    return minted;
}

Result<std::optional<std::string>> ensureFirstVirtualKey(VirtualKeyStore &store, const std::string &stateDir,
                                                         std::optional<std::string_view> given,
                                                         const std::string &keyFile, TimePoint now)
{
    const std::string path = keyFile.empty() ? stateDir + "/virtual-key" : keyFile;
    const MintOptions options{.name = "default"};
    if (given) {
        if (!isUsableCredential(*given))
            return failure(
                "bad_virtual_key",
                "the virtual key that virtual_key_from names must have at least 16 visible ASCII characters");
        if (auto inserted = store.insertOnce(record(*given, options, now)); !inserted)
            return tl::unexpected(inserted.error());
        if (keyFile.empty())
            return std::optional<std::string>();
        if (auto written = writePrivateFile(path, *given); !written)
            return tl::unexpected(written.error());
        return std::optional<std::string>(*given);
    }
    const auto keys = store.all();
    if (!keys)
        return tl::unexpected(keys.error());
    if (!keys->empty())
        return std::optional<std::string>();
    // The file comes first: a start that is cut short in between leaves a key that the next start takes up.
    std::string clear = readLine(path);
    if (!isUsableCredential(clear) || !clear.starts_with("sk-")) {
        clear = randomText();
        if (auto written = writePrivateFile(path, clear); !written)
            return tl::unexpected(written.error());
    }
    if (auto inserted = store.insertOnce(record(clear, options, now)); !inserted)
        return tl::unexpected(inserted.error());
    return std::optional<std::string>(clear);
}

Result<Secret> ensureAdminToken(const std::string &stateDir, std::optional<std::string_view> given)
{
    if (given) {
        if (!isUsableCredential(*given))
            return failure(
                "bad_admin_token",
                "the admin token that admin_token_from names must have at least 16 visible ASCII characters");
        return Secret(std::string(*given));
    }
    const std::string path = stateDir + "/admin-token";
    std::string token = readLine(path);
    if (!isUsableCredential(token)) {
        token = "kma-" + randomText().substr(3);
        if (auto written = writePrivateFile(path, token); !written)
            return tl::unexpected(written.error());
    }
    return Secret(std::move(token));
}

} // namespace keymux
