// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/secretroutes.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

/// A value of 64 KiB may take six times that in JSON.
constexpr std::int64_t maxBody = 6 * std::int64_t(maxSecretBytes) + 1024;

AdminReply refusalOf(const Error &error)
{
    if (error.code == "bad_name" || error.code == "secret_bad")
        return errorReply(422, "invalid_document", error.message, {{"value", error.message}});
    if (error.code == "secret_missing")
        return errorReply(404, "not_found", error.message);
    if (error.code == "secret_denied" || error.code == "store_full")
        return errorReply(409, error.code, error.message);
    return errorReply(error.code == "store_busy" ? 503 : 500, error.code, error.message);
}

AdminReply noteAndReply(const SecretRouteParts &parts, const AdminRequest &request, const char *action,
                        AdminReply reply)
{
    const auto noted = parts.audit.add("admin", action, request.parameter("name"), request.address, request.now);
    parts.changed();
    if (!noted)
        return errorReply(500, noted.error().code,
                          "The sealed store was changed, but the audit log was not: " + noted.error().message);
    return reply;
}

AdminReply list(const SecretRouteParts &parts)
{
    const auto names = parts.store.list("*");
    if (!names)
        return refusalOf(names.error());
    Json items = Json::array();
    for (const std::string &name : *names)
        items.push_back({{"name", name}});
    return jsonReply({{"items", std::move(items)}, {"next", nullptr}});
}

/// The value of `{"value": "…"}`; the reply says what is wrong and repeats nothing of it.
tl::expected<Secret, AdminReply> valueIn(std::string_view body)
{
    const auto wrong = [](const char *message) {
        return tl::unexpected(errorReply(422, "invalid_document", message, {{"value", message}}));
    };
    Json json = Json::parse(body, nullptr, false);
    if (json.is_discarded())
        return tl::unexpected(errorReply(400, "invalid_json", "The body is no JSON."));
    if (!json.is_object() || json.size() != 1 || !json.contains("value") || !json["value"].is_string())
        return wrong("A body of {\"value\": \"…\"} is expected, with the secret as a string.");
    auto &text = json["value"].get_ref<std::string &>();
    const bool large = text.size() > maxSecretBytes;
    auto secret = large ? Result<Secret>(failure("secret_bad", "the value is larger than 64 KiB"))
                        : secretFrom(text, "the value");
    wipe(text);
    if (!secret)
        return wrong(secret.error().message.c_str());
    return std::move(*secret);
}

AdminReply put(const SecretRouteParts &parts, const AdminRequest &request)
{
    const std::string name(request.parameter("name"));
    const auto value = valueIn(request.body());
    if (!value)
        return value.error();
    const auto before = parts.store.list("*");
    const bool replaced = before && std::find(before->begin(), before->end(), name) != before->end();
    if (auto written = parts.store.write(name, *value); !written)
        return refusalOf(written.error());
    return noteAndReply(parts, request, "secret.set", jsonReply({{"name", name}}, replaced ? 200 : 201));
}

AdminReply remove(const SecretRouteParts &parts, const AdminRequest &request)
{
    const std::string name(request.parameter("name"));
    if (auto removed = parts.store.remove(name); !removed)
        return refusalOf(removed.error());
    return noteAndReply(parts, request, "secret.remove", AdminReply{.status = 204});
}

} // namespace

void registerSecretRoutes(AdminRouter &router, const SecretRouteParts &parts)
{
    router.add("GET", "/admin/v1/secrets", [parts](const AdminRequest &) { return list(parts); });
    router.add("PUT", "/admin/v1/secrets/{name}", [parts](const AdminRequest &request) { return put(parts, request); },
               {.maxBodyBytes = maxBody});
    router.add("DELETE", "/admin/v1/secrets/{name}",
               [parts](const AdminRequest &request) { return remove(parts, request); });
}

} // namespace keymux
