// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/secretresolver.h"

#include <QFile>
#include <QFileInfo>
#include <algorithm>
#include <cstdlib>
#include <optional>

namespace keymux {

namespace {

constexpr qint64 maxSecretBytes = 64 << 10;

const char *environment(const SecretContext &context, const std::string &name)
{
    return context.env ? context.env(name.c_str()) : std::getenv(name.c_str());
}

/// A secret must be able to travel in a header: one line of visible characters.
Result<Secret> checked(std::string value, const std::string &where)
{
    while (value.ends_with('\n') || value.ends_with('\r'))
        value.pop_back();
    const bool printable = std::all_of(value.begin(), value.end(),
                                       [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
    if (value.empty())
        return failure("secret_bad", where + " is empty");
    if (!printable) {
        wipe(value);
        return failure("secret_bad",
                       where + " holds spaces, line breaks or control characters; a key is one word on one line");
    }
    return Secret(std::move(value));
}

Result<Secret> fromFile(const std::string &path)
{
    const QString name = QString::fromStdString(path);
    const QFileInfo info(name);
    if (!info.exists())
        return failure("secret_missing", "file " + path + " does not exist");
    if (!info.isFile())
        return failure("secret_bad", path + " is not a regular file");
    QFile file(name);
    if (!file.open(QIODevice::ReadOnly))
        return failure("secret_denied", "file " + path + " cannot be read: " + file.errorString().toStdString());
    QByteArray bytes = file.read(maxSecretBytes + 1);
    if (file.error() != QFileDevice::NoError)
        return failure("secret_denied", "file " + path + " cannot be read: " + file.errorString().toStdString());
    if (bytes.size() > maxSecretBytes)
        return failure("secret_bad", "file " + path + " is larger than 64 KiB; it holds no key");
    auto secret = checked(bytes.toStdString(), "file " + path);
    bytes.fill('\0');
    return secret;
}

Result<Secret> fromPlaceholder(const std::string &name, const SecretContext &context)
{
    if (const char *value = environment(context, name))
        return checked(value, "environment variable " + name);
    std::string looked = "environment variable " + name;
    std::vector<std::string> directories;
    if (!context.secretDir.empty())
        directories.push_back(context.secretDir.starts_with('/') ? context.secretDir
                                                                 : context.baseDir + '/' + context.secretDir);
    if (const char *credentials = environment(context, "CREDENTIALS_DIRECTORY"))
        directories.emplace_back(credentials);
    for (const std::string &directory : directories) {
        std::string path = directory;
        path.append("/").append(name);
        if (QFileInfo::exists(QString::fromStdString(path)))
            return fromFile(path);
        looked.append(", file ").append(path);
    }
    return failure("secret_missing", name + "_PLACEHOLDER was not found (looked for: " + looked +
                                         "); set the variable or put the file there");
}

Result<Secret> fromReference(const SecretRef &ref, const SecretContext &context)
{
    switch (ref.kind) {
    case SecretRef::Kind::Placeholder:
        return fromPlaceholder(ref.name, context);
    case SecretRef::Kind::Env:
        if (const char *value = environment(context, ref.name))
            return checked(value, "environment variable " + ref.name);
        return failure("secret_missing", "environment variable " + ref.name + " is not set");
    case SecretRef::Kind::File:
        return fromFile(ref.name.starts_with('/') || context.baseDir.empty() ? ref.name
                                                                             : context.baseDir + '/' + ref.name);
    default:
        return failure("not_supported",
                       "this kind of secret reference is not supported in this version; use `env:NAME`, "
                       "`file:PATH` or NAME_PLACEHOLDER");
    }
}

} // namespace

Result<Secret> resolveSecret(std::string_view reference, const SecretContext &context)
{
    if (const auto ref = parseSecretRef(reference)) {
        if (ref->isSet())
            return failure("not_supported", "sets of secrets (`*`) are not supported in this version");
        return fromReference(*ref, context);
    }
    if (context.allowLiteralKeys && !reference.empty())
        return checked(std::string(reference), "the literal key");
    return failure("secret_bad", "this is no secret reference; use `env:NAME`, `file:PATH` or NAME_PLACEHOLDER");
}

} // namespace keymux
