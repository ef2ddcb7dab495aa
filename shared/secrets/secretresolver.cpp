// SPDX-License-Identifier: GPL-3.0-or-later
#include "secrets/secretresolver.h"

#include "secrets/keychainsource.h"
#include "secrets/sealedstore.h"

#include <cstdlib>
#include <optional>

namespace keymux {

namespace {

using Kind = SecretRef::Kind;

std::string_view prefixOf(Kind kind)
{
    switch (kind) {
    case Kind::Env:
        return "env:";
    case Kind::File:
        return "file:";
    case Kind::Store:
        return "store:";
    case Kind::Keychain:
        return "keychain:";
    case Kind::Infisical:
        return "infisical:";
    case Kind::Vault:
        return "vault:";
    case Kind::Placeholder:
        break;
    }
    return "";
}

tl::unexpected<Error> notSetUp(Kind kind)
{
    if (kind == Kind::Infisical)
        return failure("secret_missing", "`infisical:` references need `secrets.infisical` in the config");
    if (kind == Kind::Vault)
        return failure("secret_missing", "`vault:` references need `secrets.vault` in the config");
    return failure("secret_missing", "`" + std::string(prefixOf(kind)) + "` references cannot be read here");
}

} // namespace

SecretSourceSet localSources(const SecretContext &context)
{
    SecretSourceSet sources;
    sources.environment = std::make_shared<EnvironmentSource>(context.env);
    sources.files = std::make_shared<FileSource>(context.baseDir);
    if (!context.secretDir.empty())
        sources.secretDir = std::make_shared<FileSource>(sources.files->pathOf(context.secretDir));
    const char *credentials = context.env ? context.env("CREDENTIALS_DIRECTORY") : std::getenv("CREDENTIALS_DIRECTORY");
    if (credentials && *credentials)
        sources.credentialsDir = std::make_shared<FileSource>(credentials);
    if (!context.stateDir.empty())
        sources.store = std::make_shared<SealedStore>(context.stateDir, context.env);
    sources.keychain = std::make_shared<KeychainSource>();
    return sources;
}

SecretResolver::SecretResolver(SecretSourceSet sources, bool allowLiteralKeys)
    : m_sources(std::move(sources)), m_allowLiteralKeys(allowLiteralKeys)
{
}

SecretSource *SecretResolver::source(Kind kind) const
{
    switch (kind) {
    case Kind::Env:
        return m_sources.environment.get();
    case Kind::File:
        return m_sources.files.get();
    case Kind::Store:
        return m_sources.store.get();
    case Kind::Keychain:
        return m_sources.keychain.get();
    case Kind::Infisical:
        return m_sources.infisical.get();
    case Kind::Vault:
        return m_sources.vault.get();
    case Kind::Placeholder:
        break;
    }
    return nullptr;
}

Result<Secret> SecretResolver::fromPlaceholder(const std::string &name, bool withNetwork) const
{
    std::string looked;
    std::optional<Result<Secret>> found;
    // What is there but cannot be used is a mistake to be told, not passed over.
    const auto look = [&](SecretSource *source, const std::string &where) {
        if (!source || found)
            return;
        auto secret = source->read(name, {});
        if (secret || secret.error().code != "secret_missing")
            found = std::move(secret);
        looked += (looked.empty() ? "" : ", ") + where;
    };
    look(m_sources.environment.get(), "environment variable " + name);
    for (const auto &folder : {m_sources.secretDir, m_sources.credentialsDir})
        look(folder.get(), folder ? "file " + folder->pathOf(name) : std::string());
    look(m_sources.store.get(), "the sealed store");
    if (withNetwork)
        look(m_sources.infisical.get(), "Infisical");
    if (found)
        return std::move(*found);
    return failure("secret_missing", name + "_PLACEHOLDER was not found (looked for: " + looked +
                                         "); set the variable, put the file there" +
                                         (m_sources.store ? ", or run `keymuxd secret set " + name + "`" : ""));
}

Result<Secret> SecretResolver::resolve(std::string_view reference, bool withNetwork) const
{
    if (const auto ref = parseSecretRef(reference)) {
        if (ref->isSet())
            return failure("secret_bad", "a set of secrets (`*`) can only stand in `api_key`");
        if (ref->kind == Kind::Placeholder)
            return fromPlaceholder(ref->name, withNetwork);
        SecretSource *from = source(ref->kind);
        return from ? from->read(ref->name, ref->field) : notSetUp(ref->kind);
    }
    if (m_allowLiteralKeys && !reference.empty())
        return secretFrom(std::string(reference), "the literal key");
    return failure("secret_bad", "this is no secret reference; use `env:NAME`, `file:PATH` or NAME_PLACEHOLDER");
}

Result<std::vector<std::string>> SecretResolver::list(std::string_view reference) const
{
    const auto ref = parseSecretRef(reference);
    if (!ref || !ref->isSet())
        return failure("secret_bad", "this is no set of secrets");
    SecretSource *from = source(ref->kind);
    if (!from)
        return notSetUp(ref->kind);
    const bool fields = ref->field.find('*') != std::string::npos;
    auto names = from->list(fields ? ref->name + '#' + ref->field : ref->name);
    if (!names)
        return names;
    for (std::string &name : *names) {
        if (fields)
            name.insert(0, ref->name + '#');
        else if (!ref->field.empty())
            name += '#' + ref->field;
        name.insert(0, prefixOf(ref->kind));
    }
    return names;
}

Result<Secret> resolveSecret(std::string_view reference, const SecretContext &context)
{
    return SecretResolver(localSources(context), context.allowLiteralKeys).resolve(reference);
}

} // namespace keymux
