// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/configfields.h"
#include "core/keyimport.h"
#include "core/litellmmodels.h"
#include "core/matching.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

namespace keymux {

namespace {

using Kind = ImportNote::Kind;

/// Why a setting is not taken over.
struct Reason {
    std::string_view name, why;
};
constexpr std::array reasons{
    Reason{"master_key", "give it to the server itself: --admin-token-from env:NAME for operators, --virtual-key-from "
                         "env:NAME if clients hold it, too"},
    Reason{"database_url", "virtual keys and usage are kept in the state directory; keys of LiteLLM's database are "
                           "minted anew with `keymuxd key mint`"},
    Reason{"routing_strategy", "traffic always follows priority, then weight and the room that limits leave"},
    Reason{"redis_host", "one server needs none"},
    Reason{"redis_port", "one server needs none"},
    Reason{"redis_password", "one server needs none"},
    Reason{"redis_url", "one server needs none"},
    Reason{"drop_params", "needs nothing: a field that a provider refuses is left out by itself"},
    Reason{"enable_pre_call_checks", "needs nothing: limits are always held against a request first"},
    Reason{"retry_after", "needs nothing: the next candidate is tried at once"},
    Reason{"context_window_fallbacks", "give models a `context_window` and name larger ones in routing.fallbacks"},
    Reason{"content_policy_fallbacks", "a refusal by content policy is the client's to see"},
    Reason{"retry_policy", "retries follow from what the provider answered"},
    Reason{"allowed_fails_policy", "rests follow from what the provider answered"},
    Reason{"background_health_checks", "health is learned from the traffic"},
    Reason{"health_check_interval", "health is learned from the traffic"},
    Reason{"cache", "answers are not cached"},
    Reason{"cache_params", "answers are not cached"},
    Reason{"environment_variables", "set them in the server's environment, by its unit, container or .env file"},
    Reason{"include", "import each of these files by itself, with --into"},
    Reason{"set_verbose", "see --log-level"},
    Reason{"callbacks", "see GET /metrics and the admin API"},
    Reason{"success_callback", "see GET /metrics and the admin API"},
    Reason{"failure_callback", "see GET /metrics and the admin API"},
};

std::string_view bareName(std::string_view target)
{
    return target.substr(target.find('/') + 1);
}

void addMissing(std::vector<std::string> &list, const std::vector<std::string> &more)
{
    for (const std::string &item : more) {
        if (std::find(list.begin(), list.end(), item) == list.end())
            list.push_back(item);
    }
}

class LiteLlmImporter {
public:
    LiteLlmImporter(const JsonText &document, const ImportOptions &options) : m_document(document), m_options(options)
    {
    }

    PoolImport take()
    {
        m_groups = LiteLlmModels(m_document, m_options, m_import).read();
        for (ImportedProvider &provider : m_import.providers)
            simplify(provider);
        for (const auto &[name, targets] : m_groups)
            addName(name, targets);
        for (const std::string_view section : {"router_settings", "litellm_settings", "general_settings"})
            if (const JsonText *node = m_document.find(section))
                readSettings(*node, std::string(section));
        for (const JsonText::Member &member : m_document.members)
            reportSection(member);
        applyDefaultFallbacks();
        sortRules();
        return std::move(m_import);
    }

private:
    /// Limits that all models of a key share are the key's: they count for each of its models.
    void simplify(ImportedProvider &provider)
    {
        for (ImportedKey &key : provider.keys) {
            for (const ModelEntry &model : key.models) {
                m_bare.insert(model.model);
                m_full.insert(provider.name + '/' + model.model);
            }
            const Limits shared = key.models.front().limits;
            if (std::all_of(key.models.begin(), key.models.end(),
                            [&](const ModelEntry &model) { return model.limits == shared; })) {
                key.limits = shared;
                for (ModelEntry &model : key.models)
                    model.limits = {};
            }
        }
    }

    bool isDirect(const std::string &name) const { return m_bare.contains(name) || m_full.contains(name); }

    void addName(const std::string &name, const std::vector<std::string> &targets)
    {
        if (targets.size() > 1)
            m_import.note(Kind::Check, 0, "model " + shownName(name),
                          std::to_string(targets.size()) + " models, tried in this order; LiteLLM spreads over them");
        if (!isDirect(name)) {
            ruleFor(name) = targets;
            return;
        }
        // A name of the pool is direct: what else LiteLLM had under it becomes its fallbacks.
        std::vector<std::string> others;
        std::copy_if(targets.begin(), targets.end(), std::back_inserter(others),
                     [&](const std::string &target) { return bareName(target) != name && target != name; });
        if (!others.empty())
            addMissing(fallbacksOf(name), others);
    }

    std::vector<std::string> &ruleFor(const std::string &name)
    {
        for (ModelRule &rule : m_import.modelMap) {
            if (rule.match == name)
                return rule.models;
        }
        return m_import.modelMap.emplace_back(ModelRule{name, {}}).models;
    }

    std::vector<std::string> &fallbacksOf(const std::string &name)
    {
        for (auto &[known, models] : m_import.fallbacks) {
            if (known == name)
                return models;
        }
        return m_import.fallbacks.emplace_back(name, std::vector<std::string>()).second;
    }

    /// The models behind a name of LiteLLM's; empty when there are none.
    std::vector<std::string> modelsOf(const std::string &name) const
    {
        for (const auto &[known, targets] : m_groups) {
            if (known == name)
                return targets;
        }
        return isDirect(name) ? std::vector<std::string>{name} : std::vector<std::string>{};
    }

    std::vector<std::string> modelsOf(const JsonText &names, const std::string &what)
    {
        std::vector<std::string> models;
        for (const JsonText &item : names.items) {
            const std::vector<std::string> more = modelsOf(item.text);
            if (more.empty())
                m_import.note(Kind::NotMapped, item.line, what,
                              "no model of the import is called " + shownName(item.text));
            addMissing(models, more);
        }
        return models;
    }

    void readSettings(const JsonText &section, const std::string &path)
    {
        for (const JsonText::Member &member : section.members) {
            const std::string what = path + '.' + shownName(member.name);
            if (path == "general_settings" || !readSetting(member, what))
                notMapped(member, what);
        }
    }

    bool readSetting(const JsonText::Member &member, const std::string &what)
    {
        if (member.name == "fallbacks")
            readFallbacks(member.value, what);
        else if (member.name == "default_fallbacks")
            m_defaults = modelsOf(member.value, what);
        else if (member.name == "model_group_alias")
            readAliases(member.value, what);
        else if (member.name == "num_retries")
            number(member, what, "max_attempts", 1, 1, 1000);
        else if (member.name == "allowed_fails")
            number(member, what, "cooldown.failures", 1, 1, 1000);
        else if (member.name == "timeout" || member.name == "request_timeout")
            number(member, what, "deadline_ms", 0, 1000, 2'592'000'000, 1000);
        else if (member.name == "cooldown_time")
            return number(member, what, "cooldown.minute_s", 0, 0.001, 86400 * 366.0) &&
                   number(member, what, "cooldown.overload_s", 0, 0.001, 86400 * 366.0);
        else
            return false;
        return true;
    }

    /// `value * factor + more` as a number of `routing`.
    bool number(const JsonText::Member &member, const std::string &what, const std::string &setting, double more,
                double min, double max, double factor = 1)
    {
        double value = 0;
        const std::string &text = member.value.text;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        value = value * factor + more;
        if (error != std::errc() || end != text.data() + text.size() || !(value >= min && value <= max)) {
            m_import.note(Kind::NotMapped, member.line, what, "its value cannot be used for routing." + setting);
            return true;
        }
        const bool known = std::any_of(m_import.settings.begin(), m_import.settings.end(),
                                       [&](const auto &set) { return set.first == setting; });
        if (!known) {
            std::array<char, 32> buffer{};
            const bool whole = value == std::floor(value) || factor != 1;
            const auto printed = whole ? std::to_chars(buffer.data(), buffer.data() + 32, std::int64_t(value))
                                       : std::to_chars(buffer.data(), buffer.data() + 32, value);
            m_import.settings.emplace_back(setting, std::string(buffer.data(), printed.ptr));
            m_import.note(Kind::Mapped, member.line, what, "routing." + setting);
        }
        return true;
    }

    void readFallbacks(const JsonText &list, const std::string &what)
    {
        for (const JsonText &item : list.items) {
            for (const JsonText::Member &member : item.members) {
                const std::vector<std::string> models = modelsOf(member.value, what);
                if (member.name == "*") {
                    addMissing(m_defaults, models);
                } else if (modelsOf(member.name).empty()) {
                    m_import.note(Kind::NotMapped, member.line, what,
                                  "no model of the import is called " + shownName(member.name));
                } else {
                    addFallbacks(member.name, models);
                    m_import.note(Kind::Mapped, member.line, what, "fallbacks of " + shownName(member.name));
                }
            }
        }
    }

    void addFallbacks(const std::string &name, const std::vector<std::string> &models)
    {
        m_withFallbacks.insert(name);
        addMissing(isDirect(name) ? fallbacksOf(name) : ruleFor(name), models);
    }

    void readAliases(const JsonText &aliases, const std::string &what)
    {
        for (const JsonText::Member &member : aliases.members) {
            const std::string name =
                member.value.kind == JsonText::Kind::Object ? textAt(member.value, "model") : member.value.text;
            const std::vector<std::string> models = modelsOf(name);
            const bool usable = !models.empty() && !isDirect(member.name);
            if (usable)
                addMissing(ruleFor(member.name), models);
            m_import.note(usable ? Kind::Mapped : Kind::NotMapped, member.line, what + '.' + shownName(member.name),
                          usable           ? "a rule of routing.model_map"
                          : models.empty() ? "no model of the import is called " + shownName(name)
                                           : "a model of the pool has this name, and is always served by it");
        }
    }

    void applyDefaultFallbacks()
    {
        if (m_defaults.empty())
            return;
        for (const auto &[name, targets] : m_groups) {
            if (!m_withFallbacks.contains(name) && !isGlob(name))
                addFallbacks(name, m_defaults);
        }
        addMissing(ruleFor("*"), m_defaults);
        m_import.note(Kind::Mapped, 0, "default_fallbacks", "fallbacks of every name, and the rule for all others");
    }

    /// The first match wins, and LiteLLM takes the longest pattern first.
    void sortRules()
    {
        std::stable_sort(m_import.modelMap.begin(), m_import.modelMap.end(),
                         [](const ModelRule &a, const ModelRule &b) {
                             const bool left = isGlob(a.match), right = isGlob(b.match);
                             return left != right ? right : left && a.match.size() > b.match.size();
                         });
        std::erase_if(m_import.modelMap, [](const ModelRule &rule) { return rule.models.empty(); });
        std::erase_if(m_import.fallbacks, [](const auto &entry) { return entry.second.empty(); });
    }

    void reportSection(const JsonText::Member &member)
    {
        constexpr std::array known{std::string_view("model_list"), std::string_view("router_settings"),
                                   std::string_view("litellm_settings"), std::string_view("general_settings"),
                                   std::string_view("credential_list")};
        // `x-…` is where anchors are kept.
        if (!member.name.starts_with("x-") && std::find(known.begin(), known.end(), member.name) == known.end())
            notMapped(member, shownName(member.name));
    }

    void notMapped(const JsonText::Member &member, const std::string &what)
    {
        const auto reason =
            std::find_if(reasons.begin(), reasons.end(), [&](const Reason &r) { return r.name == member.name; });
        m_import.note(Kind::NotMapped, member.line, what,
                      reason == reasons.end() ? "a pool has nothing like it" : std::string(reason->why));
    }

    const JsonText &m_document;
    const ImportOptions &m_options;
    PoolImport m_import;
    LiteLlmGroups m_groups;
    std::set<std::string> m_bare, m_full, m_withFallbacks;
    std::vector<std::string> m_defaults;
};

} // namespace

Result<PoolImport> importLiteLlm(const JsonText &document, const ImportOptions &options)
{
    const JsonText *list = document.find("model_list");
    if (document.kind != JsonText::Kind::Object || !list || list->kind != JsonText::Kind::Array)
        return failure("not_litellm", "this is no config of LiteLLM's proxy: it has no list `model_list`");
    return LiteLlmImporter(document, options).take();
}

} // namespace keymux
