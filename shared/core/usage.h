// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstdint>
#include <optional>

namespace keymux {

/// Tokens as the provider counted them, in OpenAI's terms (prompt includes cached, completion includes reasoning).
struct TokenUsage {
    std::int64_t prompt = 0, completion = 0, total = 0, cached = 0, reasoning = 0;
    bool operator==(const TokenUsage &) const = default;
};

} // namespace keymux
