// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// Is this key a set: one entry that stands for every secret its reference finds?
bool isKeySet(const KeyEntry &key);

/// The references a set's reference stands for, in order; null while that is not known.
using SetMembers = std::function<const std::vector<std::string> *(const std::string &reference)>;

struct ExpandedConfig {
    PoolConfig config;                 ///< without sets
    std::vector<std::string> problems; ///< one sentence for each member that cannot be a key
};

/// The config with each set replaced, where it stands, by one key for each member. Its `key_id` is the member's name in
/// lower case with `-`, or the given one with its `*` replaced by what `*` stood for, in the same way. What is written
/// out wins over members of the same id, and earlier sets over later ones.
ExpandedConfig expandKeySets(const PoolConfig &written, const SetMembers &membersOf);

/// The id a member gets; empty when nothing usable is left.
std::string setMemberId(std::string_view keyId, std::string_view set, std::string_view member);

} // namespace keymux
