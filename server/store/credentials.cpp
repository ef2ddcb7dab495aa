// SPDX-License-Identifier: GPL-3.0-or-later
#include "store/credentials.h"

#include "secrets/privatefile.h"

#include <QFile>
#include <algorithm>
#include <sodium.h>

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

Result<void> writeLine(const std::string &path, std::string_view text)
{
    std::string line = std::string(text) + '\n';
    auto written = writePrivateFile(path, line);
    wipe(line);
    return written;
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
        if (auto written = writeLine(path, *given); !written)
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
        if (auto written = writeLine(path, clear); !written)
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
        if (auto written = writeLine(path, token); !written)
            return tl::unexpected(written.error());
    }
    return Secret(std::move(token));
}

} // namespace keymux
