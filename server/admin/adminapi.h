// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/statejson.h"
#include "gateway/refusal.h"
#include "gateway/sharedpool.h"
#include "http/httpexchange.h"
#include "secrets/secret.h"

#include <functional>
#include <memory>

namespace keymux {

/// The admin listener's paths, on the main thread: the pool's state behind the admin token, and health.
class AdminApi {
public:
    using Now = std::function<TimePoint()>;
    using ReadConfigState = std::function<ConfigState()>;

    AdminApi(SharedPool &pool, Secret token, Now now, ReadConfigState readConfigState);

    void handle(std::unique_ptr<HttpExchange> exchange);
    void setDraining() { m_draining = true; }

private:
    bool isAuthorized(const HttpRequest &request) const;

    SharedPool &m_pool;
    Secret m_token;
    Now m_now;
    ReadConfigState m_readConfigState;
    bool m_draining = false;
};

} // namespace keymux
