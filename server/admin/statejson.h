// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/snapshotdelta.h"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace keymux {

/// What the admin API's `state` says of the config in force.
struct ConfigState {
    std::uint64_t revision = 0;
    std::string source;
    bool writable = false;
    std::string error; ///< why the newest document was not taken
    bool operator==(const ConfigState &) const = default;
};

/// The pool's state in the shape of the admin API's `state`.
std::string stateJson(const PoolSnapshot &snapshot, const ConfigState &config);

/// What changed, in the shape of `state` with its lists cut down to that; `removed`, `order` and the like only where
/// they say something, `config` only where it is given. `versions` is what the delta leads to.
nlohmann::ordered_json deltaJson(const SnapshotDelta &delta, const SnapshotVersions &versions,
                                 const ConfigState *config);

/// One key in the shape of `state`'s `keys`.
std::string keyJson(const KeyState &key);

} // namespace keymux
