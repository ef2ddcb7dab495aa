// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

struct CsvField {
    std::string text;
    int line = 1, column = 1; ///< of its first character, counted from 1
};
using CsvRow = std::vector<CsvField>;

struct CsvReading {
    std::vector<CsvRow> rows; ///< without those that are empty
    /// What stopped it: a quote that is not closed, or a size beyond the bounds. The rows before it are good.
    std::optional<CsvField> error;
};

/// Reads a table as RFC 4180 has it: quotes, doubled quotes, line ends in quotes, CRLF or LF, a byte order mark. The
/// separator is a comma, a semicolon or a tab, whichever the first line has most of. Bounded at 16 MiB, 200,000 rows
/// and 64 columns.
CsvReading readCsv(std::string_view text);

} // namespace keymux
