// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/virtualkey.h"
#include "gateway/activepool.h"

#include <optional>
#include <string>
#include <string_view>

namespace keymux {

/// OpenAI's list of models: the names this virtual key may ask for.
std::string modelListJson(const ActivePool &pool, const VirtualKey &key);

/// One model in OpenAI's shape; absent when the key may not ask for it or nothing answers to the name.
std::optional<std::string> modelJson(const ActivePool &pool, const VirtualKey &key, std::string_view id);

} // namespace keymux
