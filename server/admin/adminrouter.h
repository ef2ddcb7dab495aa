// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/addressblock.h"
#include "core/poolconfigjson.h"
#include "core/result.h"
#include "core/tokenthrottle.h"
#include "http/httpexchange.h"
#include "secrets/secret.h"

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace keymux {

/// A request on the admin listener, authorized. Valid only while its handler runs.
struct AdminRequest {
    const HttpRequest &http;                                     ///< method, headers (lower case), id
    std::vector<std::pair<std::string, std::string>> parameters; ///< of the path, by the pattern's names
    std::vector<std::pair<std::string, std::string>> query;      ///< decoded, in order
    std::string address;                                         ///< of the client, behind trusted proxies too
    TimePoint now{};
    bool authorized = false; ///< false only on public routes that were asked without the right token

    std::string_view body() const { return {http.body.constData(), std::size_t(http.body.size())}; }
    std::string_view parameter(std::string_view name) const;
    /// The first value of that name; absent when it was not given.
    std::optional<std::string_view> queryValue(std::string_view name) const;
    std::string_view header(std::string_view name) const { return http.header(name); }
};

struct AdminReply {
    int status = 200;
    std::string body = {};
    std::string contentType = "application/json";
    HeaderList headers = {};
};

/// One thing wrong with a document, as the admin API tells it.
struct AdminProblem {
    std::string path, message;
};

AdminReply jsonReply(const nlohmann::ordered_json &json, int status = 200);
/// OpenAI's error body, with `problems` where a document is at fault.
AdminReply errorReply(int status, std::string_view code, std::string_view message,
                      const std::vector<AdminProblem> &problems = {});
/// 422 `invalid_document` with every problem.
AdminReply invalidDocument(const std::vector<Problem> &problems, std::string_view what);
/// 404 `not_found`: "There is no …".
AdminReply notFoundReply(std::string_view what);

/// The part of a list that was asked for by `?limit=` and `?cursor=`.
struct PageRequest {
    std::size_t limit = 50;             ///< 1…500
    std::optional<std::int64_t> before; ///< only items with a smaller number; absent: from the newest
};
/// The reply is a 400 that says what is wrong.
tl::expected<PageRequest, AdminReply> pageOf(const AdminRequest &request);
/// `{"items":…,"next":…}`; `next` is the number of the last item when there are more.
AdminReply pageReply(const nlohmann::ordered_json &items, std::optional<std::int64_t> next);

/// Answers once, later, on the listener's thread; harmless when the client has left. Dropped unanswered, it closes the
/// connection.
class AdminAnswer {
public:
    explicit AdminAnswer(std::unique_ptr<HttpExchange> exchange) : m_exchange(std::move(exchange)) {}
    void send(const AdminReply &reply) const;
    /// For `clientGone`.
    HttpExchange &exchange() const { return *m_exchange; }

private:
    std::shared_ptr<HttpExchange> m_exchange;
};

enum class AdminAccess : std::uint8_t { Public, Token, TokenOrMetrics };

struct AdminRouteOptions {
    AdminAccess access = AdminAccess::Token;
    std::int64_t maxBodyBytes = 1 << 20;
};

/// The admin listener's paths. Checks token, path, method and size of the body, then calls the handler. Main thread.
class AdminRouter {
public:
    using Now = std::function<TimePoint()>;
    using Handler = std::function<AdminReply(const AdminRequest &)>;
    using DeferredHandler = std::function<void(const AdminRequest &, AdminAnswer)>;
    /// Owns the exchange from here on; `request.http` lives in it.
    using TakeOverHandler = std::function<void(const AdminRequest &, std::unique_ptr<HttpExchange>)>;

    AdminRouter(Secret token, Now now) : m_token(std::move(token)), m_now(std::move(now)) {}

    /// `pattern` is like `/admin/v1/keys/{key_id}/reset`; a `{name}` takes one segment that is not empty. Patterns
    /// without one win.
    void add(std::string method, std::string_view pattern, Handler handler, AdminRouteOptions options = {});
    void addDeferred(std::string method, std::string_view pattern, DeferredHandler handler,
                     AdminRouteOptions options = {});
    void addTakeOver(std::string method, std::string_view pattern, TakeOverHandler handler,
                     AdminRouteOptions options = {});

    /// Accepted beside the admin token on routes with TokenOrMetrics; null: none.
    void setMetricsToken(std::shared_ptr<const Secret> token) { m_metricsToken = std::move(token); }
    void setTrustedProxies(std::vector<AddressBlock> proxies) { m_trustedProxies = std::move(proxies); }

    void handle(std::unique_ptr<HttpExchange> exchange);

    /// Method and pattern of every route, in the order they were added.
    std::vector<std::pair<std::string, std::string>> routes() const;

private:
    struct Route {
        std::string method, pattern;
        std::vector<std::string> segments;
        TakeOverHandler handler;
        AdminRouteOptions options;
        bool hasParameters = false;
    };
    struct Match {
        const Route *route = nullptr;
        std::vector<std::pair<std::string, std::string>> parameters;
        std::string allow; ///< methods of the routes with this path
        AdminAccess access = AdminAccess::Token;
    };

    Match find(const HttpRequest &request) const;
    bool isAuthorized(const HttpRequest &request, AdminAccess access) const;
    AdminReply refuseToken(const AdminRequest &request);

    Secret m_token;
    Now m_now;
    std::shared_ptr<const Secret> m_metricsToken;
    std::vector<AddressBlock> m_trustedProxies;
    std::vector<Route> m_routes;
    TokenThrottle m_throttle;
};

} // namespace keymux
