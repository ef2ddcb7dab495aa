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
    bool usagePresent = false;       ///< a `usage` member that is an object, whatever it says
    std::optional<TokenUsage> usage; ///< also from Groq's `x_groq`
};

/// Reads them in one pass. `content` is the array that makes an answer one: `choices` or `data`.
AnswerMembers readAnswerMembers(std::string_view json, std::string_view content);

/// OpenAI's usage object, brought to the same meaning everywhere: the total is the sum. Tokens that only the total has
/// are reasoning tokens, and part of the completion (Google's OpenAI path and xAI count them so). Absent when it is no
/// object, or one that counts nothing: no prompt is empty.
std::optional<TokenUsage> readUsage(std::string_view json);

/// The usage in the end of a large answer, of which no more is at hand: what the last `"usage"` names that is readable.
std::optional<TokenUsage> findUsage(std::string_view end);

} // namespace keymux
