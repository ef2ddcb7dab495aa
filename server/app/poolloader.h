// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/keypool.h"
#include "core/poolconfigjson.h"
#include "gateway/activepool.h"
#include "secrets/secretresolver.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace keymux {

/// A pool config read, compiled and resolved, ready to be swapped in.
struct LoadedPool {
    std::shared_ptr<ActivePool> active;
    std::string text;                    ///< the document, as it was read
    std::vector<KeyReadiness> readiness; ///< by key ordinal
    std::vector<std::string> unresolved; ///< one sentence for each secret that was not found
};

/// Why a document was not taken.
struct LoadFailure {
    std::string summary;               ///< one line for everybody: neither paths of this machine nor key ids
    std::vector<std::string> problems; ///< as `file:line:column: path: message`
    std::vector<Problem> inDocument;   ///< the same, where the document is at fault
};

/// Turns config files into pools. Reads files; main thread only.
class PoolLoader {
public:
    /// `override` changes what flags beat: it is applied to every config read.
    PoolLoader(std::string path, bool allowLiteralKeys, std::function<void(ServerOptions &)> override);

    tl::expected<LoadedPool, LoadFailure> load(std::uint64_t revision, TimePoint now) const;
    /// The same for a document that is not in the file yet.
    tl::expected<LoadedPool, LoadFailure> loadText(std::string text, std::uint64_t revision, TimePoint now) const;
    /// Validates only.
    PoolConfigReading check(std::string_view text) const;
    /// What stands in the file now. Error `config_unreadable` or `config_too_large`.
    Result<std::string> readText() const;
    const std::string &path() const { return m_path; }
    /// Files whose change must lead to a new load: the document and every file a reference names.
    std::vector<std::string> filesOf(const PoolConfig &config) const;
    std::string baseDir() const;

private:
    void makeAbsolute(PoolConfig &config) const;
    void resolve(LoadedPool &loaded, ActivePool &active) const;
    void resolveMetricsToken(LoadedPool &loaded, ActivePool &active, const SecretContext &context) const;

    std::string m_path;
    bool m_allowLiteralKeys;
    std::function<void(ServerOptions &)> m_override;
};

} // namespace keymux
