// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/keyimport_names.h"

#include <algorithm>
#include <array>

namespace keymux {

namespace {

struct NamedProvider {
    std::string_view word, provider;
};
constexpr std::array providerWords{
    NamedProvider{"GEMINI", "gemini"},
    NamedProvider{"GOOGLE", "gemini"},
    NamedProvider{"OPENAI", "openai"},
    NamedProvider{"ANTHROPIC", "anthropic"},
    NamedProvider{"CLAUDE", "anthropic"},
    NamedProvider{"MISTRAL", "mistral"},
    NamedProvider{"GROQ", "groq"},
    NamedProvider{"DEEPSEEK", "deepseek"},
    NamedProvider{"OPENROUTER", "openrouter"},
    NamedProvider{"TOGETHER", "together"},
    NamedProvider{"TOGETHERAI", "together"},
    NamedProvider{"XAI", "xai"},
    NamedProvider{"GROK", "xai"},
    NamedProvider{"COHERE", "cohere"},
    NamedProvider{"CO", "cohere"},
};

struct StartingModel {
    std::string_view provider, model;
};
constexpr std::array startingModels{
    StartingModel{"gemini", "gemini-2.0-flash"},      StartingModel{"openai", "gpt-4o-mini"},
    StartingModel{"groq", "llama-3.3-70b-versatile"}, StartingModel{"mistral", "mistral-small-latest"},
    StartingModel{"deepseek", "deepseek-chat"},       StartingModel{"anthropic", "claude-3-5-haiku-latest"},
};

bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

bool isLetter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

char upper(char c)
{
    return c >= 'a' && c <= 'z' ? char(c - 32) : c;
}

/// The name's words in capitals; digits at a word's end are taken off.
std::vector<std::string> wordsOf(std::string_view name)
{
    std::vector<std::string> words(1);
    for (const char c : name) {
        if (isLetter(c) || isDigit(c))
            words.back() += upper(c);
        else if (!words.back().empty())
            words.emplace_back();
    }
    for (std::string &word : words) {
        while (!word.empty() && isDigit(word.back()))
            word.pop_back();
    }
    return words;
}

} // namespace

std::optional<std::string> providerInName(std::string_view variable)
{
    for (const std::string &word : wordsOf(variable)) {
        for (const auto &[known, provider] : providerWords) {
            if (word == known)
                return std::string(provider);
        }
    }
    return std::nullopt;
}

bool namesAKey(std::string_view variable)
{
    const std::vector<std::string> words = wordsOf(variable);
    return std::any_of(words.begin(), words.end(), [](const std::string &word) {
        return word == "KEY" || word == "KEYS" || word == "APIKEY" || word == "TOKEN" || word == "TOKENS";
    });
}

std::string keyIdOf(std::string_view name)
{
    std::string id;
    for (const char c : name.substr(0, 256)) {
        if (isLetter(c))
            id += c <= 'Z' ? char(c + 32) : c;
        else if (isDigit(c) || c == '.')
            id += c;
        else if (!id.empty() && id.back() != '-')
            id += '-';
    }
    while (id.ends_with('-'))
        id.pop_back();
    if (id.size() > 64)
        id.resize(64);
    return id.empty() ? "key" : id;
}

bool isIdentifier(std::string_view text)
{
    return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return isLetter(c) || isDigit(c) || c == '.' || c == '_' || c == '-';
    });
}

std::string variableOf(std::string_view name)
{
    std::string variable;
    for (const char c : name.substr(0, 128))
        variable += isLetter(c) || isDigit(c) ? upper(c) : '_';
    if (variable.empty() || isDigit(variable.front()))
        variable.insert(0, "KEY_");
    return variable;
}

bool naturallyLess(std::string_view a, std::string_view b)
{
    std::size_t i = 0, j = 0;
    while (i < a.size() && j < b.size()) {
        if (isDigit(a[i]) && isDigit(b[j])) {
            const auto number = [](std::string_view text, std::size_t &at) {
                while (at < text.size() && text[at] == '0')
                    ++at;
                const std::size_t begin = at;
                while (at < text.size() && isDigit(text[at]))
                    ++at;
                return text.substr(begin, at - begin);
            };
            const std::string_view left = number(a, i), right = number(b, j);
            if (left.size() != right.size())
                return left.size() < right.size();
            if (left != right)
                return left < right;
        } else if (a[i] != b[j]) {
            return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[j]);
        } else {
            ++i;
            ++j;
        }
    }
    // `KEY_01` and `KEY_1` are two names.
    return a.size() - i != b.size() - j ? a.size() - i < b.size() - j : a < b;
}

std::vector<ModelEntry> assumedModels(std::string_view provider)
{
    for (const auto &[name, model] : startingModels) {
        if (name == provider)
            return modelsNamed({std::string(model)});
    }
    return {};
}

std::vector<ModelEntry> modelsNamed(const std::vector<std::string> &names)
{
    std::vector<ModelEntry> models;
    for (const std::string &name : names) {
        if (std::none_of(models.begin(), models.end(), [&](const ModelEntry &m) { return m.model == name; }))
            models.push_back({.model = name, .limits = {}, .contextWindow = {}, .endpoints = {}});
    }
    return models;
}

ImportedProvider &providerOf(PoolImport &import, const std::string &name, const std::string &baseUrl)
{
    std::string url = baseUrl;
    while (url.ends_with('/'))
        url.pop_back();
    // Its own path speaks another dialect.
    if (name == "anthropic" && url.empty())
        url = "https://api.anthropic.com/v1";
    for (ImportedProvider &provider : import.providers) {
        if (provider.name == name)
            return provider;
    }
    return import.providers.emplace_back(ImportedProvider{.name = name,
                                                          .baseUrl = url,
                                                          .auth = {},
                                                          .headers = {},
                                                          .models = {},
                                                          .modelsAssumed = false,
                                                          .limits = {},
                                                          .keys = {}});
}

bool isOneWord(std::string_view value)
{
    return !value.empty() && value.size() <= 65536 && std::all_of(value.begin(), value.end(), [](char c) {
        return static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
    });
}

} // namespace keymux
