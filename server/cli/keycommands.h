// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/clock.h"
#include "core/result.h"
#include "store/virtualkeyjson.h"

#include <iosfwd>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace keymux {

struct KeyCommandOptions {
    std::string state;
    std::string server;    ///< URL of an admin listener; empty: the state directory
    std::string tokenFile; ///< for `server`; empty: STATE/admin-token
    bool json = false;
    std::string key; ///< the id or name of the one meant
    // What is absent keeps its value, or its default for a new key; `none` takes a limit away.
    std::optional<std::string> name;
    std::vector<std::string> models;
    std::optional<std::string> expires; ///< RFC 3339, or a time from now such as 30d
    std::optional<std::string> rpm, tpm, maxParallel;
    std::optional<std::string> budget;       ///< `100000tokens/day`, or an amount with the two below
    std::optional<std::string> budgetUnit;   ///< tokens, requests
    std::optional<std::string> budgetPeriod; ///< day, week, month, total
    std::optional<std::string> metadata;     ///< a JSON object
    std::optional<bool> exposeRoute, blocked;
    std::string grace = "0"; ///< how long a replaced key works on, such as 24h
};

int mintKey(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err);
int listKeys(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err);
int showKey(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err);
int updateKey(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err);
int rotateKey(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err);
int revokeKey(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err);

/// The admin API's fields that these options ask for. Error `usage`.
Result<nlohmann::ordered_json> fieldsOf(const KeyCommandOptions &options, TimePoint now);

} // namespace keymux
