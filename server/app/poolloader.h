// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/keypool.h"
#include "core/poolconfigjson.h"
#include "gateway/activepool.h"
#include "secretloader/secretloader.h"
#include "secrets/secretresolver.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace keymux {

/// How the secrets of a pool stand.
struct SecretReport {
    std::map<std::string, std::string> unreachable; ///< sources that are down or locked, and what they say
    int missing = 0;                                ///< enabled keys without their secret
    int stale = 0;                                  ///< keys that serve with the last value that was good
    std::uint64_t version = 0;                      ///< of all that was resolved
};

/// A pool config read, compiled and resolved, ready to be swapped in.
struct LoadedPool {
    std::shared_ptr<ActivePool> active;
    std::string text;                          ///< the document, as it was read
    std::vector<KeyReadiness> readiness;       ///< by key ordinal
    std::vector<std::string> unresolved;       ///< one sentence for each secret that was not found
    std::shared_ptr<const PoolConfig> written; ///< the config with its sets, as the document has it
    SecretReport secrets;
};

/// Why a document was not taken.
struct LoadFailure {
    std::string summary;               ///< one line for everybody: neither paths of this machine nor key ids
    std::vector<std::string> problems; ///< as `file:line:column: path: message`
    std::vector<Problem> inDocument;   ///< the same, where the document is at fault
};

/// Turns config files into pools. Reads the file; secrets are read on threads of their own, and waited for a moment.
/// Main thread only.
class PoolLoader {
public:
    /// `override` changes what flags beat: it is applied to every config read.
    /// `stateDir` is that of the sealed store; empty: there is none.
    PoolLoader(std::string path, bool allowLiteralKeys, std::function<void(ServerOptions &)> override,
               std::string stateDir = {});

    tl::expected<LoadedPool, LoadFailure> load(std::uint64_t revision, TimePoint now) const;
    /// The same for a document that is not in the file yet.
    tl::expected<LoadedPool, LoadFailure> loadText(std::string text, std::uint64_t revision, TimePoint now) const;
    /// The same document with the secrets known now. What it routes by is that of `present` unless a set has changed.
    LoadedPool refreshed(const std::shared_ptr<const PoolConfig> &written, const ActivePool &present) const;
    SecretLoader &secrets() const { return *m_secrets; }
    /// Validates only.
    PoolConfigReading check(std::string_view text) const;
    /// What stands in the file now. Error `config_unreadable` or `config_too_large`.
    Result<std::string> readText() const;
    const std::string &path() const { return m_path; }
    /// Files whose change must lead to a new load: the document and the certificate.
    std::vector<std::string> filesOf(const PoolConfig &config) const;
    std::string baseDir() const;

private:
    void makeAbsolute(PoolConfig &config) const;
    LoadedPool poolOf(std::shared_ptr<const PoolConfig> written, ResolvedPool resolved,
                      const ActivePool *present) const;

    std::string m_path;
    bool m_allowLiteralKeys;
    std::function<void(ServerOptions &)> m_override;
    std::unique_ptr<SecretLoader> m_secrets;
    mutable bool m_loadedBefore = false;
};

} // namespace keymux
