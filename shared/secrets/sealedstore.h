// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "secrets/sealedfile.h"
#include "secrets/secretsource.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace keymux {

/// The sealed store of a state directory: STATE/secrets.sealed under a master key (see masterKeyPlace()), which is made
/// with the first secret. What another process writes is seen by the next call. Writers of all processes take turns; a
/// file that the key at hand does not open is never overwritten, and a kill at any moment leaves the old content or the
/// new one.
class SealedStore : public SecretStore {
public:
    using Environment = std::function<const char *(const char *)>;

    /// `env` null: the process environment, asked for where the master key is.
    explicit SealedStore(std::string stateDir, Environment env = {});
    ~SealedStore() override;

    std::string_view name() const override { return "store"; }
    Result<Secret> read(const std::string &name, const std::string &field) override;
    /// Needs no master key.
    Result<std::vector<std::string>> list(const std::string &glob) override;
    /// Further errors: `state_unwritable`, `store_busy`, `bad_name`.
    Result<void> write(const std::string &name, const Secret &value) override;
    Result<void> remove(const std::string &name) override;

    /// What rekey() has done.
    struct Rekeyed {
        std::size_t entries = 0;
        std::string keyFile;
    };
    /// Seals everything with a new master key, all or nothing. Without `keyFile` it is a random one that replaces
    /// STATE/master-key; error `usage` when the key in force is kept elsewhere. With it, the key that stands there.
    Result<Rekeyed> rekey(const std::string &keyFile);

    /// STATE/secrets.sealed; it changes with every write.
    std::string file() const { return m_dir + "/secrets.sealed"; }

private:
    class Lock;
    struct Stamp;
    struct Content {
        std::optional<SealedFile> file; ///< absent: nothing was ever written
        std::string error;              ///< why the file cannot be used
        std::optional<MasterKey> key;
        Error keyError;
        bool keyIsNext = false; ///< a rekey() was killed before it had put the new key into its place
    };

    Content loadContent() const;
    void readKey(Content &content) const;
    const Content &current();
    Result<Content> forWriting() const;
    Result<void> save(const SealedFile &file);
    std::string nextKeyFile() const { return m_dir + "/master-key.next"; }

    std::string m_dir;
    Environment m_env;
    std::mutex m_mutex;
    std::unique_ptr<Stamp> m_stamp;
    std::optional<Content> m_content; ///< as it was at m_stamp
};

} // namespace keymux
