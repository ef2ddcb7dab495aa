// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"
#include "core/result.h"
#include "secrets/secret.h"

#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// One place secrets are read from. Every call may block (disk, D-Bus, network): never on the main thread once the
/// server runs, never on a worker. Thread-safe: several threads call at once.
class SecretSource {
public:
    SecretSource() = default;
    virtual ~SecretSource() = default;
    SecretSource(const SecretSource &) = delete;
    SecretSource &operator=(const SecretSource &) = delete;

    /// For messages: `environment`, `files`, `store`, `keychain`, `infisical`, `vault`.
    virtual std::string_view name() const = 0;
    /// `field` is used by vault only. Errors: `secret_missing`, `secret_denied`, `secret_bad`, `secret_locked`, and
    /// `secret_unreachable` when the source itself is down or slow: then the last good value stays in use. Messages
    /// name the source, the name and the remedy; never a value.
    virtual Result<Secret> read(const std::string &name, const std::string &field) = 0;
    /// The names that match a glob (a set), those that end in numbers in the order of their numbers; at most
    /// `maxListedSecrets`. Errors as for read().
    virtual Result<std::vector<std::string>> list(const std::string &glob) = 0;
    /// How often its values are to be read again; 0: changes are seen otherwise, or never.
    virtual Millis refreshEvery() const { return Millis(0); }
    /// Ends, where it can, the calls that wait for something far away, within about a second; later ones fail.
    virtual void stop() {}
};

/// A source people can write to through Keymux.
class SecretStore : public SecretSource {
public:
    virtual Result<void> write(const std::string &name, const Secret &value) = 0;
    /// Error `secret_missing` when there is none of this name.
    virtual Result<void> remove(const std::string &name) = 0;
};

inline constexpr std::size_t maxListedSecrets = 10000;
inline constexpr std::size_t maxSecretBytes = 64 << 10;

/// Makes a secret of what a source holds: it loses trailing line ends and must then be one word of visible characters,
/// because it travels in a header. `where` names it in the error `secret_bad`. Wipes `value` on every path.
Result<Secret> secretFrom(std::string value, const std::string &where);

/// Sorts names so that `KEY_2` comes before `KEY_10`, removes doubles, and cuts at `maxListedSecrets`.
void sortSecretNames(std::vector<std::string> &names);

} // namespace keymux
