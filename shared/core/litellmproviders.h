// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/poolconfig.h"
#include "core/result.h"

#include <optional>
#include <string>
#include <string_view>

namespace keymux {

/// Where one of LiteLLM's deployments calls, in our words.
struct LiteLlmTarget {
    std::string provider;
    std::string baseUrl;  ///< empty: the default of the name
    std::string model;    ///< as the provider calls it
    std::string variable; ///< where LiteLLM takes the key from when none is named; empty: nowhere
    std::optional<AuthStyle> auth;
    bool completions = false; ///< only for the old text completions
    bool ownAddress = false;  ///< an address the config gave
};

/// `model` and `api_base` of `litellm_params`. Error `not_mapped` says why not, and what would help.
Result<LiteLlmTarget> liteLlmTarget(std::string_view model, std::string_view apiBase);

} // namespace keymux
