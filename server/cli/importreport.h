// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "cli/importcommand.h"

#include <nlohmann/json.hpp>

namespace keymux {

/// What an import came to, for people and for programs.
struct ImportReport {
    const PoolImport &import;
    const MergedImport *merged = nullptr; ///< absent when nothing came of it
    bool written = false;                 ///< into the file of `options`
    bool secretsWritten = false;
};

void printReport(const ImportReport &report, const ImportCommandOptions &options, std::ostream &err);
nlohmann::ordered_json reportJson(const ImportReport &report, const ImportCommandOptions &options);

} // namespace keymux
