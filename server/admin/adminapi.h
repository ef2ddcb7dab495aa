// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/statejson.h"
#include "admin/virtualkeysapi.h"
#include "gateway/refusal.h"
#include "gateway/sharedpool.h"
#include "http/httpexchange.h"
#include "secrets/secret.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace keymux {

/// The admin listener's paths, on the main thread: the pool's state behind the admin token, and health.
class AdminApi {
public:
    using Now = std::function<TimePoint()>;
    using ReadConfigState = std::function<ConfigState()>;

    AdminApi(SharedPool &pool, Secret token, Now now, ReadConfigState readConfigState);

    /// More paths behind the token: an answer, or nothing when the path is another's.
    using Resource = std::function<std::optional<JsonReply>(const HttpRequest &request, TimePoint now)>;
    void addResource(Resource resource) { m_resources.push_back(std::move(resource)); }

    void handle(std::unique_ptr<HttpExchange> exchange);
    void setDraining() { m_draining = true; }

private:
    bool isAuthorized(const HttpRequest &request) const;

    SharedPool &m_pool;
    Secret m_token;
    Now m_now;
    ReadConfigState m_readConfigState;
    std::vector<Resource> m_resources;
    bool m_draining = false;
};

} // namespace keymux
