// SPDX-License-Identifier: GPL-3.0-or-later
// Any variables, table or LiteLLM document: a pool config that is valid and holds no secret, or a reason.
#include "core/csvtext.h"
#include "core/keyimport.h"
#include "core/poolconfigjson.h"
#include "core/secretref.h"
#include "fuzz.h"

using namespace keymux;
using fuzz::must;

namespace {

constexpr std::string_view targets[] = {
    "{\"providers\": {}}",
    "{ // ours\n \"providers\": {\"gemini\": {\"models\": [{\"model\": \"m\"}], \"keys\": [ /* none */ ]},\n"
    "\"openai\": {\"base_url\": \"http://h/v1\", \"keys\": [{\"key_id\": \"a\", \"api_key\": \"env:A\", "
    "\"priority_models\": [{\"model\": \"x\"}]},] } },\n \"routing\": {\"model_map\": [{\"match\": \"*\", "
    "\"models\": [\"*\"]}], \"fallbacks\": {}, \"cooldown\": {}}}"};

void check(PoolImport import, std::string_view target)
{
    for (const FoundSecret &secret : import.secrets)
        must(!secret.name.empty() && !secret.value.empty() && parseSecretRef(secret.reference).has_value(),
             "a reference stands for a secret");
    for (const ImportedProvider &provider : import.providers)
        for (const ImportedKey &key : provider.keys)
            must(key.reference.empty() || parseSecretRef(key.reference).has_value(), "a key is a reference");
    const auto merged = mergeImport(target, import, false);
    if (!merged) {
        must(merged.error().code == "import_invalid", "the config that is extended is valid");
        return;
    }
    must(readPoolConfig(merged->text).valid(), "what comes out is valid");
    must(merged->keysAdded >= 0 && merged->text.size() >= target.size(), "nothing is taken away");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    fuzz::Input input(data, size);
    const unsigned choice = input.byte();
    const std::string_view text = input.text();
    const std::string_view target = targets[choice % 2];
    ImportOptions options;
    if (choice & 2)
        options.secretDir = "/s";
    if (choice & 4)
        options.models = {"m1"};
    if (choice & 8)
        options.provider = "gemini";

    PoolImport notes;
    auto variables = readEnvFile(text, notes);
    for (const Variable &variable : variables)
        must(!variable.name.empty() && variable.line > 0, "a variable has a name and a line");
    check(importVariables(std::move(variables), options, std::move(notes)), target);

    for (const CsvRow &row : readCsv(text).rows)
        must(!row.empty() && row.size() <= 64, "rows have cells, and not too many");
    if (auto import = importCsv(text, options))
        check(std::move(*import), target);

    const JsonReading json = readJsonText(text);
    if (!json.value)
        return 0;
    if (auto import = importLiteLlm(*json.value, options))
        check(std::move(*import), target);
    return 0;
}
