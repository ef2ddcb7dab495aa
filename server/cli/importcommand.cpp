// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/importcommand.h"

#include "cli/importreport.h"
#include "cli/yamltext.h"
#include "core/poolconfigjson.h"
#include "core/secretref.h"
#include "secrets/privatefile.h"
#include "secrets/secret.h"
#include "store/poolfile.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <cerrno>
#include <cstring>
#include <iostream>
#include <sys/stat.h>
#include <unistd.h>

namespace keymux {

namespace {

constexpr std::size_t maxSource = 16 << 20;
constexpr const char *emptyPool = "{\n  \"providers\": {}\n}\n";

Result<std::string> readBounded(const std::string &path)
{
    std::string text;
    if (path == "-") {
        text.resize(maxSource + 1);
        std::cin.read(text.data(), std::streamsize(text.size()));
        text.resize(std::size_t(std::cin.gcount()));
    } else {
        QFile file(QString::fromStdString(path));
        if (!file.open(QIODevice::ReadOnly))
            return failure("unreadable", path + ": " + file.errorString().toStdString());
        text = file.read(qint64(maxSource) + 1).toStdString();
    }
    if (text.size() > maxSource)
        return failure("too_large", path + ": it is larger than 16 MiB");
    return text;
}

std::vector<Variable> environmentVariables()
{
    std::vector<Variable> variables;
    for (char **entry = environ; entry && *entry; ++entry) {
        const std::string_view text(*entry);
        if (const std::size_t equals = text.find('='); equals != std::string_view::npos)
            variables.push_back({std::string(text.substr(0, equals)), std::string(text.substr(equals + 1))});
    }
    return variables;
}

Result<PoolImport> readSource(ImportSource source, const ImportCommandOptions &command, const ImportOptions &options)
{
    if (source == ImportSource::Env && command.file.empty())
        return importVariables(environmentVariables(), options);
    auto text = readBounded(command.file);
    if (!text)
        return tl::unexpected(text.error());
    Result<PoolImport> import;
    if (source == ImportSource::Env) {
        PoolImport notes;
        std::vector<Variable> variables = readEnvFile(*text, notes);
        import = importVariables(std::move(variables), options, std::move(notes));
    } else if (source == ImportSource::Csv) {
        import = importCsv(*text, options);
    } else if (const auto document = readYamlText(*text)) {
        import = importLiteLlm(*document, options);
    } else {
        import = tl::unexpected(document.error());
    }
    wipe(*text);
    if (!import)
        return failure(import.error().code, command.file + ": " + import.error().message);
    return import;
}

/// The config to extend, or an empty one.
Result<std::string> readTarget(const std::string &into)
{
    if (into.empty() || !QFileInfo::exists(QString::fromStdString(into)))
        return std::string(emptyPool);
    return readBounded(into);
}

std::string absolute(const std::string &path)
{
    return path.empty() ? path
                        : QDir::cleanPath(QFileInfo(QString::fromStdString(path)).absoluteFilePath()).toStdString();
}

std::string fileOf(const FoundSecret &secret)
{
    return secret.reference.substr(std::string_view("file:").size());
}

/// The variables that a config refers to.
std::set<std::string> variablesOf(const std::string &config)
{
    std::set<std::string> names;
    const PoolConfigReading reading = readPoolConfig(config, {.allowLiteralKeys = true});
    for (const Provider &provider : reading.config.providers) {
        for (const KeyEntry &key : provider.keys) {
            const auto reference = parseSecretRef(key.apiKey);
            if (reference && reference->kind == SecretRef::Kind::Env)
                names.insert(reference->name);
        }
    }
    return names;
}

/// A file that is there with another secret is left alone: somebody may use it.
Result<void> checkSecretFile(const FoundSecret &secret)
{
    QFile file(QString::fromStdString(fileOf(secret)));
    if (!file.exists())
        return {};
    QByteArray bytes = file.open(QIODevice::ReadOnly) ? file.read(1 << 16).trimmed() : QByteArray();
    const bool same = Secret(bytes.toStdString()).equals(secret.value);
    bytes.fill('\0');
    if (!same)
        return failure("secret_exists", fileOf(secret) + " holds something else already; move it away, or name another "
                                                         "directory");
    return {};
}

Result<void> writeSecrets(const std::vector<FoundSecret> &secrets, const std::string &directory)
{
    if (!QFileInfo::exists(QString::fromStdString(directory)) && mkdir(directory.c_str(), 0700) != 0)
        return failure("unwritable", "cannot make " + directory + ": " + std::strerror(errno));
    for (const FoundSecret &secret : secrets) {
        if (auto written = writePrivateFile(fileOf(secret), secret.value + '\n'); !written)
            return written;
    }
    return {};
}

Result<void> writeTarget(const std::string &into, const std::string &text)
{
    auto replacement = PoolFileReplacement::prepare(into, text);
    return replacement ? replacement->commit() : tl::unexpected(replacement.error());
}

class ImportRun {
public:
    ImportRun(const ImportCommandOptions &options, std::string target, PoolImport import, std::ostream &out,
              std::ostream &err)
        : m_options(options), m_target(std::move(target)), m_import(std::move(import)), m_out(out), m_err(err)
    {
    }
    ~ImportRun()
    {
        for (FoundSecret &secret : m_import.secrets)
            wipe(secret.value);
    }
    ImportRun(const ImportRun &) = delete;
    ImportRun &operator=(const ImportRun &) = delete;

    int run()
    {
        if (m_import.hasBad() && !m_options.skipBad)
            return refuse("nothing was written; mend what is wrong, or leave it out with --skip-bad");
        if (!m_options.secretsDir.empty()) {
            for (const FoundSecret &secret : m_import.secrets)
                if (const auto usable = checkSecretFile(secret); !usable)
                    return refuse("nothing was written: " + usable.error().message);
        }
        auto merged = mergeImport(m_target, m_import, m_options.allowLiteralKeys);
        if (!merged && merged.error().code == "config_invalid")
            return refuse(m_options.into + " is not valid, see keymuxd check: " + merged.error().message);
        if (!merged)
            return refuse("nothing was written: " + merged.error().message);
        const bool changed = merged->text != m_target;
        if (!changed && merged->keysAdded == 0 && !found())
            return refuse("there is no key in it that could be taken");
        return write(*merged, changed);
    }

private:
    bool found() const
    {
        return std::any_of(m_import.notes.begin(), m_import.notes.end(),
                           [](const ImportNote &note) { return note.kind == ImportNote::Kind::Skipped; });
    }

    int write(const MergedImport &merged, bool changed)
    {
        ImportReport report{.import = m_import, .merged = &merged};
        if (!m_options.dryRun && !m_options.secretsDir.empty() && !m_import.secrets.empty()) {
            if (const auto written = writeSecrets(m_import.secrets, absolute(m_options.secretsDir)); !written)
                return refuse(written.error().message);
            report.secretsWritten = true;
        }
        if (!m_options.dryRun && !m_options.into.empty() && changed) {
            if (const auto written = writeTarget(m_options.into, merged.text); !written)
                return refuse(written.error().message);
            report.written = true;
        }
        if (m_options.json) {
            m_out << reportJson(report, m_options).dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
                  << '\n';
            return 0;
        }
        printReport(report, m_options, m_err);
        if (m_options.into.empty() || m_options.dryRun)
            m_out << merged.text;
        return 0;
    }

    int refuse(const std::string &why)
    {
        const ImportReport report{.import = m_import};
        if (m_options.json)
            m_out << reportJson(report, m_options).dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace)
                  << '\n';
        else
            printReport(report, m_options, m_err);
        m_err << "keymuxd: " << why << '\n';
        return 1;
    }

    const ImportCommandOptions &m_options;
    std::string m_target; ///< the text of the config that is extended
    PoolImport m_import;
    std::ostream &m_out, &m_err;
};

} // namespace

int importPool(ImportSource source, const ImportCommandOptions &options, std::ostream &out, std::ostream &err)
{
    if (source == ImportSource::Env && options.file.empty() && options.match.empty()) {
        err << "keymuxd: name a .env file, or variables of the environment with --match 'GEMINI_KEY_*'\n";
        return 2;
    }
    auto target = readTarget(options.into);
    if (!target) {
        err << "keymuxd: " << target.error().message << '\n';
        return 1;
    }
    auto import = readSource(source, options,
                             {.provider = options.provider,
                              .baseUrl = options.baseUrl,
                              .models = options.models,
                              .limits = options.limits,
                              .match = options.match,
                              .takenNames = variablesOf(*target),
                              .secretDir = absolute(options.secretsDir)});
    if (!import) {
        err << "keymuxd: " << import.error().message << '\n';
        return 1;
    }
    return ImportRun(options, std::move(*target), std::move(*import), out, err).run();
}

} // namespace keymux
