// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/virtualkeysapi.h"

#include <QUrlQuery>
#include <charconv>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

constexpr int defaultPage = 100, maxPage = 1000;
constexpr std::int64_t maxGraceSeconds = std::int64_t(365) * 86400;

/// The body as JSON; an empty one as an empty object, a broken one as nothing.
std::optional<Json> parsed(std::string_view body)
{
    if (body.empty())
        return Json::object();
    Json json = Json::parse(body.begin(), body.end(), nullptr, false);
    if (!json.is_object())
        return std::nullopt;
    return json;
}

JsonReply notJson()
{
    return keyErrorReply(400, "invalid_json", "The body must be a JSON object.");
}

JsonReply invalid(const std::vector<FieldProblem> &problems)
{
    std::string message = "The virtual key cannot be like this:";
    for (const FieldProblem &problem : problems)
        message += ' ' + (problem.path.empty() ? "" : problem.path + ": ") + problem.message + '.';
    return keyErrorReply(422, "invalid_virtual_key", message, problems);
}

JsonReply methodNotAllowed(std::string_view allowed)
{
    return keyErrorReply(405, "method_not_allowed", "This path takes " + std::string(allowed) + ".");
}

} // namespace

JsonReply keyErrorReply(int status, std::string_view code, std::string_view message,
                        const std::vector<FieldProblem> &problems)
{
    JsonReply reply{.status = status, .body = {}};
    reply.body["error"] = {{"message", message},
                           {"type", status >= 500 ? "server_error" : "invalid_request_error"},
                           {"param", nullptr},
                           {"code", code}};
    for (const FieldProblem &problem : problems)
        reply.body["problems"].push_back({{"path", problem.path}, {"message", problem.message}});
    return reply;
}

JsonReply storeErrorReply(const Error &error)
{
    const int status = error.code == "not_found"                                  ? 404
                       : error.code == "revoked" || error.code == "already_there" ? 409
                       : error.code == "ambiguous"                                ? 409
                       : error.code == "bad_cursor"                               ? 400
                       : error.code == "bad_virtual_key"                          ? 422
                       : error.code == "disk_full"                                ? 507
                                                                                  : 500;
    return keyErrorReply(status, error.code, error.message);
}

std::optional<std::string> queryValue(std::string_view query, std::string_view name)
{
    const QUrlQuery parts(QString::fromUtf8(query.data(), qsizetype(query.size())));
    const QString key = QString::fromUtf8(name.data(), qsizetype(name.size()));
    if (!parts.hasQueryItem(key))
        return std::nullopt;
    return parts.queryItemValue(key, QUrl::FullyDecoded).toStdString();
}

VirtualKeysApi::VirtualKeysApi(VirtualKeyStore &store, SharedKeys &keys, std::function<void()> changed)
    : m_store(store), m_keys(keys), m_changed(std::move(changed))
{
}

JsonReply VirtualKeysApi::handle(std::string_view method, std::string_view tail, std::string_view query,
                                 std::string_view body, TimePoint now)
{
    if (tail.empty() || tail == "/") {
        if (method == "GET")
            return list(query, now);
        return method == "POST" ? create(body, now) : methodNotAllowed("GET or POST");
    }
    std::string_view id = tail.substr(1);
    constexpr std::string_view rotateEnd = "/rotate";
    if (id.ends_with(rotateEnd)) {
        id.remove_suffix(rotateEnd.size());
        return method == "POST" ? rotate(id, body, now) : methodNotAllowed("POST");
    }
    if (method == "GET")
        return get(id, now);
    if (method == "PATCH")
        return update(id, body, now);
    return method == "DELETE" ? remove(id, now) : methodNotAllowed("GET, PATCH or DELETE");
}

Json VirtualKeysApi::json(const VirtualKey &key, TimePoint now)
{
    const auto usage = m_keys.with([&](const VirtualKeyRoom &room) { return room.usage(key, now); });
    return virtualKeyJson(key, usage, now);
}

JsonReply VirtualKeysApi::list(std::string_view query, TimePoint now)
{
    int limit = defaultPage;
    if (const auto text = queryValue(query, "limit")) {
        const auto [rest, error] = std::from_chars(text->data(), text->data() + text->size(), limit);
        if (error != std::errc{} || rest != text->data() + text->size() || limit < 1 || limit > maxPage)
            return keyErrorReply(400, "invalid_request_error", "`limit` must be a whole number from 1 to 1000.");
    }
    const auto page = m_store.page(queryValue(query, "cursor").value_or(""), limit,
                                   queryValue(query, "revoked").value_or("") == "true");
    if (!page)
        return storeErrorReply(page.error());
    Json items = Json::array();
    for (const VirtualKey &key : page->keys)
        items.push_back(json(key, now));
    return {.status = 200,
            .body = {{"items", std::move(items)}, {"next", page->next.empty() ? Json(nullptr) : Json(page->next)}}};
}

JsonReply VirtualKeysApi::create(std::string_view body, TimePoint now)
{
    const auto document = parsed(body);
    if (!document)
        return notJson();
    VirtualKey draft;
    draft.name = "key";
    if (const auto problems = readVirtualKeyFields(*document, draft, now); !problems.empty())
        return invalid(problems);
    const auto minted = mintVirtualKey(m_store, mintOptionsFrom(draft), now);
    if (!minted)
        return storeErrorReply(minted.error());
    m_changed();
    Json answer = json(minted->key, now);
    answer["key"] = minted->clear;
    return {.status = 201, .body = std::move(answer)};
}

JsonReply VirtualKeysApi::get(std::string_view id, TimePoint now)
{
    const auto key = m_store.find(id);
    return key ? JsonReply{.status = 200, .body = json(*key, now)} : storeErrorReply(key.error());
}

JsonReply VirtualKeysApi::update(std::string_view id, std::string_view body, TimePoint now)
{
    const auto document = parsed(body);
    if (!document)
        return notJson();
    std::vector<FieldProblem> problems;
    const auto changed = m_store.change(id, [&](VirtualKey &key) -> Result<void> {
        problems = readVirtualKeyFields(*document, key, now);
        return problems.empty() ? Result<void>() : failure("invalid_virtual_key", "");
    });
    if (!problems.empty())
        return invalid(problems);
    if (!changed)
        return storeErrorReply(changed.error());
    m_changed();
    return {.status = 200, .body = json(*changed, now)};
}

JsonReply VirtualKeysApi::remove(std::string_view id, TimePoint now)
{
    const auto key = m_store.find(id);
    if (!key)
        return storeErrorReply(key.error());
    if (auto revoked = m_store.revoke(key->id, now); !revoked)
        return storeErrorReply(revoked.error());
    m_changed();
    return {.status = 204, .body = nullptr};
}

JsonReply VirtualKeysApi::rotate(std::string_view id, std::string_view body, TimePoint now)
{
    const auto document = parsed(body);
    if (!document)
        return notJson();
    std::int64_t grace = 0;
    for (const auto &[name, value] : document->items()) {
        if (name != "grace_s")
            return invalid({{name.substr(0, 64), "unknown field; only `grace_s` is taken"}});
        if (!value.is_number_integer() || value.get<std::int64_t>() < 0 || value.get<std::int64_t>() > maxGraceSeconds)
            return invalid({{"grace_s", "a whole number of seconds from 0 to a year is expected"}});
        grace = value.get<std::int64_t>();
    }
    const auto minted = rotateVirtualKey(m_store, id, std::chrono::seconds(grace), now);
    if (!minted)
        return storeErrorReply(minted.error());
    m_changed();
    Json answer = json(minted->key, now);
    answer["key"] = minted->clear;
    return {.status = 200, .body = std::move(answer)};
}

} // namespace keymux
