// SPDX-License-Identifier: GPL-3.0-or-later
#include "admin/adminrouter.h"
#include "gateway/refusal.h"

#include <QByteArray>
#include <charconv>
#include <nlohmann/json.hpp>

namespace keymux {

namespace {

using Json = nlohmann::ordered_json;

std::optional<std::int64_t> wholeNumber(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// Opaque, so that nobody builds one: what it holds may change.
std::string cursorOf(std::int64_t number)
{
    const QByteArray text = "n:" + QByteArray::number(qlonglong(number));
    return text.toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals).toStdString();
}

std::optional<std::int64_t> numberOf(std::string_view cursor)
{
    const auto decoded =
        QByteArray::fromBase64Encoding(QByteArray(cursor.data(), qsizetype(cursor.size())),
                                       QByteArray::Base64UrlEncoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!decoded || !decoded.decoded.startsWith("n:"))
        return std::nullopt;
    return wholeNumber(decoded.decoded.mid(2).toStdString());
}

std::string dumped(const Json &json)
{
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace

AdminReply jsonReply(const Json &json, int status)
{
    return {.status = status, .body = dumped(json)};
}

AdminReply errorReply(int status, std::string_view code, std::string_view message,
                      const std::vector<AdminProblem> &problems)
{
    const Refusal refusal{.status = status, .code = std::string(code), .message = std::string(message)};
    Json error = {
        {"message", refusal.message}, {"type", refusal.errorType()}, {"param", nullptr}, {"code", refusal.code}};
    Json body = {{"error", std::move(error)}};
    if (!problems.empty()) {
        Json list = Json::array();
        for (const AdminProblem &problem : problems)
            list.push_back({{"path", problem.path}, {"message", problem.message}});
        body["problems"] = std::move(list);
    }
    return {.status = status, .body = dumped(body)};
}

AdminReply invalidDocument(const std::vector<Problem> &problems, std::string_view what)
{
    std::vector<AdminProblem> list;
    for (const Problem &problem : problems) {
        // Without a path it is the text that is broken, and only its place helps.
        const bool syntax = problem.path.empty() || problem.path == "document";
        list.push_back({problem.path, syntax ? "line " + std::to_string(problem.line) + ", column " +
                                                   std::to_string(problem.column) + ": " + problem.message
                                             : problem.message});
    }
    return errorReply(422, "invalid_document",
                      "The " + std::string(what) + " has " + std::to_string(problems.size()) +
                          (problems.size() == 1 ? " problem" : " problems") + " and changes nothing.",
                      list);
}

AdminReply notFoundReply(std::string_view what)
{
    return errorReply(404, "not_found", "There is no " + std::string(what) + ".");
}

tl::expected<PageRequest, AdminReply> pageOf(const AdminRequest &request)
{
    PageRequest page;
    if (const auto limit = request.queryValue("limit")) {
        const auto number = wholeNumber(*limit);
        if (!number || *number < 1 || *number > 500)
            return tl::unexpected(errorReply(400, "invalid_request_error", "`limit` must be a number from 1 to 500."));
        page.limit = std::size_t(*number);
    }
    if (const auto cursor = request.queryValue("cursor")) {
        page.before = numberOf(*cursor);
        if (!page.before)
            return tl::unexpected(errorReply(400, "invalid_cursor",
                                             "This `cursor` is none of this server's: take `next` of an earlier "
                                             "answer, or leave it out to begin with the newest."));
    }
    return page;
}

AdminReply pageReply(const Json &items, std::optional<std::int64_t> next)
{
    return jsonReply({{"items", items}, {"next", next ? Json(cursorOf(*next)) : Json(nullptr)}});
}

void AdminAnswer::send(const AdminReply &reply) const
{
    HeaderList headers = reply.headers;
    if (!reply.contentType.empty() && reply.status != 204)
        headers.emplace_back("content-type", reply.contentType);
    headers.emplace_back("cache-control", "no-store");
    m_exchange->sendAll(reply.status, headers, reply.body);
}

} // namespace keymux
