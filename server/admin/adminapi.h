// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "admin/adminrouter.h"
#include "admin/statejson.h"
#include "gateway/activepool.h"
#include "gateway/sharedpool.h"

#include <functional>
#include <memory>

namespace keymux {

/// The admin listener's paths, on the main thread. Groups of routes are registered from files of their own.
class AdminApi {
public:
    using Now = std::function<TimePoint()>;
    using ReadConfigState = std::function<ConfigState()>;

    using ReadActive = std::function<std::shared_ptr<const ActivePool>()>;

    AdminApi(SharedPool &pool, Secret token, Now now, ReadConfigState readConfigState, ReadActive readActive);

    AdminRouter &router() { return m_router; }
    void handle(std::unique_ptr<HttpExchange> exchange) { m_router.handle(std::move(exchange)); }
    void setDraining() { m_draining = true; }

private:
    void registerHealthRoutes();
    void registerStateRoutes();
    AdminReply health(const AdminRequest &request) const;

    SharedPool &m_pool;
    ReadConfigState m_readConfigState;
    ReadActive m_readActive;
    AdminRouter m_router;
    bool m_draining = false;
};

} // namespace keymux
