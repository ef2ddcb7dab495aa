// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/configfields.h"
#include "core/csvtext.h"
#include "core/keyimport.h"
#include "core/keyimport_names.h"
#include "core/keyshapes.h"
#include "core/knownproviders.h"
#include "core/secretref.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>

namespace keymux {

namespace {

using Kind = ImportNote::Kind;

enum class Column : std::uint8_t {
    Provider,
    KeyId,
    ApiKey,
    Reference,
    Models,
    Rpm,
    Tpm,
    Rpd,
    MaxParallel,
    Priority,
    Weight,
    Tags,
    QuotaGroup,
    BaseUrl,
    Enabled,
    Unknown,
};

struct ColumnName {
    std::string_view name;
    Column column;
};
constexpr std::array columnNames{
    ColumnName{"provider", Column::Provider},
    ColumnName{"key_id", Column::KeyId},
    ColumnName{"id", Column::KeyId},
    ColumnName{"name", Column::KeyId},
    ColumnName{"api_key", Column::ApiKey},
    ColumnName{"key", Column::ApiKey},
    ColumnName{"reference", Column::Reference},
    ColumnName{"models", Column::Models},
    ColumnName{"model", Column::Models},
    ColumnName{"rpm_limit", Column::Rpm},
    ColumnName{"rpm", Column::Rpm},
    ColumnName{"tpm_limit", Column::Tpm},
    ColumnName{"tpm", Column::Tpm},
    ColumnName{"rpd_limit", Column::Rpd},
    ColumnName{"rpd", Column::Rpd},
    ColumnName{"max_parallel", Column::MaxParallel},
    ColumnName{"priority", Column::Priority},
    ColumnName{"weight", Column::Weight},
    ColumnName{"tags", Column::Tags},
    ColumnName{"quota_group", Column::QuotaGroup},
    ColumnName{"base_url", Column::BaseUrl},
    ColumnName{"enabled", Column::Enabled},
};

std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

/// The name of a header's cell as it is looked up: `Key ID` is `key_id`.
std::string headerName(std::string_view text)
{
    std::string name;
    for (const char c : trimmed(text))
        name += c >= 'A' && c <= 'Z' ? char(c + 32) : c == ' ' || c == '-' ? '_' : c;
    return name;
}

Column columnNamed(std::string_view name)
{
    const auto known = std::find_if(columnNames.begin(), columnNames.end(),
                                    [&](const ColumnName &column) { return column.name == name; });
    return known == columnNames.end() ? Column::Unknown : known->column;
}

/// Words with `;`, `|` or `,` between them.
std::vector<std::string> listOf(std::string_view text)
{
    std::vector<std::string> items;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find_first_of(";|,"), text.size());
        if (const std::string_view item = trimmed(text.substr(0, end)); !item.empty())
            items.emplace_back(item);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return items;
}

/// `OpenAI` is meant for `openai`; names of one's own stay as they are.
std::string providerNamed(const std::string &text)
{
    const std::string lower = keyIdOf(text);
    return knownProvider(lower) ? lower : text;
}

template <typename T>
bool readNumber(std::string_view text, T min, T max, T &out)
{
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size() && out >= min && out <= max;
}

class CsvImporter {
public:
    explicit CsvImporter(const ImportOptions &options) : m_options(options), m_names(options, m_import) {}

    Result<PoolImport> take(const CsvReading &reading)
    {
        if (reading.rows.empty())
            return failure("csv_unreadable", reading.error ? reading.error->text : "the table is empty");
        if (auto header = readHeader(reading.rows.front()); !header)
            return tl::unexpected(header.error());
        for (std::size_t i = 1; i < reading.rows.size(); ++i)
            addRow(reading.rows[i]);
        if (reading.error)
            bad(*reading.error, "table", reading.error->text);
        return std::move(m_import);
    }

private:
    Result<void> readHeader(const CsvRow &row)
    {
        for (const CsvField &field : row) {
            const std::string name = headerName(field.text);
            const Column column = columnNamed(name);
            if (column == Column::Unknown)
                m_import.note(Kind::NotMapped, field.line, "column " + shownName(field.text),
                              "there is no such column; its cells are left out");
            else if (std::find(m_columns.begin(), m_columns.end(), column) != m_columns.end())
                return failure("csv_unreadable", "two columns of the header mean `" + name + "`; keep one");
            m_columns.push_back(column);
        }
        if (!has(Column::ApiKey) && !has(Column::Reference))
            return failure("csv_unreadable", "the first row must name the columns, `api_key` or `reference` among "
                                             "them: provider,key_id,api_key,models,rpm_limit");
        if (!has(Column::Provider) && m_options.provider.empty())
            return failure("csv_unreadable", "there is no column `provider`; add it, or name one with --provider");
        return {};
    }

    bool has(Column column) const { return std::find(m_columns.begin(), m_columns.end(), column) != m_columns.end(); }

    const CsvField *cell(const CsvRow &row, Column column) const
    {
        for (std::size_t i = 0; i < row.size() && i < m_columns.size(); ++i) {
            if (m_columns[i] == column && !trimmed(row[i].text).empty())
                return &row[i];
        }
        return nullptr;
    }

    std::string text(const CsvRow &row, Column column) const
    {
        const CsvField *field = cell(row, column);
        return field ? std::string(trimmed(field->text)) : std::string();
    }

    /// What a row says, or nothing with a note of what is wrong with it.
    void addRow(const CsvRow &row)
    {
        if (row.size() > m_columns.size()) {
            bad(row[m_columns.size()], "row", "this row has more cells than the header");
            return;
        }
        const CsvField &start = row.front();
        const std::string provider =
            m_options.provider.empty() ? providerNamed(text(row, Column::Provider)) : m_options.provider;
        const std::string baseUrl = has(Column::BaseUrl) ? text(row, Column::BaseUrl) : m_options.baseUrl;
        if (!isIdentifier(provider)) {
            bad(start, "provider", "a provider's name is expected: 1 to 64 of A-Z a-z 0-9 . _ -");
            return;
        }
        ImportedKey key;
        key.line = start.line;
        ModelEntry model{.model = {}, .limits = {}, .contextWindow = {}, .endpoints = {}};
        if (!readNumbers(row, key, model) || !readKey(row, provider, key))
            return;
        key.quotaGroup = text(row, Column::QuotaGroup);
        key.tags = listOf(text(row, Column::Tags));
        const std::vector<std::string> names = listOf(text(row, Column::Models));
        key.models = modelsNamed(names.empty() ? m_options.models : names);
        if (key.models.empty() && (model.priority != 1 || model.weight != 1)) {
            bad(start, key.keyId, "priority and weight need the names of the models");
            return;
        }
        for (ModelEntry &entry : key.models) {
            entry.priority = model.priority;
            entry.weight = model.weight;
        }
        place(provider, baseUrl, std::move(key), start);
    }

    bool readNumbers(const CsvRow &row, ImportedKey &key, ModelEntry &model)
    {
        key.limits = m_options.limits;
        const std::pair<Column, std::optional<std::int64_t> *> limits[] = {
            {Column::Rpm, &key.limits.rpm},
            {Column::Tpm, &key.limits.tpm},
            {Column::Rpd, &key.limits.rpd},
            {Column::MaxParallel, &key.limits.maxParallel}};
        for (const auto &[column, limit] : limits) {
            const CsvField *field = cell(row, column);
            std::int64_t value = 0;
            if (!field)
                continue;
            if (!readNumber<std::int64_t>(trimmed(field->text), 1,
                                          column == Column::MaxParallel ? 1'000'000 : 1'000'000'000'000, value))
                return bad(*field, nameOf(column), "a whole number from 1 is expected");
            *limit = value;
        }
        if (const CsvField *field = cell(row, Column::Priority))
            if (!readNumber(trimmed(field->text), 1, 1'000'000, model.priority))
                return bad(*field, "priority", "a whole number from 1 to 1000000 is expected");
        if (const CsvField *field = cell(row, Column::Weight))
            if (!readNumber(trimmed(field->text), 0.0, 1e9, model.weight))
                return bad(*field, "weight", "a number from 0 is expected");
        if (const CsvField *field = cell(row, Column::Enabled)) {
            const std::string word = keyIdOf(field->text);
            key.enabled = word == "true" || word == "1" || word == "yes" || word == "enabled";
            if (!key.enabled && word != "false" && word != "0" && word != "no" && word != "disabled")
                return bad(*field, "enabled", "true or false is expected");
        }
        return true;
    }

    bool readKey(const CsvRow &row, const std::string &provider, ImportedKey &key)
    {
        const CsvField *literal = cell(row, Column::ApiKey), *reference = cell(row, Column::Reference);
        const CsvField *wished = cell(row, Column::KeyId);
        if (!literal && !reference)
            return bad(row.front(), "api_key", "the key, or a reference to it, is missing");
        if (wished) {
            const std::string id(trimmed(wished->text));
            // It would be shown everywhere.
            if (withoutKeyShapes(id) != id)
                return bad(*wished, "key_id", "this looks like a key, which belongs into the column `api_key`");
            key.keyId = isIdentifier(id) ? id : keyIdOf(id);
        }
        if (reference) {
            key.reference = trimmed(reference->text);
            if (!parseSecretRef(key.reference))
                return bad(*reference, "reference", "a reference such as env:NAME or file:PATH is expected");
            if (!wished)
                key.keyId = keyIdOf(parseSecretRef(key.reference)->name);
            return true;
        }
        const std::string value(trimmed(literal->text));
        if (parseSecretRef(value)) {
            key.reference = value;
            if (!wished)
                key.keyId = keyIdOf(parseSecretRef(value)->name);
            return true;
        }
        if (!isOneWord(value))
            return bad(*literal, "api_key", "it holds spaces or control characters; a key is one word");
        if (!wished)
            key.keyId = keyIdOf(provider + "-key-" + std::to_string(++m_numbers[provider]));
        key.reference = m_names.referenceFor(value, key.keyId, key.line);
        return true;
    }

    /// A key that is there again brings more models; a different one with its id is a mistake.
    void place(const std::string &name, const std::string &baseUrl, ImportedKey key, const CsvField &start)
    {
        ImportedProvider &provider = providerOf(m_import, name, baseUrl);
        if (!baseUrl.empty() && !baseUrl.starts_with(provider.baseUrl.empty() ? "?" : provider.baseUrl)) {
            bad(start, name, "an earlier row gives this provider another base_url; two addresses are two providers");
            return;
        }
        const auto [place, first] = m_places.emplace(std::pair(name, key.reference), provider.keys.size());
        if (!first) {
            ImportedKey &known = provider.keys[place->second];
            for (ModelEntry &model : key.models) {
                if (std::any_of(known.models.begin(), known.models.end(),
                                [&](const ModelEntry &m) { return m.model == model.model; }))
                    continue;
                if (!(key.limits == known.limits))
                    model.limits = key.limits;
                known.models.push_back(std::move(model));
            }
            m_import.note(Kind::Skipped, start.line, key.keyId,
                          "the same key as in line " + std::to_string(known.line) + "; their models are joined",
                          ImportNote::Reason::SameKey);
            return;
        }
        if (const auto [same, fresh] = m_lines.emplace(key.keyId, start.line); !fresh) {
            m_places.erase(place);
            bad(start, key.keyId, "line " + std::to_string(same->second) + " has another key with this id");
            return;
        }
        if (key.models.empty() && provider.models.empty()) {
            provider.models = assumedModels(name);
            provider.modelsAssumed = true;
        }
        m_import.note(Kind::Mapped, start.line, key.keyId, "key of " + shownName(name));
        provider.keys.push_back(std::move(key));
    }

    static std::string nameOf(Column column)
    {
        return std::string(std::find_if(columnNames.begin(), columnNames.end(), [&](const ColumnName &name) {
                               return name.column == column;
                           })->name);
    }

    bool bad(const CsvField &at, const std::string &what, std::string message)
    {
        m_import.notes.push_back({Kind::Bad, at.line, shownName(what), std::move(message), at.column});
        return false;
    }

    const ImportOptions &m_options;
    PoolImport m_import;
    SecretNames m_names;
    std::vector<Column> m_columns;
    std::map<std::string, int> m_numbers;                                ///< of keys without an id, by provider
    std::map<std::string, int> m_lines;                                  ///< of ids
    std::map<std::pair<std::string, std::string>, std::size_t> m_places; ///< of references in their provider
};

} // namespace

Result<PoolImport> importCsv(std::string_view text, const ImportOptions &options)
{
    return importTable(readCsv(text), options);
}

Result<PoolImport> importTable(const CsvReading &table, const ImportOptions &options)
{
    return CsvImporter(options).take(table);
}

bool isTableColumn(std::string_view header)
{
    return columnNamed(headerName(header)) != Column::Unknown;
}

} // namespace keymux
