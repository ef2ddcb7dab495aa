// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "secrets/secretsource.h"

#include <memory>

namespace keymux {

/// The keyring of the user's session (Secret Service, KWallet, …): entries of service `keymux`, one for each NAME.
/// Values are never kept anywhere else. A keyring that is locked, missing or slow is `secret_locked` or
/// `secret_unreachable`, because keyrings start late. One object for a process: QtKeychain answers in the thread of the
/// first that used it.
class KeychainSource : public SecretStore {
public:
    /// A thread is started with the first call; it needs GLib's event dispatcher. `patience` bounds each call.
    explicit KeychainSource(Millis patience = Millis(10000));
    ~KeychainSource() override;

    std::string_view name() const override { return "keychain"; }
    Result<Secret> read(const std::string &name, const std::string &field) override;
    /// Always `secret_bad`: a keychain does not tell its entries.
    Result<std::vector<std::string>> list(const std::string &glob) override;
    Result<void> write(const std::string &name, const Secret &value) override;
    Result<void> remove(const std::string &name) override;
    Millis refreshEvery() const override { return Millis(60000); }

private:
    class Worker;
    Worker &worker();

    struct Private;
    std::unique_ptr<Private> d;
};

} // namespace keymux
