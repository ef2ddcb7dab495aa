// SPDX-License-Identifier: GPL-3.0-or-later
// Secrets of the pool in force: what changed at their sources, and what is said of it.
#include "app/server.h"
#include "log/log.h"

namespace keymux {

void Server::watchFiles()
{
    std::vector<std::string> files = m_setup.loader->filesOf(config());
    files.push_back(m_setup.prices->path());
    m_files.watch(std::move(files));
    // What changed between the reading of a file and the first look at it would be missed.
    if (m_secretFiles.watch(m_setup.loader->secrets().files()))
        m_setup.loader->secrets().refreshFiles();
}

/// The file that an edit through the admin API wrote is in force already.
void Server::knowOwnEdit()
{
    m_files.know(m_setup.loader->path(), [this] {
        const auto file = m_setup.loader->readText();
        return file && *file == m_editor.text();
    });
}

void Server::refreshSecrets()
{
    const HealthSummary before = m_pool.health();
    LoadedPool pool = m_setup.loader->refreshed(m_written, *m_active);
    if (pool.secrets.version == m_secrets.version)
        return;
    const std::vector<std::string> unresolved = std::move(pool.unresolved);
    const SecretReport report = m_secrets;
    takePool(std::move(pool));
    tellSecrets(unresolved, report, false);
    const HealthSummary health = m_pool.health();
    qCInfo(lcConfig, "secrets refreshed: %d keys (%d usable), before %d (%d)", health.keys, health.keysUsable,
           before.keys, before.keysUsable);
    watchFiles();
}

/// With `all` also what was said before.
void Server::tellSecrets(const std::vector<std::string> &unresolved, const SecretReport &before, bool all)
{
    std::set<std::string> told;
    for (const std::string &sentence : unresolved) {
        if (told.insert(sentence).second && (all || m_toldUnresolved.count(sentence) == 0))
            qCWarning(lcConfig, "%s", sentence.c_str());
    }
    m_toldUnresolved = std::move(told);
    for (const auto &[source, why] : m_secrets.unreachable) {
        if (all || before.unreachable.count(source) == 0)
            qCWarning(lcConfig, "secrets of %s cannot be read now, what was good last stays in use (%d keys): %s",
                      source.c_str(), m_secrets.stale, why.c_str());
    }
    for (const auto &[source, why] : before.unreachable) {
        if (m_secrets.unreachable.count(source) == 0)
            qCInfo(lcConfig, "secrets of %s can be read again", source.c_str());
    }
}

} // namespace keymux
