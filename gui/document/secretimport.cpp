// SPDX-License-Identifier: GPL-3.0-or-later
#include "document/secretimport.h"

#include "secrets/secret.h"

#include <QCoreApplication>
#include <QCryptographicHash>
#include <algorithm>
#include <map>

using namespace Qt::StringLiterals;

namespace keymux::gui {

namespace {

constexpr qsizetype textBound = 4 << 20;
/// Where the core's import believes the secrets to lie; never a real folder.
const std::string stand = "/keymux-import";
const std::string standPrefix = "file:" + stand + "/";

/// The words of this file, so that they are found for translation.
class ImportText {
    Q_DECLARE_TR_FUNCTIONS(ImportText)
};

/// Why something is left out, in the desktop's words: it has no flags.
QString reasonOf(const ImportNote &note)
{
    using Reason = ImportNote::Reason;
    switch (note.reason) {
    case Reason::NotAKeysName:
        return ImportText::tr("its name does not say that it holds a key; choose the provider to take all");
    case Reason::NobodysKey:
        return ImportText::tr("its name does not say whose key it holds; choose the provider");
    case Reason::Empty:
        return ImportText::tr("it is empty");
    case Reason::NotOneWord:
        return ImportText::tr("it holds spaces or control characters; a key is one word");
    case Reason::SameKey:
        return ImportText::tr("it holds the same key as another line");
    case Reason::NotAVariable:
        return ImportText::tr("NAME=key is expected");
    case Reason::OpenQuotes:
        return ImportText::tr("its quotes do not end where the line ends");
    case Reason::NameTwice:
        return ImportText::tr("this name is there twice; keep one");
    case Reason::Other:
        break;
    }
    return QString::fromStdString(note.message);
}

QString toldOf(const ImportNote &note)
{
    const QString what = QString::fromStdString(note.what), why = reasonOf(note);
    if (note.line == 0)
        return what + u": "_s + why;
    return note.reason == ImportNote::Reason::NotAVariable
               ? ImportText::tr("Line %1: %2").arg(note.line).arg(why)
               : ImportText::tr("Line %1, %2: %3").arg(note.line).arg(what, why);
}

bool looksLikeVariables(const QByteArray &text)
{
    for (const QByteArray &line : text.split('\n')) {
        const QByteArray plain = line.trimmed();
        if (plain.isEmpty() || plain.startsWith('#'))
            continue;
        const qsizetype equals = plain.indexOf('=');
        // `=` at the end of a bare key is padding.
        return equals > 0 && equals < plain.size() - 2;
    }
    return false;
}

/// `{"NAME": "value"}`, or a list of objects with a name and a value.
std::vector<Variable> variablesInJson(const QByteArray &text, PoolImport &import)
{
    std::vector<Variable> variables;
    const Json document = Json::parse(text.toStdString(), nullptr, false);
    if (document.is_object()) {
        for (const auto &[name, value] : document.items()) {
            if (value.is_string())
                variables.push_back({name, value.get<std::string>(), 1});
            else
                import.note(ImportNote::Kind::NotMapped, 0, name, ImportText::tr("a text is expected").toStdString());
        }
    } else if (document.is_array()) {
        int n = 0;
        for (const Json &item : document) {
            ++n;
            const auto member = [&](std::initializer_list<const char *> names) {
                for (const char *name : names) {
                    if (item.is_object() && item.contains(name) && item[name].is_string())
                        return item[name].get<std::string>();
                }
                return std::string();
            };
            std::string value =
                item.is_string() ? item.get<std::string>() : member({"api_key", "key", "value", "secret"});
            std::string name = member({"name", "key_id", "id"});
            if (value.empty())
                import.note(ImportNote::Kind::Bad, 0, ImportText::tr("Item %1").arg(n).toStdString(),
                            ImportText::tr("it has no `api_key`").toStdString());
            else
                variables.push_back({name.empty() ? "KEY_" + std::to_string(n) : name, std::move(value), n});
        }
    }
    return variables;
}

std::vector<Variable> bareKeys(const QByteArray &text, const QString &provider)
{
    std::vector<Variable> variables;
    const std::string stem = provider.toUpper().toStdString() + "_KEY_";
    int line = 0, n = 0;
    for (const QByteArray &raw : text.split('\n')) {
        ++line;
        const QByteArray plain = raw.trimmed();
        if (!plain.isEmpty() && !plain.startsWith('#'))
            variables.push_back({stem + std::to_string(++n), plain.toStdString(), line});
    }
    return variables;
}

/// The table's columns as the person mapped them, or as they seem to be meant.
Result<PoolImport> readTable(SecretImport &result, const SecretImportOptions &options, const ImportOptions &core)
{
    const CsvTable &table = *result.table;
    result.mapping = options.mapping ? *options.mapping : table.guess(table.looksLikeHeader());
    if (const QString problem = table.problem(result.mapping, options.provider); !problem.isEmpty())
        return tl::unexpected(Error{"import_unreadable", problem.toStdString()});
    CsvTable::Mapped mapped = table.mapped(result.mapping, options.provider);
    result.notes = mapped.notes;
    for (const CsvTable::Skipped &line : std::as_const(mapped.skipped))
        result.rows.append({line.name, line.provider, {}, line.why});
    Result<PoolImport> import = importTable(mapped.table, core);
    for (CsvRow &row : mapped.table.rows) {
        for (CsvField &field : row)
            wipe(field.text);
    }
    return import;
}

Result<PoolImport> readAny(SecretImport &result, const QByteArray &text, const SecretImportOptions &options,
                           ImportOptions core)
{
    const QByteArray plain = text.trimmed();
    PoolImport import;
    core.match = options.provider.isEmpty() ? std::string() : "*";
    if (plain.startsWith('{') || plain.startsWith('[')) {
        std::vector<Variable> variables = variablesInJson(plain, import);
        if (variables.empty())
            return tl::unexpected(
                Error{"import_unreadable", ImportText::tr("There are no keys in this JSON.").toStdString()});
        return importVariables(std::move(variables), core, std::move(import));
    }
    result.table = CsvTable::detect(plain);
    if (result.table)
        return readTable(result, options, core);
    if (looksLikeVariables(plain)) {
        std::vector<Variable> variables = readEnvFile(text.toStdString(), import);
        return importVariables(std::move(variables), core, std::move(import));
    }
    if (options.provider.isEmpty())
        return tl::unexpected(Error{"import_unreadable",
                                    ImportText::tr("These keys have no names: choose whose they are.").toStdString()});
    return importVariables(bareKeys(text, options.provider), core, std::move(import));
}

/// Drops secrets that another key has already, and says so.
void dropKnown(SecretImport &result, const SecretImportOptions &options)
{
    std::map<std::string, QString> known;
    for (const FoundSecret &secret : result.import.secrets) {
        const QByteArray digest =
            QCryptographicHash::hash(QByteArray::fromStdString(secret.value), QCryptographicHash::Sha256);
        if (const auto it = options.knownKeys.constFind(digest); it != options.knownKeys.constEnd())
            known.emplace(secret.reference, *it);
    }
    for (ImportedProvider &provider : result.import.providers) {
        std::erase_if(provider.keys, [&](const ImportedKey &key) {
            const auto it = known.find(key.reference);
            if (it == known.end())
                return false;
            result.rows.append({QString::fromStdString(key.keyId),
                                QString::fromStdString(provider.name),
                                {},
                                ImportText::tr("%1 has this secret already").arg(it->second)});
            return true;
        });
    }
    std::erase_if(result.import.secrets, [&](const FoundSecret &secret) { return known.count(secret.reference) != 0; });
}

void rename(std::string &reference, const std::string &scheme)
{
    if (reference.starts_with(standPrefix))
        reference = scheme + reference.substr(standPrefix.size());
}

} // namespace

int SecretImport::taken() const
{
    return int(std::count_if(rows.begin(), rows.end(), [](const Row &row) { return row.problem.isEmpty(); }));
}

void SecretImport::forget()
{
    for (FoundSecret &secret : import.secrets)
        wipe(secret.value);
    import = {};
    rows.clear();
    if (table)
        table->forget();
    table.reset();
}

SecretImport readSecrets(const QByteArray &text, const SecretImportOptions &options)
{
    SecretImport result;
    if (text.size() > textBound) {
        result.problem = ImportText::tr("This is larger than 4 MiB; it cannot be a list of keys.");
        return result;
    }
    ImportOptions core;
    core.provider = options.provider.toStdString();
    core.secretDir = stand;
    for (const QString &model : options.models)
        core.models.push_back(model.toStdString());
    Result<PoolImport> read = readAny(result, text, options, core);
    if (!read) {
        result.problem = QString::fromStdString(read.error().message);
        return result;
    }
    result.import = std::move(*read);
    dropKnown(result, options);
    const std::string scheme = options.scheme.toStdString();
    std::map<std::string, QString> masked;
    for (FoundSecret &secret : result.import.secrets) {
        rename(secret.reference, scheme);
        masked.emplace(secret.reference, QString::fromStdString(Secret(secret.value).masked()));
    }
    for (ImportedProvider &provider : result.import.providers) {
        for (ImportedKey &key : provider.keys) {
            rename(key.reference, scheme);
            result.rows.append(
                {QString::fromStdString(key.keyId), QString::fromStdString(provider.name), masked[key.reference], {}});
        }
    }
    std::stable_sort(result.import.notes.begin(), result.import.notes.end(),
                     [](const ImportNote &a, const ImportNote &b) { return a.line < b.line; });
    for (const ImportNote &note : result.import.notes) {
        if (note.kind != ImportNote::Kind::Mapped)
            result.notes.append(toldOf(note));
    }
    return result;
}

Result<MergedImport> addedTo(const Json &document, SecretImport &secrets)
{
    // Secrets that nobody refers to are dropped by the merge; what stands for a literal one stays as it is.
    return mergeImport(document.dump(2), secrets.import, true);
}

} // namespace keymux::gui
