// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/poolloader.h"

#include "secretloader/configsources.h"
#include "store/credentials.h"

#include <QFile>
#include <QFileInfo>

namespace keymux {

namespace {

constexpr qint64 maxConfigBytes = 16 << 20;
/// How long a start waits for secrets, and a change of the config: what comes later joins by itself.
constexpr Millis firstPatience{3000}, patience{250};

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

PoolLoader::PoolLoader(std::string path, bool allowLiteralKeys, std::function<void(ServerOptions &)> override,
                       std::string stateDir)
    : m_path(std::move(path)), m_allowLiteralKeys(allowLiteralKeys), m_override(std::move(override))
{
    m_secrets = std::make_unique<SecretLoader>(resolverMaker({.secretDir = {},
                                                              .baseDir = baseDir(),
                                                              .stateDir = std::move(stateDir),
                                                              .env = nullptr,
                                                              .allowLiteralKeys = allowLiteralKeys}));
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
    auto written = std::make_shared<const PoolConfig>(std::move(reading.config));
    ResolvedPool resolved = m_secrets->load(written, m_loadedBefore ? patience : firstPatience);
    m_loadedBefore = true;
    LoadedPool loaded = poolOf(std::move(written), std::move(resolved), nullptr);
    loaded.active->revision = revision;
    loaded.active->loadedAt = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    loaded.text = std::move(text);
    return loaded;
}

LoadedPool PoolLoader::refreshed(const std::shared_ptr<const PoolConfig> &written, const ActivePool &present) const
{
    LoadedPool loaded = poolOf(written, m_secrets->known(*written), &present);
    loaded.active->revision = present.revision;
    loaded.active->loadedAt = present.loadedAt;
    return loaded;
}

LoadedPool PoolLoader::poolOf(std::shared_ptr<const PoolConfig> written, ResolvedPool resolved,
                              const ActivePool *present) const
{
    LoadedPool loaded;
    loaded.active = std::make_shared<ActivePool>();
    if (present && present->config() == resolved.config)
        loaded.active->router = present->router;
    else
        loaded.active->router =
            std::make_shared<const Router>(std::make_shared<const PoolConfig>(std::move(resolved.config)));
    loaded.active->secrets = std::move(resolved.secrets);
    loaded.active->metricsToken = std::move(resolved.metricsToken);
    loaded.readiness = std::move(resolved.readiness);
    loaded.unresolved = std::move(resolved.unresolved);
    // One that cannot be used opens nothing: an old one that was taken away must not work on.
    if (loaded.active->metricsToken && !isUsableCredential(loaded.active->metricsToken->reveal())) {
        loaded.active->metricsToken.reset();
        loaded.unresolved.emplace_back(
            "server.metrics_token opens nothing: it must have at least 16 visible ASCII characters");
    }
    loaded.written = std::move(written);
    loaded.secrets = {std::move(resolved.unreachable), resolved.missing, resolved.stale, resolved.version};
    return loaded;
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
    if (config.server.tls) {
        files.push_back(config.server.tls->certFile);
        files.push_back(config.server.tls->keyFile);
    }
    return files;
}

} // namespace keymux
