// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"

#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// One thing wrong with a document. `line` and `column` count from 1; `path` is like
/// `providers.gemini.keys[0].rpm_limit`; `message` says what is wrong and what would be right, and never repeats what
/// could be a secret.
struct Problem {
    int line = 1;
    int column = 1;
    std::string path;
    std::string message;

    bool operator==(const Problem &) const = default;
};

struct PoolConfigOptions {
    bool allowLiteralKeys = false;
};

struct PoolConfigReading {
    PoolConfig config;             ///< meaningful only when there are no problems
    std::vector<Problem> problems; ///< in document order
    bool valid() const { return problems.empty(); }
};

/// Reads a pool config document: JSON with comments and trailing commas. Every problem is reported, not only the first.
PoolConfigReading readPoolConfig(std::string_view text, const PoolConfigOptions &options = {});

/// `file:line:column: path: message`, the form editors jump to.
std::string toString(const Problem &problem, std::string_view file);

} // namespace keymux
