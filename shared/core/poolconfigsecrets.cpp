// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/poolconfigreader.h"
#include "core/secretref.h"

#include <algorithm>
#include <initializer_list>

namespace keymux {

namespace {

/// What a client id, a token and the like may be: found on this machine, because it opens the source elsewhere.
void readCredential(ConfigFields &fields, std::string_view name, std::string &out, const ConfigReading &reading)
{
    fields.string(name, out);
    const JsonText *value = fields.node().find(name);
    if (!value || value->kind != JsonText::Kind::String)
        return;
    const auto ref = parseSecretRef(out);
    if (ref && (ref->kind == SecretRef::Kind::Infisical || ref->kind == SecretRef::Kind::Vault || ref->isSet()))
        fields.problem(*value, name,
                       "a credential of a secret source must be found on this machine; use `env:NAME`, `file:PATH` or "
                       "`NAME_PLACEHOLDER`");
    else
        readReference(fields, name, out, reading);
}

void readUrl(ConfigFields &fields, std::string &out, std::string_view example)
{
    fields.string("url", out);
    const JsonText *value = fields.node().find("url");
    if (value && value->kind == JsonText::Kind::String && !isBaseUrl(out))
        fields.problem(*value, "url",
                       "an http or https URL without credentials, query or fragment is expected, for instance " +
                           std::string(example));
    while (out.ends_with('/'))
        out.pop_back();
}

/// What travels in a header, a query or a path of a request has no control characters in it.
void readWord(ConfigFields &fields, std::string_view name, std::string &out)
{
    fields.string(name, out);
    const JsonText *value = fields.node().find(name);
    if (value && (out.size() > 1024 ||
                  std::any_of(out.begin(), out.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })))
        fields.problem(*value, name, "at most 1024 visible characters are expected");
}

void readRefresh(ConfigFields &fields, Millis &out)
{
    fields.seconds("refresh_s", out);
    const JsonText *value = fields.node().find("refresh_s");
    if (value && value->kind == JsonText::Kind::Number && out < Millis(1000))
        fields.problem(*value, "refresh_s", "at least 1 second is expected");
}

void needAll(ConfigFields &fields, std::initializer_list<std::pair<std::string_view, const std::string &>> needed)
{
    for (const auto &[name, value] : needed) {
        const JsonText *given = fields.node().find(name);
        if (value.empty() && (!given || given->kind == JsonText::Kind::Null ||
                              (given->kind == JsonText::Kind::String && given->text.empty())))
            fields.problem(fields.node(), name, "`" + std::string(name) + "` is missing");
    }
}

void readInfisical(const JsonText &node, ConfigReading &reading)
{
    InfisicalOptions options;
    ConfigFields fields(node, "secrets.infisical", reading.problems);
    readUrl(fields, options.url, "https://app.infisical.com");
    readWord(fields, "project_id", options.projectId);
    readWord(fields, "environment", options.environment);
    readWord(fields, "path", options.path);
    if (!options.path.starts_with('/'))
        options.path.insert(0, 1, '/');
    readCredential(fields, "client_id", options.clientId, reading);
    readCredential(fields, "client_secret", options.clientSecret, reading);
    readRefresh(fields, options.refresh);
    fields.string("ca_file", options.caFile);
    if (node.kind == JsonText::Kind::Object)
        needAll(fields, {{"project_id", options.projectId},
                         {"environment", options.environment},
                         {"client_id", options.clientId},
                         {"client_secret", options.clientSecret}});
    fields.reportUnknown();
    reading.config.secrets.infisical = std::move(options);
}

void readVault(const JsonText &node, ConfigReading &reading)
{
    VaultOptions options;
    ConfigFields fields(node, "secrets.vault", reading.problems);
    readUrl(fields, options.url, "https://vault.example.com:8200");
    readCredential(fields, "token", options.token, reading);
    readCredential(fields, "role_id", options.roleId, reading);
    readCredential(fields, "secret_id", options.secretId, reading);
    readWord(fields, "namespace", options.nameSpace);
    readRefresh(fields, options.refresh);
    fields.string("ca_file", options.caFile);
    const auto has = [&](std::string_view name) {
        const JsonText *value = node.find(name);
        return value && value->kind != JsonText::Kind::Null;
    };
    if (node.kind == JsonText::Kind::Object) {
        needAll(fields, {{"url", options.url}});
        if (has("token") == (has("role_id") || has("secret_id")))
            fields.problem(node, "", "either `token`, or `role_id` and `secret_id`, is needed");
        else if (!has("token"))
            needAll(fields, {{"role_id", options.roleId}, {"secret_id", options.secretId}});
    }
    fields.reportUnknown();
    reading.config.secrets.vault = std::move(options);
}

} // namespace

bool isBaseUrl(std::string_view url)
{
    std::size_t begin = 0;
    if (url.starts_with("https://"))
        begin = 8;
    else if (url.starts_with("http://"))
        begin = 7;
    const std::string_view rest = url.substr(begin);
    return begin > 0 && !rest.empty() && rest.front() != '/' &&
           rest.find_first_of("@?# \t\r\n\"<>\\") == std::string_view::npos &&
           std::all_of(rest.begin(), rest.end(),
                       [](char c) { return static_cast<unsigned char>(c) > 0x20 && c != 0x7f; });
}

void readSecretSources(const JsonText &node, ConfigReading &reading)
{
    ConfigFields fields(node, "secrets", reading.problems);
    fields.string("dir", reading.config.secrets.dir);
    if (const JsonText *infisical = fields.get("infisical"))
        readInfisical(*infisical, reading);
    if (const JsonText *vault = fields.get("vault"))
        readVault(*vault, reading);
    fields.reportUnknown();
}

} // namespace keymux
