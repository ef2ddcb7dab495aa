// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/commandline.h"
#include "core/clock.h"

#include <iosfwd>
#include <optional>
#include <string>

namespace keymux {

struct CheckOptions {
    std::string file; ///< `-` reads stdin
    bool json = false;
    bool allowLiteralKeys = false;
};
/// Validates a pool config: every problem on stdout, one a line. 1 when there are any.
int checkConfig(const CheckOptions &options, std::ostream &out, std::ostream &err);

struct BootstrapOptions {
    std::optional<std::string> config;
    std::string state;
    std::optional<std::string> virtualKeyFrom;
    std::string virtualKeyFile;
    bool allowLiteralKeys = false;
    bool probe = false; ///< asks each key's provider whether it takes it
};
/// What an init container runs: checks config and secrets, and makes sure that there is a first virtual key. 1 when no
/// key of the pool is usable.
int bootstrap(const BootstrapOptions &options, TimePoint now, const ProbeKeys &probeKeys, std::ostream &out,
              std::ostream &err);

struct StatusOptions {
    std::string state;
    std::string server;    ///< URL of the admin listener; empty: as STATE/server.json says
    std::string tokenFile; ///< empty: STATE/admin-token
    bool json = false;
    bool watch = false;
    double interval = 1; ///< seconds between two looks
};
/// The pool of a running server as a table; with `watch` again and again, until a signal or the key q ends it.
int showStatus(const StatusOptions &options, std::ostream &out, std::ostream &err);

} // namespace keymux
