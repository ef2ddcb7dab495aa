// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/configfields.h"
#include "core/poolconfigjson.h"

namespace keymux {

inline constexpr std::string_view notSupported = "not supported in this version";

/// The parts of readPoolConfig(), by section of the document. Each reports into the same list.
struct ConfigReading {
    PoolConfig &config;
    ProblemList &problems;
    const PoolConfigOptions &options;
};

void readProviders(const JsonText &node, ConfigReading &reading);
void readRouting(const JsonText &node, ConfigReading &reading);
void readSecretSources(const JsonText &node, ConfigReading &reading);
void readServerOptions(const JsonText &node, ConfigReading &reading);

/// A field that must be a secret reference this version can resolve. Never repeats what may be a secret.
void readReference(ConfigFields &fields, std::string_view name, std::string &out, const ConfigReading &reading);

/// An http or https address that paths can be added to, without credentials, query or fragment.
bool isBaseUrl(std::string_view url);

/// Rules and fallbacks may name only models the pool has.
void checkModelNames(const JsonText &routing, ConfigReading &reading);

} // namespace keymux
