// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/poolloader.h"

#include "core/secretref.h"
#include "store/credentials.h"

#include <QFile>
#include <QFileInfo>

namespace keymux {

namespace {

constexpr qint64 maxConfigBytes = 16 << 20;

Result<std::string> readFile(const std::string &path)
{
    QFile file(QString::fromStdString(path));
    if (!file.open(QIODevice::ReadOnly))
        return failure("config_unreadable", path + ": " + file.errorString().toStdString());
    if (file.size() > maxConfigBytes)
        return failure("config_too_large", path + ": a pool config may have at most 16 MiB");
    return file.readAll().toStdString();
}

} // namespace

PoolLoader::PoolLoader(std::string path, bool allowLiteralKeys, std::function<void(ServerOptions &)> override)
    : m_path(std::move(path)), m_allowLiteralKeys(allowLiteralKeys), m_override(std::move(override))
{
}

std::string PoolLoader::baseDir() const
{
    return QFileInfo(QString::fromStdString(m_path)).absolutePath().toStdString();
}

tl::expected<LoadedPool, LoadFailure> PoolLoader::load(std::uint64_t revision, TimePoint now) const
{
    auto text = readFile(m_path);
    if (!text)
        return tl::unexpected(LoadFailure{"the file cannot be read", {text.error().message}, {}});
    return loadText(std::move(*text), revision, now);
}

PoolConfigReading PoolLoader::check(std::string_view text) const
{
    return readPoolConfig(text, {.allowLiteralKeys = m_allowLiteralKeys});
}

Result<std::string> PoolLoader::readText() const
{
    return readFile(m_path);
}

tl::expected<LoadedPool, LoadFailure> PoolLoader::loadText(std::string text, std::uint64_t revision,
                                                           TimePoint now) const
{
    PoolConfigReading reading = check(text);
    if (!reading.valid()) {
        LoadFailure why;
        for (const Problem &problem : reading.problems)
            why.problems.push_back(toString(problem, m_path));
        why.summary = toString(reading.problems.front(), "config");
        if (why.problems.size() > 1)
            why.summary += " (and " + std::to_string(why.problems.size() - 1) + " more)";
        why.inDocument = std::move(reading.problems);
        return tl::unexpected(std::move(why));
    }
    m_override(reading.config.server);
    makeAbsolute(reading.config);
    auto active = std::make_shared<ActivePool>();
    active->router = std::make_shared<const Router>(std::make_shared<const PoolConfig>(std::move(reading.config)));
    active->revision = revision;
    active->loadedAt = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    LoadedPool loaded;
    resolve(loaded, *active);
    loaded.active = std::move(active);
    loaded.text = std::move(text);
    return loaded;
}

void PoolLoader::resolve(LoadedPool &loaded, ActivePool &active) const
{
    const SecretContext context{.secretDir = active.config().secrets.dir,
                                .baseDir = baseDir(),
                                .env = nullptr,
                                .allowLiteralKeys = m_allowLiteralKeys};
    for (const Provider &provider : active.config().providers) {
        for (const KeyEntry &key : provider.keys) {
            KeyReadiness readiness;
            std::shared_ptr<const Secret> secret;
            if (provider.auth != AuthStyle::None || !key.apiKey.empty()) {
                auto resolved = resolveSecret(key.apiKey, context);
                if (resolved) {
                    secret = std::make_shared<const Secret>(std::move(*resolved));
                    readiness.secretVersion = secret->fingerprint();
                } else {
                    readiness.resolved = false;
                    if (key.enabled)
                        loaded.unresolved.push_back("key " + key.keyId + " is skipped: " + resolved.error().message);
                }
            }
            loaded.readiness.push_back(readiness);
            active.secrets.push_back(std::move(secret));
        }
    }
    resolveMetricsToken(loaded, active, context);
}

/// One that cannot be used opens nothing: an old one that was taken away must not work on.
void PoolLoader::resolveMetricsToken(LoadedPool &loaded, ActivePool &active, const SecretContext &context) const
{
    const std::string &reference = active.config().server.metricsToken;
    if (reference.empty())
        return;
    auto token = resolveSecret(reference, context);
    if (token && isUsableCredential(token->reveal()))
        active.metricsToken = std::make_shared<const Secret>(std::move(*token));
    else
        loaded.unresolved.push_back(
            "server.metrics_token opens nothing: " +
            (token ? "it must have at least 16 visible ASCII characters" : token.error().message));
}

/// Paths in the document start from its folder, wherever the program was started.
void PoolLoader::makeAbsolute(PoolConfig &config) const
{
    const auto fix = [this](std::string &path) {
        if (!path.empty() && !path.starts_with('/'))
            path = baseDir() + '/' + path;
    };
    for (Provider &provider : config.providers)
        fix(provider.caFile);
    if (config.secrets.infisical)
        fix(config.secrets.infisical->caFile);
    if (config.secrets.vault)
        fix(config.secrets.vault->caFile);
    if (config.server.tls) {
        fix(config.server.tls->certFile);
        fix(config.server.tls->keyFile);
    }
}

std::vector<std::string> PoolLoader::filesOf(const PoolConfig &config) const
{
    std::vector<std::string> files{m_path};
    const auto add = [&](const std::string &path) {
        files.push_back(path.starts_with('/') ? path : baseDir() + '/' + path);
    };
    const auto addReference = [&](const std::string &reference) {
        const auto ref = parseSecretRef(reference);
        if (ref && ref->kind == SecretRef::Kind::File)
            add(ref->name);
        else if (ref && ref->kind == SecretRef::Kind::Placeholder && !config.secrets.dir.empty())
            add(config.secrets.dir + '/' + ref->name);
    };
    for (const Provider &provider : config.providers) {
        for (const KeyEntry &key : provider.keys)
            addReference(key.apiKey);
    }
    addReference(config.server.metricsToken);
    if (config.server.tls) {
        files.push_back(config.server.tls->certFile);
        files.push_back(config.server.tls->keyFile);
    }
    return files;
}

} // namespace keymux
