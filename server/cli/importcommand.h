// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/keyimport.h"

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace keymux {

struct ImportCommandOptions {
    std::string file;       ///< `-` reads stdin; empty: the environment (env only)
    std::string into;       ///< a pool config to extend or to make; empty: the document goes to stdout
    std::string secretsDir; ///< where literal secrets are written
    std::string provider, baseUrl, match;
    std::vector<std::string> models;
    Limits limits;
    bool skipBad = false;
    bool dryRun = false;
    bool json = false;
    bool allowLiteralKeys = false; ///< in the config that is extended
};

enum class ImportSource : std::uint8_t { LiteLlm, Env, Csv };

/// Makes or extends a pool config. The document goes to `out` or into the file, the report to `err`; with `json` both
/// go to `out` as one document. No secret goes anywhere but into files of `secretsDir`.
int importPool(ImportSource source, const ImportCommandOptions &options, std::ostream &out, std::ostream &err);

} // namespace keymux
