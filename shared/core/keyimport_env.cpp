// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/configfields.h"
#include "core/keyimport.h"
#include "core/keyimport_names.h"
#include "core/matching.h"

#include <algorithm>
#include <map>
#include <set>

namespace keymux {

namespace {

using Kind = ImportNote::Kind;
using Reason = ImportNote::Reason;

bool isSpace(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && isSpace(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back()))
        text.remove_suffix(1);
    return text;
}

bool isVariableName(std::string_view name)
{
    return !name.empty() && name.size() <= 256 && !(name[0] >= '0' && name[0] <= '9') &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
           });
}

/// A value as shells and `.env` readers take it; nothing when a quote is not closed or followed by more.
std::optional<std::string> valueOf(std::string_view text)
{
    text = trimmed(text);
    if (text.empty() || (text.front() != '"' && text.front() != '\'')) {
        // A comment begins behind white space; a `#` inside a word is part of it.
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (text[i] == '#' && (i == 0 || isSpace(text[i - 1])))
                return std::string(trimmed(text.substr(0, i)));
        }
        return std::string(text);
    }
    const char quote = text.front();
    std::string value;
    std::size_t at = 1;
    while (at < text.size() && text[at] != quote) {
        if (quote == '"' && text[at] == '\\' && at + 1 < text.size())
            ++at;
        value += text[at++];
    }
    if (at >= text.size())
        return std::nullopt;
    const std::string_view rest = trimmed(text.substr(at + 1));
    return rest.empty() || rest.front() == '#' ? std::optional(value) : std::nullopt;
}

std::vector<std::string> splitAtCommas(const std::string &value)
{
    std::vector<std::string> parts;
    std::size_t from = 0;
    while (from <= value.size()) {
        const std::size_t to = std::min(value.find(',', from), value.size());
        const std::string_view part = trimmed(std::string_view(value).substr(from, to - from));
        if (!part.empty())
            parts.emplace_back(part);
        from = to + 1;
    }
    return parts;
}

class VariableImporter {
public:
    VariableImporter(const ImportOptions &options, PoolImport import)
        : m_options(options), m_import(std::move(import)), m_names(options, m_import)
    {
    }

    PoolImport take(const std::vector<Variable> &variables)
    {
        for (const Variable &variable : variables)
            add(variable);
        for (ImportedProvider &provider : m_import.providers)
            finish(provider);
        return std::move(m_import);
    }

private:
    void add(const Variable &variable)
    {
        const bool wanted =
            m_options.match.empty() ? namesAKey(variable.name) : globMatches(m_options.match, variable.name);
        if (!wanted) {
            // Of an environment only what was asked for is spoken of.
            if (variable.line > 0)
                note(Kind::NotMapped, variable,
                     m_options.match.empty() ? "its name does not say that it holds a key; name it with --match"
                                             : "it does not match --match",
                     Reason::NotAKeysName);
            return;
        }
        const auto provider =
            m_options.provider.empty() ? providerInName(variable.name) : std::optional(m_options.provider);
        if (!provider) {
            note(Kind::NotMapped, variable, "its name does not say whose key it holds; use --provider",
                 Reason::NobodysKey);
            return;
        }
        const std::vector<std::string> parts = splitAtCommas(variable.value);
        if (parts.empty())
            note(Kind::Skipped, variable, "it is empty", Reason::Empty);
        else if (parts.size() == 1)
            addKey(variable, *provider, parts.front(), variable.name);
        else if (m_options.secretDir.empty())
            note(Kind::NotMapped, variable,
                 "it holds " + std::to_string(parts.size()) +
                     " keys, and a reference names one; with --secrets-dir DIR each gets a file of its own");
        else
            for (std::size_t i = 0; i < parts.size(); ++i)
                addKey(variable, *provider, parts[i], variable.name + '_' + std::to_string(i + 1));
    }

    void addKey(const Variable &variable, const std::string &provider, const std::string &value,
                const std::string &name)
    {
        if (!isOneWord(value)) {
            note(Kind::Bad, variable, "it holds spaces or control characters; a key is one word", Reason::NotOneWord);
            return;
        }
        const auto [known, fresh] = m_holders.emplace(value, name);
        if (!fresh) {
            note(Kind::Skipped, variable, "it holds the same key as " + known->second, Reason::SameKey);
            return;
        }
        ImportedKey key;
        key.keyId = keyIdOf(name);
        key.line = variable.line;
        key.reference = m_options.secretDir.empty() ? "env:" + name : m_names.referenceFor(value, name, variable.line);
        note(Kind::Mapped, variable, "key " + key.keyId + " of " + provider);
        providerOf(m_import, provider, m_options.baseUrl).keys.push_back(std::move(key));
    }

    void finish(ImportedProvider &provider)
    {
        provider.limits = m_options.limits;
        provider.models = modelsNamed(m_options.models);
        if (!provider.models.empty())
            return;
        provider.models = assumedModels(provider.name);
        provider.modelsAssumed = true;
    }

    void note(Kind kind, const Variable &variable, std::string message, Reason reason = Reason::Other)
    {
        m_import.note(kind, variable.line, shownName(variable.name), std::move(message), reason);
    }

    const ImportOptions &m_options;
    PoolImport m_import;
    SecretNames m_names;
    std::map<std::string, std::string> m_holders; ///< value → the variable that had it first
};

} // namespace

std::vector<Variable> readEnvFile(std::string_view text, PoolImport &import)
{
    std::vector<Variable> variables;
    std::set<std::string, std::less<>> seen;
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3);
    int number = 0;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        ++number;
        if (line.empty() || line.front() == '#')
            continue;
        if (line.starts_with("export ") || line.starts_with("export\t"))
            line = trimmed(line.substr(7));
        const std::size_t equals = line.find('=');
        const std::string_view name = trimmed(line.substr(0, std::min(equals, line.size())));
        // The line is not repeated: it may be a key.
        if (equals == std::string_view::npos || !isVariableName(name)) {
            import.note(Kind::Bad, number, "line", "NAME=value is expected", Reason::NotAVariable);
            continue;
        }
        const auto value = valueOf(line.substr(equals + 1));
        if (!value)
            import.note(Kind::Bad, number, shownName(name), "its quotes do not end where the line ends",
                        Reason::OpenQuotes);
        else if (!seen.insert(std::string(name)).second)
            import.note(Kind::Bad, number, shownName(name), "this name is there twice; keep one", Reason::NameTwice);
        else
            variables.push_back({std::string(name), *value, number});
    }
    return variables;
}

PoolImport importVariables(std::vector<Variable> variables, const ImportOptions &options, PoolImport import)
{
    std::stable_sort(variables.begin(), variables.end(),
                     [](const Variable &a, const Variable &b) { return naturallyLess(a.name, b.name); });
    return VariableImporter(options, std::move(import)).take(variables);
}

} // namespace keymux
