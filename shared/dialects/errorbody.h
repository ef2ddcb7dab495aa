// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/feedback.h"

#include <string>
#include <string_view>

namespace keymux {

/// Reads what an error body says, whatever its dialect: OpenAI, Google (also wrapped in an array), Anthropic, Mistral's
/// and vLLM's flat forms, xAI's string, FastAPI's `detail`, HTML, plain text. Never fails; reads at most 64 KiB. Texts
/// are cut at 2 KiB.
ErrorFacts readErrorBody(std::string_view body, TimePoint now);

/// An error for a client in OpenAI's shape. Empty `param` and `code` become null.
struct ClientError {
    int status = 500;
    std::string message, type, param, code;
};
std::string openAiErrorBody(const ClientError &error);

/// Replaces whatever looks like a credential (the given secret, and anything shaped like a known kind of key) with
/// `***`.
std::string redacted(std::string_view text, std::string_view secret = {});

} // namespace keymux
