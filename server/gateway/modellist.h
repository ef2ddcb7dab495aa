// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// The names in a provider's list of models, `models/` taken off: `{"data":[{"id"}]}`, or the array alone. Absent when
/// it is no such list. Memory is bounded by the names, however deep or wide the rest is; names are cut at 256 bytes and
/// at most 20,000 are kept.
std::optional<std::vector<std::string>> readModelList(std::string_view json);

} // namespace keymux
