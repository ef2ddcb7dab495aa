// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"

#include <string>

namespace keymux {

/// What changed from one config to another, as one line for people: providers, keys and models that came and went,
/// what of a key changed, sections that changed. Names at most a few of each kind; never a secret. Only the text
/// differs: "comments or layout only".
std::string summarizeChange(const PoolConfig &before, const PoolConfig &after);
/// The same for the first document there is: "2 providers, 5 keys, 12 models".
std::string summarizeFirst(const PoolConfig &config);

} // namespace keymux
