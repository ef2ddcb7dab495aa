// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/result.h"
#include "core/virtualkeyroom.h"

#include <nlohmann/json.hpp>
#include <string>

namespace keymux {

/// Applies the fields of LiteLLM's `/key/generate` and `/key/update`. What has a meaning here is applied, what only
/// describes (`user_id`, `team_id`, `tags`, …) is kept in the metadata under `litellm`, and what would hold the key to
/// something that is not enforced here is refused rather than ignored. Error `invalid_virtual_key`.
Result<void> readLiteLlmFields(const nlohmann::ordered_json &request, VirtualKey &key, TimePoint now);

/// A key as LiteLLM shows one. `token` is the SHA-256 of its text in hex.
nlohmann::ordered_json liteLlmRecord(const VirtualKey &key, const VirtualKeyRoom::Usage &usage,
                                     const std::string &token, TimePoint now);

} // namespace keymux
