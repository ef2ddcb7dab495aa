// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>

namespace keymux {

/// What `keymuxd serve` was told.
struct ServeOptions {
    std::optional<std::string> config;
    std::string state;
    std::optional<std::string> listen, adminListen;
    std::optional<std::string> virtualKeyFrom, adminTokenFrom;
    int workers = 0; ///< 0: as many as there are cores
    std::string logFormat = "text", logLevel = "info";
    std::optional<std::string> prices;  ///< a price list
    int usageDays = 400;                ///< how long usage is kept …
    std::int64_t usageRows = 2'000'000; ///< … and how many hourly rows of it
    bool demo = false;
    bool takeover = false; ///< of the running server, if there is one
    bool allowLiteralKeys = false;
};

struct ResolvedPool;

/// What a key's provider said of it.
struct KeyVerdict {
    enum class Kind : std::uint8_t { Good, Refused, Unknown };
    std::string keyId;
    Kind kind = Kind::Unknown;
    std::string message; ///< without secrets
};
/// Asks the provider of each key that has its secret for its free list of models; `told` hears of each, with how many
/// are done and how many there are.
using ProbeKeys =
    std::function<void(const ResolvedPool &, const std::function<void(const KeyVerdict &, int done, int all)> &told)>;

struct CommandLine {
    std::function<int(const ServeOptions &)> serve;
    ProbeKeys probeKeys;
    std::ostream &out; ///< results
    std::ostream &err; ///< messages
};

/// Runs `keymuxd` with these arguments. Exit codes: 0 success, 1 the work failed, 2 wrong usage.
int runCommandLine(int argc, const char *const *argv, const CommandLine &commandLine);

} // namespace keymux
