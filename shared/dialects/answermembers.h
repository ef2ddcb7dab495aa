// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/usage.h"

#include <optional>
#include <string_view>

namespace keymux {

/// What the top-level members of an answer, or of one chunk of a stream, say that the gateway needs.
struct AnswerMembers {
    bool whole = false;              ///< the text is one well-formed JSON object and nothing else
    bool hasError = false;           ///< an `error` member that is not null
    bool contentPresent = false;     ///< the named content member is an array …
    bool contentEmpty = true;        ///< … and this says whether anything is in it
    std::optional<TokenUsage> usage; ///< also from Groq's `x_groq`
};

/// Reads them in one pass. `content` is the array that makes an answer one: `choices` or `data`.
AnswerMembers readAnswerMembers(std::string_view json, std::string_view content);

/// OpenAI's usage object; a missing total is the sum. Absent when it is no object.
std::optional<TokenUsage> readUsage(std::string_view json);

} // namespace keymux
