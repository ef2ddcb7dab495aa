// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace keymux {

struct KeyCommandOptions {
    std::string state;
    bool json = false;
    std::string name; ///< of the key to make, or its id
    std::vector<std::string> models;
    std::string expires; ///< RFC 3339, or a time from now such as 30d
    bool exposeRoute = false;
};

int mintKey(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err);
int listKeys(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err);
int showKey(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err);
int revokeKey(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err);

/// A moment as people write it: RFC 3339, or `12h`, `30d`, `4w` from now.
std::optional<TimePoint> parseExpiry(const std::string &text, TimePoint now);

} // namespace keymux
