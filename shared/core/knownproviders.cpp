// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/knownproviders.h"

#include <algorithm>
#include <array>

namespace keymux {

namespace {

constexpr std::array known{KnownProvider{"gemini", "https://generativelanguage.googleapis.com/v1beta/openai"},
                           KnownProvider{"openai", "https://api.openai.com/v1"},
                           KnownProvider{"anthropic", "https://api.anthropic.com"},
                           KnownProvider{"mistral", "https://api.mistral.ai/v1"},
                           KnownProvider{"groq", "https://api.groq.com/openai/v1"},
                           KnownProvider{"deepseek", "https://api.deepseek.com"},
                           KnownProvider{"openrouter", "https://openrouter.ai/api/v1"},
                           KnownProvider{"together", "https://api.together.xyz/v1"},
                           KnownProvider{"xai", "https://api.x.ai/v1"},
                           KnownProvider{"cohere", "https://api.cohere.ai/compatibility/v1"},
                           KnownProvider{"ollama", "http://127.0.0.1:11434/v1"}};

} // namespace

std::span<const KnownProvider> knownProviders()
{
    return known;
}

const KnownProvider *knownProvider(std::string_view name)
{
    const auto it = std::find_if(known.begin(), known.end(), [&](const auto &p) { return p.name == name; });
    return it == known.end() ? nullptr : &*it;
}

} // namespace keymux
