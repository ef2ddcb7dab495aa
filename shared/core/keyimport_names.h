// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/keyimport.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// The provider a variable's name speaks of: `GEMINI_KEY_1`, `MY_OPENAI_API_KEY`.
std::optional<std::string> providerInName(std::string_view variable);
/// Does a variable's name say that it holds a key?
bool namesAKey(std::string_view variable);
/// `gemini-key-1` of `GEMINI_KEY_1`: what may stand as a key_id, 64 bytes at most.
std::string keyIdOf(std::string_view name);
/// May this stand as a key_id or a provider's name?
bool isIdentifier(std::string_view text);
/// `GEMINI_KEY_1` of `gemini-key-1`: what may stand as a variable's name.
std::string variableOf(std::string_view name);
/// Orders `KEY_2` before `KEY_10`.
bool naturallyLess(std::string_view a, std::string_view b);
/// Models to begin with, where nobody named any; empty for providers whose models nobody can guess.
std::vector<ModelEntry> assumedModels(std::string_view provider);
std::vector<ModelEntry> modelsNamed(const std::vector<std::string> &names);

/// The provider of that name in an import, made when it is not there. `anthropic` gets its OpenAI-compatible path.
ImportedProvider &providerOf(PoolImport &import, const std::string &name, const std::string &baseUrl = {});

/// Could this be sent as a key: one word of visible characters?
bool isOneWord(std::string_view value);

} // namespace keymux
