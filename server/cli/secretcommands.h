// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>
#include <string>

namespace keymux {

struct SecretCommandOptions {
    std::string state;
    std::string name;
    std::string newKeyFile; ///< rekey: empty makes a new STATE/master-key
    bool json = false;
};

/// The sealed store of a state directory. Each gives the exit code; values are read from `in`, never printed.
int setSecret(const SecretCommandOptions &options, std::istream &in, std::ostream &out, std::ostream &err);
int listSecrets(const SecretCommandOptions &options, std::ostream &out, std::ostream &err);
int removeSecret(const SecretCommandOptions &options, std::ostream &out, std::ostream &err);
int rekeySecrets(const SecretCommandOptions &options, std::ostream &out, std::ostream &err);

} // namespace keymux
