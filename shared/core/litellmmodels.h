// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/keyimport.h"
#include "core/litellmproviders.h"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace keymux {

/// A string, a number or a boolean as text; empty for everything else and where there is nothing.
std::string textAt(const JsonText &node, std::string_view name);

/// The names that LiteLLM's clients ask for, each with its models as `provider/model`, in the order they are tried.
using LiteLlmGroups = std::vector<std::pair<std::string, std::vector<std::string>>>;

/// Reads `model_list`: keys and models go into the import.
class LiteLlmModels {
public:
    LiteLlmModels(const JsonText &document, const ImportOptions &options, PoolImport &import);
    LiteLlmGroups read();

private:
    struct Entry;
    void takeVariables(const JsonText &node);
    void readEntry(const JsonText &node, std::size_t index);
    void readDeployment(Entry &entry);
    bool readMode(const Entry &entry, ModelEntry &model);
    void readLimits(const Entry &entry, ModelEntry &model);
    std::string referenceOf(const Entry &entry, LiteLlmTarget &target);
    ImportedKey &keyOf(ImportedProvider &provider, const Entry &entry, const LiteLlmTarget &target,
                       const std::string &reference);
    void addModel(const Entry &entry, const LiteLlmTarget &target, ModelEntry model, const std::string &reference);
    void reportParameters(const JsonText &parameters);
    void joinGroup(const std::string &name, const std::string &target, int priority);

    const JsonText &m_document;
    const ImportOptions &m_options;
    PoolImport &m_import;
    SecretNames m_names;
    struct Member {
        std::string target;
        int priority;
    };
    std::vector<std::pair<std::string, std::vector<Member>>> m_groups;
    std::map<std::string, std::size_t> m_groupAt;
    std::map<std::pair<std::string, std::string>, std::size_t> m_keyAt; ///< provider and reference
    std::set<std::string> m_ids, m_told;
};

} // namespace keymux
