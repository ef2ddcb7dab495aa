// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/importreport.h"

#include "core/jsonprint.h"

#include <ostream>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;
using Kind = ImportNote::Kind;

std::string placeOf(const ImportNote &note)
{
    if (note.line == 0)
        return {};
    return "line " + std::to_string(note.line) + (note.column > 0 ? ", column " + std::to_string(note.column) : "") +
           ": ";
}

/// The notes of one kind under a heading, of very many the first.
void printNotes(const PoolImport &import, Kind kind, const char *heading, std::size_t most, std::ostream &err)
{
    std::size_t count = 0;
    for (const ImportNote &note : import.notes) {
        if (note.kind != kind)
            continue;
        if (count == 0)
            err << heading << ":\n";
        if (++count <= most)
            err << "  " << placeOf(note) << note.what << ": " << note.message << '\n';
    }
    if (count > most)
        err << "  … " << count - most << " more (all with --json)\n";
}

void printSecrets(const ImportReport &report, const ImportCommandOptions &options, std::ostream &err)
{
    const std::vector<FoundSecret> &secrets = report.import.secrets;
    if (secrets.empty() || !report.merged)
        return;
    constexpr std::size_t most = 20;
    err << "secrets, which are not in the config:\n";
    for (std::size_t i = 0; i < secrets.size() && i < most; ++i) {
        err << "  " << secrets[i].name << ": ";
        if (options.secretsDir.empty())
            err << "put this key into the environment variable " << secrets[i].name
                << ", or into a file of that name in secrets.dir\n";
        else
            err << (report.secretsWritten ? "written to " : "would be written to ") << secrets[i].reference.substr(5)
                << '\n';
    }
    if (secrets.size() > most)
        err << "  … " << secrets.size() - most << " more\n";
    if (options.secretsDir.empty())
        err << "  With --secrets-dir DIR they are written to files that the config refers to.\n";
}

std::string counted(int count, const char *one, const char *many)
{
    return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

} // namespace

void printReport(const ImportReport &report, const ImportCommandOptions &options, std::ostream &err)
{
    printNotes(report.import, Kind::Mapped, "mapped", 20, err);
    printNotes(report.import, Kind::Check, "to look at", 200, err);
    printNotes(report.import, Kind::Skipped, "skipped", 20, err);
    printNotes(report.import, Kind::NotMapped, "not mapped", 200, err);
    printNotes(report.import, Kind::Bad, "wrong", 200, err);
    printSecrets(report, options, err);
    if (!report.merged)
        return;
    err << "keymuxd: " << counted(report.merged->keysAdded, "key", "keys") << ", "
        << counted(report.merged->providersAdded, "new provider", "new providers") << ", "
        << counted(report.merged->rulesAdded, "new rule", "new rules");
    if (options.dryRun)
        err << "; nothing was written (--dry-run)\n";
    else if (report.written)
        err << "; written to " << options.into << '\n';
    else
        err << (options.into.empty() ? "\n" : "; " + options.into + " stays as it is\n");
}

Json reportJson(const ImportReport &report, const ImportCommandOptions &options)
{
    const auto notes = [&](Kind kind) {
        Json list = Json::array();
        for (const ImportNote &note : report.import.notes) {
            if (note.kind == kind)
                list.push_back({{"line", note.line > 0 ? Json(note.line) : Json(nullptr)},
                                {"column", note.column > 0 ? Json(note.column) : Json(nullptr)},
                                {"what", note.what},
                                {"message", note.message}});
        }
        return list;
    };
    Json secrets = Json::array();
    for (const FoundSecret &secret : report.import.secrets)
        secrets.push_back({{"name", secret.name}, {"reference", secret.reference}});
    Json document{{"written", report.written ? Json(options.into) : Json(nullptr)},
                  {"secrets_written", report.secretsWritten},
                  {"keys_added", report.merged ? report.merged->keysAdded : 0},
                  {"providers_added", report.merged ? report.merged->providersAdded : 0},
                  {"rules_added", report.merged ? report.merged->rulesAdded : 0},
                  {"mapped", notes(Kind::Mapped)},
                  {"to_check", notes(Kind::Check)},
                  {"skipped", notes(Kind::Skipped)},
                  {"not_mapped", notes(Kind::NotMapped)},
                  {"wrong", notes(Kind::Bad)},
                  {"secrets", std::move(secrets)}};
    if (const JsonReading config = readJsonText(report.merged ? report.merged->text : ""); config.value)
        document["config"] = Json::parse(printJson(*config.value), nullptr, false);
    return document;
}

} // namespace keymux
