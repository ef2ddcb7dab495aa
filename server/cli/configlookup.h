// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"

#include <optional>
#include <string>

namespace keymux {

/// The config to use: the one given, else `./key-pool-config.json`, else `/etc/keymux/key-pool-config.json`. Error
/// `config_missing` says where it was looked for.
Result<std::string> findConfig(const std::optional<std::string> &given);

} // namespace keymux
