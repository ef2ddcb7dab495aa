// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"
#include "core/secretref.h"
#include "secrets/environmentsource.h"
#include "secrets/filesource.h"
#include "secrets/secretsource.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace keymux {

/// Where references are looked up.
struct SecretContext {
    std::string secretDir;         ///< `secrets.dir`; empty: none
    std::string baseDir;           ///< relative `file:` paths start here
    std::string stateDir;          ///< of the sealed store; empty: there is none
    EnvironmentSource::Lookup env; ///< null: the process environment
    bool allowLiteralKeys = false;
};

/// One source for each kind of reference; null where a kind is not set up.
struct SecretSourceSet {
    std::shared_ptr<SecretSource> environment, store, keychain, infisical, vault;
    std::shared_ptr<FileSource> files, secretDir, credentialsDir; ///< the last two are for placeholders
};

/// The sources of this machine. The keychain's thread starts with its first use.
SecretSourceSet localSources(const SecretContext &context);

/// Finds the secret a reference names. Errors say which reference failed, where it was looked for and what would help;
/// never a value. May block as its sources do; thread-safe.
class SecretResolver {
public:
    explicit SecretResolver(SecretSourceSet sources, bool allowLiteralKeys = false);

    /// Beside the sources' errors `secret_bad` for what is no reference, and `secret_missing` for a kind that is not
    /// set up. `withNetwork` false leaves the sources on the network out of the search for a placeholder.
    Result<Secret> resolve(std::string_view reference, bool withNetwork = true) const;
    /// The references of a set's members, in order. Errors as those of SecretSource::list().
    Result<std::vector<std::string>> list(std::string_view reference) const;
    /// The source that reads this kind of reference; null for placeholders and where there is none.
    SecretSource *source(SecretRef::Kind kind) const;
    const SecretSourceSet &sources() const { return m_sources; }

private:
    Result<Secret> fromPlaceholder(const std::string &name, bool withNetwork) const;

    SecretSourceSet m_sources;
    bool m_allowLiteralKeys;
};

/// The same for one reference, with the sources of this machine.
Result<Secret> resolveSecret(std::string_view reference, const SecretContext &context);

} // namespace keymux
