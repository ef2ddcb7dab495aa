// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace keymux::testing {

/// What is wrong with a value by a schema of an OpenAPI document, as `/path: what`; empty when nothing is. It knows the
/// part of JSON Schema that our document uses, and complains of every keyword beyond it, so that no part of a schema
/// is passed over.
std::vector<std::string> schemaProblems(const nlohmann::ordered_json &document, const nlohmann::ordered_json &schema,
                                        const nlohmann::ordered_json &value);

} // namespace keymux::testing
