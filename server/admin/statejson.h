// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/snapshot.h"

#include <cstdint>
#include <string>

namespace keymux {

/// What the admin API's `state` says of the config in force.
struct ConfigState {
    std::uint64_t revision = 0;
    std::string source;
    bool writable = false;
    std::string error; ///< why the newest document was not taken
};

/// The pool's state in the shape of the admin API's `state`.
std::string stateJson(const PoolSnapshot &snapshot, const ConfigState &config);

/// One key in the shape of `state`'s `keys`.
std::string keyJson(const KeyState &key);

} // namespace keymux
