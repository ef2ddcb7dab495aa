// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/poolroutes.h"

#include "core/configsecrets.h"
#include "core/jsonprint.h"
#include "log/log.h"

#include <QCryptographicHash>
#include <charconv>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

constexpr AdminRouteOptions documentBody{.maxBodyBytes = 16 << 20};

AdminReply storeFailed(const Error &error)
{
    return errorReply(error.code == "disk_full" ? 507 : 500, error.code, error.message);
}

AdminReply refused(const EditRefusal &refusal)
{
    return refusal.status == 422 ? invalidDocument(refusal.problems, "pool config")
                                 : errorReply(refusal.status, refusal.code, refusal.message);
}

/// One of several tags may match, or `*` for whatever is there (RFC 9110).
bool matches(std::string_view ifMatch, const std::string &etag)
{
    return ifMatch == "*" || ifMatch.find(etag) != std::string_view::npos;
}

AdminReply stale(const PoolControl &control)
{
    AdminReply reply =
        errorReply(412, "config_changed",
                   "The pool config was changed since you read it: it is at revision " +
                       std::to_string(control.revision()) + " now. GET it again and make your change there.");
    reply.headers.emplace_back("etag", etagOf(control.text()));
    return reply;
}

AdminReply done(const PoolControl &control, const EditDone &edit)
{
    AdminReply reply = jsonReply({{"revision", edit.revision}, {"summary", edit.summary}});
    reply.headers.emplace_back("etag", etagOf(control.text()));
    return reply;
}

AdminReply getPool(const PoolControl &control)
{
    const JsonReading json = readJsonText(hideLiteralSecrets(control.text()));
    if (!json.value)
        return errorReply(500, "config_unreadable", "The pool config in force cannot be printed.");
    AdminReply reply{.body = printJson(*json.value)};
    reply.headers.emplace_back("etag", etagOf(control.text()));
    return reply;
}

AdminReply putPool(const AdminRequest &request, PoolControl &control)
{
    const std::string_view ifMatch = request.header("if-match");
    if (ifMatch.empty())
        return errorReply(428, "if_match_required",
                          "Send `If-Match` with the ETag of the document you changed (GET /admin/v1/pool).");
    if (!matches(ifMatch, etagOf(control.text())))
        return stale(control);
    const auto edit =
        control.replace(std::string(request.body()), {"pool.put", "", request.address}, true, request.now);
    return edit ? done(control, *edit) : refused(edit.error());
}

AdminReply validate(const AdminRequest &request, const PoolControl &control)
{
    const std::vector<Problem> problems = control.check(request.body());
    if (!problems.empty())
        return invalidDocument(problems, "pool config");
    return jsonReply({{"valid", true}});
}

Json revisionJson(const PoolRevision &revision)
{
    return {{"n", revision.n}, {"at", rfc3339(revision.at)}, {"by", revision.by}, {"summary", revision.summary}};
}

AdminReply listRevisions(const AdminRequest &request, const RevisionStore &revisions)
{
    const auto page = pageOf(request);
    if (!page)
        return page.error();
    auto list = revisions.list(page->before, page->limit + 1);
    if (!list)
        return storeFailed(list.error());
    const bool more = list->size() > page->limit;
    list->resize(std::min(list->size(), page->limit));
    Json items = Json::array();
    for (const PoolRevision &revision : *list)
        items.push_back(revisionJson(revision));
    return pageReply(items, more ? std::optional(list->back().n) : std::nullopt);
}

tl::expected<PoolRevision, AdminReply> revisionOf(const AdminRequest &request, const RevisionStore &revisions)
{
    const std::string_view text = request.parameter("n");
    std::int64_t n = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
    if (error != std::errc{} || end != text.data() + text.size() || n < 1)
        return tl::unexpected(errorReply(404, "not_found", "A revision is named by its number."));
    auto revision = revisions.find(n);
    if (!revision)
        return tl::unexpected(revision.error().code == "not_found"
                                  ? errorReply(404, "not_found", revision.error().message)
                                  : storeFailed(revision.error()));
    return std::move(*revision);
}

AdminReply getRevision(const AdminRequest &request, const RevisionStore &revisions)
{
    const auto revision = revisionOf(request, revisions);
    if (!revision)
        return revision.error();
    Json json = revisionJson(*revision);
    json["text"] = revision->text;
    return jsonReply(json);
}

AdminReply restore(const AdminRequest &request, PoolControl &control, const RevisionStore &revisions)
{
    const std::string_view ifMatch = request.header("if-match");
    if (!ifMatch.empty() && !matches(ifMatch, etagOf(control.text())))
        return stale(control);
    const auto revision = revisionOf(request, revisions);
    if (!revision)
        return revision.error();
    const auto edit =
        control.replace(revision->text, {"pool.restore", "revision " + std::to_string(revision->n), request.address},
                        !ifMatch.empty(), request.now);
    return edit ? done(control, *edit) : refused(edit.error());
}

AdminReply listAudit(const AdminRequest &request, const AuditLog &audit)
{
    const auto page = pageOf(request);
    if (!page)
        return page.error();
    auto list = audit.list(page->before, page->limit + 1);
    if (!list)
        return storeFailed(list.error());
    const bool more = list->size() > page->limit;
    list->resize(std::min(list->size(), page->limit));
    Json items = Json::array();
    for (const AuditEntry &entry : *list)
        items.push_back({{"n", entry.n},
                         {"at", rfc3339(entry.at)},
                         {"actor", entry.actor},
                         {"action", entry.action},
                         {"subject", entry.subject},
                         {"address", entry.address}});
    return pageReply(items, more ? std::optional(list->back().n) : std::nullopt);
}

} // namespace

std::string etagOf(std::string_view text)
{
    QCryptographicHash hash(QCryptographicHash::Sha256);
    hash.addData(QByteArray::fromRawData(text.data(), qsizetype(text.size())));
    return '"' + hash.result().toHex().left(32).toStdString() + '"';
}

void registerPoolRoutes(AdminRouter &router, PoolControl &control, const RevisionStore &revisions)
{
    router.add("GET", "/admin/v1/pool", [&control](const AdminRequest &) { return getPool(control); });
    router.add(
        "PUT", "/admin/v1/pool", [&control](const AdminRequest &request) { return putPool(request, control); },
        documentBody);
    router.add(
        "POST", "/admin/v1/pool/validate",
        [&control](const AdminRequest &request) { return validate(request, control); }, documentBody);
    router.add("GET", "/admin/v1/pool/revisions",
               [&revisions](const AdminRequest &request) { return listRevisions(request, revisions); });
    router.add("GET", "/admin/v1/pool/revisions/{n}",
               [&revisions](const AdminRequest &request) { return getRevision(request, revisions); });
    router.add("POST", "/admin/v1/pool/revisions/{n}/restore",
               [&](const AdminRequest &request) { return restore(request, control, revisions); });
}

void registerAuditRoutes(AdminRouter &router, const AuditLog &audit)
{
    router.add("GET", "/admin/v1/audit", [&audit](const AdminRequest &request) { return listAudit(request, audit); });
}

} // namespace keymux
