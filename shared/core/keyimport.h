// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/csvtext.h"
#include "core/jsontext.h"
#include "core/poolconfig.h"
#include "core/result.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keymux {

// What people have already (a LiteLLM config, variables, a table) as additions to a pool config. Reading and merging
// are pure; the one who calls reads and writes files.

struct ImportedKey {
    std::string keyId;     ///< wished for; merging makes it unique
    std::string reference; ///< empty where the provider takes no credential
    bool enabled = true;
    Limits limits;
    std::string quotaGroup;
    std::vector<std::string> tags;
    std::vector<ModelEntry> models; ///< empty: the provider's; no `endpoints` means their default
    int line = 0;                   ///< where it was found; 0: nowhere in particular
};

struct ImportedProvider {
    std::string name;
    std::string baseUrl; ///< empty: the default of its name
    std::optional<AuthStyle> auth;
    std::vector<NamedValue> headers;
    std::vector<ModelEntry> models; ///< of keys without models of their own
    bool modelsAssumed = false;     ///< nobody named them
    Limits limits;                  ///< of keys without limits of their own
    std::vector<ImportedKey> keys;
};

/// A literal secret that was found. Its value is for a secret store alone: never for a config, a report or a message.
struct FoundSecret {
    std::string name; ///< a file's or variable's name
    std::string value;
    std::string reference; ///< what stands for it in the config
    int line = 0;
};

struct ImportNote {
    /// `Check`: mapped by a choice that a person should look at.
    enum class Kind : std::uint8_t { Mapped, Check, NotMapped, Skipped, Bad };
    /// What `message` says, where others may want to say it in their own words.
    enum class Reason : std::uint8_t {
        Other,
        NotAKeysName, ///< of a variable; the message names a flag
        NobodysKey,   ///< its name does not say whose; the message names a flag
        Empty,
        NotOneWord,
        SameKey,
        NotAVariable,
        OpenQuotes,
        NameTwice
    };
    Kind kind = Kind::Mapped;
    int line = 0; ///< 0: none
    std::string what;
    std::string message; ///< a sentence without secrets
    int column = 0;
    Reason reason = Reason::Other;

    bool operator==(const ImportNote &) const = default;
};

struct PoolImport {
    std::vector<ImportedProvider> providers;
    std::vector<ModelRule> modelMap; ///< models as `provider/model`, or `*`
    std::vector<std::pair<std::string, std::vector<std::string>>> fallbacks;
    /// Numbers of `routing`: `max_attempts`, `cooldown.minute_s`, …
    std::vector<std::pair<std::string, std::string>> settings;
    std::vector<FoundSecret> secrets;
    std::vector<ImportNote> notes;

    void note(ImportNote::Kind kind, int line, std::string what, std::string message,
              ImportNote::Reason reason = ImportNote::Reason::Other);
    bool hasBad() const;
};

struct ImportOptions {
    std::string provider; ///< for everything; empty: by name or column
    std::string baseUrl;
    std::vector<std::string> models;
    Limits limits;
    std::string match; ///< a glob of variable names; empty: those that look like keys
    /// Variables that hold other keys already: no literal secret is given such a name.
    std::set<std::string> takenNames;
    std::string secretDir; ///< absolute: literal secrets are referred to as files there; empty: by placeholder
};

/// Takes the secrets out of an import: each gets one name, however often it is found.
class SecretNames {
public:
    SecretNames(const ImportOptions &options, PoolImport &import)
        : m_options(options), m_import(import), m_taken(options.takenNames)
    {
    }
    /// A variable that the source itself refers to.
    void take(const std::string &variable) { m_taken.insert(variable); }
    /// The reference that stands for a secret; `name` is made unique and fit for a variable.
    std::string referenceFor(const std::string &value, std::string_view name, int line);

private:
    const ImportOptions &m_options;
    PoolImport &m_import;
    std::map<std::string, std::string> m_byValue;
    std::set<std::string> m_taken;
};

/// `(NAME, value)`, as an environment or a `.env` file has them. `line` 0: from the environment.
struct Variable {
    std::string name, value;
    int line = 0;
};

/// Reads a `.env` file: `NAME=value`, `export`, quotes, comments. Lines that are none of it become bad notes.
std::vector<Variable> readEnvFile(std::string_view text, PoolImport &import);
/// Keys from variables, by their names' numbers. Values only end up in `secrets`, and only with a `secretDir`.
PoolImport importVariables(std::vector<Variable> variables, const ImportOptions &options, PoolImport import = {});

/// Keys from a table with a header row (RFC 4180; also with `;` or tabs). Error `csv_unreadable`; bad rows are notes.
Result<PoolImport> importCsv(std::string_view text, const ImportOptions &options);
/// The same of a table that is read already.
Result<PoolImport> importTable(const CsvReading &table, const ImportOptions &options);
/// Does a header's cell name a column that importCsv() understands?
bool isTableColumn(std::string_view header);

/// Keys, rules and fallbacks from LiteLLM's `config.yaml`. Error `not_litellm`.
Result<PoolImport> importLiteLlm(const JsonText &document, const ImportOptions &options);

struct MergedImport {
    std::string text; ///< the document
    int keysAdded = 0, providersAdded = 0, rulesAdded = 0;
};

/// Adds an import to the text of a valid document; comments and layout of what is there stay. Keys that are there
/// already, by id or reference, are skipped with a note, and secrets that nobody refers to are dropped. Errors:
/// `config_invalid` when `document` is not valid, `import_invalid` when the result would not be.
Result<MergedImport> mergeImport(std::string_view document, PoolImport &import, bool allowLiteralKeys);

} // namespace keymux
