// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/keyimport.h"

#include <string>
#include <vector>

namespace keymux {

// Pieces of an import as the JSON text of a pool config.

/// One item of `priority_models`.
std::string modelText(const ModelEntry &model);
/// One item of `keys`.
std::string keyText(const ImportedKey &key);
/// `"name": { … }` with all its keys.
std::string providerText(const ImportedProvider &provider);
/// One item of `routing.model_map`.
std::string ruleText(const ModelRule &rule);
/// `["a", "b"]`
std::string listText(const std::vector<std::string> &items);

} // namespace keymux
