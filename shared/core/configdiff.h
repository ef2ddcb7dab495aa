// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"

#include <cstdint>
#include <string>
#include <vector>

namespace keymux {

/// One kind of change from a config to another.
struct ConfigChange {
    enum class What : std::uint8_t {
        ProvidersAdded,
        ProvidersRemoved,
        KeysAdded,
        KeysRemoved,
        ModelsAdded,
        ModelsRemoved,
        KeysChanged,
        ProvidersChanged,
        Routing,
        SecretSources,
        ServerOptions,
        Order,     ///< nothing but the order of things
        LayoutOnly ///< nothing but the text
    };
    What what;
    std::vector<std::string> names;   ///< of providers, keys or models
    std::vector<std::string> details; ///< of KeysChanged, for each name: "limits, models"
};

/// What changed, in the order in which people want to hear it. Never empty.
std::vector<ConfigChange> changesBetween(const PoolConfig &before, const PoolConfig &after);

/// What changed from one config to another, as one line for people: providers, keys and models that came and went,
/// what of a key changed, sections that changed. Names at most a few of each kind; never a secret. Only the text
/// differs: "comments or layout only".
std::string summarizeChange(const PoolConfig &before, const PoolConfig &after);
/// The same for the first document there is: "2 providers, 5 keys, 12 models".
std::string summarizeFirst(const PoolConfig &config);

} // namespace keymux
