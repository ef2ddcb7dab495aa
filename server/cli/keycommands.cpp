// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/keycommands.h"

#include "cli/keybackend.h"
#include "cli/table.h"
#include "store/virtualkeyjson.h"

#include <cstdio>
#include <ostream>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

int failed(std::ostream &err, const Error &error)
{
    err << "keymuxd: " << error.message << '\n';
    return error.code == "usage" ? 2 : 1;
}

Result<std::unique_ptr<KeyBackend>> backendOf(const KeyCommandOptions &options, TimePoint now, bool create = false)
{
    if (!options.server.empty())
        return KeyBackend::onServer(options.state, options.server, options.tokenFile);
    return KeyBackend::onState(options.state, create, now);
}

std::string dumped(const Json &json)
{
    return json.dump(2, ' ', false, Json::error_handler_t::replace);
}

/// The member as text; `otherwise` for null and what is not there.
std::string text(const Json &json, const char *name, const char *otherwise = "")
{
    if (!json.contains(name) || json[name].is_null())
        return otherwise;
    return json[name].is_string() ? json[name].get<std::string>() : json[name].dump();
}

std::string joined(const Json &key)
{
    std::string all;
    for (const Json &model : key.value("models", Json::array()))
        all += (all.empty() ? "" : ", ") + (model.is_string() ? model.get<std::string>() : model.dump());
    return all.empty() ? "all" : all;
}

std::string budgetText(const Json &key)
{
    const Json budget = key.value("budget", Json());
    if (!budget.is_object())
        return "none";
    return text(budget, "amount") + ' ' + text(budget, "unit") + '/' + text(budget, "period");
}

std::string limitsText(const Json &key)
{
    std::string all;
    const auto add = [&](const char *label, const std::string &value) {
        if (!value.empty())
            all += (all.empty() ? "" : ", ") + std::string(label) + value;
    };
    add("rpm ", text(key, "rpm_limit"));
    add("tpm ", text(key, "tpm_limit"));
    add("parallel ", text(key, "max_parallel"));
    if (const std::string budget = budgetText(key); budget != "none")
        add("", budget);
    return all.empty() ? "none" : all;
}

std::string spendText(const Json &spend)
{
    if (!spend.is_object())
        return "-";
    char cost[32];
    std::snprintf(cost, sizeof cost, "%.4f", spend.value("cost_usd", 0.0));
    return text(spend, "requests", "0") + " requests, " + text(spend, "tokens", "0") + " tokens, " + cost + " usd";
}

void printKey(std::ostream &out, const Json &key)
{
    const Json spend = key.value("spend", Json());
    const bool spends = spend.is_object();
    printTable(out, {{"id", text(key, "id")},
                     {"name", text(key, "name")},
                     {"key", "…" + text(key, "hint")},
                     {"status", text(key, "status")},
                     {"models", joined(key)},
                     {"rpm_limit", text(key, "rpm_limit", "none")},
                     {"tpm_limit", text(key, "tpm_limit", "none")},
                     {"max_parallel", text(key, "max_parallel", "none")},
                     {"budget", budgetText(key)},
                     {"spent", spendText(spend)},
                     {"budget_resets", spends ? text(spend, "resets_at", "never") : "-"},
                     {"spent_in_total", spendText(spends ? spend.value("total", Json()) : Json())},
                     {"metadata", text(key, "metadata")},
                     {"expose_route", text(key, "expose_route") == "true" ? "yes" : "no"},
                     {"created", text(key, "created_at")},
                     {"expires", text(key, "expires_at", "never")},
                     {"last_used", text(key, "last_used_at", "never")},
                     {"old_key_until", text(key, "old_key_until", "-")},
                     {"revoked", text(key, "revoked_at", "no")}});
}

int printNewText(const KeyCommandOptions &options, const Json &key, const char *done, std::ostream &out,
                 std::ostream &err)
{
    if (options.json) {
        out << dumped(key) << '\n';
    } else {
        out << text(key, "key") << '\n';
        err << done << ' ' << text(key, "id") << " (" << text(key, "name")
            << "); this is the only time the key is shown\n";
    }
    out.flush();
    return 0;
}

} // namespace

int mintKey(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err)
{
    const auto fields = fieldsOf(options, now);
    if (!fields)
        return failed(err, fields.error());
    auto backend = backendOf(options, now, true);
    if (!backend)
        return failed(err, backend.error());
    const auto key = (*backend)->mint(*fields);
    return key ? printNewText(options, *key, "minted", out, err) : failed(err, key.error());
}

int listKeys(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err)
{
    auto backend = backendOf(options, now);
    if (!backend)
        return failed(err, backend.error());
    const auto keys = (*backend)->list();
    if (!keys)
        return failed(err, keys.error());
    if (options.json) {
        out << dumped(*keys) << '\n';
        return 0;
    }
    std::vector<std::vector<std::string>> rows{
        {"ID", "NAME", "KEY", "STATUS", "MODELS", "LIMITS", "SPENT", "LAST USED", "CREATED", "EXPIRES"}};
    for (const Json &key : *keys)
        rows.push_back({text(key, "id"), text(key, "name"), "…" + text(key, "hint"), text(key, "status"), joined(key),
                        limitsText(key), spendText(key.value("spend", Json())), text(key, "last_used_at", "never"),
                        text(key, "created_at"), text(key, "expires_at", "never")});
    printTable(out, rows);
    return 0;
}

int showKey(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err)
{
    auto backend = backendOf(options, now);
    if (!backend)
        return failed(err, backend.error());
    const auto key = (*backend)->show(options.key);
    if (!key)
        return failed(err, key.error());
    if (options.json)
        out << dumped(*key) << '\n';
    else
        printKey(out, *key);
    return 0;
}

int updateKey(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err)
{
    const auto fields = fieldsOf(options, now);
    if (!fields)
        return failed(err, fields.error());
    if (fields->empty())
        return failed(err, {"usage", "nothing to change was named; `keymuxd key update --help` shows what can be"});
    auto backend = backendOf(options, now);
    if (!backend)
        return failed(err, backend.error());
    const auto key = (*backend)->update(options.key, *fields);
    if (!key)
        return failed(err, key.error());
    if (options.json)
        out << dumped(*key) << '\n';
    else
        out << "updated " << text(*key, "id") << " (" << text(*key, "name") << "): limits " << limitsText(*key) << '\n';
    return 0;
}

int rotateKey(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err)
{
    const auto grace = parseDuration(options.grace);
    if (!grace)
        return failed(err, {"usage", "--grace takes a time such as 90s, 15m, 24h, 7d or 4w, or 0"});
    auto backend = backendOf(options, now);
    if (!backend)
        return failed(err, backend.error());
    const auto key = (*backend)->rotate(options.key, *grace);
    return key ? printNewText(options, *key, "rotated", out, err) : failed(err, key.error());
}

int revokeKey(const KeyCommandOptions &options, TimePoint now, std::ostream &out, std::ostream &err)
{
    auto backend = backendOf(options, now);
    if (!backend)
        return failed(err, backend.error());
    const auto key = (*backend)->revoke(options.key);
    if (!key)
        return failed(err, key.error());
    if (options.json)
        out << dumped(*key) << '\n';
    else
        out << "revoked " << text(*key, "id") << " (" << text(*key, "name") << ")\n";
    return 0;
}

} // namespace keymux
