// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace keymux {

/// Prints rows in aligned columns, the first row being the headings. Control characters are shown as `?`.
void printTable(std::ostream &out, const std::vector<std::vector<std::string>> &rows);

} // namespace keymux
